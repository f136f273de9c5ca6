"""Keep the agenda in step with the store: jobs, groups, schedules, cursors.

Everything is read once at the start; afterwards only what has a higher change number than was seen.
A job that no engine ever scheduled begins here: its first revision and its cursor are opened at
now, because such a job has missed nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from engine.clock import Instant
from engine.domain.eligibility import Obstacle, stopped, why_not_runnable
from engine.domain.job import Job
from engine.domain.schedule.planner import why_unplannable
from engine.domain.schedule.revision import Revision
from engine.persistence import changes, cursors, groups, jobs, removals, revisions
from engine.persistence.changes import News
from engine.persistence.cursors import Advance, Cursor, NewCursor
from engine.persistence.revisions import NewRevision
from engine.persistence.transaction import Transaction
from engine.scheduling.agenda import Entry
from engine.scheduling.context import Context, Effects
from engine.scheduling.expiries import LongTold


class Catalogue:
    """Follows the store's jobs and groups."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.seq = 0  # change number up to which the agenda follows the store
        self._broken: list[tuple[Entry, str]] = []
        self._mended: list[Entry] = []
        self._unasked: list[int] = []  # runs of disabled groups, as the store was read
        self._handed: dict[int, Instant] = {}  # jobs that changed hands: their account goes on here

    def load(self, tx: Transaction, now: Instant) -> None:
        """Read everything, and begin what was never scheduled.

        What was known of the jobs before is lost by no failure on the way: each goes on from there.
        """
        context = self._context
        self.seq = changes.current(tx)
        context.groups = {group.name: group for group in groups.all_groups(tx)}
        cursors.begin_anew(tx, context.key, now)
        found = cursors.every(tx)
        known: dict[int, dict[str, Cursor]] = defaultdict(dict)
        for (jobid, key), cursor in found.items():
            known[jobid][key] = cursor
        own = (each.accounted_until for key, each in found.items() if key[1] in {"", context.key})
        history = revisions.since(tx, min(own, default=now))
        long_told = LongTold(context, now)
        every_job = jobs.all_jobs(tx, include_retired=True)
        before = dict(context.agenda.entries)  # none at a start
        context.agenda.clear()
        for job in every_job:
            entry = Entry(job, context.owner(job))
            self._place(entry, known.get(job.jobid, {}), history.get(job.jobid, ()))
            if (earlier := before.get(job.jobid)) is not None:
                entry.go_on_from(earlier)
            self._judge(entry, now)
            entry.expired = entry in long_told
            context.agenda.add(entry)
        self._begin(tx, list(context.agenda), now)
        every_run = context.running.items()
        self._unasked = [number for number, run in every_run if self._is_to_stop(run.job.jobid)]

    def take_broken(self) -> list[tuple[Entry, str]]:
        """Return the jobs that were found to have no schedule one could plan by, and why; once."""
        broken, self._broken = self._broken, []
        return broken

    def take_mended(self) -> list[Entry]:
        """Return the jobs that can be planned again, or need not be; once."""
        mended, self._mended = self._mended, []
        return mended

    def ask(self, effects: Effects) -> None:
        """Ask the runs of disabled groups to stop, after the store was read: maybe nobody did."""
        if self._unasked:
            effects.ask += self._unasked
            effects.then.append(self._unasked.clear)

    def follow(self, seq: int) -> None:
        """Know that a change was this engine's own."""
        self.seq = seq

    def look(self, tx: Transaction) -> News:
        """See whether there is anything to follow or to answer."""
        if tx.dialect == "sqlite":
            moved = changes.current(tx) != self.seq
            return News(moved, moved)
        return changes.news(tx, self.seq, self._context.key)

    def refresh(self, tx: Transaction, now: Instant, effects: Effects) -> list[Entry]:
        """Follow what changed since the last look, and return the entries to plan anew."""
        seq = changes.current(tx)
        agenda = self._context.agenda
        self._remove(tx)
        regrouped = self._regroup(tx)
        touched: dict[int, Entry] = {}
        if regrouped:
            touched = {e.job.jobid: e for e in agenda if not regrouped.isdisjoint(e.job.groups)}
        for job in changes.jobs_since(tx, self.seq):
            touched[job.jobid] = self._follow(tx, job)
        for entry in touched.values():
            self._judge(entry, now)
            if entry.running and self._is_to_stop(entry.job.jobid):
                effects.ask += sorted(entry.running)
        self._begin(tx, touched.values(), now)
        self.seq = seq
        return list(touched.values())

    def _remove(self, tx: Transaction) -> None:
        """Forget what was deleted."""
        context = self._context
        for removal in removals.since(tx, self.seq):
            if removal.object_type == "group":
                context.groups.pop(removal.name, None)
            elif (gone := context.agenda.entries.get(removal.objectid)) is not None:
                context.agenda.remove(gone)

    def _regroup(self, tx: Transaction) -> set[str]:
        """Take in changed groups, and return which they are."""
        changed = changes.groups_since(tx, self.seq)
        self._context.groups.update((group.name, group) for group in changed)
        return {group.name for group in changed}

    def _is_to_stop(self, jobid: int) -> bool:
        """Whether a group of the job is disabled: it asks the runs of its jobs to stop."""
        entry, groups_now = self._context.agenda.entries.get(jobid), self._context.groups
        if entry is None:
            return False
        return any(not groups_now[each].enabled for each in entry.job.groups if each in groups_now)

    def _follow(self, tx: Transaction, job: Job) -> Entry:
        agenda = self._context.agenda
        entry = agenda.entries.get(job.jobid)
        owner = self._context.owner(job)
        if entry is None:
            entry = Entry(job, owner)
            agenda.add(entry)
        entry.fresh = entry.fresh or entry.job.reset_seq != job.reset_seq
        entry.expired = entry.expired and entry.job.expiry_date == job.expiry_date
        entry.job = job
        if entry.owner != owner:
            entry.owner, entry.fresh = owner, True
        before = entry.revisions
        self._place(entry, cursors.of_job(tx, job.jobid), revisions.of_job(tx, job.jobid))
        if before and before != entry.revisions:
            entry.fresh = True  # what the old schedule left unaccounted is catch-up
        return entry

    def _place(
        self, entry: Entry, known: Mapping[str, Cursor], history: Iterable[Revision]
    ) -> None:
        """Take the cursor and what of the schedule's history reaches beyond it."""
        cursor = known.get(entry.owner)
        handed = cursors.handed_over(known, entry.owner)
        if handed and (cursor is None or cursor.accounted_until < handed):
            self._handed[entry.job.jobid] = handed
            cursor = cursor and Cursor(handed, handed)
        entry.cursor = None if cursor is None else cursor.accounted_until
        after = handed if cursor is None else max(cursor.accounted_until, cursor.began_at)
        left = (each for each in history if each.ended_at is None or each.ended_at > after)
        entry.set_revisions(tuple(left))

    def _judge(self, entry: Entry, now: Instant) -> None:
        """See which switch, if any, keeps the job from being scheduled."""
        obstacle = _lasting(why_not_runnable(entry.job, self._context.facts(entry.job, now)))
        if obstacle is None and (why := _why_unplannable(entry)):
            self._broken.append((entry, why))
            obstacle = stopped(why)
        elif not entry.is_plannable:
            self._mended.append(entry)
        if entry.obstacle is not None and obstacle is None:
            entry.fresh = True
        if obstacle is not None:
            entry.overran = False  # a switch takes the catch-up of an overrun away
        entry.obstacle = obstacle

    def _begin(self, tx: Transaction, entries: Iterable[Entry], now: Instant) -> None:
        """Open the first revision and the cursor of jobs that start being scheduled at all.

        A peer may do the same at this moment: what is then in force is read back, not supposed.
        """
        new_revisions: list[NewRevision] = []
        new_cursors: list[NewCursor] = []
        opened: list[Entry] = []
        started: list[Entry] = []
        moved: list[Advance] = []
        for entry in entries:
            job = entry.job
            handed = self._handed.pop(job.jobid, None)
            if handed is not None and entry.cursor is not None:
                moved.append(Advance(job.jobid, entry.owner, handed))
            if not job.active or job.retired_at is not None or _why_unplannable(entry):
                continue
            if entry.planner is None:
                new_revisions.append(NewRevision(job.jobid, job.schedule, now, job.expiry_date))
                opened.append(entry)
            if entry.cursor is None:
                new_cursors.append(NewCursor(job.jobid, entry.owner, handed or now))
                started.append(entry)
        revisions.begin_many(tx, new_revisions)
        cursors.start_many(tx, new_cursors)
        cursors.begin_after(tx, moved)
        cursors.advance_many(tx, moved)
        everything = len(self._context.agenda.entries)
        _read_revisions(tx, opened, everything)
        _read_cursors(tx, started, everything)


def _read_revisions(tx: Transaction, entries: Sequence[Entry], of: int) -> None:
    """Read what is in force now for some jobs, of so many that there are."""
    current = revisions.current(tx, None if _are_most(entries, of) else _ids(entries))
    for entry in entries:
        entry.set_revisions((current[entry.job.jobid],))


def _read_cursors(tx: Transaction, entries: Sequence[Entry], of: int) -> None:
    known = cursors.every(tx) if _are_most(entries, of) else cursors.among(tx, _ids(entries))
    for entry in entries:
        entry.cursor = known[entry.job.jobid, entry.owner].accounted_until


def _ids(entries: Sequence[Entry]) -> list[int]:
    return [entry.job.jobid for entry in entries]


def _are_most(entries: Sequence[Entry], of: int) -> bool:
    """Whether reading all is less work than asking for each."""
    return len(entries) * 2 > of


def _why_unplannable(entry: Entry) -> str:
    """Return why a job's schedule cannot be planned by, as after a time zone was withdrawn."""
    if entry.planner is not None:
        return ""
    in_force = entry.revision_in_force
    return why_unplannable(entry.job.schedule if in_force is None else in_force.schedule)


def _lasting(obstacles: list[Obstacle]) -> Obstacle | None:
    """Return the job's or a group's switch among the obstacles.

    An expiry is the schedule's own end, and the engine's mode holds all jobs at once.
    """
    return next((each for each in obstacles if each.code in _SWITCHES), None)


_SWITCHES = frozenset({"JOB-RETIRED", "JOB-INACTIVE", "JOB-DISABLED", "GROUP-DISABLED"})
