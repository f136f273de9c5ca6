"""Which job wakes when: one heap of instants, and one entry per job.

Only what can run is in the heap: a job that a switch holds, or that is running, costs nothing until
it is planned again. An entry's `wake_at` is the truth; what the heap still holds of earlier plans
is skipped when it comes up.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from engine.clock import MICROSECOND, SECOND, Instant
from engine.domain.eligibility import Obstacle
from engine.domain.job import Job
from engine.domain.schedule import RecurringSchedule
from engine.domain.schedule.dues import count_dues, next_due as next_due_of
from engine.domain.schedule.planner import Planner, planner_for, planner_if_any
from engine.domain.schedule.revision import Revision
from engine.scheduling.turns import Turns


class Entry:
    """What the scheduler knows of one job."""

    __slots__ = (
        "_planner",
        "busy_until",
        "crashed",
        "cursor",
        "expired",
        "fresh",
        "job",
        "last_executed",
        "not_before",
        "obstacle",
        "overran",
        "owner",
        "queued",
        "repeat_after",
        "revisions",
        "running",
        "wake_at",
    )

    def __init__(self, job: Job, owner: str) -> None:
        self.job = job
        self.owner = owner  # engine_key of its cursor: "" for single_instance
        self.cursor: Instant | None = None  # None: never scheduled
        self.revisions: tuple[
            Revision, ...
        ] = ()  # those that reach beyond the cursor, oldest first
        self.running: tuple[int, ...] = ()  # its instances in this engine; mostly there is none
        self.wake_at: Instant | None = None
        self.obstacle: Obstacle | None = None  # a switch that keeps it from being scheduled
        self.fresh = True  # it starts being scheduled: what passed is catch-up, not overrun
        self.overran = False  # its run was adopted: what passed meanwhile is overrun all the same
        self.crashed: Instant | None = None  # of its last run, a CRASH that nothing made up for
        self.queued = False  # it is due and waits for its claim
        self.busy_until: Instant = 0  # a due instant up to here passed while it was running
        self.expired = False  # its expiry was told
        # The start and the instance of its last finished run; `job` knows them as they were loaded.
        self.last_executed: tuple[Instant, int] | None = None
        self.not_before: Instant = 0  # a peer decides about it: it is not looked at before then
        self.repeat_after: Instant | None = None  # the clock went back: see clock_watch
        self._planner: Planner | None = None

    def settled(self) -> None:
        """What passed while it was not being scheduled has its verdict."""
        self.fresh = self.overran = False

    def made_up(self) -> None:
        """Whether something runs for its CRASH is decided, and durable."""
        self.crashed = None

    def go_on_from(self, earlier: "Entry") -> None:
        """Take up what memory knew of the job before the store was read anew.

        It starts being scheduled for what a change that is followed lets it start for, and for no
        failed transaction. Where its account went on meanwhile it was being scheduled.
        """
        self.obstacle, self.overran = earlier.obstacle, earlier.overran
        self.busy_until, self.crashed = earlier.busy_until, earlier.crashed
        went_on = self.cursor != earlier.cursor
        self.fresh = (
            (earlier.fresh and not went_on)
            or self.owner != earlier.owner
            or self.job.reset_seq != earlier.job.reset_seq
            or self.revisions[-1:] != earlier.revisions[-1:]
        )

    @property
    def is_schedulable(self) -> bool:
        """Whether no switch holds it and it is not running."""
        return self.obstacle is None and not self.running

    @property
    def is_plannable(self) -> bool:
        """Whether its schedule can be planned by at all."""
        return self.obstacle is None or self.obstacle.code != "STOPPED-JOB"

    @property
    def planner(self) -> Planner | None:
        """The planner of the revision in force; None without one that one can plan by."""
        revision = self.revision_in_force if self._planner is None else None
        if revision is not None:
            self._planner = planner_if_any(revision.schedule, revision.anchor)
        return self._planner

    @property
    def revision_in_force(self) -> Revision | None:
        """The schedule that is in force; None where there is none."""
        last = self.revisions[-1] if self.revisions else None
        return last if last is not None and last.ended_at is None else None

    def set_revisions(self, revisions: tuple[Revision, ...]) -> None:
        """Take the schedule's history from the cursor on."""
        self.revisions = revisions
        self._planner = None

    def past(self, now: Instant) -> Instant:
        """Return until when instants have passed: `now`, or the end of the last schedule.

        Where the clock was set back the schedule may have ended later than now.
        """
        ended = self.revisions[-1].ended_at if self.revisions else None
        return now if ended is None else max(now, ended)

    def move_cursor(self, until: Instant) -> None:
        """Account for everything up to `until`; revisions that ended by then are done with."""
        self.cursor = until
        if len(self.revisions) > 1:
            left = [r for r in self.revisions if r.ended_at is None or r.ended_at > until]
            self.set_revisions(tuple(left))

    def next_due(self, after: Instant) -> Instant | None:
        """Return the first due instant after `after`, of any revision and before it expires."""
        planner = self.planner
        if planner is None or len(self.revisions) > 1:
            return next_due_of(self.revisions, after)
        revision = self.revisions[-1]
        due = planner.next_after(max(after, revision.began_at))
        if due is None or (revision.expires_at is not None and due >= revision.expires_at):
            return None
        return due

    def next_repeat(self, after: Instant) -> Instant | None:
        """Return the first instant after `after` that comes by again; None: there is none.

        It is at or before the cursor, has its verdict already, and may be older than the revision
        in force: the clock was set back.
        """
        planner = self.planner
        if planner is None or self.cursor is None:
            return None
        schedule = self.revisions[-1].schedule
        if isinstance(schedule, RecurringSchedule):
            anchor = self.revisions[-1].anchor
            step = schedule.seconds * SECOND
            planner = planner_for(schedule, anchor - max(-(-(anchor - after) // step), 0) * step)
        due = planner.next_after(after)
        return due if due is not None and due <= self.cursor else None

    def count(self, after: Instant, until: Instant) -> tuple[Instant, Instant, int] | None:
        """Return first, last and number of the due instants in `after < due <= until`."""
        if len(self.revisions) > 1 or self.planner is None:
            return count_dues(self.revisions, after, until)
        revision = self.revisions[-1]
        if revision.expires_at is not None:
            until = min(until, revision.expires_at - MICROSECOND)
        after = max(after, revision.began_at)
        return self.planner.count(after, until) if after < until else None

    def first_wake(self) -> Instant | None:
        """Return when this job next wants attention: a due instant, its trigger or its expiry.

        One whose run was a CRASH wants it at once.
        """
        if self.obstacle is not None or self.running or self.cursor is None:
            return None
        if self.crashed is not None:
            return 0
        wake = self.next_due(self.cursor)
        if self.repeat_after is not None:
            again = self.next_repeat(self.repeat_after)
            wake = again if wake is None or (again is not None and again < wake) else wake
        job = self.job
        if job.trigger_at is not None and (wake is None or job.trigger_at < wake):
            wake = job.trigger_at
        expiry = None if self.expired else job.expiry_date
        return expiry if expiry is not None and (wake is None or expiry < wake) else wake


class Agenda:
    """The entries by id and name, and the heap."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.by_name: dict[str, Entry] = {}
        self.turns = Turns()
        self._heap: list[tuple[Instant, int]] = []

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def add(self, entry: Entry) -> None:
        """Know a job; it is planned by `plan`."""
        self.entries[entry.job.jobid] = entry
        self.by_name[entry.job.name] = entry

    def remove(self, entry: Entry) -> None:
        """Forget a job."""
        entry.wake_at = None
        self.entries.pop(entry.job.jobid, None)
        self.by_name.pop(entry.job.name, None)

    def clear(self) -> None:
        """Forget all jobs."""
        self.entries.clear()
        self.by_name.clear()
        self._heap.clear()

    def plan(self, entry: Entry, now: Instant) -> None:
        """Put the entry where its next wake belongs, or take it out."""
        wake = entry.first_wake()
        if entry.fresh and entry.is_schedulable and (wake is None or wake > now):
            entry.settled()  # nothing passed: from here on it is simply on time
        wake = self._in_turn(entry, wake)
        if wake == entry.wake_at:
            return
        entry.wake_at = wake
        if wake is not None:
            heappush(self._heap, (wake, entry.job.jobid))

    def plan_all(self, now: Instant) -> None:
        """Plan every entry anew: cheaper than one by one when most have changed."""
        self._heap = []
        for entry in self.entries.values():
            wake = entry.first_wake()
            if entry.is_schedulable and (wake is None or wake > now):
                entry.settled()
            wake = entry.wake_at = self._in_turn(entry, wake)
            if wake is not None:
                self._heap.append((wake, entry.job.jobid))
        heapify(self._heap)

    def _in_turn(self, entry: Entry, wake: Instant | None) -> Instant | None:
        """Return when this engine looks at an entry that wants attention at `wake`."""
        if wake is None or entry.owner != "":
            return wake
        return max(wake + self.turns.delay(entry.job.jobid), entry.not_before)

    def next_wake(self) -> Instant | None:
        """Return the earliest wake of all; None when nothing is planned."""
        heap = self._heap
        while heap:
            at, jobid = heap[0]
            entry = self.entries.get(jobid)
            if entry is not None and entry.wake_at == at:
                return at
            heappop(heap)
        return None

    def pop_due(self, now: Instant) -> list[Entry]:
        """Take out every entry whose wake has come, earliest first."""
        due: list[Entry] = []
        while (at := self.next_wake()) is not None and at <= now:
            _, jobid = heappop(self._heap)
            entry = self.entries[jobid]
            entry.wake_at = None
            due.append(entry)
        return due
