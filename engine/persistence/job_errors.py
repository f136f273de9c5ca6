"""Errors and warnings that instances recorded."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, select

from engine.domain.instance import JobErrorRecord, Severity
from engine.persistence.tables import job_errors as table
from engine.persistence.transaction import Transaction

_COLUMNS = select(
    table.c.severity,
    table.c.error,
    table.c.description,
    table.c.created,
    table.c.info,
    table.c.business_error,
    table.c.job_errorid,
    table.c.job_instanceid,
)
_OF_INSTANCE = _COLUMNS.where(table.c.job_instanceid == bindparam("instance")).order_by(
    table.c.job_errorid
)
_FAILING = select(table.c.job_instanceid).where(
    table.c.job_instanceid.in_(bindparam("ids", expanding=True)),
    table.c.severity.in_([each for each in Severity if each.fails_the_run]),
)
_INSERT = insert(table)
_LONGEST_NAME = 240  # characters of `error`; the whole text belongs in `description`


def add_many(tx: Transaction, records: Sequence[JobErrorRecord]) -> None:
    """Record errors, each with its `job_instanceid`; `job_errorid` is ignored."""
    rows = [
        {
            "job_instanceid": record.job_instanceid,
            "severity": record.severity,
            "error": record.error[:_LONGEST_NAME],
            "description": record.description,
            "info": record.info,
            "business_error": record.business_error,
            "created": record.created,
        }
        for record in records
    ]
    tx.execute_many(_INSERT, rows)


def of_instance(tx: Transaction, job_instanceid: int) -> list[JobErrorRecord]:
    """Return what an instance recorded, oldest first."""
    return [JobErrorRecord(*row) for row in tx.rows(_OF_INSTANCE, {"instance": job_instanceid})]


def failing(tx: Transaction, ids: Sequence[int]) -> set[int]:
    """Return those of the instances that recorded an error above WARNING."""
    return {row[0] for row in tx.rows(_FAILING, {"ids": list(ids)})} if ids else set()
