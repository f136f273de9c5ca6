"""What running leaves on a job: its owner while it is single_instance, and its last execution.

None of this moves the job's change number: the instances' own tell of it.
"""

from collections.abc import Iterable

from sqlalchemy import bindparam, select, update

from engine.clock import Instant
from engine.persistence.batches import BatchUpdate
from engine.persistence.tables import jobs
from engine.persistence.transaction import Transaction

_OWN = (
    update(jobs)
    .where(jobs.c.jobid == bindparam("job"), jobs.c.sessionid.is_(None))
    .values(sessionid=bindparam("session"))
)
_DISOWN = (
    update(jobs)
    .where(jobs.c.jobid == bindparam("job"), jobs.c.sessionid == bindparam("session"))
    .values(sessionid=None)
)
_EXECUTED = BatchUpdate(
    jobs, keys=(jobs.c.jobid,), values=(jobs.c.last_executed, jobs.c.last_executed_job_instanceid)
)


def own(tx: Transaction, jobid: int, sessionid: int) -> bool:
    """Make a session the owner of a single_instance job; False: another one is."""
    return tx.execute(_OWN, {"job": jobid, "session": sessionid}).rowcount == 1


def disown(tx: Transaction, jobids: Iterable[int], sessionid: int) -> None:
    """Free jobs that this session owns; the others are left as they are."""
    rows = [{"job": jobid, "session": sessionid} for jobid in sorted(jobids)]
    tx.execute_many(_DISOWN, rows)


def disown_all(tx: Transaction, sessionid: int) -> list[int]:
    """Free every job that a session owns, and return their ids."""
    owned = select(jobs.c.jobid).where(jobs.c.sessionid == sessionid).order_by(jobs.c.jobid)
    jobids = [row[0] for row in tx.rows(owned)]
    disown(tx, jobids, sessionid)
    return jobids


def record_executions(tx: Transaction, rows: Iterable[tuple[int, Instant, int]]) -> None:
    """Record (jobid, started, job_instanceid) of each job's last finished run."""
    latest: dict[int, tuple[Instant, int]] = {}
    for jobid, started, instance in rows:
        latest[jobid] = max(latest.get(jobid, (started, instance)), (started, instance))
    _EXECUTED.run(tx, [(*latest[jobid], jobid) for jobid in sorted(latest)])
