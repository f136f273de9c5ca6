"""Apply batches of events to what the console knows, and tell what changed. Pure, no I/O.

The client sends each job's own facts; what follows from instances (what runs, how the last run
ended, the strip) is kept here, so that a live row costs no query.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from copy import copy

from msgspec import Struct, field
from msgspec.structs import replace

from app.store.changes import Changes
from app.store.events import (
    Applied,
    Event,
    GroupsGone,
    InstancesFrom,
    JobsGone,
    SnapshotBegun,
    SnapshotDone,
)
from app.store.model import EngineHealth, GroupRow, InstanceRow, JobRow
from app.store.series import Series, with_runs
from engine.clock import SECOND, Instant
from engine.domain.instance import Status

KEPT_INSTANCES = 20_000
KEPT_LAGS = 32


class _Snapshot(Struct):
    """What a snapshot has told so far: what it does not tell is gone, or has ended."""

    newest: int  # of the instances that were known when it began
    jobs: set[int] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    live: set[int] = field(default_factory=set)


class ConsoleStore:
    """All rows by their keys."""

    def __init__(self) -> None:
        self.jobs: dict[int, JobRow] = {}
        self.names: dict[str, int] = {}
        self.groups: dict[str, GroupRow] = {}
        self.instances: dict[int, InstanceRow] = {}
        self.live: set[int] = set()
        self.health = EngineHealth()
        self.seen_at: Instant = 0  # when the client last saw the store with success
        self.seq = 0
        self.expected_jobs: int | None = None  # while a snapshot arrives
        self.was_read = False  # whether all of it has come once: what is not there, is not
        self.snapshots = 0  # how often all of it has come: what was missed is not in the next one
        self.gaps = 0  # how often runs were missed, so that those before them were forgotten
        self.failing = 0  # jobs whose last run failed
        self.held = 0  # jobs that a switch keeps from running
        self.plans = 0  # how often a job came, went, was switched or had another schedule
        self._lags: list[tuple[int, float]] = []  # by instance
        self._series: dict[int, Series] = {}
        self._snapshot: _Snapshot | None = None  # while it arrives

    @property
    def lags(self) -> Sequence[float]:
        """How long after their due instant the last scheduled runs started, in seconds."""
        return [lag for _, lag in self._lags]

    def job(self, name: str) -> JobRow | None:
        """Return the row of the job called `name`."""
        jobid = self.names.get(name)
        return None if jobid is None else self.jobs.get(jobid)

    def as_it_stands(self) -> "ConsoleStore":
        """Return what is known by now, to be looked at while this one goes on."""
        still = copy(self)
        still.jobs, still.names = self.jobs.copy(), self.names.copy()
        still.groups, still.instances = self.groups.copy(), self.instances.copy()
        still.live = self.live.copy()
        return still

    def apply(self, events: Sequence[Event]) -> Changes:
        """Take `events` in, in order."""
        changes = Changes()
        for event in events:
            if isinstance(event, InstanceRow):
                self._apply_instance(event, changes)
            elif isinstance(event, JobRow):
                self._apply_job(event, changes)
            else:
                self._apply_other(event, changes)
        if len(self.instances) > KEPT_INSTANCES + KEPT_INSTANCES // 10:
            self._forget_old_instances(changes)
        return changes

    def _apply_other(self, event: Event, changes: Changes) -> None:
        match event:
            case GroupRow():
                self.groups[event.name] = event
                changes.groups.add(event.name)
                if self._snapshot is not None:
                    self._snapshot.groups.add(event.name)
            case EngineHealth():
                self.health = event
                self.seen_at = event.seen_at
                changes.health = True
            case JobsGone():
                self._drop_jobs(event.jobids, changes)
            case GroupsGone():
                self._drop_groups(event.names, changes)
            case InstancesFrom():
                self._forget_before(event.job_instanceid, changes)
            case Applied():
                self.seq = event.seq
            case SnapshotBegun():
                self.expected_jobs = event.expected_jobs
                broken_off = self._snapshot
                newest = max(self.instances, default=0) if broken_off is None else broken_off.newest
                self._snapshot = _Snapshot(newest)
            case SnapshotDone():
                self._end_snapshot(changes)
            case _:
                pass

    def _apply_job(self, row: JobRow, changes: Changes) -> None:
        known = self.jobs.get(row.jobid)
        if known is not None and known.name != row.name:
            self._drop_jobs([row.jobid], changes)  # its number is another job's now
            known = None
        if known is not None:
            row = _keep_what_instances_told(row, known, runs_too=self._snapshot is None)
        if self._snapshot is not None:
            self._snapshot.jobs.add(row.jobid)
        if row == known:
            return  # told anew, as all are when another engine comes
        self._put(row)
        self.names[row.name] = row.jobid
        changes.jobs.add(row.jobid)

    def _apply_instance(self, row: InstanceRow, changes: Changes) -> None:
        known = self.instances.get(row.job_instanceid)
        if known is not None and not known.is_live and row.is_live:
            return  # an older look at it, overtaken by its end
        if known is None and row.due_at is not None and not row.late:
            insort(self._lags, (row.job_instanceid, max(0.0, (row.started - row.due_at) / SECOND)))
            del self._lags[:-KEPT_LAGS]
        self.instances[row.job_instanceid] = row
        changes.instances.add(row.job_instanceid)
        if row.is_live:
            self.live.add(row.job_instanceid)
            if self._snapshot is not None:
                self._snapshot.live.add(row.job_instanceid)
        else:
            self.live.discard(row.job_instanceid)
        job = self.jobs.get(row.jobid)
        if job is None:
            return
        changed = self._begun(job, row) if row.is_live else self._ended(job, row)
        if changed is not None:
            self._put(changed)
            changes.jobs.add(row.jobid)

    def _put(self, row: JobRow) -> None:
        known = self.jobs.get(row.jobid)
        self._uncount(known)
        self.plans += known is None or _plan(known) != _plan(row)
        self.jobs[row.jobid] = row
        self.failing += has_failed(row)
        self.held += row.switch != "on"

    def _uncount(self, row: JobRow | None) -> None:
        if row is not None:
            self.failing -= has_failed(row)
            self.held -= row.switch != "on"

    def _begun(self, job: JobRow, row: InstanceRow) -> JobRow | None:
        if row.job_instanceid in job.running:
            return None
        running = (*job.running, row.job_instanceid)
        since = row.started if job.running_since is None else min(job.running_since, row.started)
        return replace(job, running=tuple(sorted(running)), running_since=since)

    def _ended(self, job: JobRow, row: InstanceRow) -> JobRow | None:
        series = self._series.setdefault(row.jobid, Series())
        is_new = series.add(row)
        was_running = row.job_instanceid in job.running
        is_last = job.last_instanceid is None or row.job_instanceid >= job.last_instanceid
        if not (is_new or was_running or is_last):
            return None
        running = tuple(one for one in job.running if one != row.job_instanceid)
        starts = [self.instances[one].started for one in running if one in self.instances]
        told = with_runs(job, series.runs) if is_new else job
        return replace(
            told,
            running=running,
            running_since=min(starts, default=None),
            last_at=row.started if is_last else job.last_at,
            last_status=row.status if is_last else job.last_status,
            last_instanceid=row.job_instanceid if is_last else job.last_instanceid,
            last_seconds=row.seconds if is_last else job.last_seconds,
        )

    def _drop_jobs(self, jobids: Iterable[int], changes: Changes) -> None:
        """Take jobs out, and their instances with them."""
        dropped = {jobid: self.jobs.pop(jobid) for jobid in jobids if jobid in self.jobs}
        for jobid, row in dropped.items():
            self._uncount(row)
            self.plans += 1
            if self.names.get(row.name) == jobid:
                del self.names[row.name]
            self._series.pop(jobid, None)
            changes.jobs.discard(jobid)
            changes.jobs_gone.add(jobid)
        if dropped:
            of_them = [key for key, each in self.instances.items() if each.jobid in dropped]
            self._drop_instances(of_them, changes)

    def _drop_instances(self, keys: Iterable[int], changes: Changes) -> None:
        for key in keys:
            del self.instances[key]
            self.live.discard(key)
            changes.instances.discard(key)
            changes.instances_gone.add(key)

    def _drop_groups(self, names: Iterable[str], changes: Changes) -> None:
        for name in names:
            if self.groups.pop(name, None) is not None:
                changes.groups.discard(name)
                changes.groups_gone.add(name)

    def _end_snapshot(self, changes: Changes) -> None:
        self.expected_jobs = None
        self.was_read = True
        self.snapshots += 1
        seen, self._snapshot = self._snapshot, None
        if seen is not None:
            self._drop_jobs(self.jobs.keys() - seen.jobs, changes)
            self._drop_groups(self.groups.keys() - seen.groups, changes)
            self._drop_instances(self.live - seen.live, changes)  # nobody knows how they ended
        changes.health = True

    def _forget_before(self, first: int, changes: Changes) -> None:
        """Forget what ended before `first`, where those in between were missed.

        They are read back as older ones are. What a job's runs tell begins anew.
        """
        if self._snapshot is None or not 0 < self._snapshot.newest < first:
            return
        older = [key for key in self.instances if key < first and key not in self.live]
        self._drop_instances(older, changes)
        self.gaps += 1
        self._series.clear()
        for row in [each for each in self.jobs.values() if each.runs]:
            self._put(with_runs(row, ()))
            changes.jobs.add(row.jobid)

    def _forget_old_instances(self, changes: Changes) -> None:
        finished = sorted(key for key in self.instances if key not in self.live)
        self._drop_instances(finished[: len(finished) - KEPT_INSTANCES], changes)


def has_failed(row: JobRow) -> bool:
    """Whether the job's last run ended as ERROR or CRASH."""
    return row.last_status is Status.ERROR or row.last_status is Status.CRASH


def _keep_what_instances_told(row: JobRow, known: JobRow, *, runs_too: bool) -> JobRow:
    """Return `row` with what instances have told since, where they are ahead of it.

    What runs too, unless it is a snapshot's: then an end may have been missed.
    """
    told = replace(
        row,
        running=known.running if runs_too else row.running,
        running_since=known.running_since if runs_too else row.running_since,
        runs=known.runs or row.runs,
        p50_seconds=known.p50_seconds if known.runs else row.p50_seconds,
        p95_seconds=known.p95_seconds if known.runs else row.p95_seconds,
        fails=known.fails if known.runs else row.fails,
    )
    if (known.last_instanceid or 0) > (row.last_instanceid or 0) or (
        known.last_instanceid == row.last_instanceid and row.last_status is None
    ):
        told = replace(
            told,
            last_at=known.last_at,
            last_status=known.last_status,
            last_instanceid=known.last_instanceid,
            last_seconds=known.last_seconds,
        )
    return told


def _plan(row: JobRow) -> tuple[str, str, str]:
    return row.switch, row.schedule, row.timezone
