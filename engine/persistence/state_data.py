"""State data of jobs: one row each, and the history of its last saves and clearings."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ARRAY, BigInteger, any_, bindparam, delete, insert, select, update

from engine.clock import Instant
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


_CURRENT = select(
    table.c.jobid, table.c.data, table.c.job_instanceid, table.c.saved_at, table.c.saves
).where(table.c.jobid == bindparam("job"))
_DATA = select(table.c.jobid, table.c.data).where(
    table.c.jobid == any_(bindparam("jobids", type_=ARRAY(BigInteger)))
)
_OWNERS = Prepared(select(table.c.jobid))
_REPLACE = (
    update(table)
    .where(table.c.jobid == bindparam("job"))
    .values(
        data=bindparam("content"),
        job_instanceid=bindparam("instance"),
        saved_at=bindparam("at"),
        saves=table.c.saves + 1,
    )
)
_INSERT = insert(table)
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

    The caller has checked that the run may still write (`instances.may_write`) and that `data`
    are plain values.
    """
    plain = dict(data)
    values = {"job": jobid, "content": plain, "instance": job_instanceid, "at": now}
    if tx.execute(_REPLACE, values).rowcount == 0:
        row = {"jobid": jobid, "data": plain, "job_instanceid": job_instanceid, "saved_at": now}
        tx.execute(_INSERT, row)
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
