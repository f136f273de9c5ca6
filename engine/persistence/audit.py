"""Audit events: who changed what, from where, and the value before and after; never pruned."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, insert, select

from engine.clock import Instant
from engine.persistence.tables import audit_events as table
from engine.persistence.transaction import Transaction


class AuditEvent(Struct, frozen=True):
    """One row of `audit_events`."""

    audit_eventid: int
    event: str  # JOB-DISABLED, GROUP-STATUS-CHANGED, JOB-RECOVERY ...
    object_type: str  # job, group, instance, session, store
    object_name: str
    who: str
    source: str
    created: Instant
    reason: str = ""
    before: Any = None
    after: Any = None


COLUMNS = select(
    table.c.audit_eventid,
    table.c.event,
    table.c.object_type,
    table.c.object_name,
    table.c.who,
    table.c.source,
    table.c.created,
    table.c.reason,
    table.c.before,
    table.c.after,
)
_INSERT = insert(table)


def add(  # noqa: PLR0913 - one argument per column
    tx: Transaction,
    *,
    event: str,
    object_type: str,
    object_name: str,
    who: str,
    source: str,
    created: Instant,
    reason: str = "",
    before: Any = None,
    after: Any = None,
) -> None:
    """Record one event, in the transaction of the change itself."""
    values = {
        "event": event,
        "object_type": object_type,
        "object_name": object_name,
        "who": who,
        "source": source,
        "created": created,
        "reason": reason,
        "before": before,
        "after": after,
    }
    tx.execute(_INSERT, values)


def add_many(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Record many events at once; each row has every argument of `add`."""
    tx.execute_many(_INSERT, rows)


def query(  # noqa: PLR0913 - one argument per condition
    tx: Transaction,
    *,
    event: str | None = None,
    object_type: str | None = None,
    object_name: str | None = None,
    who: str | None = None,
    since: Instant | None = None,
    until: Instant | None = None,
    limit: int = 100,
    before_id: int | None = None,
) -> list[AuditEvent]:
    """Return events, newest first; `since <= created < until`, older than id `before_id`."""
    conditions: list[ColumnElement[bool]] = []
    wanted: Sequence[tuple[Any, Any]] = (
        (table.c.event, event),
        (table.c.object_type, object_type),
        (table.c.object_name, object_name),
        (table.c.who, who),
    )
    conditions.extend(column == value for column, value in wanted if value is not None)
    if since is not None:
        conditions.append(table.c.created >= since)
    if until is not None:
        conditions.append(table.c.created < until)
    if before_id is not None:
        conditions.append(table.c.audit_eventid < before_id)
    found = COLUMNS.where(*conditions).order_by(table.c.audit_eventid.desc()).limit(limit)
    return [AuditEvent(*row) for row in tx.rows(found)]
