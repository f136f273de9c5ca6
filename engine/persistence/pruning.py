"""Delete what is older than its retention, a little at a time: one rule, whoever asks for it.

A finished instance is kept for its job's own retention, or the usual one where the job has none; a
retention of 0 days keeps it for ever. Its errors go with it, and so do the verdicts of the instants
before it: the job is accounted for from there on, and the store remembers up to when it was pruned.
What stays, however old: running instances, the last execution of each job, schedules, and audit.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, delete, exists, func, select, update

from engine.clock import DAY, Instant
from engine.domain.instance import Status
from engine.persistence import alerts, requests
from engine.persistence.conflicts import insert_new
from engine.persistence.cursors import Advance, begin_after
from engine.persistence.past import newest_instance
from engine.persistence.tables import (
    job_instance as table,
    jobs,
    prunings,
    verdicts,
)
from engine.persistence.transaction import Transaction

ANSWERED_DAYS = 7.0  # answered requests, and alerts that are over
A_QUERY = 10  # instances that go in the time of one: it is not for nothing either
_LOOKED_AT = 20  # instances for each that may go at once: those that stay cost time, too
_FINAL = table.c.jobstatus != Status.IN_PROGRESS
_IS_LAST = exists().where(
    jobs.c.jobid == table.c.jobid, jobs.c.last_executed_job_instanceid == table.c.job_instanceid
)
_HAS_OWN = exists().where(jobs.c.jobid == table.c.jobid, jobs.c.retention.is_not(None))
_OLD = select(
    table.c.job_instanceid, table.c.jobid, table.c.engine_key, table.c.due_at, table.c.started
)
_OWN = select(jobs.c.jobid, jobs.c.retention).where(jobs.c.retention.is_not(None))
_KEPT = select(prunings.c.jobid, prunings.c.pruned_until)
_LATER = (
    update(prunings)
    .where(
        prunings.c.jobid == bindparam("job"),
        prunings.c.pruned_until < bindparam("at", type_=prunings.c.pruned_until.type),
    )
    .values(pruned_until=bindparam("at"))
)
_VERDICTS_BEFORE = delete(verdicts).where(
    verdicts.c.jobid == bindparam("job"),
    verdicts.c.engine_key == bindparam("owner"),
    verdicts.c.last_due <= bindparam("at", type_=verdicts.c.last_due.type),
)


class Portion(Struct, frozen=True):
    """Finished instances that started before `older_than`: of one job, or of all with no own rule.

    `jobid` None and `whole`: of every job, whatever its own retention.
    """

    jobid: int | None
    older_than: Instant
    whole: bool = False


class Deleted(Struct, frozen=True):
    """How many rows went."""

    instances: int = 0
    verdicts: int = 0
    requests: int = 0
    alerts: int = 0

    def __add__(self, other: "Deleted") -> "Deleted":
        """Return both together."""
        return Deleted(
            self.instances + other.instances,
            self.verdicts + other.verdicts,
            self.requests + other.requests,
            self.alerts + other.alerts,
        )


class Sweep:
    """One walk through the instances of a portion, a few at a time.

    By their ids, which rise with the starts: a server's index of starts has no order. What a clock
    that was set let begin before its time goes a little later, once one that followed it is old,
    too. What stays is passed once, not by each that goes.
    """

    def __init__(self, portion: Portion) -> None:
        self._portion = portion
        self._after = 0  # the last id that was passed
        self._newest: int | None = None  # the last id that may be old; None: not known yet
        self.is_done = False

    def go(
        self, tx: Transaction, limit: int, newest: dict[Instant, int] | None = None
    ) -> tuple[Deleted, int]:
        """Delete up to `limit` instances, oldest first, and the verdicts before them.

        Returns what went, and how much of `limit` it took: to pass what stays counts, too.
        `newest` is filled with the last id that began before an instant, for all that ask for it.
        """
        portion = self._portion
        if self._newest is None:
            known = {} if newest is None else newest
            if portion.older_than not in known:
                known[portion.older_than] = newest_instance(tx, portion.older_than - 1)
            self._newest = known[portion.older_than]
        ahead = [table.c.job_instanceid > self._after, table.c.job_instanceid <= self._newest]
        if portion.jobid is not None:
            ahead.append(table.c.jobid == portion.jobid)
        most = limit * _LOOKED_AT
        near = select(table.c.job_instanceid).where(*ahead).order_by(table.c.job_instanceid)
        ids = near.limit(most).subquery().c.job_instanceid
        last, looked_at = tx.rows(select(func.max(ids), func.count()))[0]
        if not looked_at:
            self.is_done = True
            return Deleted(), A_QUERY
        ahead += [table.c.job_instanceid <= last, table.c.started < portion.older_than, _FINAL]
        ahead.append(~_IS_LAST)
        if portion.jobid is None and not portion.whole:
            ahead.append(~_HAS_OWN)
        rows = tx.rows(_OLD.where(*ahead).order_by(table.c.job_instanceid).limit(limit))
        self._after = rows[-1][0] if len(rows) == limit else last
        self.is_done = len(rows) < limit and looked_at < most
        return _delete(tx, rows), max(len(rows), looked_at // _LOOKED_AT) + A_QUERY


class Pruning:
    """One pass over the store, a transaction at a time."""

    def __init__(self, portions: Iterable[Portion], answered_before: Instant) -> None:
        self._left = deque(Sweep(each) for each in portions)
        self._answered_before = answered_before
        self._newest: dict[Instant, int] = {}  # the last id that may be old, by what is old
        self.is_done = False

    def batch(self, tx: Transaction, rows: int) -> Deleted:
        """Delete up to `rows` instances, and as many requests and alerts."""
        deleted, room = Deleted(), rows
        while self._left and room > 0:
            went, used = self._left[0].go(tx, room, self._newest)
            deleted += went
            room -= used
            if self._left[0].is_done:
                self._left.popleft()
        others = Deleted(
            requests=requests.prune(tx, self._answered_before, rows),
            alerts=alerts.prune(tx, self._answered_before, rows),
        )
        self.is_done = not self._left and max(others.requests, others.alerts) < rows
        return deleted + others


def plan(tx: Transaction, now: Instant, usual_days: float, days: float | None = None) -> Pruning:
    """Return what is to be pruned at `now`; `days` stands for every retention, 0 included."""
    answered_before = now - round(ANSWERED_DAYS * DAY)
    if days is not None:
        everything = Portion(None, now - round(days * DAY), whole=True)
        return Pruning([everything], answered_before)
    rules: list[tuple[int | None, float]] = [(None, usual_days)]
    rules += [(row[0], row[1]) for row in tx.rows(_OWN)]
    portions = [Portion(jobid, now - round(kept * DAY)) for jobid, kept in rules if kept > 0]
    return Pruning(portions, answered_before)


def _delete(tx: Transaction, rows: Sequence[Any]) -> Deleted:
    """Delete the instances of these rows, oldest first, and the verdicts before them."""
    if not rows:
        return Deleted()
    tx.execute(delete(table).where(table.c.job_instanceid.in_([row[0] for row in rows])))
    _remember(tx, rows)
    last = _last_answered((row[1], row[2], row[3]) for row in rows if row[3] is not None)
    begin_after(tx, last)
    values = [{"job": each.jobid, "owner": each.engine_key, "at": each.until} for each in last]
    gone = sum(tx.execute(_VERDICTS_BEFORE, each).rowcount for each in values)
    return Deleted(len(rows), gone)


def _last_answered(rows: Iterable[tuple[int, str, Instant]]) -> list[Advance]:
    """Return the last due instant of each job and owner, of those that instances answered."""
    last: dict[tuple[int, str], Instant] = {}
    for jobid, owner, due in rows:
        last[jobid, owner] = max(due, last.get((jobid, owner), due))
    return [Advance(*key, last[key]) for key in sorted(last)]


def forget_runs(tx: Transaction, jobid: int, limit: int) -> int:
    """Delete up to `limit` finished instances of a job, however young, oldest first.

    Returns how many went; the last execution stays, as in every pruning.
    """
    of_job = _OLD.where(table.c.jobid == jobid, _FINAL, ~_IS_LAST)
    return _delete(tx, tx.rows(of_job.order_by(table.c.job_instanceid).limit(limit))).instances


def pruned_until(tx: Transaction) -> Mapping[int, Instant]:
    """Return up to when the records of jobs were pruned, by job id; absent is never."""
    return {row[0]: row[1] for row in tx.rows(_KEPT)}


def _remember(tx: Transaction, rows: Iterable[Any]) -> None:
    """Remember the start of the last instance that went, of each job."""
    last: dict[int, Instant] = {}
    for _, jobid, _, _, started in rows:
        last[jobid] = max(started, last.get(jobid, started))
    found = sorted(last.items())
    new = [{"jobid": jobid, "pruned_until": at} for jobid, at in found]
    tx.execute_many(insert_new(tx.dialect, prunings), new)
    tx.execute_many(_LATER, [{"job": jobid, "at": at} for jobid, at in found])
