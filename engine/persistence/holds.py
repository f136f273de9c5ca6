"""When a switch kept jobs from running, and who threw it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, bindparam, insert, or_, select, update

from engine.clock import Instant
from engine.domain.verdict import Hold, Reason
from engine.persistence.tables import job_holds as table, jobs
from engine.persistence.transaction import Transaction

_COLUMNS = select(
    table.c.jobid,
    table.c.reason,
    table.c.since,
    table.c.until,
    table.c.detail,
    table.c.who,
    table.c.engine_key,
)
_INSTANT = table.c.since.type
_BETWEEN = _COLUMNS.where(
    table.c.since <= bindparam("last", type_=_INSTANT),
    or_(table.c.until.is_(None), table.c.until > bindparam("first", type_=_INSTANT)),
).order_by(table.c.since, table.c.holdid)
_OPEN = _COLUMNS.where(table.c.until.is_(None)).order_by(table.c.since, table.c.holdid)

_TOLD = ("jobid", "engine_key", "reason", "detail", "who", "since")
_RETIRED = select(jobs.c.jobid).where(jobs.c.retired_at.is_not(None))
_KEEP = insert(table).from_select(
    [*_TOLD, "until"],
    select(
        *(table.c[name] for name in _TOLD), bindparam("before", type_=_INSTANT).label("until")
    ).where(
        table.c.until.is_(None),
        table.c.since < bindparam("before", type_=_INSTANT),
        or_(
            and_(table.c.jobid.is_(None), table.c.engine_key == bindparam("key")),
            table.c.jobid.in_(_RETIRED),
        ),
    ),
)
_BEGIN_BY = (
    update(table)
    .where(table.c.until.is_(None), table.c.since > bindparam("now", type_=_INSTANT))
    .values(since=bindparam("now", type_=_INSTANT))
)


def open_hold(tx: Transaction, hold: Hold) -> int:
    """Record that a switch holds a job, or all jobs of an engine, and return the hold's id."""
    values = {
        "jobid": hold.jobid,
        "reason": hold.reason,
        "since": hold.since,
        "until": hold.until,
        "detail": hold.detail,
        "who": hold.who,
        "engine_key": hold.engine_key,
    }
    key = tx.execute(insert(table), values).inserted_primary_key
    return int(key[0]) if key else 0


def close_hold(
    tx: Transaction, jobid: int | None, reason: Reason, until: Instant, detail: str = ""
) -> bool:
    """End the open hold of a job for one reason; False: there was none."""
    return close_holds(tx, jobid, reason, until, detail) > 0


def close_holds(
    tx: Transaction,
    jobid: int | None,
    reason: Reason,
    until: Instant,
    detail: str = "",
    *,
    engine_key: str = "",
) -> int:
    """End the open holds of a job for one reason, and return how many; `detail` "" is every detail.

    `jobid` None is the engine's own holds (pause, drain) under `engine_key`.
    """
    same: list[Any] = [table.c.reason == reason, table.c.engine_key == engine_key]
    same.append(table.c.jobid.is_(None) if jobid is None else table.c.jobid == jobid)
    if detail:
        same.append(table.c.detail == detail)
    statement = update(table).where(table.c.until.is_(None), *same).values(until=until)
    return tx.execute(statement).rowcount


def open_of_group(
    tx: Transaction, group: str, jobids: Iterable[int], now: Instant, who: str
) -> None:
    """Record that the switch of a group holds jobs."""
    same = {
        "reason": Reason.GROUP_DISABLED,
        "since": now,
        "until": None,
        "detail": group,
        "who": who,
        "engine_key": "",
    }
    tx.execute_many(insert(table), [{"jobid": jobid, **same} for jobid in jobids])


def close_of_group(tx: Transaction, group: str, until: Instant) -> None:
    """End the open holds of all jobs that the switch of a group holds."""
    held = (table.c.reason == Reason.GROUP_DISABLED, table.c.detail == group)
    tx.execute(update(table).where(table.c.until.is_(None), *held).values(until=until))


def close_of_engine(tx: Transaction, engine_key: str, until: Instant) -> None:
    """End the open holds of an engine as a whole: it was paused, or drained."""
    for reason in (Reason.PAUSED, Reason.DRAINING):
        close_holds(tx, None, reason, until, engine_key=engine_key)


def set_back(tx: Transaction, before: Instant, now: Instant, engine_key: str) -> None:
    """Let open holds follow a clock of an engine that was set back from `before` to `now`.

    What is held now is held from `now` on, where it began later. What passed before the clock was
    set was held, too: where its instants do not come again for a job that is retired, or may be
    told only later for an engine as a whole, a hold that ends at `before` goes on to tell that.
    """
    tx.execute(_KEEP, {"before": before, "key": engine_key})
    tx.execute(_BEGIN_BY, {"now": now})


def holds_between(
    tx: Transaction, after: Instant, until: Instant, jobid: int | None = None
) -> list[Hold]:
    """Return the holds that were open at any time in `after < t <= until`, oldest first.

    With `jobid`: those of that job, and those of whole engines.
    """
    query = _BETWEEN
    if jobid is not None:
        query = query.where(or_(table.c.jobid == jobid, table.c.jobid.is_(None)))
    return [Hold(*row) for row in tx.rows(query, {"first": after, "last": until})]


def open_holds(tx: Transaction) -> list[Hold]:
    """Return the holds that still are, oldest first."""
    return [Hold(*row) for row in tx.rows(_OPEN)]
