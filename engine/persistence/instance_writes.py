"""What runs write while they go on, and their end: only as long as the row is theirs.

A row is a session's to write while the instance is IN-PROGRESS under it; every other write is
refused, however late it comes.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, delete, select, update

from engine.clock import Instant
from engine.domain.instance import Ending, Status
from engine.persistence.batches import BatchUpdate
from engine.persistence.tables import job_instance as table, job_state_data, jobs
from engine.persistence.transaction import Transaction


class Finish(Struct, frozen=True):
    """How one instance ended."""

    job_instanceid: int
    jobid: int
    jobstatus: Status
    completed: Instant
    ending: Ending
    exit_code: int | None = None
    exit_signal: int | None = None
    detail: str = ""
    pid: int | None = None
    log_file: str = ""
    log_start: int | None = None
    log_end: int | None = None
    cpu_seconds: float | None = None
    max_rss: int | None = None  # bytes

    @property
    def is_good(self) -> bool:
        """Whether it ends what was wrong with its job."""
        return self.jobstatus is Status.COMPLETE


class StartDetails(Struct, frozen=True):
    """What is known once the code runs."""

    job_instanceid: int
    pid: int
    log_file: str = ""
    log_start: int | None = None


_STILL_MINE = (
    select(table.c.job_instanceid)
    .where(
        table.c.job_instanceid.in_(bindparam("ids", expanding=True)),
        table.c.sessionid == bindparam("session"),
        table.c.jobstatus == Status.IN_PROGRESS,
    )
    .order_by(table.c.job_instanceid)
    .with_for_update()  # what is ours now stays so to the end of the transaction
)
_FINISH = BatchUpdate(
    table,
    keys=(table.c.job_instanceid,),
    values=(
        table.c.jobstatus,
        table.c.completed,
        table.c.ending,
        table.c.exit_code,
        table.c.exit_signal,
        table.c.detail,
        table.c.pid,
        table.c.log_file,
        table.c.log_start,
        table.c.log_end,
        table.c.cpu_seconds,
        table.c.max_rss,
        table.c.change_seq,
    ),
    is_locked=True,
)
_CLEAR_STATE = delete(job_state_data).where(
    job_state_data.c.jobid.in_(bindparam("jobids", expanding=True))
)
_STARTED = (
    update(table)
    .where(table.c.job_instanceid == bindparam("instance"), table.c.jobstatus == Status.IN_PROGRESS)
    .values(
        pid=bindparam("process"),
        log_file=bindparam("file"),
        log_start=bindparam("start"),
        change_seq=bindparam("seq"),
    )
)


def finish_many(tx: Transaction, rows: Sequence[Finish], sessionid: int) -> set[int]:
    """Record how instances ended and return the ids that were refused.

    Refused is what is not IN-PROGRESS under `sessionid` any more. COMPLETE deletes the state data
    of its job.
    """
    if not rows:
        return set()
    ids = [row.job_instanceid for row in rows]
    mine = {row[0] for row in tx.rows(_STILL_MINE, {"ids": ids, "session": sessionid})}
    ended = [row for row in rows if row.job_instanceid in mine]
    _FINISH.run(tx, [_finish_values(row, tx.seq) for row in ended])
    complete = sorted({row.jobid for row in ended if row.jobstatus is Status.COMPLETE})
    if complete:
        tx.execute(_CLEAR_STATE, {"jobids": complete})
    return set(ids) - mine


def adopt(tx: Transaction, ids: Sequence[int], old: int, new: int) -> set[int]:
    """Hand running instances, and the jobs they own, from a dead session to a new one.

    Returns the ids that were handed over: those still IN-PROGRESS under `old`.
    """
    query = _STILL_MINE
    mine = [row[0] for row in tx.rows(query, {"ids": list(ids), "session": old})]
    tx.execute(
        update(table)
        .where(table.c.job_instanceid.in_(mine))
        .values(sessionid=new, change_seq=tx.seq)
    )
    theirs = select(table.c.jobid).where(table.c.job_instanceid.in_(mine))
    tx.execute(
        update(jobs).where(jobs.c.jobid.in_(theirs), jobs.c.sessionid == old).values(sessionid=new)
    )
    return set(mine)


def save_info(tx: Transaction, job_instanceid: int, info: str | None, sessionid: int) -> bool:
    """Replace an instance's info (YAML); False: it is not this session's to write any more."""
    return _save(tx, job_instanceid, sessionid, info=info)


def save_progress(
    tx: Transaction, job_instanceid: int, progress: float | None, words: str, sessionid: int
) -> bool:
    """Record how far a run is (0..1); False: it is not this session's to write any more."""
    return _save(tx, job_instanceid, sessionid, progress=progress, progress_text=words)


def set_started_details(tx: Transaction, rows: Sequence[StartDetails]) -> None:
    """Record the process and the place in the log of runs that began."""
    values = [
        {
            "instance": row.job_instanceid,
            "process": row.pid,
            "file": row.log_file,
            "start": row.log_start,
            "seq": tx.seq,
        }
        for row in rows
    ]
    tx.execute_many(_STARTED, values)


def may_write(tx: Transaction, job_instanceid: int, sessionid: int) -> bool:
    """Whether a run is still IN-PROGRESS under that session, and stays so while `tx` lasts."""
    query = _STILL_MINE
    return tx.row(query, {"ids": [job_instanceid], "session": sessionid}) is not None


def _finish_values(row: Finish, seq: int) -> tuple[Any, ...]:
    return (
        row.jobstatus,
        row.completed,
        row.ending,
        row.exit_code,
        row.exit_signal,
        row.detail,
        row.pid,
        row.log_file,
        row.log_start,
        row.log_end,
        row.cpu_seconds,
        row.max_rss,
        seq,
        row.job_instanceid,
    )


def _save(tx: Transaction, job_instanceid: int, sessionid: int, **values: Any) -> bool:
    statement = update(table).where(
        table.c.job_instanceid == job_instanceid,
        table.c.sessionid == sessionid,
        table.c.jobstatus == Status.IN_PROGRESS,
    )
    return tx.execute(statement.values(change_seq=tx.seq, **values)).rowcount == 1
