"""Who runs a single_instance job at this moment, as the store knows it."""

from collections.abc import Sequence

from engine.domain.eligibility import RunningInstance
from engine.persistence import instances, jobs, sessions
from engine.persistence.transaction import Transaction


def holders(tx: Transaction, jobids: Sequence[int]) -> dict[int, RunningInstance]:
    """Return the instance that owns each of these jobs; a free job is left out."""
    found: dict[int, RunningInstance] = {}
    owners = {job.jobid: job.sessionid for job in jobs.get_many(tx, jobids) if job.sessionid}
    for sessionid in sorted(set(owners.values())):
        session = sessions.get(tx, sessionid)
        for instance in instances.open_of_session(tx, sessionid):
            if owners.get(instance.jobid) == sessionid and instance.jobid not in found:
                found[instance.jobid] = RunningInstance(
                    instance.job_instanceid,
                    instance.started,
                    sessionid,
                    session.engine_key,
                    session.host,
                )
    return found
