"""Account for what passed while a job was not being scheduled, and say what runs at once for it.

Reads holds and downtime for a whole batch of jobs at once: after a long downtime most jobs have
missed something, and a start must not take a query each.
"""

from collections.abc import Iterable, Sequence

from engine.clock import MICROSECOND, Instant
from engine.domain.catch_up import Downtime, account, account_held_up
from engine.domain.instance import Cause, Instance
from engine.domain.verdict import Hold
from engine.persistence import holds, instances
from engine.persistence.transaction import Transaction
from engine.scheduling.agenda import Entry
from engine.scheduling.context import Context
from engine.scheduling.wanted import Wanted


class Missed:
    """Gives missed instants their verdict."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def note(self, crashed: Sequence[Instance], now: Instant) -> None:
        """Remember CRASHes, which a catch-up makes up for where `run_skipped` is on.

        Only those of the schedule: its instant was not executed. What an operator or a trigger
        started answers for no instant, and is never started again by itself.
        """
        agenda = self._context.agenda
        for each in crashed:
            entry = agenda.entries.get(each.jobid)
            if entry is not None and (instant := each.answers_for) is not None:
                entry.crashed = instant
                agenda.plan(entry, now)

    def look_back(self, tx: Transaction, entries: Iterable[Entry], now: Instant) -> None:
        """Find jobs that a switch held and let go between two looks.

        They start being scheduled, as those do that were seen held: what passed is the switch's.
        """
        passed = [
            entry
            for entry in entries
            if entry.obstacle is None
            and (entry.overran or not entry.fresh)
            and _has_passed(entry, now)
        ]
        held = self._holds(tx, passed, now)
        for entry in passed:
            its_holds = [*held.get(entry.job.jobid, ()), *held.get(None, ())]
            if any(_was_held(entry, hold, now) for hold in its_holds):
                entry.fresh, entry.overran = True, False

    def account(self, tx: Transaction, entries: Sequence[Entry], now: Instant) -> list[Wanted]:
        """Return the verdicts of what passed for each of `entries`, and the catch-up to run."""
        wanted: list[Wanted] = []
        late = [entry for entry in entries if _has_passed(entry, now)]
        held = self._holds(tx, late, now)
        for entry in late:
            assert entry.cursor is not None  # noqa: S101
            result = account(
                entry.job.jobid,
                entry.owner,
                count=entry.count,
                after=entry.cursor,
                until=now,
                run_skipped=entry.job.run_skipped or entry.overran,
                holds=[*held.get(entry.job.jobid, ()), *held.get(None, ())],
                downtimes=self.downtimes(entry),
            )
            wanted.append(
                Wanted(
                    entry,
                    Cause.SKIPPED,
                    result.catch_up,
                    late=True,
                    until=now if result.catch_up is None else result.catch_up,
                    stretches=result.stretches,
                )
            )
        return wanted

    def held_up(self, tx: Transaction, entries: Sequence[Entry], now: Instant) -> list[Wanted]:
        """Return the verdicts of what a switch took away from jobs that were not free then."""
        passed = [entry for entry in entries if _has_passed(entry, entry.past(now))]
        held = self._holds(tx, passed, now)
        wanted: list[Wanted] = []
        for entry in passed:
            assert entry.cursor is not None  # noqa: S101
            told = account_held_up(
                entry.job.jobid,
                entry.owner,
                count=entry.count,
                after=entry.cursor,
                until=entry.past(now),
                holds=[*held.get(entry.job.jobid, ()), *held.get(None, ())],
                downtimes=self.downtimes(entry),
            )
            if told is not None:
                wanted.append(Wanted(entry, Cause.SKIPPED, until=told[0], stretches=told[1]))
        return wanted

    def of_crash(self, tx: Transaction, entry: Entry, now: Instant) -> Wanted | None:
        """A CRASH does not count as executed: one catch-up, unless something else runs anyway."""
        if entry.crashed is None or not entry.job.run_skipped:
            return None
        if entry.job.expiry_date is not None and entry.job.expiry_date <= now:
            return None
        if not instances.has_crashed_last(tx, entry.job.jobid, entry.owner):
            return None  # a peer made up for it
        return Wanted(entry, Cause.SKIPPED, stands_for=entry.crashed)

    def _holds(
        self, tx: Transaction, entries: Sequence[Entry], now: Instant
    ) -> dict[int | None, list[Hold]]:
        oldest = min((entry.cursor for entry in entries if entry.cursor is not None), default=None)
        found: dict[int | None, list[Hold]] = {}
        if oldest is not None:
            for hold in holds.holds_between(tx, oldest, now):
                if hold.engine_key in {"", self._context.key}:
                    found.setdefault(hold.jobid, []).append(hold)
        return found

    def downtimes(self, entry: Entry) -> Sequence[Downtime]:
        """Return when nothing could run the job though no switch held it."""
        downtimes = self._context.downtimes
        return downtimes.of_any if entry.owner == "" else downtimes.of_own


def _has_passed(entry: Entry, now: Instant) -> bool:
    if entry.cursor is None:
        return False
    due = entry.next_due(entry.cursor)
    return due is not None and due <= now


def _was_held(entry: Entry, hold: Hold, now: Instant) -> bool:
    """Whether a due instant without a verdict passed under a hold that has ended.

    A hold of the whole engine leaves a run the catch-up for what passed meanwhile.
    """
    if entry.cursor is None or hold.until is None:
        return False
    after, until = max(entry.cursor, hold.since - MICROSECOND), min(hold.until, now)
    if hold.jobid is None:
        after = now if entry.running else max(after, entry.busy_until)
    return after < until and entry.count(after, until) is not None
