"""Verdicts other than ran and late: stretches that were coalesced, skipped or missed."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.clock import Instant
from engine.domain.verdict import Stretch
from engine.persistence.tables import verdicts as table
from engine.persistence.transaction import Transaction

_COLUMNS = select(
    table.c.jobid,
    table.c.verdict,
    table.c.first_due,
    table.c.last_due,
    table.c.count,
    table.c.reason,
    table.c.detail,
    table.c.engine_key,
    table.c.job_instanceid,
)
_INSTANT = table.c.first_due.type
_BETWEEN = _COLUMNS.where(
    table.c.last_due > bindparam("after", type_=_INSTANT),
    table.c.first_due <= bindparam("until", type_=_INSTANT),
).order_by(table.c.jobid, table.c.first_due, table.c.verdictid)
_INSERT = insert(table)
_EXTEND = (
    update(table)
    .where(table.c.verdictid == bindparam("stretch"))
    .values(last_due=bindparam("until"), count=table.c.count + bindparam("more"))
)


def add(tx: Transaction, stretch: Stretch, now: Instant) -> int:
    """Record one stretch and return its id, for `extend`."""
    key = tx.execute(_INSERT, _values(stretch, now)).inserted_primary_key
    return int(key[0]) if key else 0


def add_many(tx: Transaction, stretches: Iterable[Stretch], now: Instant) -> None:
    """Record stretches."""
    tx.execute_many(_INSERT, [_values(stretch, now) for stretch in stretches])


def extend(tx: Transaction, verdictid: int, last_due: Instant, count: int) -> None:
    """Lengthen a stretch to `last_due` by `count` instants."""
    tx.execute(_EXTEND, {"stretch": verdictid, "until": last_due, "more": count})


def between(
    tx: Transaction, after: Instant, until: Instant, jobid: int | None = None
) -> list[Stretch]:
    """Return the stretches that touch `after < due <= until`, by job and first instant.

    A stretch is returned whole, also where it begins before `after` or ends after `until`.
    """
    query = _BETWEEN if jobid is None else _BETWEEN.where(table.c.jobid == jobid)
    return [Stretch(*row) for row in tx.rows(query, {"after": after, "until": until})]


def _values(stretch: Stretch, now: Instant) -> dict[str, Any]:
    return {
        "jobid": stretch.jobid,
        "verdict": stretch.verdict,
        "first_due": stretch.first_due,
        "last_due": stretch.last_due,
        "count": stretch.count,
        "reason": stretch.reason,
        "detail": stretch.detail,
        "engine_key": stretch.engine_key,
        "job_instanceid": stretch.job_instanceid,
        "created": now,
    }
