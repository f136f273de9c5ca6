"""Let go of a long history before its job is deleted, so that no engine waits for it.

What refers to a job is deleted with it, in one transaction: with a million runs that takes a minute
in which nothing else is written.
"""

from contextlib import suppress

from engine.control.actor import Actor
from engine.control.context import Context
from engine.control.job_switches import refuse_running
from engine.errors import JobError, NotFoundError
from engine.persistence import instance_queries, jobs, pruning, revisions
from engine.persistence.transaction import Transaction

_SHORT = 100  # instances that go with their job: so many jobs may be deleted at once
_AT_ONCE = 1000


def forget_history(context: Context, name: str, actor: Actor) -> int:
    """Delete most runs of a job that is to be deleted, and return how many went.

    Where there are many it is retired first. A job that runs, or is none, is left as it is: to
    delete it is refused then.

    Raises:
        StoreError: the store cannot be used; what went is gone, and the job is retired.
    """
    with context.read() as tx:
        if not _is_long(tx, name):
            return 0
    try:
        with context.change(actor) as change:
            change.tx.exclude_claims()
            job = jobs.get(change.tx, name)
            refuse_running(change.tx, job)
            if job.retired_at is None:
                jobs.retire(change.tx, job.jobid, change.now)
                revisions.end_revision(change.tx, job.jobid, change.now)
                change.record("JOB-RETIRED", "job", name, reason="it is being deleted")
    except (JobError, NotFoundError):
        return 0
    return _forget(context, job.jobid)


def _forget(context: Context, jobid: int) -> int:
    """Delete runs until few are left."""
    gone, went = 0, _AT_ONCE
    while went == _AT_ONCE:
        with context.database.begin() as tx:
            went = pruning.forget_runs(tx, jobid, _AT_ONCE)
        gone += went
    return gone


def _is_long(tx: Transaction, name: str) -> bool:
    with suppress(NotFoundError):
        jobid = jobs.get(tx, name).jobid
        return len(instance_queries.query(tx, job=jobid, limit=_SHORT + 1)) > _SHORT
    return False
