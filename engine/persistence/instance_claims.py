"""Claim instances: recorded IN-PROGRESS, and durable, before their code runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, select, update

from engine.clock import Instant
from engine.domain.instance import Cause, Status
from engine.domain.session import SessionStatus
from engine.persistence.batches import BatchInsert
from engine.persistence.failures import SessionDeadError
from engine.persistence.prepared import Prepared
from engine.persistence.tables import job_instance as table, jobs, sessions, store_info
from engine.persistence.transaction import Transaction


class Claim(Struct, frozen=True):
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


_TAKE_IDS = Prepared(
    update(store_info).values(
        last_job_instanceid=store_info.c.last_job_instanceid + bindparam("many")
    )
)
_LAST_ID = Prepared(select(store_info.c.last_job_instanceid))
_LIVES = Prepared(
    select(sessions.c.sessionstatus).where(sessions.c.sessionid == bindparam("session"))
)
_FREE = (
    select(jobs.c.jobid)
    .where(jobs.c.jobid.in_(bindparam("jobids", expanding=True)), jobs.c.sessionid.is_(None))
    .order_by(jobs.c.jobid)
)
# On a server: wait for whoever declares the session dead, and then take the jobs that are free. A
# row that a peer has locked is being claimed or freed: not free, and no reason to wait.
_TAKE = """
WITH life AS MATERIALIZED (
 SELECT sessionstatus FROM sessions WHERE sessionid = %(session)s FOR KEY SHARE
), free AS MATERIALIZED (
 SELECT jobs.jobid FROM life, jobs
 WHERE life.sessionstatus = 'ACTIVE' AND jobs.jobid = ANY(%(jobids)s::bigint[])
 AND jobs.sessionid IS NULL
 ORDER BY jobs.jobid FOR NO KEY UPDATE OF jobs SKIP LOCKED
), taken AS (
 UPDATE jobs SET sessionid = %(session)s FROM free WHERE jobs.jobid = free.jobid
 RETURNING jobs.jobid
)
SELECT (SELECT sessionstatus FROM life), ARRAY(SELECT jobid FROM taken)
"""
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


def next_ids(tx: Transaction, many: int) -> Sequence[int]:
    """Return `many` new instance ids, rising; none was ever given before, whatever is pruned."""
    if tx.dialect == "postgresql":
        return tx.draw_ids(many)
    tx.change(_TAKE_IDS, {"many": many})
    last = tx.number(_LAST_ID)
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
    status, owned = _own(tx, [claim.jobid for claim in claims if claim.single_instance], sessionid)
    if status != SessionStatus.ACTIVE:
        raise SessionDeadError(sessionid)
    wanted = list(_allowed(claims, owned))
    granted = _insert(tx, wanted)
    if owned and len(granted) < len(wanted):
        kept = {claim.jobid for claim in wanted if claim.job_instanceid in granted}
        _disown(tx, owned - kept, sessionid)
    return granted


def _allowed(claims: Sequence[Claim], owned: set[int]) -> Iterator[Claim]:
    """Yield what is not single_instance, and the first claim of each job that we own."""
    free = set(owned)
    for claim in claims:
        if not claim.single_instance:
            yield claim
        elif claim.jobid in free:
            free.remove(claim.jobid)
            yield claim


def _own(tx: Transaction, jobids: Sequence[int], sessionid: int) -> tuple[str | None, set[int]]:
    """Take free jobs for a session that is alive, and return its status and which they are."""
    if tx.dialect == "postgresql":
        values = {"session": sessionid, "jobids": list(jobids)}
        status, taken = tx.driver_row(_TAKE, values)
        return status, set(taken)
    found = tx.tuples(_LIVES, {"session": sessionid})
    free = [row[0] for row in tx.rows(_FREE, {"jobids": jobids})] if jobids else []
    if free:
        tx.execute(_OWN, {"jobids": free, "session": sessionid})
    return found[0][0] if found else None, set(free)


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
