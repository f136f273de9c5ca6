"""Turn open instances of the store back into the runs that this engine keeps in memory."""

from collections.abc import Sequence

from engine.domain.instance import Instance
from engine.persistence import job_errors, jobs
from engine.persistence.transaction import Transaction
from engine.scheduling.context import Context, Run


def runs_of(tx: Transaction, rows: Sequence[Instance], context: Context) -> list[Run]:
    """Return the runs that these instances are."""
    known = {job.jobid: job for job in jobs.get_many(tx, sorted({row.jobid for row in rows}))}
    failed = job_errors.failing(tx, [row.job_instanceid for row in rows])
    runs = []
    for row in rows:
        job = known[row.jobid]
        runs.append(
            Run(
                row.job_instanceid,
                job,
                row.started,
                row.due_at,
                row.cause,
                row.log_file or context.log_file(job),
                who=row.who,
                late=row.late,
                stands_for=row.stands_for,
                failed=row.job_instanceid in failed,
                pid=row.pid,
                log_start=row.log_start,
                owns=job.sessionid is not None
                and job.sessionid in {row.sessionid, context.session.sessionid},
            )
        )
    return runs
