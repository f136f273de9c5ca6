"""Schedule revisions: which schedule a job had from when to when, kept for ever."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, insert, or_, select, update

from engine.clock import Instant
from engine.domain.schedule import Schedule
from engine.domain.schedule.revision import Revision
from engine.persistence.batches import BatchInsert
from engine.persistence.bulk import collector_paused
from engine.persistence.job_rows import SCHEDULE_COLUMNS, schedule_from, schedule_values
from engine.persistence.tables import schedule_cursor as cursor, schedule_revisions as table
from engine.persistence.transaction import Transaction

_COLUMNS = select(
    table.c.revisionid,
    table.c.jobid,
    table.c.began_at,
    table.c.ended_at,
    table.c.expires_at,
    table.c.recurring,
    table.c.minute,
    table.c.hour,
    table.c.day,
    table.c.month,
    table.c.wday,
    table.c.timezone,
    table.c.dst_gap,
    table.c.dst_overlap,
    table.c.anchor_at,
)
_AT_ONCE = 5000  # ids in one query
_ORDER = (table.c.jobid, table.c.began_at, table.c.revisionid)
_CURRENT = _COLUMNS.where(table.c.ended_at.is_(None))
_CURRENT_OF = _CURRENT.where(table.c.jobid.in_(bindparam("jobids", expanding=True)))
_OF_JOB = _COLUMNS.where(table.c.jobid == bindparam("job")).order_by(*_ORDER)
_SINCE = _COLUMNS.where(
    or_(
        table.c.ended_at.is_(None),
        table.c.ended_at > bindparam("after", type_=table.c.ended_at.type),
    )
).order_by(*_ORDER)
_JOBS = select(table.c.jobid).distinct()
_END = (
    update(table)
    .where(table.c.jobid == bindparam("job"), table.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"))
)
_OPEN = insert(table)
_BEGIN = BatchInsert(
    table,
    table.c.jobid,
    table.c.began_at,
    table.c.expires_at,
    table.c.anchor_at,
    *(table.c[name] for name in SCHEDULE_COLUMNS),
)
_MARK = select(func.max(cursor.c.accounted_until)).where(cursor.c.jobid == bindparam("job"))
_MARKS = (
    select(cursor.c.jobid, func.max(cursor.c.accounted_until))
    .where(cursor.c.accounted_until > bindparam("at", type_=cursor.c.accounted_until.type))
    .group_by(cursor.c.jobid)
)
_LAST_BEGIN = select(func.max(table.c.began_at)).where(table.c.jobid == bindparam("job"))
_BEGINS = (
    select(table.c.jobid, func.max(table.c.began_at))
    .where(table.c.began_at > bindparam("at", type_=table.c.began_at.type))
    .group_by(table.c.jobid)
)


class NewRevision(NamedTuple):
    """A schedule that comes into force for a job."""

    jobid: int
    schedule: Schedule
    began_at: Instant
    expires_at: Instant | None = None
    anchor_at: Instant | None = None  # of the one before, where it recurs alike


def open_revision(
    tx: Transaction,
    jobid: int,
    schedule: Schedule,
    began_at: Instant,
    expires_at: Instant | None = None,
) -> int:
    """Put a schedule into force from `began_at`, end the one before it there, and return its id.

    Where that one recurs alike it goes on in its rhythm. Where the clock was set back it begins
    where what is accounted for ends: the past stays.
    """
    began_at = max(began_at, _mark(tx, jobid))
    (new,) = _in_rhythm(tx, [NewRevision(jobid, schedule, began_at, expires_at)])
    end_revision(tx, jobid, began_at)
    values = _values(new)
    key = tx.execute(_OPEN, values).inserted_primary_key
    return int(key[0]) if key else 0


def open_many(tx: Transaction, rows: Sequence[NewRevision]) -> None:
    """Put many schedules into force, each ending the one before it, as `open_revision` does.

    Where a peer does the same at this moment, the one that was first stays in force.
    """
    rows = _in_rhythm(tx, _after_marks(tx, rows))
    tx.execute_many(_END, [{"job": row.jobid, "at": row.began_at} for row in rows])
    _BEGIN.run(tx, [_new(row) for row in rows])


def begin_many(tx: Transaction, rows: Sequence[NewRevision]) -> None:
    """Put many schedules into force, of jobs that have none in force.

    Where a peer did the same since we looked, its own stays: it may have run by it already.
    """
    _BEGIN.run(tx, [_new(row) for row in _after_marks(tx, rows)])


def _in_rhythm(tx: Transaction, rows: Sequence[NewRevision]) -> list[NewRevision]:
    """Let each that recurs as the one in force does count from that one's anchor."""
    before = current(tx, [row.jobid for row in rows])
    return [
        row._replace(anchor_at=old.anchor)
        if (old := before.get(row.jobid)) is not None and old.goes_on_as(row.schedule)
        else row
        for row in rows
    ]


def _after_marks(tx: Transaction, rows: Sequence[NewRevision]) -> list[NewRevision]:
    """Let each begin where what is accounted for ends, at the earliest."""
    if not rows:
        return []
    marks = _marks_after(tx, min(row.began_at for row in rows))
    return [
        row._replace(began_at=max(row.began_at, marks.get(row.jobid, row.began_at))) for row in rows
    ]


def end_revision(tx: Transaction, jobid: int, at: Instant) -> bool:
    """End the schedule in force at `at`; False: there was none.

    Where the clock was set back it ends when what is accounted for ends.
    """
    at = max(at, _mark(tx, jobid))
    return tx.execute(_END, {"job": jobid, "at": at}).rowcount > 0


def current(tx: Transaction, jobids: Sequence[int] | None = None) -> dict[int, Revision]:
    """Return the schedule in force of each job that has one, by job id; None: of all jobs."""
    if jobids is not None:
        found: dict[int, Revision] = {}
        for start in range(0, len(jobids), _AT_ONCE):
            some = {"jobids": list(jobids[start : start + _AT_ONCE])}
            found.update((each.jobid, each) for each in _built(tx.rows(_CURRENT_OF, some)))
        return found
    with collector_paused():
        return {revision.jobid: revision for revision in _built(tx.rows(_CURRENT))}


def of_job(tx: Transaction, jobid: int) -> list[Revision]:
    """Return all revisions of a job, oldest first."""
    return list(_built(tx.rows(_OF_JOB, {"job": jobid})))


def ever_scheduled(tx: Transaction) -> set[int]:
    """Return the ids of all jobs that had a schedule in force at some time."""
    return {row[0] for row in tx.rows(_JOBS)}


def since(tx: Transaction, after: Instant) -> dict[int, list[Revision]]:
    """Return the revisions that were in force after `after`, by job id, oldest first."""
    found: dict[int, list[Revision]] = {}
    for revision in _built(tx.rows(_SINCE, {"after": after})):
        found.setdefault(revision.jobid, []).append(revision)
    return found


def _mark(tx: Transaction, jobid: int) -> Instant:
    """Return the instant up to which a job's history is settled; 0: nothing is."""
    found = tx.row(_MARK, {"job": jobid})
    began = tx.row(_LAST_BEGIN, {"job": jobid})
    return max(found[0] or 0 if found else 0, began[0] or 0 if began else 0)


def _marks_after(tx: Transaction, at: Instant) -> dict[int, Instant]:
    """Return the instants up to which the histories of jobs are settled, where later than `at`."""
    marks = {row[0]: row[1] for row in tx.rows(_MARKS, {"at": at})}
    for jobid, began in tx.rows(_BEGINS, {"at": at}):
        marks[jobid] = max(marks.get(jobid, began), began)
    return marks


def _built(rows: Iterable[Any]) -> Iterable[Revision]:
    for row in rows:
        yield Revision(
            row.revisionid,
            row.jobid,
            schedule_from(row),
            row.began_at,
            row.ended_at,
            row.expires_at,
            row.anchor_at,
        )


def _values(row: NewRevision) -> dict[str, Any]:
    return {
        "jobid": row.jobid,
        "began_at": row.began_at,
        "expires_at": row.expires_at,
        "anchor_at": row.anchor_at,
        **schedule_values(row.schedule),
    }


def _new(row: NewRevision) -> tuple[Any, ...]:
    """Return the values of `_BEGIN`."""
    schedule = schedule_values(row.schedule)
    own = (schedule[name] for name in SCHEDULE_COLUMNS)
    return (row.jobid, row.began_at, row.expires_at, row.anchor_at, *own)
