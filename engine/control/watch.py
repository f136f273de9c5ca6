"""Follow the store: everything as it stands once, then only what changed, as views.

It keeps in memory what concerns many jobs, and what runs; the jobs that a change touched are read
with it. So neither a change nor the memory grows with the number of jobs. One thread at a time; it
waits for nobody and holds no transaction between calls.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from engine.control.context import Context
from engine.control.groups import GroupView
from engine.control.instances import InstanceView
from engine.control.job_view import JobView
from engine.control.set_back import SetBack
from engine.control.standing import Standing
from engine.domain.group import Group
from engine.domain.instance import Instance, Status
from engine.domain.job import Job
from engine.domain.session import Session
from engine.errors import NotFoundError
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

_FIRST_PORTION = 100  # jobs: a screen is full at once
_PORTION = 1000
_INSTANCES_AT_ONCE = 2000


class Portion(Struct, frozen=True):
    """Some of what stands, or what changed; what is gone went before what is told beside it."""

    seq: int = 0  # everything up to this change number is told; 0: more of the same look follows
    jobs: Sequence[JobView] = ()
    instances: Sequence[InstanceView] = ()
    instances_from: int | None = None  # the newest, all from this one on; None: some, or all
    groups: Sequence[GroupView] = ()
    gone_jobs: Sequence[int] = ()
    gone_groups: Sequence[str] = ()
    total_jobs: int | None = None  # told by the first portion of a snapshot

    def __bool__(self) -> bool:
        return bool(
            self.jobs or self.instances or self.groups or self.gone_jobs or self.gone_groups
        )


class Watch:
    """Reads the store for somebody who keeps a screen."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._standing: Standing | None = None  # without the facts of single jobs
        self._seq = 0

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
            some = jobs.page(tx, _FIRST_PORTION)
            standing = Standing.read(tx, now, self._context.settings.instance_key, some)
            running = [each for several in standing.running.values() for each in several]
            total = len(some)
            if total == _FIRST_PORTION:
                total = jobs.count(tx, include_retired=True)
            first = Portion(
                jobs=standing.views(some),
                instances=_views(tx, running),
                groups=[_group_view(group) for group in groups.all_groups(tx)],
                total_jobs=total,
            )
        self._seq, self._standing = seq, replace(standing, revisions={}, last={})
        yield first
        after = some[-1].name if some else ""
        with self._context.read() as tx:
            if self._take_engines(sessions.active(tx)):
                after = ""  # an engine came or went meanwhile, which concerns the first ones too
        while some:
            with self._context.read() as tx:
                some = jobs.page(tx, _PORTION, after)
                after = some[-1].name if some else after
                portion = Portion(jobs=self._stand(tx, some))
            yield portion
        with self._context.read() as tx:
            recent = instance_queries.query(tx, limit=recent_instances)
            views = _views(tx, recent)
        is_cut = len(recent) == recent_instances
        first_of_them = recent[-1].job_instanceid if is_cut else None
        yield Portion(seq, instances=views, instances_from=first_of_them)

    # -- what changed ----------------------------------------------------------------------------

    def changes(self) -> Iterator[Portion]:
        """Yield what changed since the last call, and where that leaves the jobs it touched.

        The last portion tells the change number that was reached; it may be the only one.

        Raises:
            StoreError: the store is out of reach.
        """
        with self._context.read() as tx:
            seq = changes.current(tx)
            first, others = (None, []) if seq == self._seq else self._changes(tx)
        if first is not None:
            yield first
        for start in range(0, len(others), _PORTION):
            yield Portion(jobs=self.views_of(others[start : start + _PORTION]))
        self._seq = seq
        yield Portion(seq)

    def views_of(self, jobids: Iterable[int]) -> list[JobView]:
        """Return jobs as they stand at this moment: their next due instant may have passed.

        Raises:
            StoreError: the store is out of reach.
        """
        with self._context.read() as tx:
            return self._stand(tx, jobs.get_many(tx, list(jobids)))

    def instances_of(self, ids: Iterable[int]) -> list[InstanceView]:
        """Return those of these instances that exist, as they are at this moment.

        Raises:
            StoreError: the store is out of reach.
        """
        with self._context.read() as tx:
            return _views(tx, [*instances.get_many(tx, list(ids)).values()])

    # -- inside ----------------------------------------------------------------------------------

    def _must_stand(self) -> Standing:
        if self._standing is None:
            message = "snapshot() comes first"
            raise RuntimeError(message)
        return self._standing

    def _stand(self, tx: Transaction, some: Sequence[Job]) -> list[JobView]:
        """Return where these jobs stand now."""
        jobids = [job.jobid for job in some]
        now = self._context.clock.now()
        standing = replace(
            self._must_stand(),
            now=now,
            revisions=revisions.current(tx, jobids),
            last=instance_queries.last_ended(tx, jobids),
            set_back=SetBack.read(tx, now, some),
        )
        return standing.views(some)

    def _changes(self, tx: Transaction) -> tuple[Portion, list[int]]:
        """Return what changed, with a portion of the jobs it touched, and the other ones' ids."""
        standing, since = self._must_stand(), self._seq
        changed_instances = self._instances_since(tx, since)
        changed_groups = changes.groups_since(tx, since)
        gone = removals.since(tx, since)
        touched = set(changes.jobids_since(tx, since))
        is_other = self._take_engines(sessions.active(tx))
        if touched or changed_groups or is_other:
            self._read_holds(tx)
        for instance in changed_instances:
            self._take(instance)
            touched.add(instance.jobid)
        gone_groups = [each.name for each in gone if each.object_type == "group"]
        for name in gone_groups:
            standing.groups.pop(name, None)
        for group in changed_groups:
            before = standing.groups.get(group.name)
            standing.groups[group.name] = group
            if before is None or before.enabled != group.enabled:
                with suppress(NotFoundError):  # deleted since, which `removals` tells next time
                    touched.update(groups.members(tx, group.name))
        if is_other:
            touched = set(jobs.ids(tx))
        jobids = sorted(touched)
        portion = Portion(
            jobs=self._stand(tx, jobs.get_many(tx, jobids[:_PORTION])),
            instances=_views(tx, changed_instances),
            groups=[_group_view(group) for group in changed_groups],
            gone_jobs=[each.objectid for each in gone if each.object_type == "job"],
            gone_groups=gone_groups,
        )
        return portion, jobids[_PORTION:]

    def _instances_since(self, tx: Transaction, seq: int) -> list[Instance]:
        found: list[Instance] = []
        after: int | None = None
        while True:
            some = changes.instances_since(tx, seq, _INSTANCES_AT_ONCE, after)
            found += some
            if len(some) < _INSTANCES_AT_ONCE:
                return found
            seq, after = some[-1].change_seq, some[-1].job_instanceid

    def _take_engines(self, active: Iterable[Session]) -> bool:
        """Take in who is alive; whether other engines are, or ours in another mode."""
        standing = self._must_stand()
        known, mode = {*standing.sessions}, standing.engine_mode
        standing.sessions.clear()
        standing.sessions.update((each.sessionid, each) for each in active)
        return known != {*standing.sessions} or mode != standing.engine_mode

    def _read_holds(self, tx: Transaction) -> None:
        """Read anew who threw which switch."""
        found = self._must_stand().holds
        found.clear()
        for hold in holds.open_holds(tx):
            found.setdefault(hold.jobid, []).append(hold)

    def _take(self, instance: Instance) -> None:
        """Take in that an instance runs, or has ended."""
        running = self._must_stand().running
        several = [
            each
            for each in running.get(instance.jobid, ())
            if each.job_instanceid != instance.job_instanceid
        ]
        if instance.jobstatus is Status.IN_PROGRESS:
            several = sorted([*several, instance], key=lambda each: each.job_instanceid)
        if several:
            running[instance.jobid] = several
        else:
            running.pop(instance.jobid, None)


def _views(tx: Transaction, some: Sequence[Instance]) -> list[InstanceView]:
    """Return instances with the names of their jobs; those of jobs that are gone are left out."""
    names = jobs.names_of(tx, {each.jobid for each in some})
    return [InstanceView(each, names[each.jobid]) for each in some if each.jobid in names]


def _group_view(group: Group) -> GroupView:
    return GroupView(group, ())
