"""Claim instances: recorded IN-PROGRESS, and durable, before their code runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, text, update

from engine.clock import Instant
from engine.domain.instance import Cause, Status
from engine.domain.session import SessionStatus
from engine.persistence.batches import BatchInsert
from engine.persistence.failures import SessionDeadError
from engine.persistence.prepared import Prepared
from engine.persistence.tables import job_instance as table, jobs, sessions, store_info
from engine.persistence.transaction import Transaction


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


_TAKE_IDS = Prepared(
    update(store_info).values(
        last_job_instanceid=store_info.c.last_job_instanceid + bindparam("many")
    )
)
_LAST_ID = Prepared(select(store_info.c.last_job_instanceid))
_NEXT_IDS = text("SELECT nextval('job_instance_job_instanceid_seq') FROM generate_series(1, :many)")
_LIVES = Prepared(
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
        return sorted(row[0] for row in tx.rows(_NEXT_IDS, {"many": many}))
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
    _check_alive(tx, sessionid)
    single = [claim.jobid for claim in claims if claim.single_instance]
    owned = _own(tx, single, sessionid) if single else set()
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


def _check_alive(tx: Transaction, sessionid: int) -> None:
    found = tx.tuples(_LIVES, {"session": sessionid})
    if not found or found[0][0] != SessionStatus.ACTIVE:
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
