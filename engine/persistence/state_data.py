"""State data of jobs: one row each, and the history of its last saves and clearings."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ARRAY, BigInteger, any_, bindparam, delete, insert, select

from engine.clock import Instant
from engine.persistence.conflicts import insert_or_replace
from engine.persistence.prepared import Prepared
from engine.persistence.tables import job_state_data as table, job_state_history as history_table
from engine.persistence.transaction import Transaction

KEPT_SAVES = 20  # per job


class StateData(Struct, frozen=True):
    """One save. `data` None (only in the history): it was cleared."""

    jobid: int
    data: Mapping[str, Any] | None
    job_instanceid: int | None  # None: an operator
    saved_at: Instant
    saves: int = 1  # since the data were last cleared
    who: str = ""  # the operator


class Look(NamedTuple):
    """What there is at one moment; what was known before is the same object."""

    current: StateData | None  # None: the job has no state data
    saves: dict[int, StateData]  # the last saves and clearings by their ids, newest first


_CURRENT = select(
    table.c.jobid, table.c.data, table.c.job_instanceid, table.c.saved_at, table.c.saves
).where(table.c.jobid == bindparam("job"))
_DATA = select(table.c.jobid, table.c.data).where(
    table.c.jobid == any_(bindparam("jobids", type_=ARRAY(BigInteger)))
)
_OWNERS = Prepared(select(table.c.jobid))
_CLEAR = delete(table).where(table.c.jobid == bindparam("job"))
_KEEP = insert(history_table)
_HISTORY = (
    select(
        history_table.c.jobid,
        history_table.c.data,
        history_table.c.job_instanceid,
        history_table.c.saved_at,
        history_table.c.who,
    )
    .where(history_table.c.jobid == bindparam("job"))
    .order_by(history_table.c.stateid.desc())
)
_HEADS = (
    select(
        history_table.c.stateid,
        history_table.c.job_instanceid,
        history_table.c.saved_at,
        history_table.c.who,
    )
    .where(history_table.c.jobid == bindparam("job"))
    .order_by(history_table.c.stateid.desc())
)
_SAVED = select(history_table.c.stateid, history_table.c.data).where(
    history_table.c.stateid.in_(bindparam("ids", expanding=True))
)
_CURRENT_HEAD = select(table.c.job_instanceid, table.c.saved_at).where(
    table.c.jobid == bindparam("job")
)
_OLD = (
    select(history_table.c.stateid)
    .where(history_table.c.jobid == bindparam("job"))
    .order_by(history_table.c.stateid.desc())
    .offset(KEPT_SAVES)
)


def get(tx: Transaction, jobid: int) -> StateData | None:
    """Return a job's state data, or None where it has none."""
    row = tx.row(_CURRENT, {"job": jobid})
    return None if row is None else StateData(*row)


def of_jobs(tx: Transaction, jobids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Return the state data of those of the jobs that have any, by job id."""
    if tx.dialect != "sqlite":
        return {row[0]: row[1] for row in tx.rows(_DATA, {"jobids": list(jobids)})}
    owners = {row[0] for row in tx.tuples(_OWNERS)}
    found = {jobid: get(tx, jobid) for jobid in jobids if jobid in owners}
    return {jobid: kept.data for jobid, kept in found.items() if kept and kept.data is not None}


def save(
    tx: Transaction,
    jobid: int,
    data: Mapping[str, Any],
    job_instanceid: int | None,
    now: Instant,
    who: str = "",
) -> None:
    """Replace a job's state data; the one before stays in the history.

    Of two engines that save at once, the later one's are kept.
    The caller has checked that the run may still write (`instances.may_write`) and that `data`
    are plain values.
    """
    plain = dict(data)
    row = {"jobid": jobid, "data": plain, "job_instanceid": job_instanceid, "saved_at": now}
    tx.execute(insert_or_replace(tx.dialect, table, "saves"), row)
    _remember(tx, StateData(jobid, plain, job_instanceid, now, who=who))


def clear(tx: Transaction, jobid: int, now: Instant, who: str = "") -> bool:
    """Delete a job's state data by an operator's hand; False: it had none."""
    if tx.execute(_CLEAR, {"job": jobid}).rowcount == 0:
        return False
    _remember(tx, StateData(jobid, None, None, now, who=who))
    return True


def history(tx: Transaction, jobid: int) -> list[StateData]:
    """Return the last saves and clearings of a job, newest first."""
    rows = tx.rows(_HISTORY, {"job": jobid})
    return [StateData(row[0], row[1], row[2], row[3], who=row[4]) for row in rows]


def look(tx: Transaction, jobid: int, known: Mapping[int, StateData]) -> Look:
    """Return a job's state data and its history, without reading a save of `known` again.

    Saves never change, and may be large. The state data are the newest one, unless they are gone.
    """
    saves = _saves(tx, jobid, known)
    head = tx.row(_CURRENT_HEAD, {"job": jobid})
    if head is None:
        return Look(None, saves)
    newest = next(iter(saves.values()), None)
    is_newest = newest is not None and (newest.job_instanceid, newest.saved_at) == tuple(head)
    if newest is not None and newest.data is not None and is_newest:
        return Look(newest, saves)
    return Look(get(tx, jobid), saves)


def _saves(tx: Transaction, jobid: int, known: Mapping[int, StateData]) -> dict[int, StateData]:
    """Return the history by the ids of its rows; one of a job that is gone may be taken again."""
    heads = {
        stateid: StateData(jobid, None, number, at, who=who)
        for stateid, number, at, who in tx.rows(_HEADS, {"job": jobid})
    }
    found = {
        stateid: known[stateid]
        for stateid, head in heads.items()
        if stateid in known and replace(known[stateid], data=None) == head
    }
    unknown = [stateid for stateid in heads if stateid not in found]
    if unknown:
        rows = tx.rows(_SAVED, {"ids": unknown})
        found.update((stateid, replace(heads[stateid], data=data)) for stateid, data in rows)
    return {stateid: found[stateid] for stateid in heads if stateid in found}


def _remember(tx: Transaction, state: StateData) -> None:
    values = {
        "jobid": state.jobid,
        "data": state.data,
        "job_instanceid": state.job_instanceid,
        "saved_at": state.saved_at,
        "who": state.who,
    }
    tx.execute(_KEEP, values)
    old = [row[0] for row in tx.rows(_OLD, {"job": state.jobid})]
    if old:
        tx.execute(delete(history_table).where(history_table.c.stateid.in_(old)))
