"""Where jobs stand at one moment: the facts that `why_not_runnable` needs, read once for all.

A fixed number of queries whatever the number of jobs, so that a listing of thousands stays fast.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from engine.clock import Instant
from engine.control.job_view import JobView
from engine.control.set_back import SetBack
from engine.domain.eligibility import RUNNING, Facts, RunningInstance, stopped, why_not_runnable
from engine.domain.group import Group
from engine.domain.instance import Instance
from engine.domain.job import Job
from engine.domain.schedule import CronSchedule
from engine.domain.schedule.planner import planner_if_any, why_unplannable
from engine.domain.schedule.revision import Revision
from engine.domain.session import Session
from engine.domain.verdict import Hold
from engine.persistence import groups, holds, instance_queries, instances, revisions, sessions
from engine.persistence.transaction import Transaction


class Standing(Struct, frozen=True):
    """The facts of one moment."""

    now: Instant
    engine_key: str
    groups: dict[str, Group]
    revisions: dict[int, Revision]
    holds: dict[int | None, list[Hold]]
    running: dict[int, list[Instance]]
    sessions: dict[int, Session]
    last: Mapping[int, Instance]  # that has ended, by job
    set_back: SetBack

    @classmethod
    def read(
        cls, tx: Transaction, now: Instant, engine_key: str, jobs: Sequence[Job]
    ) -> "Standing":
        """Read the facts about `jobs`."""
        open_holds: dict[int | None, list[Hold]] = defaultdict(list)
        for hold in holds.open_holds(tx):
            open_holds[hold.jobid].append(hold)
        running: dict[int, list[Instance]] = defaultdict(list)
        for each in instances.all_open(tx):
            running[each.jobid].append(each)
        jobids = [job.jobid for job in jobs]
        return cls(
            now=now,
            engine_key=engine_key,
            groups={group.name: group for group in groups.all_groups(tx)},
            revisions=revisions.current(tx, jobids),
            holds=open_holds,
            running=running,
            sessions={session.sessionid: session for session in sessions.active(tx)},
            last=instance_queries.last_ended(tx, jobids),
            set_back=SetBack.read(tx, now, jobs),
        )

    def views(self, jobs: Iterable[Job]) -> list[JobView]:
        """Return each job as it stands."""
        return [self.view(job) for job in jobs]

    def view(self, job: Job) -> JobView:
        """Return one job as it stands."""
        obstacles = why_not_runnable(job, self.facts(job))
        running = self.running.get(job.jobid, [])
        due = following = None
        if self._is_scheduled(job):
            due = self.due_by_schedule(job)
            why = why_unplannable(job.schedule) if due is None else ""
            if why:  # as the engine has it, which leaves a trigger alone too
                obstacles.insert(0, stopped(why))
            else:
                following = _earlier(job.trigger_at, due)
        return JobView(
            job=job,
            next=following,
            trigger=None if following == due else following,
            next_by_schedule=due,
            obstacles=tuple(obstacles),
            running=tuple(each.job_instanceid for each in running),
            running_since=running[0].started if running else None,
            last=self.last.get(job.jobid),
            disabled_groups=self._disabled_groups(job),
        )

    def facts(self, job: Job) -> Facts:
        """Return what the answer to "may it run" depends on."""
        here = [each for each in self.running.get(job.jobid, []) if self._runs_here(each)]
        return Facts(
            now=self.now,
            groups=[self.groups[name] for name in job.groups if name in self.groups],
            holds=[*self.holds.get(job.jobid, ()), *self.holds.get(None, ())],
            engine_mode=self.engine_mode,
            running=[self._as_running(each) for each in here],
            held_by=self._holder(job),
        )

    @property
    def engine_mode(self) -> str:
        """The mode of the engine under our key; `running` where none is alive."""
        return next(
            (each.mode for each in self.sessions.values() if each.engine_key == self.engine_key),
            RUNNING,
        )

    def next_due(self, job: Job) -> Instant | None:
        """Return the next instant that the schedule or a trigger names, whatever switches say.

        None for a recurring job that no engine has scheduled yet: it counts from when one does.
        """
        return _earlier(job.trigger_at, self.due_by_schedule(job))

    def due_by_schedule(self, job: Job) -> Instant | None:
        """Return the next instant that the schedule alone names, with the None of `next_due`.

        None too for one that nobody can plan by.
        """
        revision = self.revisions.get(job.jobid)
        planner = planner_if_any(job.schedule, 0 if revision is None else revision.anchor)
        due = None
        if planner is not None and revision is not None:
            due = planner.next_after(max(self.now, self.set_back.until(job, revision)))
        elif planner is not None and isinstance(job.schedule, CronSchedule):
            due = planner.next_after(self.now)
        if due is not None and job.expiry_date is not None and due >= job.expiry_date:
            return None
        return due

    def _is_scheduled(self, job: Job) -> bool:
        if job.retired_at is not None or not job.active or not job.enabled:
            return False
        return not self._disabled_groups(job)

    def _disabled_groups(self, job: Job) -> tuple[str, ...]:
        return tuple(
            name for name in job.groups if (group := self.groups.get(name)) and not group.enabled
        )

    def _runs_here(self, instance: Instance) -> bool:
        session = self.sessions.get(instance.sessionid or 0)
        return session is not None and session.engine_key == self.engine_key

    def _holder(self, job: Job) -> RunningInstance | None:
        if job.sessionid is None:
            return None
        for each in self.running.get(job.jobid, []):
            if each.sessionid == job.sessionid and not self._runs_here(each):
                return self._as_running(each)
        return None

    def _as_running(self, instance: Instance) -> RunningInstance:
        session = self.sessions.get(instance.sessionid or 0)
        return RunningInstance(
            job_instanceid=instance.job_instanceid,
            started=instance.started,
            sessionid=instance.sessionid or 0,
            engine_key="" if session is None else session.engine_key,
            host=instance.host,
        )


def _earlier(trigger: Instant | None, due: Instant | None) -> Instant | None:
    return min((at for at in (trigger, due) if at is not None), default=None)
