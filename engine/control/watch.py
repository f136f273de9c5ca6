"""Follow the store: everything as it stands once, then only what changed, as views.

It keeps the facts that `why_not_runnable` needs in memory, so that a change costs the rows it
touched, whatever the number of jobs. One thread at a time; it waits for nobody and holds no
transaction between calls.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from engine.control.context import Context
from engine.control.groups import GroupView
from engine.control.instances import InstanceView
from engine.control.job_view import JobView
from engine.control.standing import Standing
from engine.domain.group import Group
from engine.domain.instance import Instance, Status
from engine.domain.job import Job
from engine.domain.schedule import RecurringSchedule
from engine.domain.session import Session
from engine.persistence import (
    changes,
    groups,
    holds,
    instance_queries,
    instances,
    jobs,
    removals,
    revisions,
    sessions,
)
from engine.persistence.transaction import Transaction

_FIRST_PORTION = 200  # jobs: a screen is full at once
_PORTION = 2000
_INSTANCES_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of what stands, or what changed. Names of jobs are known from earlier portions."""

    seq: int = 0  # everything up to this change number is told; 0: more of the same look follows
    jobs: Sequence[JobView] = ()
    instances: Sequence[InstanceView] = ()
    groups: Sequence[GroupView] = ()
    gone_jobs: Sequence[int] = ()
    gone_groups: Sequence[str] = ()
    total_jobs: int | None = None  # told by the first portion of a snapshot

    def __bool__(self) -> bool:
        return bool(
            self.jobs or self.instances or self.groups or self.gone_jobs or self.gone_groups
        )


@dataclass(slots=True)
class _Known:
    """What was read so far."""

    standing: Standing
    seq: int
    jobs: dict[int, Job] = field(default_factory=dict)
    members: dict[str, set[int]] = field(default_factory=dict)

    def learn(self, job: Job) -> None:
        """Take a job in."""
        before = self.jobs.get(job.jobid)
        for name in before.groups if before is not None else ():
            self.members.get(name, set()).discard(job.jobid)
        self.jobs[job.jobid] = job
        for name in job.groups:
            self.members.setdefault(name, set()).add(job.jobid)

    def forget(self, jobid: int) -> None:
        """A job is gone."""
        job = self.jobs.pop(jobid, None)
        for name in job.groups if job is not None else ():
            self.members.get(name, set()).discard(jobid)


class Watch:
    """Reads the store for somebody who keeps a screen."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: _Known | None = None

    # -- everything ------------------------------------------------------------------------------

    def snapshot(self, recent_instances: int = 2000) -> Iterator[Portion]:
        """Yield everything as it stands: a screen full first, then the rest in portions.

        Each portion is a read of its own. What changes meanwhile is told by `changes` afterwards.

        Raises:
            StoreError: the store is out of reach.
        """
        now = self._context.clock.now()
        with self._context.read() as tx:
            seq = changes.current(tx)
            first = jobs.page(tx, _FIRST_PORTION)
            total = len(first) if len(first) < _FIRST_PORTION else len(jobs.names(tx))
            standing = Standing.read(tx, now, self._context.settings.instance_key, first)
            known_groups = groups.all_groups(tx)
        known = self._known = _Known(standing, seq)
        for job in first:
            known.learn(job)
        yield Portion(
            jobs=standing.views(first),
            groups=[self._group_view(group) for group in known_groups],
            instances=self._views(self._open_instances()),
            total_jobs=total,
        )
        some = first
        while some:
            with self._context.read() as tx:
                some = jobs.page(tx, _PORTION, some[-1].name)
                self._learn(tx, some)
            yield Portion(jobs=standing.views(some))
        with self._context.read() as tx:
            recent = instance_queries.query(tx, limit=recent_instances)
        yield Portion(seq, instances=self._views(recent))

    def _learn(self, tx: Transaction, some: Sequence[Job]) -> None:
        known = self._must_know()
        for job in some:
            known.learn(job)
        jobids = [job.jobid for job in some]
        known.standing.revisions.update(revisions.current(tx, jobids))
        ids = [job.last_executed_job_instanceid for job in some]
        known.standing.last.update(
            instances.get_many(tx, [each for each in ids if each is not None])
        )

    # -- what changed ----------------------------------------------------------------------------

    def changes(self) -> Portion:
        """Return what changed since the last call, and where that leaves the jobs it touched.

        Raises:
            StoreError: the store is out of reach.
        """
        known = self._must_know()
        with self._context.read() as tx:
            seq = changes.current(tx)
            if seq == known.seq:
                return Portion(seq)
            changed_jobs = changes.jobs_since(tx, known.seq)
            changed_instances = self._instances_since(tx, known.seq)
            changed_groups = changes.groups_since(tx, known.seq)
            gone = removals.since(tx, known.seq)
            mode = known.standing.engine_mode
            active = {each.sessionid: each for each in sessions.active(tx)}
            has_other_engines = active.keys() != known.standing.sessions.keys()
            if changed_jobs or changed_groups or has_other_engines:
                self._read_switches(tx)
            self._read_anchors(tx, changed_instances)
        known.seq = seq
        touched = self._apply(changed_jobs, changed_instances, changed_groups, active)
        gone_jobs = [each.objectid for each in gone if each.object_type == "job"]
        for jobid in gone_jobs:
            known.forget(jobid)
        gone_groups = [each.name for each in gone if each.object_type == "group"]
        for name in gone_groups:
            known.standing.groups.pop(name, None)
        if has_other_engines or known.standing.engine_mode != mode:
            touched = set(known.jobs)
        return Portion(
            seq,
            jobs=self.views_of(touched),
            instances=self._views(changed_instances),
            groups=[self._group_view(group) for group in changed_groups],
            gone_jobs=gone_jobs,
            gone_groups=[name for name in gone_groups if name not in known.standing.groups],
        )

    def views_of(self, jobids: Iterable[int]) -> list[JobView]:
        """Return jobs as they stand at this moment: their next due instant may have passed."""
        known = self._must_know()
        known.standing = replace(known.standing, now=self._context.clock.now())
        return known.standing.views(known.jobs[jobid] for jobid in jobids if jobid in known.jobs)

    # -- inside ----------------------------------------------------------------------------------

    def _must_know(self) -> _Known:
        if self._known is None:
            message = "snapshot() comes first"
            raise RuntimeError(message)
        return self._known

    def _instances_since(self, tx: Transaction, seq: int) -> list[Instance]:
        found: list[Instance] = []
        after: int | None = None
        while True:
            some = changes.instances_since(tx, seq, _INSTANCES_AT_ONCE, after)
            found += some
            if len(some) < _INSTANCES_AT_ONCE:
                return found
            seq, after = some[-1].change_seq, some[-1].job_instanceid

    def _read_switches(self, tx: Transaction) -> None:
        """Read anew who threw which switch, and the schedules in force."""
        standing = self._must_know().standing
        standing.holds.clear()
        for hold in holds.open_holds(tx):
            standing.holds.setdefault(hold.jobid, []).append(hold)
        standing.revisions.clear()
        standing.revisions.update(revisions.current(tx))

    def _read_anchors(self, tx: Transaction, changed: Sequence[Instance]) -> None:
        """Read the anchor of recurring jobs that an engine has begun to schedule since."""
        known = self._must_know()
        jobids = {each.jobid for each in changed}
        missing = [
            jobid
            for jobid in jobids
            if jobid in known.jobs
            and isinstance(known.jobs[jobid].schedule, RecurringSchedule)
            and jobid not in known.standing.revisions
        ]
        if missing:
            known.standing.revisions.update(revisions.current(tx))

    def _apply(
        self,
        changed_jobs: Sequence[Job],
        changed_instances: Sequence[Instance],
        changed_groups: Sequence[Group],
        active: dict[int, Session],
    ) -> set[int]:
        """Take changes in; return the jobs whose view may have changed."""
        known = self._must_know()
        standing = known.standing
        standing.sessions.clear()
        standing.sessions.update(active)
        touched = set()
        for job in changed_jobs:
            known.learn(job)
            touched.add(job.jobid)
        for instance in changed_instances:
            self._take(instance)
            touched.add(instance.jobid)
        for group in changed_groups:
            before = standing.groups.get(group.name)
            standing.groups[group.name] = group
            if before is None or before.enabled != group.enabled:
                touched |= known.members.get(group.name, set())
        return touched

    def _take(self, instance: Instance) -> None:
        known = self._must_know()
        running = known.standing.running
        others = [
            each
            for each in running.get(instance.jobid, ())
            if each.job_instanceid != instance.job_instanceid
        ]
        if instance.jobstatus is Status.IN_PROGRESS:
            running[instance.jobid] = sorted(
                [*others, instance], key=lambda each: each.job_instanceid
            )
            return
        if others:
            running[instance.jobid] = others
        else:
            running.pop(instance.jobid, None)
        job = known.jobs.get(instance.jobid)
        if job is None or (job.last_executed_job_instanceid or 0) > instance.job_instanceid:
            return
        known.standing.last.pop(job.last_executed_job_instanceid or 0, None)
        known.standing.last[instance.job_instanceid] = instance
        known.jobs[instance.jobid] = replace(
            job,
            last_executed=instance.started,
            last_executed_job_instanceid=instance.job_instanceid,
        )

    def _open_instances(self) -> list[Instance]:
        running = self._must_know().standing.running
        return [instance for some in running.values() for instance in some]

    def _views(self, some: Iterable[Instance]) -> list[InstanceView]:
        known = self._must_know().jobs
        return [InstanceView(each, known[each.jobid].name) for each in some if each.jobid in known]

    @staticmethod
    def _group_view(group: Group) -> GroupView:
        return GroupView(group, ())
