"""Instances: read them here; claims, writes and queries are in modules of their own.

The hot path (`claim_many`, `finish_many`) shares one transaction for all that became due or ended
together. What may be written is decided by the row itself: an instance is still IN-PROGRESS under
the session that claimed it, or the write is refused.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, or_, select

from engine.domain.instance import Instance, Status
from engine.errors import NotFoundError
from engine.persistence.instance_claims import Claim, claim_many, next_ids
from engine.persistence.instance_queries import (
    counts_by_job,
    counts_by_status,
    last_of_job,
    query,
    with_due_instants,
)
from engine.persistence.instance_rows import INSTANCE_COLUMNS, NOT_COMPLETE
from engine.persistence.instance_writes import (
    Finish,
    StartDetails,
    adopt,
    finish_many,
    may_write,
    save_info,
    save_progress,
    set_started_details,
)
from engine.persistence.tables import job_instance as table
from engine.persistence.transaction import Transaction

__all__ = [
    "Claim",
    "Finish",
    "StartDetails",
    "adopt",
    "all_open",
    "claim_many",
    "counts_by_job",
    "counts_by_status",
    "crashed_last",
    "finish_many",
    "get",
    "get_many",
    "has_crashed_last",
    "last_of_job",
    "may_write",
    "next_ids",
    "open_of_session",
    "query",
    "save_info",
    "save_progress",
    "set_started_details",
    "with_due_instants",
]


_ONE = INSTANCE_COLUMNS.where(table.c.job_instanceid == bindparam("instance"))
_SOME = INSTANCE_COLUMNS.where(table.c.job_instanceid.in_(bindparam("ids", expanding=True)))
_OPEN = INSTANCE_COLUMNS.where(NOT_COMPLETE, table.c.jobstatus == Status.IN_PROGRESS).order_by(
    table.c.job_instanceid
)
_OPEN_OF_SESSION = _OPEN.where(table.c.sessionid == bindparam("session"))
_later = table.alias("later")


def _counts(instance: Any) -> ColumnElement[bool]:
    """All but a CRASH that answers for no due instant: that one has executed nothing."""
    columns = instance.c
    return or_(
        columns.jobstatus != Status.CRASH,
        columns.due_at.is_not(None),
        columns.stands_for.is_not(None),
    )


_CRASHED_LAST = INSTANCE_COLUMNS.where(
    NOT_COMPLETE,
    table.c.jobstatus == Status.CRASH,
    _counts(table),
    ~exists().where(
        _later.c.jobid == table.c.jobid,
        _later.c.engine_key == table.c.engine_key,
        _later.c.job_instanceid > table.c.job_instanceid,
        _counts(_later),
    ),
)
_LAST_STATUS = (
    select(table.c.jobstatus)
    .where(
        table.c.jobid == bindparam("job"),
        table.c.engine_key == bindparam("owner"),
        _counts(table),
    )
    .order_by(table.c.job_instanceid.desc())
    .limit(1)
)


def get(tx: Transaction, job_instanceid: int) -> Instance:
    """Return an instance.

    Raises:
        NotFoundError: there is none, or it was pruned.
    """
    row = tx.row(_ONE, {"instance": job_instanceid})
    if row is None:
        raise NotFoundError(
            "instance", str(job_instanceid), listing="tocsin instance list", numbered=True
        )
    return Instance(*row)


def get_many(tx: Transaction, ids: Sequence[int]) -> dict[int, Instance]:
    """Return those of the instances that exist, by id."""
    return {row[0]: Instance(*row) for row in tx.rows(_SOME, {"ids": list(ids)})}


def all_open(tx: Transaction) -> list[Instance]:
    """Return every instance that is IN-PROGRESS, oldest first."""
    return [Instance(*row) for row in tx.rows(_OPEN)]


def crashed_last(tx: Transaction, owners: Sequence[str]) -> list[Instance]:
    """Return the CRASHes of due instants after which their job has executed nothing.

    `owners` are engine keys: "" of the jobs that one engine at a time runs. What an operator or a
    trigger started answers for no due instant: where it crashed too, it counts as nothing.
    """
    query = _CRASHED_LAST.where(table.c.engine_key.in_(owners))
    return [Instance(*row) for row in tx.rows(query)]


def has_crashed_last(tx: Transaction, jobid: int, owner: str) -> bool:
    """Whether `crashed_last` would tell of that job."""
    row = tx.row(_LAST_STATUS, {"job": jobid, "owner": owner})
    return row is not None and row[0] == Status.CRASH


def open_of_session(tx: Transaction, sessionid: int) -> list[Instance]:
    """Return the instances that are IN-PROGRESS under a session, oldest first."""
    return [Instance(*row) for row in tx.rows(_OPEN_OF_SESSION, {"session": sessionid})]
