"""What must be true of the rows, whatever happened; each is one query that finds what breaks it.

A store that is in use is read in one snapshot (SQLite), or statement by statement (PostgreSQL),
where a change between two statements may look like a problem: look twice there.
"""

from typing import NamedTuple

from sqlalchemy import Select, and_, exists, func, or_, select

from engine.domain.instance import Cause, Status
from engine.domain.session import SessionStatus
from engine.domain.verdict import Reason
from engine.persistence.instance_rows import NOT_COMPLETE
from engine.persistence.tables import (
    job_holds,
    job_instance,
    job_state_data,
    jobs,
    schedule_cursor,
    schedule_revisions,
    sessions,
    store_info,
    verdicts,
)
from engine.persistence.transaction import Transaction


class Invariant(NamedTuple):
    """One statement; the query's columns are put into its text where it is broken."""

    text: str
    query: Select[tuple[object, ...]]


_i, _j, _s = job_instance.c, jobs.c, sessions.c
_RUNNING = and_(NOT_COMPLETE, _i.jobstatus == Status.IN_PROGRESS)

_LIVES = exists().where(_s.sessionid == _i.sessionid, _s.sessionstatus == SessionStatus.ACTIVE)
_OWNER_LIVES = exists().where(
    _s.sessionid == _j.sessionid, _s.sessionstatus == SessionStatus.ACTIVE
)
_OWNER_RUNS = exists().where(_i.jobid == _j.jobid, _i.sessionid == _j.sessionid, _RUNNING)
_HELD = exists().where(
    job_holds.c.jobid == _j.jobid,
    job_holds.c.reason == Reason.JOB_DISABLED,
    job_holds.c.until.is_(None),
)

ALWAYS: tuple[Invariant, ...] = (
    Invariant(
        "job '{0}' is single_instance and has {1} scheduled runs at once",
        select(_j.name, func.count())
        .join(job_instance, _i.jobid == _j.jobid)
        .where(_j.single_instance, _RUNNING, _i.engine_key == "", _i.cause != Cause.MANUAL)
        .group_by(_j.name)
        .having(func.count() > 1),
    ),
    Invariant(
        "job '{0}' is owned by session {1}, which is not alive",
        select(_j.name, _j.sessionid).where(_j.sessionid.is_not(None), ~_OWNER_LIVES),
    ),
    Invariant(
        "job '{0}' is owned by session {1}, which runs no instance of it",
        select(_j.name, _j.sessionid).where(_j.sessionid.is_not(None), ~_OWNER_RUNS),
    ),
    Invariant(
        "instance {0} is IN-PROGRESS under session {1}, which is not alive",
        select(_i.job_instanceid, _i.sessionid).where(_RUNNING, ~_LIVES),
    ),
    Invariant(
        "instance {0} is {1}, but says that it ended",
        select(_i.job_instanceid, _i.jobstatus).where(
            _RUNNING, or_(_i.completed.is_not(None), _i.ending.is_not(None))
        ),
    ),
    Invariant(
        "instance {0} is {1}, but does not say when or how it ended",
        select(_i.job_instanceid, _i.jobstatus).where(
            ~_RUNNING, or_(_i.completed.is_(None), _i.ending.is_(None))
        ),
    ),
    Invariant(
        "instance {0} has the fence {1}, which is not its id",
        select(_i.job_instanceid, _i.fence).where(_i.fence != _i.job_instanceid),
    ),
    Invariant(
        "instance {0} answers for an instant that its job's cursor has not reached",
        select(_i.job_instanceid)
        .join(
            schedule_cursor,
            and_(
                schedule_cursor.c.jobid == _i.jobid,
                schedule_cursor.c.engine_key == _i.engine_key,
            ),
        )
        .where(_i.due_at > schedule_cursor.c.accounted_until),
    ),
    Invariant(
        "instance {0} answers for an instant that was also {1}",
        select(_i.job_instanceid, verdicts.c.verdict)
        .join(
            verdicts,
            and_(verdicts.c.jobid == _i.jobid, verdicts.c.engine_key == _i.engine_key),
        )
        .where(_i.due_at >= verdicts.c.first_due, _i.due_at <= verdicts.c.last_due),
    ),
    Invariant(
        "verdict {0} has {1} instants, which its first and last one do not allow",
        select(verdicts.c.verdictid, verdicts.c.count).where(
            or_(
                verdicts.c.last_due < verdicts.c.first_due,
                verdicts.c.count < 1,
                and_(verdicts.c.count == 1, verdicts.c.last_due != verdicts.c.first_due),
                and_(verdicts.c.count > 1, verdicts.c.last_due == verdicts.c.first_due),
            )
        ),
    ),
    Invariant(
        "job '{0}' has state data of instance {1}, which is COMPLETE",
        select(_j.name, job_state_data.c.job_instanceid)
        .join(job_state_data, job_state_data.c.jobid == _j.jobid)
        .join(job_instance, _i.job_instanceid == job_state_data.c.job_instanceid)
        .where(_i.jobstatus == Status.COMPLETE),
    ),
    Invariant(
        "job '{0}' was last executed as instance {1}, which is still running",
        select(_j.name, _i.job_instanceid)
        .join(job_instance, _i.job_instanceid == _j.last_executed_job_instanceid)
        .where(_RUNNING),
    ),
    Invariant(
        "job '{0}' is disabled, but no hold says since when",
        select(_j.name).where(~_j.enabled, ~_HELD),
    ),
    Invariant(
        "job '{0}' is enabled, but a hold says that it is not",
        select(_j.name).where(_j.enabled, _HELD),
    ),
    Invariant(
        "schedule revision {0} ends before it begins",
        select(schedule_revisions.c.revisionid).where(
            schedule_revisions.c.ended_at < schedule_revisions.c.began_at
        ),
    ),
    Invariant(
        "session {0} is {1} and does not say when it ended",
        select(_s.sessionid, _s.sessionstatus).where(
            _s.sessionstatus != SessionStatus.ACTIVE, _s.ended.is_(None)
        ),
    ),
)

ON_SQLITE: tuple[Invariant, ...] = (
    Invariant(
        "instance {0} has an id that was never given",
        select(_i.job_instanceid).where(
            _i.job_instanceid > select(store_info.c.last_job_instanceid).scalar_subquery()
        ),
    ),
    Invariant(
        "instance {0} has a change number that was never given",
        select(_i.job_instanceid).where(
            _i.change_seq > select(store_info.c.change_seq).scalar_subquery()
        ),
    ),
)


def broken(tx: Transaction, most: int) -> list[str]:
    """Return one line for each row that breaks an invariant, at most `most` for each."""
    found: list[str] = []
    for invariant in ALWAYS + (ON_SQLITE if tx.dialect == "sqlite" else ()):
        rows = tx.rows(invariant.query.limit(most))
        found.extend(invariant.text.format(*row) for row in rows)
    return found
