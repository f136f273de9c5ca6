"""What operators ask of a living engine; whoever answers first decides."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Insert, and_, bindparam, delete, func, literal_column, select, update

from engine.clock import Instant
from engine.domain.request import Request, RequestKind
from engine.persistence.conflicts import insert_into
from engine.persistence.tables import requests as table
from engine.persistence.transaction import Dialect, Transaction
from engine.persistence.types import UtcInstant

_COLUMNS = select(
    table.c.requestid,
    table.c.kind,
    table.c.payload,
    table.c.who,
    table.c.source,
    table.c.created,
    table.c.engine_key,
    table.c.answered,
    table.c.ok,
    table.c.answer,
)
_ONE = _COLUMNS.where(table.c.requestid == bindparam("request"))
WAITS = and_(
    table.c.answered.is_(None),
    table.c.engine_key.in_([literal_column("''"), bindparam("owner")]),
)
_PENDING = _COLUMNS.where(WAITS).order_by(table.c.created, table.c.requestid)
_SERVER_NOW = select(func.clock_timestamp(type_=UtcInstant))
_ANSWER = (
    update(table)
    .where(table.c.requestid == bindparam("request"), table.c.answered.is_(None))
    .values(answered=bindparam("at"), ok=bindparam("good"), answer=bindparam("content"))
)


@cache
def _asking(dialect: Dialect) -> Insert:
    """Return an INSERT of a request: one of the same id that had no effect is asked anew."""
    insert = insert_into(dialect, table)
    asked = ("kind", "engine_key", "payload", "who", "source", "created")
    return insert.on_conflict_do_update(
        index_elements=[table.c.requestid],
        set_={
            **{name: insert.excluded[name] for name in asked},
            "answered": None,
            "answer": None,
        },
        where=table.c.ok.is_(None),
    )


def store_now(tx: Transaction, now: Instant) -> Instant:
    """Return what the clock shows by which requests are dated, and by which their age is judged.

    It is the server's, for the clocks of askers and engines may differ. Those of a file are on one
    machine, whose clock shows `now`.
    """
    return now if tx.dialect == "sqlite" else int(tx.value(_SERVER_NOW))


def ask(tx: Transaction, request: Request) -> None:
    """Write a request, dated by the clock of the store; one with the same id stays as answered.

    Where that one waits, or was withdrawn, it waits from now on, and is what is asked now.
    """
    ask_all(tx, [request])


def ask_all(tx: Transaction, several: Iterable[Request]) -> None:
    """Write requests, as `ask` does."""
    _ = tx.seq  # moves `Database.seen_change`
    now: Instant | None = None
    for request in several:
        now = store_now(tx, request.created) if now is None else now
        tx.execute(_asking(tx.dialect), _values(request, now))


def _values(request: Request, now: Instant) -> dict[str, Any]:
    return {
        "requestid": request.requestid,
        "kind": request.kind,
        "engine_key": request.engine_key,
        "payload": dict(request.payload),
        "who": request.who,
        "source": request.source,
        "created": now,
    }


def pending(tx: Transaction, engine_key: str) -> list[Request]:
    """Return the requests that wait for this engine, or for any, oldest first.

    On PostgreSQL the requests are locked until the transaction ends, and one that a peer is
    answering at this moment is passed over: no two engines act on the same.
    """
    query = _PENDING.with_for_update(skip_locked=True)
    return [_built(row) for row in tx.rows(query, {"owner": engine_key})]


def answer(
    tx: Transaction, requestid: str, *, ok: bool | None, answer: Mapping[str, Any], now: Instant
) -> bool:
    """Answer a request; `ok` None withdraws it. False: it was answered, or withdrawn, before."""
    _ = tx.seq
    values = {"request": requestid, "good": ok, "content": dict(answer), "at": now}
    return tx.execute(_ANSWER, values).rowcount == 1


def get(tx: Transaction, requestid: str) -> Request | None:
    """Return a request with its answer, or None."""
    row = tx.row(_ONE, {"request": requestid})
    return None if row is None else _built(row)


def prune(tx: Transaction, older_than: Instant, limit: int = 10_000) -> int:
    """Delete up to `limit` requests that were answered before `older_than`; return how many."""
    old = select(table.c.requestid).where(table.c.answered < older_than).limit(limit)
    ids = [row[0] for row in tx.rows(old)]
    if ids:
        tx.execute(delete(table).where(table.c.requestid.in_(ids)))
    return len(ids)


def _built(row: Any) -> Request:
    requestid, kind, *rest = row
    return Request(requestid, RequestKind(kind), *rest)
