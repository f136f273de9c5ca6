"""Which instants do not come by again, because the clock was set back.

Up to a job's cursor everything has its verdict. A job at fixed times waits until the clock is there
again; one by elapsed time goes on, and so does every job after a correction: what the engine does
(`engine.scheduling.clock_watch`) is told here before it does it.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from engine.clock import HOUR, Instant
from engine.domain.job import Job
from engine.domain.schedule import CronSchedule
from engine.domain.schedule.placement import is_wildcard
from engine.domain.schedule.revision import Revision
from engine.persistence import audit, cursors
from engine.persistence.transaction import Transaction

CORRECTION = 3 * HOUR  # as `scheduling.clock_watch` has it
_LOOKED_AT = 20  # newest steps of the clock


class SetBack(Struct, frozen=True):
    """How far the jobs are whose cursors are ahead of the clock; as a rule there is none."""

    ahead: Mapping[int, Instant]
    is_correction: bool

    @classmethod
    def read(cls, tx: Transaction, now: Instant, jobs: Sequence[Job]) -> "SetBack":
        """Read what of some jobs is ahead of `now`."""
        found = cursors.ahead(tx, now, [job.jobid for job in jobs])
        # A job is run by one engine at a time, or by each: the cursors of the other way are old.
        is_shared = {job.jobid: job.single_instance for job in jobs} if found else {}
        ahead: dict[int, Instant] = {}
        for (jobid, owner), until in found.items():
            if (owner == "") == is_shared[jobid]:
                ahead[jobid] = max(until, ahead.get(jobid, 0))
        return cls(ahead, bool(ahead) and _was_corrected(tx, now))

    def until(self, job: Job, revision: Revision | None) -> Instant:
        """Return up to when nothing of the job comes by again; 0: its schedule goes on.

        `revision` is the one in force: it may have begun later than the cursor reaches.
        """
        schedule, ahead = job.schedule, self.ahead.get(job.jobid, 0)
        is_fixed = isinstance(schedule, CronSchedule) and not is_wildcard(schedule)
        if not ahead or self.is_correction or not is_fixed:
            return 0
        return ahead if revision is None else max(ahead, revision.began_at)


def _was_corrected(tx: Transaction, now: Instant) -> bool:
    """Whether a step of three hours and more lasts: the clock is not yet where it was before."""
    for step in audit.query(tx, event="CLOCK-STEP", limit=_LOOKED_AT):
        size = -int((step.after or {}).get("microseconds", 0))
        if size >= CORRECTION and now < step.created + size:
            return True
    return False
