"""Alerts: what asks for an operator's eye. An ongoing one lasts until its cause is gone."""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, or_, select, update

from engine.clock import Instant
from engine.persistence.tables import alerts as table
from engine.persistence.transaction import Transaction

AlertKind = Literal["ongoing", "transient"]
REASON_NOT_KEPT = "raised again since: the reason of then is not kept"


class Alert(Struct, frozen=True):
    """One row of `alerts`."""

    alertid: int
    kind: AlertKind
    alert: str  # STOPPED-JOB, JOB-INSTANCE-ERROR, JOB-EXPIRED, CLOCK-STEP ...
    object_type: str
    object_name: str
    reason: str
    raised: Instant  # first raised
    updated: Instant  # last raised
    cleared: Instant | None = None
    job_instanceid: int | None = None


_COLUMNS = select(
    table.c.alertid,
    table.c.kind,
    table.c.alert,
    table.c.object_type,
    table.c.object_name,
    table.c.reason,
    table.c.raised,
    table.c.updated,
    table.c.cleared,
    table.c.job_instanceid,
)
_CURRENT = _COLUMNS.where(table.c.cleared.is_(None)).order_by(table.c.updated.desc())
_COUNT = select(func.count()).select_from(table).where(table.c.cleared.is_(None))
_SAME = and_(
    table.c.cleared.is_(None),
    table.c.kind == "ongoing",
    table.c.alert == bindparam("name"),
    table.c.object_type == bindparam("type"),
    table.c.object_name == bindparam("object"),
)
_AGAIN = (
    update(table)
    .where(_SAME)
    .values(reason=bindparam("why"), updated=bindparam("at"), job_instanceid=bindparam("instance"))
)
_CLEAR = update(table).where(_SAME).values(cleared=bindparam("at"))
_CLEAR_OF = (
    update(table)
    .where(
        table.c.cleared.is_(None),
        table.c.kind == "ongoing",
        table.c.object_type == bindparam("type"),
        table.c.object_name == bindparam("object"),
    )
    .values(cleared=bindparam("at"))
)
_INSERT = insert(table)
_UP = select(table.c.alert, table.c.object_name).where(
    table.c.cleared.is_(None),
    table.c.kind == "ongoing",
    table.c.object_type == bindparam("type"),
    table.c.object_name.in_(bindparam("objects", expanding=True)),
)


def raise_alert(
    tx: Transaction,
    alert: str,
    object_type: str,
    object_name: str,
    reason: str,
    now: Instant,
    *,
    kind: AlertKind = "ongoing",
    job_instanceid: int | None = None,
) -> bool:
    """Raise an alert; False: the same ongoing one is up, and was brought up to date."""
    _ = tx.seq  # moves `Database.seen_change`
    if kind == "ongoing":
        again = {
            "name": alert,
            "type": object_type,
            "object": object_name,
            "why": reason,
            "at": now,
            "instance": job_instanceid,
        }
        if tx.execute(_AGAIN, again).rowcount:
            return False
    values = {
        "kind": kind,
        "alert": alert,
        "object_type": object_type,
        "object_name": object_name,
        "reason": reason,
        "raised": now,
        "updated": now,
        "job_instanceid": job_instanceid,
    }
    tx.execute(_INSERT, values)
    return True


def clear_alert(
    tx: Transaction, alert: str, object_type: str, object_name: str, now: Instant
) -> bool:
    """Clear an ongoing alert; False: there was none."""
    _ = tx.seq
    values = {"name": alert, "type": object_type, "object": object_name, "at": now}
    return tx.execute(_CLEAR, values).rowcount > 0


def up(tx: Transaction, object_type: str, names: Sequence[str]) -> set[tuple[str, str]]:
    """Return which ongoing alerts stand about these objects, each with the object's name."""
    return {(row[0], row[1]) for row in tx.rows(_UP, {"type": object_type, "objects": names})}


def clear_of(tx: Transaction, object_type: str, object_name: str, now: Instant) -> int:
    """Clear every ongoing alert about something that is gone; return how many there were."""
    _ = tx.seq
    values = {"type": object_type, "object": object_name, "at": now}
    return tx.execute(_CLEAR_OF, values).rowcount


def current(tx: Transaction) -> list[Alert]:
    """Return what is not cleared, last raised first; transient ones of any age."""
    return [Alert(*row) for row in tx.rows(_CURRENT)]


def count(tx: Transaction) -> int:
    """Return how many are not cleared, transient ones of any age too."""
    return int(tx.value(_COUNT))


def standing_at(tx: Transaction, at: Instant) -> list[Alert]:
    """Return the alerts that stood at an instant, last raised first.

    One that was raised again since has lost the reason that it had then, and says so.
    """
    stood = _COLUMNS.where(
        table.c.raised <= at, or_(table.c.cleared.is_(None), table.c.cleared > at)
    )
    found = [_then(Alert(*row), at) for row in tx.rows(stood)]
    return sorted(found, key=lambda each: (-each.updated, -each.alertid))


def _then(alert: Alert, at: Instant) -> Alert:
    if alert.updated <= at:
        return alert
    return replace(alert, reason=REASON_NOT_KEPT, updated=alert.raised, job_instanceid=None)


def query(
    tx: Transaction,
    *,
    alert: str | None = None,
    object_type: str | None = None,
    object_name: str | None = None,
    since: Instant | None = None,
    cleared: bool = True,
    limit: int = 100,
) -> list[Alert]:
    """Return alerts, last raised first; `since <= updated`; cleared ones too, or none of them."""
    conditions: list[ColumnElement[bool]] = []
    wanted: tuple[tuple[Any, str | None], ...] = (
        (table.c.alert, alert),
        (table.c.object_type, object_type),
        (table.c.object_name, object_name),
    )
    conditions.extend(column == value for column, value in wanted if value is not None)
    if since is not None:
        conditions.append(table.c.updated >= since)
    if not cleared:
        conditions.append(table.c.cleared.is_(None))
    found = _COLUMNS.where(*conditions).order_by(table.c.updated.desc(), table.c.alertid.desc())
    return [Alert(*row) for row in tx.rows(found.limit(limit))]


def prune(tx: Transaction, older_than: Instant, limit: int = 10_000) -> int:
    """Delete up to `limit` alerts that were over before `older_than`; return how many."""
    over = and_(
        table.c.updated < older_than, (table.c.cleared.is_not(None)) | (table.c.kind == "transient")
    )
    ids = [row[0] for row in tx.rows(select(table.c.alertid).where(over).limit(limit))]
    if ids:
        tx.execute(delete(table).where(table.c.alertid.in_(ids)))
    return len(ids)
