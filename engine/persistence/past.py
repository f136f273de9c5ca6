"""What was there at an instant of the past: jobs, their last runs, and what was changed since.

What is asked here is found by indexes, and grows with the jobs and with what was changed since, not
with how long the store is kept.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from engine.clock import DAY, HOUR, Instant
from engine.domain.instance import Instance
from engine.domain.schedule.revision import Revision
from engine.persistence import audit, instance_queries, instances, revisions
from engine.persistence.audit import AuditEvent
from engine.persistence.tables import audit_events, job_instance as table, jobs
from engine.persistence.transaction import Transaction

_AT_ONCE = 5000  # ids in one query
_INSTANT = table.c.started.type
_STRETCHES = (HOUR, DAY, 30 * DAY, 365 * DAY)  # before an instant, that are looked through in turn
_JOBS = select(jobs.c.jobid).where(jobs.c.created <= bindparam("at", type_=_INSTANT))
_NEWEST = (
    select(table.c.job_instanceid)
    .where(table.c.started <= bindparam("at", type_=_INSTANT))
    .order_by(table.c.started.desc(), table.c.job_instanceid.desc())
    .limit(1)
)
_NEWEST_SINCE = _NEWEST.where(table.c.started > bindparam("since", type_=_INSTANT))
_ENDED = (
    select(table.c.job_instanceid)
    .where(
        table.c.jobid == jobs.c.jobid,
        table.c.job_instanceid <= bindparam("newest"),
        table.c.completed <= bindparam("at", type_=_INSTANT),
    )
    .order_by(table.c.job_instanceid.desc())
    .limit(1)
    .scalar_subquery()
)
_LAST = select(jobs.c.jobid, _ENDED)
_NEVER_MIND = ("JOB-RUN", "JOB-RESET", "JOB-STATE-SET", "JOB-STATE-CLEARED")  # of no attribute
_CHANGES = (
    audit.COLUMNS.where(
        audit_events.c.created > bindparam("at", type_=_INSTANT),
        audit_events.c.object_type.in_(["job", "group"]),
        audit_events.c.event.not_in(_NEVER_MIND),
    )
).order_by(audit_events.c.audit_eventid.desc())
_TRIGGERS = (
    audit.COLUMNS.where(
        audit_events.c.created <= bindparam("at", type_=_INSTANT),
        audit_events.c.event == "JOB-TRIGGER-CHANGED",
    )
    .order_by(audit_events.c.audit_eventid.desc())
    .limit(bindparam("many"))
)


def jobids(tx: Transaction, at: Instant) -> set[int]:
    """Return the ids of the jobs of now that were there at `at`."""
    return {row[0] for row in tx.rows(_JOBS, {"at": at})}


def newest_instance(tx: Transaction, at: Instant) -> int:
    """Return the id of the last instance that had begun by `at`; 0: none had.

    A server's index of the starts finds stretches of time and has no order: all that began in a
    stretch is looked at, so that the shortest one comes first.
    """
    for stretch in _STRETCHES:
        if found := tx.value(_NEWEST_SINCE, {"at": at, "since": at - stretch}):
            return int(found)
    return int(tx.value(_NEWEST, {"at": at}) or 0)


def begun(tx: Transaction, at: Instant, newest: int, limit: int) -> list[Instance]:
    """Return the last instances that had begun by `at`, newest first; `newest` is the last one."""
    return instance_queries.query(tx, until=at + 1, before_id=newest + 1, limit=limit)


def last_ended(tx: Transaction, at: Instant, newest: int) -> dict[int, Instance]:
    """Return the last instance of each job that had ended by `at`, by job id."""
    rows = tx.rows(_LAST, {"at": at, "newest": newest})
    found = [number for _, number in rows if number is not None]
    ended: dict[int, Instance] = {}
    for start in range(0, len(found), _AT_ONCE):
        some = instances.get_many(tx, found[start : start + _AT_ONCE])
        ended.update((each.jobid, each) for each in some.values())
    return ended


def in_force(tx: Transaction, at: Instant) -> dict[int, Revision]:
    """Return the schedule that was in force at `at` of each job that had one, by job id."""
    return {
        jobid: each
        for jobid, several in revisions.since(tx, at).items()
        for each in several
        if each.began_at <= at
    }


def changes_since(tx: Transaction, at: Instant) -> Sequence[AuditEvent]:
    """Return what was changed about jobs and groups after `at`, the newest first."""
    return [AuditEvent(*row) for row in tx.rows(_CHANGES, {"at": at})]


def triggers_set(tx: Transaction, at: Instant, limit: int) -> Sequence[AuditEvent]:
    """Return the last `limit` triggers that were set or taken away by `at`, the newest first."""
    return [AuditEvent(*row) for row in tx.rows(_TRIGGERS, {"at": at, "many": limit})]
