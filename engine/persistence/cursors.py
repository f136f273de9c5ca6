"""The cursor of each job: up to which instant every due instant has its verdict."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, case, func, select, update

from engine.clock import Instant
from engine.persistence.batches import BatchInsert, BatchUpdate
from engine.persistence.tables import jobs, schedule_cursor as table
from engine.persistence.transaction import Transaction

_COLUMNS = select(
    table.c.jobid,
    table.c.engine_key,
    table.c.began_at,
    table.c.accounted_until,
    table.c.ended_at,
)
_OF_ENGINE = _COLUMNS.where(
    table.c.engine_key == bindparam("owner"), table.c.ended_at.is_(None)
).order_by(table.c.jobid)
_BY_ENGINE = (
    select(table.c.engine_key, func.count())
    .join(jobs, jobs.c.jobid == table.c.jobid)
    .where(
        table.c.engine_key != "",
        table.c.ended_at.is_(None),
        ~jobs.c.single_instance,
        jobs.c.retired_at.is_(None),
    )
    .group_by(table.c.engine_key)
)
_END = (
    update(table)
    .where(table.c.engine_key == bindparam("owner"), table.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"))
)
_BEGIN_ANEW = (
    update(table)
    .where(table.c.engine_key == bindparam("owner"), table.c.ended_at.is_not(None))
    .values(began_at=bindparam("at"), accounted_until=bindparam("at"), ended_at=None)
)
_MINE = _COLUMNS.join(jobs, jobs.c.jobid == table.c.jobid).where(
    table.c.engine_key == case((jobs.c.single_instance, ""), else_=bindparam("owner"))
)
_OF_JOB = _COLUMNS.where(table.c.jobid == bindparam("job")).order_by(table.c.engine_key)
_AMONG = _COLUMNS.where(table.c.jobid.in_(bindparam("jobids", expanding=True)))
_AHEAD = _AMONG.where(table.c.accounted_until > bindparam("now", type_=table.c.began_at.type))
_AT_ONCE = 5000  # ids in one query
_SHARED = (
    select(table.c.jobid, table.c.accounted_until)
    .where(
        table.c.engine_key == "",
        table.c.jobid == any_(bindparam("jobids", type_=ARRAY(BigInteger))),
    )
    .order_by(table.c.jobid)
)
_LOCK_SHARED = _SHARED.with_for_update(skip_locked=True)
_BEGIN_AFTER = (
    update(table)
    .where(
        table.c.jobid == bindparam("job"),
        table.c.engine_key == bindparam("owner"),
        table.c.began_at < bindparam("at", type_=table.c.began_at.type),
    )
    .values(began_at=bindparam("at"))
)
_START = BatchInsert(
    table, table.c.jobid, table.c.engine_key, table.c.began_at, table.c.accounted_until
)
_ADVANCE = BatchUpdate(
    table,
    keys=(table.c.jobid, table.c.engine_key),
    values=(table.c.accounted_until,),
    only_forward=True,
)


class Cursor(NamedTuple):
    """Every due instant in `began_at < due <= accounted_until` has its verdict."""

    began_at: Instant
    accounted_until: Instant
    ended_at: Instant | None = None  # its engine was forgotten: nothing is due for it since


class NewCursor(NamedTuple):
    """A job that an engine begins to account for; `engine_key` is "" where one engine owns it."""

    jobid: int
    engine_key: str
    began_at: Instant


class Advance(NamedTuple):
    """How far a cursor moves."""

    jobid: int
    engine_key: str
    until: Instant


def all_cursors(tx: Transaction, engine_key: str) -> dict[int, Cursor]:
    """Return the cursor that an engine goes by for each job: the shared or its own, by job id."""
    rows = tx.rows(_MINE, {"owner": engine_key})
    return {row[0]: Cursor(row[2], row[3], row[4]) for row in rows}


def of_job(tx: Transaction, jobid: int) -> dict[str, Cursor]:
    """Return a job's cursors by engine key."""
    return {row[1]: Cursor(row[2], row[3], row[4]) for row in tx.rows(_OF_JOB, {"job": jobid})}


def every(tx: Transaction) -> dict[tuple[int, str], Cursor]:
    """Return all cursors by job id and engine key, for the ledger."""
    return {(row[0], row[1]): Cursor(row[2], row[3], row[4]) for row in tx.rows(_COLUMNS)}


def among(tx: Transaction, jobids: Sequence[int]) -> dict[tuple[int, str], Cursor]:
    """Return the cursors of some jobs by job id and engine key."""
    found: dict[tuple[int, str], Cursor] = {}
    for start in range(0, len(jobids), _AT_ONCE):
        some = {"jobids": list(jobids[start : start + _AT_ONCE])}
        found.update(
            {(row[0], row[1]): Cursor(row[2], row[3], row[4]) for row in tx.rows(_AMONG, some)}
        )
    return found


def ahead(tx: Transaction, now: Instant, jobids: Sequence[int]) -> dict[tuple[int, str], Instant]:
    """Return how far the cursors of some jobs are that are ahead of `now`: it was later before."""
    found: dict[tuple[int, str], Instant] = {}
    for start in range(0, len(jobids), _AT_ONCE):
        some = {"jobids": list(jobids[start : start + _AT_ONCE]), "now": now}
        found.update({(row[0], row[1]): row[3] for row in tx.rows(_AHEAD, some)})
    return found


def handed_over(known: Mapping[str, Cursor], owner: str) -> Instant:
    """Return up to where a job was accounted for while it was run the other way; 0: it was not.

    The other way: by one engine at a time under "", or by each under its key. A job's account goes
    on from there when it changes hands, so that no instant is accounted for twice, nor by nobody.
    An engine that was never there before owes nothing of what others account for already.
    """
    ways = {key: each.accounted_until for key, each in known.items() if each.ended_at is None}
    shared = ways.pop("", 0)
    furthest = max(ways.values(), default=0)
    if owner == "":
        return furthest
    return shared if owner in ways or shared >= furthest else 0


def start_many(tx: Transaction, rows: Iterable[NewCursor]) -> None:
    """Begin to account for jobs from `began_at` on; where that was done, nothing changes."""
    _START.run(
        tx, [(row.jobid, row.engine_key, row.began_at, row.began_at) for row in sorted(rows)]
    )


def of_engine(tx: Transaction, engine_key: str) -> dict[int, Cursor]:
    """Return the cursors under an engine's own key, by job id, without those that ended."""
    return {row[0]: Cursor(*row[2:]) for row in tx.rows(_OF_ENGINE, {"owner": engine_key})}


def jobs_by_engine(tx: Transaction) -> dict[str, int]:
    """Return of how many jobs each engine has an account of its own, by its key."""
    return {row[0]: row[1] for row in tx.rows(_BY_ENGINE)}


def end_of_engine(tx: Transaction, engine_key: str, now: Instant) -> None:
    """End an engine's own cursors: nothing is due for it from `now` on."""
    tx.execute(_END, {"owner": engine_key, "at": now})


def begin_anew(tx: Transaction, engine_key: str, now: Instant) -> None:
    """Begin an engine's own cursors at `now` where they ended: it was forgotten, and came back."""
    tx.execute(_BEGIN_ANEW, {"owner": engine_key, "at": now})


def begin_after(tx: Transaction, rows: Iterable[Advance]) -> None:
    """Forget what is known up to `until`: the rows that told it are gone."""
    values = [{"job": row.jobid, "owner": row.engine_key, "at": row.until} for row in sorted(rows)]
    tx.execute_many(_BEGIN_AFTER, values)


def lock_shared(tx: Transaction, jobids: Sequence[int]) -> dict[int, Instant]:
    """Lock the cursors that engines share, until `tx` ends, and return how far each is.

    Only on PostgreSQL, where engines share a store. One that a peer has locked at this moment is
    left out: the peer accounts for it. Whoever holds the lock decides alone what becomes of the
    job's due instants.
    """
    return {row[0]: row[1] for row in tx.rows(_LOCK_SHARED, {"jobids": list(jobids)})}


def reached(tx: Transaction, jobids: Sequence[int]) -> dict[int, Instant]:
    """Return how far the cursors are that engines share; as `lock_shared`, and locks nothing."""
    return {row[0]: row[1] for row in tx.rows(_SHARED, {"jobids": list(jobids)})}


def advance_many(tx: Transaction, rows: Iterable[Advance]) -> None:
    """Move cursors forward; one that is further already stays where it is."""
    furthest = {(jobid, owner): until for jobid, owner, until in sorted(rows)}
    _ADVANCE.run(tx, [(furthest[key], *key) for key in sorted(furthest)])
