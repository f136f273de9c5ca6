"""Instances: claim them before their code runs, finish them once, and find them again.

The hot path (`claim_many`, `finish_many`) shares one transaction for all that became due or ended
together. What may be written is decided by the row itself: an instance is still IN-PROGRESS under
the session that claimed it, or the write is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, exists, select, text, update

from engine.clock import Instant
from engine.domain.instance import Cause, Ending, Instance, Status
from engine.domain.session import SessionStatus
from engine.errors import NotFoundError
from engine.persistence.batches import BatchInsert, BatchUpdate
from engine.persistence.failures import SessionDeadError
from engine.persistence.instance_queries import (
    counts_by_job,
    counts_by_status,
    last_of_job,
    prune,
    query,
    with_due_instants,
)
from engine.persistence.instance_rows import INSTANCE_COLUMNS, NOT_COMPLETE
from engine.persistence.tables import (
    job_instance as table,
    job_state_data,
    jobs,
    sessions,
    store_info,
)
from engine.persistence.transaction import Transaction

__all__ = [
    "Claim",
    "Finish",
    "StartDetails",
    "adopt",
    "all_open",
    "claim_many",
    "counts_by_job",
    "counts_by_status",
    "finish_many",
    "get",
    "get_many",
    "last_of_job",
    "may_write",
    "next_ids",
    "open_of_session",
    "prune",
    "query",
    "save_info",
    "save_progress",
    "set_started_details",
    "with_due_instants",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """One instance to be recorded IN-PROGRESS before its code runs."""

    job_instanceid: int  # from `next_ids`; also the fencing token of the run
    jobid: int
    sessionid: int
    started: Instant
    cause: Cause
    due_at: Instant | None = None
    engine_key: str = ""  # "" where one engine at a time owns the job
    single_instance: bool = False  # take `jobs.sessionid` too, or be refused
    late: bool = False
    stands_for: Instant | None = None
    who: str = ""
    options: Mapping[str, Any] | None = None
    requestid: str | None = None
    host: str = ""


@dataclass(frozen=True, slots=True)
class Finish:
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


@dataclass(frozen=True, slots=True)
class StartDetails:
    """What is known once the code runs."""

    job_instanceid: int
    pid: int
    log_file: str = ""
    log_start: int | None = None


_ONE = INSTANCE_COLUMNS.where(table.c.job_instanceid == bindparam("instance"))
_SOME = INSTANCE_COLUMNS.where(table.c.job_instanceid.in_(bindparam("ids", expanding=True)))
_OPEN = INSTANCE_COLUMNS.where(NOT_COMPLETE, table.c.jobstatus == Status.IN_PROGRESS).order_by(
    table.c.job_instanceid
)
_OPEN_OF_SESSION = _OPEN.where(table.c.sessionid == bindparam("session"))
_later = table.alias("later")
_CRASHED_LAST = INSTANCE_COLUMNS.where(
    table.c.jobstatus == Status.CRASH,
    ~exists().where(
        _later.c.jobid == table.c.jobid, _later.c.job_instanceid > table.c.job_instanceid
    ),
)
_TAKE_IDS = update(store_info).values(
    last_job_instanceid=store_info.c.last_job_instanceid + bindparam("many")
)
_LAST_ID = select(store_info.c.last_job_instanceid)
_NEXT_IDS = text("SELECT nextval('job_instance_job_instanceid_seq') FROM generate_series(1, :many)")
_LIVES = (
    select(sessions.c.sessionstatus)
    .where(sessions.c.sessionid == bindparam("session"))
    .with_for_update(read=True, key_share=True)  # waits for whoever declares the session dead
)
_FREE = (  # SQLite leaves the locks out: it has one writer at a time
    select(jobs.c.jobid)
    .where(jobs.c.jobid.in_(bindparam("jobids", expanding=True)), jobs.c.sessionid.is_(None))
    .order_by(jobs.c.jobid)
    .with_for_update(key_share=True, skip_locked=True)
)
_OWN = (
    update(jobs)
    .where(jobs.c.jobid.in_(bindparam("jobids", expanding=True)), jobs.c.sessionid.is_(None))
    .values(sessionid=bindparam("session"))
)
_DISOWN = (
    update(jobs)
    .where(
        jobs.c.jobid.in_(bindparam("jobids", expanding=True)),
        jobs.c.sessionid == bindparam("session"),
    )
    .values(sessionid=None)
)
_MINE = select(table.c.job_instanceid).where(
    table.c.job_instanceid.in_(bindparam("ids", expanding=True)),
    table.c.sessionid == bindparam("session"),
)
_STILL_MINE = (
    _MINE.where(table.c.jobstatus == Status.IN_PROGRESS)
    .order_by(table.c.job_instanceid)
    .with_for_update()  # what is ours now stays so to the end of the transaction
)
_CLAIM = BatchInsert(
    table,
    table.c.job_instanceid,
    table.c.jobid,
    table.c.sessionid,
    table.c.jobstatus,
    table.c.started,
    table.c.due_at,
    table.c.engine_key,
    table.c.cause,
    table.c.late,
    table.c.stands_for,
    table.c.who,
    table.c.fence,
    table.c.options,
    table.c.requestid,
    table.c.host,
    table.c.change_seq,
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


def next_ids(tx: Transaction, many: int) -> Sequence[int]:
    """Return `many` new instance ids, rising; none was ever given before, whatever is pruned."""
    if tx.dialect == "postgresql":
        return sorted(row[0] for row in tx.rows(_NEXT_IDS, {"many": many}))
    tx.execute(_TAKE_IDS, {"many": many})
    last = int(tx.value(_LAST_ID))
    return range(last - many + 1, last + 1)


def claim_many(tx: Transaction, claims: Sequence[Claim]) -> set[int]:
    """Record instances as IN-PROGRESS and return the ids that were granted.

    Refused are a due instant that has its instance already, and a single_instance job that is
    owned, or that a peer is claiming at this moment. All claims are of one session.

    Raises:
        SessionDeadError: the session is not ACTIVE any more; nothing was claimed.
    """
    if not claims:
        return set()
    sessionid = claims[0].sessionid
    _check_alive(tx, sessionid)
    single = [claim.jobid for claim in claims if claim.single_instance]
    owned = _own(tx, single, sessionid) if single else set()
    wanted = [claim for claim in claims if not claim.single_instance or claim.jobid in owned]
    granted = _insert(tx, wanted)
    if owned and len(granted) < len(wanted):
        kept = {claim.jobid for claim in wanted if claim.job_instanceid in granted}
        _disown(tx, owned - kept, sessionid)
    return granted


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


def get(tx: Transaction, job_instanceid: int) -> Instance:
    """Return an instance.

    Raises:
        NotFoundError: there is none, or it was pruned.
    """
    row = tx.row(_ONE, {"instance": job_instanceid})
    if row is None:
        raise NotFoundError("instance", str(job_instanceid), listing="tocsin instance list")
    return Instance(*row)


def get_many(tx: Transaction, ids: Sequence[int]) -> dict[int, Instance]:
    """Return those of the instances that exist, by id."""
    return {row[0]: Instance(*row) for row in tx.rows(_SOME, {"ids": list(ids)})}


def all_open(tx: Transaction) -> list[Instance]:
    """Return every instance that is IN-PROGRESS, oldest first."""
    return [Instance(*row) for row in tx.rows(_OPEN)]


def crashed_last(tx: Transaction) -> list[Instance]:
    """Return the instances that are CRASH and the last of their job: nothing has run since."""
    return [Instance(*row) for row in tx.rows(_CRASHED_LAST)]


def open_of_session(tx: Transaction, sessionid: int) -> list[Instance]:
    """Return the instances that are IN-PROGRESS under a session, oldest first."""
    return [Instance(*row) for row in tx.rows(_OPEN_OF_SESSION, {"session": sessionid})]


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


def _check_alive(tx: Transaction, sessionid: int) -> None:
    if tx.value(_LIVES, {"session": sessionid}) is not SessionStatus.ACTIVE:
        raise SessionDeadError(sessionid)


def _own(tx: Transaction, jobids: Sequence[int], sessionid: int) -> set[int]:
    """Take free jobs. A row that a peer has locked is being claimed or freed: not free, no wait."""
    free = [row[0] for row in tx.rows(_FREE, {"jobids": jobids})]
    if free:
        tx.execute(_OWN, {"jobids": free, "session": sessionid})
    return set(free)


def _disown(tx: Transaction, jobids: set[int], sessionid: int) -> None:
    if jobids:
        tx.execute(_DISOWN, {"jobids": sorted(jobids), "session": sessionid})


def _insert(tx: Transaction, claims: Sequence[Claim]) -> set[int]:
    rows = [_claim_values(claim, tx.seq) for claim in claims]
    ids = [claim.job_instanceid for claim in claims]
    if _CLAIM.run(tx, rows) == len(rows):
        return set(ids)
    query = _MINE.where(table.c.change_seq == tx.seq)
    return {row[0] for row in tx.rows(query, {"ids": ids, "session": claims[0].sessionid})}


def _claim_values(claim: Claim, seq: int) -> tuple[Any, ...]:
    return (
        claim.job_instanceid,
        claim.jobid,
        claim.sessionid,
        Status.IN_PROGRESS,
        claim.started,
        claim.due_at,
        claim.engine_key,
        claim.cause,
        claim.late,
        claim.stands_for,
        claim.who,
        claim.job_instanceid,
        claim.options,
        claim.requestid,
        claim.host,
        seq,
    )


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
