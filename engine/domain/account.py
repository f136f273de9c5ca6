"""Settle the account of one job: every due instant against what is recorded of it.

What was due is expanded anew from the history of the job's schedules; nothing that an engine wrote
about it is believed. Each due instant must be answered exactly once, by an instance or by a
stretch. Long stretches are counted, not walked, so that a year of missed minutes costs the same as
one.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Literal

from msgspec import Struct, field

from engine.clock import MICROSECOND, Instant
from engine.domain.schedule.dues import count_dues, dues, unplannable
from engine.domain.schedule.revision import Revision
from engine.domain.verdict import Reason, Stretch, Verdict

_MOST_COMPARED = 100_000  # due instants that are listed to be compared with their instances
_MOST_NAMED = 20  # problems of a kind that are named one by one

Kind = Literal["unexplained", "doubled", "never due", "unknown"]


class Problem(Struct, frozen=True):
    """Instants of which the record is wrong."""

    kind: Kind
    first: Instant
    last: Instant
    count: int
    detail: str = ""


class Account(Struct):
    """The sums of one job under one engine key.

    `due` is the sum of the verdicts, `pending` and `unexplained`, less `doubled` and `never_due`.
    """

    jobid: int
    engine_key: str = ""
    due: int = 0
    ran: int = 0
    late: int = 0
    coalesced: int = 0
    skipped: Counter[Reason | None] = field(default_factory=Counter)
    missed: Counter[Reason | None] = field(default_factory=Counter)
    pending: int = 0  # due, and waiting for a run that goes on, or for the engine's next turn
    unexplained: int = 0
    doubled: int = 0  # verdicts beyond the first one of an instant
    never_due: int = 0  # verdicts of instants that the schedule does not name
    unknown: int = 0  # stretches of time of which nobody can tell what was due
    problems: list[Problem] = field(default_factory=list)

    def add(self, stretch: Stretch, count: int) -> None:
        """Book `count` instants of a stretch."""
        match stretch.verdict:
            case Verdict.COALESCED:
                self.coalesced += count
            case Verdict.SKIPPED:
                self.skipped[stretch.reason] += count
            case Verdict.MISSED:
                self.missed[stretch.reason] += count
            case Verdict.RAN | Verdict.LATE:
                raise ValueError("an instance tells these, never a stretch")

    def note(self, kind: Kind, first: Instant, last: Instant, count: int, detail: str = "") -> None:
        """Book `count` instants whose record is wrong."""
        match kind:
            case "unexplained":
                self.unexplained += count
            case "doubled":
                self.doubled += count
            case "never due":
                self.never_due += count
            case "unknown":
                self.unknown += 1
        if sum(each.kind == kind for each in self.problems) < _MOST_NAMED:
            self.problems.append(Problem(kind, first, last, count, detail))


class Answers(Struct, frozen=True):
    """What is recorded of one job under one engine key, by due instant."""

    dues: Sequence[Instant] = ()  # of its instances, ascending
    late: Sequence[Instant] = ()  # those of them that are late
    stretches: Sequence[Stretch] = ()

    def between(self, after: Instant, until: Instant) -> "Answers":
        """Return those of `after < due <= until`, and the stretches that reach into it."""
        return Answers(
            _within(self.dues, after, until),
            _within(self.late, after, until),
            [one for one in self.stretches if one.first_due <= until and one.last_due > after],
        )


def settle(
    account: Account,
    revisions: Sequence[Revision],
    after: Instant,
    until: Instant,
    answers: Answers,
) -> None:
    """Book every due instant in `after < due <= until` into `account`.

    `answers` may reach beyond both ends only with stretches. Of the times of a schedule that nobody
    can plan by nothing is booked: `note_unknown` tells of them.
    """
    for first, last, _ in unplannable(revisions, after, until):
        _settle(account, revisions, after, first, answers.between(after, first))
        answers = answers.between(last, max(last, until, *answers.dues[-1:]))
        after = last
    _settle(account, revisions, after, until, answers)


def note_unknown(
    account: Account,
    revisions: Sequence[Revision],
    after: Instant,
    until: Instant,
    answers: Sequence[Answers],
) -> None:
    """Book the times of `after < due <= until` of which nobody can tell what was due, and why.

    Whatever the owners' `answers` say of them cannot be checked.
    """
    for first, last, why in unplannable(revisions, after, until):
        told = [each.between(first, last) for each in answers]
        count = sum(len(each.dues) + sum(one.count for one in each.stretches) for each in told)
        account.note("unknown", first, last, count, why)


def _settle(
    account: Account,
    revisions: Sequence[Revision],
    after: Instant,
    until: Instant,
    answers: Answers,
) -> None:
    account.late += len(answers.late)
    account.ran += len(answers.dues) - len(answers.late)
    counted = count_dues(revisions, after, until)
    account.due += 0 if counted is None else counted[2]
    settled = after
    for stretch in sorted(answers.stretches, key=lambda each: each.first_due):
        first, last = max(stretch.first_due, after + MICROSECOND), min(stretch.last_due, until)
        if first <= settled:
            _book_overlap(account, revisions, stretch, first, min(settled, last))
            first = settled + MICROSECOND
        if first > last:
            continue
        _compare(account, revisions, settled, first - MICROSECOND, answers.dues)
        is_whole = first == stretch.first_due and last == stretch.last_due
        _book(account, revisions, stretch, first, last, is_whole=is_whole)
        for due in _within(answers.dues, first - MICROSECOND, last):
            account.note("doubled", due, due, 1, f"it ran, and was {stretch.verdict} too")
        settled = last
    _compare(account, revisions, settled, until, answers.dues)


def _book(
    account: Account,
    revisions: Sequence[Revision],
    stretch: Stretch,
    first: Instant,
    last: Instant,
    *,
    is_whole: bool,
) -> None:
    """Book a stretch, of which a part beyond the window is not looked at."""
    found = count_dues(revisions, first - MICROSECOND, last)
    number = 0 if found is None else found[2]
    claimed = stretch.count if is_whole else number
    account.add(stretch, min(claimed, number))
    what = f"{stretch.verdict} {claimed} of {number} instants"
    if claimed < number:
        account.note("unexplained", first, last, number - claimed, what)
    if claimed > number:
        account.add(stretch, claimed - number)
        account.note("never due", first, last, claimed - number, what)
    elif found is not None and is_whole and (found[0], found[1]) != (first, last):
        account.note("never due", first, last, 0, f"{what}, but not from its first to its last")


def _book_overlap(
    account: Account,
    revisions: Sequence[Revision],
    stretch: Stretch,
    first: Instant,
    last: Instant,
) -> None:
    found = count_dues(revisions, first - MICROSECOND, last)
    if found is not None:
        account.add(stretch, found[2])
        account.note("doubled", found[0], found[1], found[2], f"{stretch.verdict} a second time")


def _compare(
    account: Account,
    revisions: Sequence[Revision],
    after: Instant,
    until: Instant,
    answered: Sequence[Instant],
) -> None:
    """Compare what was due in `after < due <= until` with the instances that answer for it."""
    if after >= until:
        return
    ran = _within(answered, after, until)
    found = count_dues(revisions, after, until)
    number = 0 if found is None else found[2]
    if not ran:
        if found is not None:
            account.note("unexplained", *found)
        return
    if number <= _MOST_COMPARED and list(dues(revisions, after, until)) == ran:
        return
    _compare_one_by_one(account, revisions, after, until, ran, number)


def _compare_one_by_one(
    account: Account,
    revisions: Sequence[Revision],
    after: Instant,
    until: Instant,
    ran: Sequence[Instant],
    number: int,
) -> None:
    matched = 0
    previous: Instant | None = None
    for due in ran:
        if due == previous:
            account.note("doubled", due, due, 1, "it ran twice")
        elif count_dues(revisions, due - MICROSECOND, due) is None:
            account.note("never due", due, due, 1, "it ran, and the schedule does not name it")
        else:
            matched += 1
        previous = due
    if matched == number:
        return
    known = set(ran)
    lost = (due for due in dues(revisions, after, until) if due not in known)
    named = list(islice(lost, _MOST_NAMED))
    for due in named:
        account.note("unexplained", due, due, 1)
    if number - matched > len(named):
        account.note("unexplained", named[-1], until, number - matched - len(named), "and more")


def _within(instants: Sequence[Instant], after: Instant, until: Instant) -> list[Instant]:
    return list(instants[bisect_right(instants, after) : bisect_right(instants, until)])


def book_tail(account: Account, stretches: Iterable[Stretch]) -> None:
    """Book instants that no cursor has reached, with what explains them so far."""
    for stretch in stretches:
        account.due += stretch.count
        account.add(stretch, stretch.count)
