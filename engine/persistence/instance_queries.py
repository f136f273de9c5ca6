"""Find instances again: by job, status, time and text; count them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from engine.clock import HOUR, Instant
from engine.domain.instance import Instance, Status
from engine.persistence.instance_rows import INSTANCE_COLUMNS, NOT_COMPLETE
from engine.persistence.tables import job_errors, job_instance as table, jobs
from engine.persistence.tables.instances import LONG_RUN
from engine.persistence.transaction import Transaction

_LONG = 2 * HOUR  # whoever ran for so long is a `LONG_RUN`
_LAST_OF_JOB = (
    INSTANCE_COLUMNS.where(table.c.jobid == bindparam("job"))
    .order_by(table.c.job_instanceid.desc())
    .limit(1)
)
_ended = table.alias("ended")
_LAST_ENDED = INSTANCE_COLUMNS.where(
    table.c.job_instanceid.in_(
        select(
            select(_ended.c.job_instanceid)
            .where(_ended.c.jobid == jobs.c.jobid, _ended.c.jobstatus != Status.IN_PROGRESS)
            .order_by(_ended.c.job_instanceid.desc())
            .limit(1)
            .correlate(jobs)
            .scalar_subquery()
        ).where(jobs.c.jobid.in_(bindparam("jobids", expanding=True)))
    )
)
_AT_ONCE = 5000  # ids in one query


def query(  # noqa: PLR0913 - one argument per condition
    tx: Transaction,
    *,
    job: int | None = None,
    statuses: Sequence[Status] = (),
    since: Instant | None = None,
    until: Instant | None = None,
    text: str | None = None,
    limit: int = 100,
    before_id: int | None = None,
    ascending: bool = False,
) -> list[Instance]:
    """Return instances, newest first unless `ascending`.

    `since` and `until` bound `started` (`since <= started < until`). `text` is looked for, in any
    case, in the job's name, detail, info, who and the instance's errors. `before_id` continues a
    list: only older ids are returned, or only newer ones when `ascending`.
    """
    conditions: list[ColumnElement[bool]] = []
    if job is not None:
        conditions.append(table.c.jobid == job)
    if statuses:
        conditions.append(table.c.jobstatus.in_(list(statuses)))
        if Status.COMPLETE not in statuses:
            conditions.append(NOT_COMPLETE)
    if since is not None:
        conditions.append(table.c.started >= since)
    if until is not None:
        conditions.append(table.c.started < until)
    if text:
        conditions.append(_mentions(tx, text))
    key = table.c.job_instanceid
    if before_id is not None:
        conditions.append(key > before_id if ascending else key < before_id)
    order = key.asc() if ascending else key.desc()
    found = INSTANCE_COLUMNS.where(*conditions).order_by(order).limit(limit)
    return [Instance(*row) for row in tx.rows(found)]


def last_of_job(tx: Transaction, jobid: int, owner: str | None = None) -> Instance | None:
    """Return a job's newest instance, of one engine key where `owner` is given; or None."""
    query = _LAST_OF_JOB if owner is None else _LAST_OF_JOB.where(table.c.engine_key == owner)
    row = tx.row(query, {"job": jobid})
    return None if row is None else Instance(*row)


def last_ended(tx: Transaction, jobids: Sequence[int]) -> dict[int, Instance]:
    """Return the newest instance that has ended, a CRASH too, of each job that has one, by job."""
    found: dict[int, Instance] = {}
    for start in range(0, len(jobids), _AT_ONCE):
        rows = tx.rows(_LAST_ENDED, {"jobids": list(jobids[start : start + _AT_ONCE])})
        found.update((each.jobid, each) for each in (Instance(*row) for row in rows))
    return found


def counts_by_status(
    tx: Transaction, since: Instant | None = None, jobid: int | None = None
) -> dict[Status, int]:
    """Return how many instances started at or after `since` have each status; absent is none."""
    columns = select(table.c.jobstatus, func.count())
    rows = tx.rows(columns.where(*_from(since, jobid)).group_by(table.c.jobstatus))
    return {row[0]: row[1] for row in rows}


def counts_by_job(tx: Transaction, since: Instant | None = None) -> dict[int, dict[Status, int]]:
    """Return `counts_by_status` of every job that has any, by job id."""
    columns = select(table.c.jobid, table.c.jobstatus, func.count())
    grouped = columns.where(*_from(since, None)).group_by(table.c.jobid, table.c.jobstatus)
    found: dict[int, dict[Status, int]] = {}
    for jobid, status, count in tx.rows(grouped):
        found.setdefault(jobid, {})[status] = count
    return found


def with_due_instants(
    tx: Transaction, after: Instant, until: Instant, jobid: int | None = None
) -> list[Instance]:
    """Return the instances whose due instant is in `after < due <= until`, by job and due."""
    conditions: list[ColumnElement[bool]] = [table.c.due_at > after, table.c.due_at <= until]
    conditions.append(table.c.started > after)  # no run begins before it is due: an index serves it
    if jobid is not None:
        conditions.append(table.c.jobid == jobid)
    found = INSTANCE_COLUMNS.where(*conditions).order_by(table.c.jobid, table.c.due_at)
    return [Instance(*row) for row in tx.rows(found)]


def running_at(tx: Transaction, at: Instant, limit: int) -> list[Instance]:
    """Return the instances that had started and not ended at an instant, newest first.

    They are among those that still run, the long ones, and those that began shortly before it: each
    of these has an index, and a look at all that began before it would grow with the history. One
    that ends between two looks on a server is found by the first, or by the others.
    """
    had_begun = INSTANCE_COLUMNS.where(table.c.started <= at)
    ends = or_(table.c.completed.is_(None), table.c.completed > at)
    queries = (
        had_begun.where(NOT_COMPLETE, table.c.jobstatus == Status.IN_PROGRESS),
        had_begun.where(literal_column(LONG_RUN[tx.dialect]), table.c.completed > at),
        had_begun.where(table.c.started > at - _LONG, ends),
    )
    found = {row[0]: Instance(*row) for query in queries for row in tx.rows(query)}
    return [found[number] for number in sorted(found, reverse=True)[:limit]]


def _from(since: Instant | None, jobid: int | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        conditions.append(table.c.started >= since)
    if jobid is not None:
        conditions.append(table.c.jobid == jobid)
    return conditions


def _mentions(tx: Transaction, text: str) -> ColumnElement[bool]:
    """Both sides are folded by the same function: any other takes other letters for capitals."""

    def in_(column: Any) -> ColumnElement[bool]:
        if tx.dialect == "sqlite":
            return func.mentions(column, text.casefold(), type_=Boolean)  # see `SqliteBackend`
        return func.strpos(func.lower(column), func.lower(text)) > 0

    named = exists().where(jobs.c.jobid == table.c.jobid, in_(jobs.c.name))
    failed = exists().where(
        job_errors.c.job_instanceid == table.c.job_instanceid,
        or_(in_(job_errors.c.error), in_(job_errors.c.description)),
    )
    return or_(in_(table.c.detail), in_(table.c.info), in_(table.c.who), named, failed)
