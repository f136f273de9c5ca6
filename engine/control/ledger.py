"""The ledger: what was due in a window, and what became of each instant.

Recomputed from the history of the schedules, never from what the engine wrote. What no cursor has
reached yet (a switch holds the job, no engine is up) is explained on the fly, as it would be
recorded if the job began to be scheduled now without a catch-up.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from engine.clock import Instant, to_text
from engine.control.context import Context
from engine.control.job_view import iso
from engine.control.ledger_books import Books
from engine.control.ledger_tail import Tail
from engine.control.living import Living
from engine.domain.account import Account, Problem
from engine.domain.job import Job
from engine.domain.verdict import Reason
from engine.persistence import cursors, jobs, pruning
from engine.persistence.transaction import Transaction

_MOST_PROBLEMS = 100


class JobLedger(Struct, frozen=True):
    """The account of one job: of all engines that run it together."""

    name: str
    due: int = 0
    ran: int = 0
    late: int = 0
    coalesced: int = 0
    skipped: int = 0
    missed: int = 0
    pending: int = 0
    unexplained: int = 0
    doubled: int = 0  # verdicts beyond the first one of an instant
    never_due: int = 0  # verdicts of instants that the schedule does not name
    unknown: int = 0  # stretches of time of which nobody can tell what was due; not `unexplained`
    skipped_by: Mapping[str, int] = field(default_factory=dict)
    missed_by: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    pruned_until: Instant | None = None  # records before it are gone; None: none of the window

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {"name": self.name, **_sums_json(self), "pruned_until": _maybe(self.pruned_until)}


class LedgerReport(Struct, frozen=True):
    """The sums of a window `since < due <= until`, and each job's own."""

    since: Instant
    until: Instant
    total: JobLedger
    jobs: tuple[JobLedger, ...]  # those with a due instant, a problem or pruned records, by name

    @property
    def due(self) -> int:
        """How many instants were due."""
        return self.total.due

    @property
    def unexplained(self) -> int:
        """How many of them nothing explains: 0, or the engine has a fault."""
        return self.total.unexplained

    @property
    def pruned_until(self) -> Instant | None:
        """Before which the records of some job are pruned; None: those of the window are whole."""
        return self.total.pruned_until

    @property
    def pruned(self) -> str:
        """Say which records of the window are pruned; "" where they are whole."""
        some = [each for each in self.jobs if each.pruned_until is not None]
        if self.pruned_until is None:
            return ""
        of = f"of '{some[0].name}'" if len(some) == 1 else f"of {len(some)} jobs"
        return f"records {of} before {to_text(self.pruned_until)} are pruned"

    @property
    def unknown(self) -> str:
        """Say of which jobs nobody can tell all that was due; "" where there is none."""
        some = [each.name for each in self.jobs if each.unknown]
        of = f"'{some[0]}'" if len(some) == 1 else f"{len(some)} jobs"
        return f"what was due of {of} is unknown for a time" if some else ""

    @property
    def is_clean(self) -> bool:
        """Whether every known due instant has one verdict, and no other instant has any."""
        return not (self.total.unexplained or self.total.doubled or self.total.never_due)

    @property
    def problems(self) -> list[tuple[str, Problem]]:
        """What is wrong, with the name of its job; at most a hundred."""
        found = [(each.name, problem) for each in self.jobs for problem in each.problems]
        return found[:_MOST_PROBLEMS]

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {
            "since": iso(self.since),
            "until": iso(self.until),
            **_sums_json(self.total),
            "pruned_until": _maybe(self.pruned_until),
            "problems": [
                {
                    "job": name,
                    "kind": problem.kind,
                    "first": iso(problem.first),
                    "last": iso(problem.last),
                    "count": problem.count,
                    "detail": problem.detail,
                }
                for name, problem in self.problems
            ],
            "jobs": [each.as_json() for each in self.jobs],
        }


class Ledger:
    """The service of the ledger."""

    def __init__(self, context: Context, living: Living) -> None:
        self._context = context
        self._living = living

    def report(
        self,
        since: Instant | None = None,
        until: Instant | None = None,
        job: str | None = None,
    ) -> LedgerReport:
        """Return the account of `since < due <= until` (None: all that is known, up to now).

        Args:
            since: an instant before which nothing is looked at.
            until: not later than now, which it is cut to.
            job: the name of one job; None: all.

        Raises:
            NotFoundError: no job has this name.
        """
        now = self._context.clock.now()
        end = now if until is None else min(until, now)
        alive = self._living.engines()
        with self._context.database.read() as tx:
            one = None if job is None else jobs.get(tx, job)
            known = [one] if one else jobs.all_jobs(tx, include_retired=True)
            start = _start(tx, since, one, now)
            tail = Tail.read(tx, self._context.database, self._context.settings, now, alive)
            books = Books.read(tx, start, end, None if one is None else one.jobid)
            pruned = {
                jobid: until for jobid, until in pruning.pruned_until(tx).items() if until >= start
            }
        found = tuple(sorted(_ledgers(books, known, tail, pruned), key=lambda each: each.name))
        return LedgerReport(start, end, _sum(job or "all", found), found)


def _start(tx: Transaction, since: Instant | None, one: Job | None, now: Instant) -> Instant:
    if since is not None:
        return since
    found = cursors.every(tx) if one is None else cursors.of_job(tx, one.jobid)
    return min((cursor.began_at for cursor in found.values()), default=now)


def _ledgers(
    books: Books, known: Sequence[Job], tail: Tail, pruned: Mapping[int, Instant]
) -> Iterator[JobLedger]:
    owners = books.owners()
    for job in known:
        account = Account(job.jobid)
        for owner in owners.get(job.jobid, ()):
            reached = books.settle(account, owner)
            cursor = books.cursors.get((job.jobid, owner))
            if tail.concerns(job, owner) and cursor is not None and cursor.ended_at is None:
                history = books.history.get(job.jobid, ())
                after = max(reached, books.handed_over(job.jobid, owner, owners[job.jobid]))
                tail.book(account, job, owner, history, after, books.until)
        if job.jobid in owners:
            books.note_unknown(account, owners[job.jobid])
        until = pruned.get(job.jobid)
        if account.due or account.problems or until is not None:
            yield _job_ledger(job.name, account, until)


def _job_ledger(name: str, account: Account, pruned_until: Instant | None) -> JobLedger:
    return JobLedger(
        name=name,
        due=account.due,
        ran=account.ran,
        late=account.late,
        coalesced=account.coalesced,
        skipped=account.skipped.total(),
        missed=account.missed.total(),
        pending=account.pending,
        unexplained=account.unexplained,
        doubled=account.doubled,
        never_due=account.never_due,
        unknown=account.unknown,
        skipped_by=_named(account.skipped),
        missed_by=_named(account.missed),
        problems=tuple(account.problems),
        pruned_until=pruned_until,
    )


def _named(counts: Counter[Reason | None]) -> dict[str, int]:
    return {str(reason or "no reason recorded"): count for reason, count in counts.most_common()}


def _sum(name: str, found: Sequence[JobLedger]) -> JobLedger:
    skipped_by: Counter[str] = Counter()
    missed_by: Counter[str] = Counter()
    for each in found:
        skipped_by.update(each.skipped_by)
        missed_by.update(each.missed_by)
    return JobLedger(
        name=name,
        **{word: sum(getattr(each, word) for each in found) for word in _SUMS},
        skipped_by=dict(skipped_by.most_common()),
        missed_by=dict(missed_by.most_common()),
        pruned_until=max((each.pruned_until for each in found if each.pruned_until), default=None),
    )


def _maybe(instant: Instant | None) -> str | None:
    return None if instant is None else iso(instant)


_SUMS = (
    *("due", "ran", "late", "coalesced", "skipped", "missed", "pending"),
    *("unexplained", "doubled", "never_due", "unknown"),
)


def _sums_json(sums: JobLedger) -> dict[str, Any]:
    return {
        **{word: getattr(sums, word) for word in _SUMS},
        "skipped_by": dict(sums.skipped_by),
        "missed_by": dict(sums.missed_by),
    }
