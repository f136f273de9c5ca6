"""Every due instant has one verdict, no other instant has any, and each excuse is true."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import attrgetter

from tests.checker.expansion import expand
from tests.checker.lives import up_times
from tests.checker.rows import Cursor, History, Hold, Instance, Job, Revision, Stretch
from tests.checker.violation import Violation, shown

_NAMED = 5
_RECORDING = 2_000_000  # microseconds from the end of a run to its record
_SWITCHES = {"job disabled", "group disabled", "engine paused", "engine draining"}
_DUE: Callable[[Instance], int] = attrgetter("due_at")  # of instances that a schedule began
Interval = tuple[int, int]


class Accounting:
    """Checks one history; `due` is how many due instants were looked at."""

    def __init__(self, history: History) -> None:
        self.due = 0
        self._history = history
        self._revisions: dict[int, list[Revision]] = defaultdict(list)
        for revision in history.revisions:
            self._revisions[revision.jobid].append(revision)
        self._instances: dict[tuple[int, str], list[Instance]] = defaultdict(list)
        for instance in history.instances:
            if instance.due_at is not None:
                self._instances[instance.jobid, instance.owner].append(instance)
        self._stretches: dict[tuple[int, str], list[Stretch]] = defaultdict(list)
        for stretch in history.stretches:
            self._stretches[stretch.jobid, stretch.owner].append(stretch)
        self._by_id = {one.job_instanceid: one for one in history.instances}
        self._jobs = {job.jobid: job for job in history.jobs}
        self._up: dict[str, list[Interval]] = {}

    def check(self) -> Iterator[Violation]:
        """Yield what is wrong."""
        cursors = {(one.jobid, one.owner): one for one in self._history.cursors}
        for key in sorted({*cursors, *self._instances, *self._stretches}):
            job = self._jobs[key[0]]
            cursor = cursors.get(key)
            if cursor is None:
                yield Violation("never-due", job.name, f"verdicts of owner {key[1]!r}, no cursor")
                continue
            yield from self._check_owner(job, cursor)

    def _check_owner(self, job: Job, cursor: Cursor) -> Iterator[Violation]:
        key = job.jobid, cursor.owner
        due = expand(self._revisions[job.jobid], cursor.began_at, cursor.accounted_until)
        self.due += len(due)
        instances = self._instances.get(key, [])
        ran = [at for at in map(_DUE, instances) if at > cursor.began_at]
        yield from _in_order(job, instances)
        if ran and max(ran) > cursor.accounted_until:
            yield Violation("beyond-cursor", job.name, f"an instance for {shown(max(ran))}")
        stretches = [one for one in self._stretches.get(key, ()) if one.last > cursor.began_at]
        spans = [
            due[bisect_left(due, max(one.first, cursor.began_at + 1)) : bisect_right(due, one.last)]
            for one in stretches
        ]
        if sorted(chain(ran, *spans)) != due:
            yield from _wrong(job, due, ran, spans)
        for stretch, dues in zip(stretches, spans, strict=True):
            yield from _check_count(job, stretch, cursor, dues)
            if dues:
                yield from self._check_excuse(job, stretch, dues)
            if stretch.reason == "its engine was forgotten" and cursor.ended_at is None:
                text = f"forgotten at {shown(stretch.last)}, but its account goes on"
                yield Violation("false-excuse", job.name, text)

    def _check_excuse(self, job: Job, stretch: Stretch, dues: Sequence[int]) -> Iterator[Violation]:
        if stretch.verdict == "coalesced":
            yield from self._check_coalesced(job, stretch)
        elif stretch.reason == "no engine was up":
            if stretch.owner not in self._up:
                self._up[stretch.owner] = up_times(self._history.sessions, stretch.owner)
            wrong = _first_inside(dues, self._up[stretch.owner])
            if wrong is not None:
                text = f"no engine was up at {shown(wrong)}, but one was"
                yield Violation("false-excuse", job.name, text)
        elif stretch.reason in _SWITCHES:
            held = [
                (one.since, one.until if one.until is not None else dues[-1])
                for one in self._history.holds
                if _concerns(one, stretch)
            ]
            wrong = _first_outside(dues, held)
            if wrong is not None:
                text = f"{stretch.reason} at {shown(wrong)}, but no hold says so"
                yield Violation("false-excuse", job.name, text)
        elif stretch.reason == "held by another session" and not self._was_held(stretch, dues[-1]):
            text = f"held by another session at {shown(dues[-1])}, but nothing ran"
            yield Violation("false-excuse", job.name, text)

        elif stretch.reason == "overlap":
            wrong = next((due for due in dues if not self._lost_its_turn(stretch, due)), None)
            if wrong is not None:
                text = f"overlap at {shown(wrong)}, but no switch took the catch-up away"
                yield Violation("false-excuse", job.name, text)

    def _check_coalesced(self, job: Job, stretch: Stretch) -> Iterator[Violation]:
        into = self._by_id.get(stretch.job_instanceid or 0)
        oldest = self._history.instances[0].job_instanceid if self._history.instances else 0
        if into is None:
            if stretch.job_instanceid is None or stretch.job_instanceid >= oldest:
                text = f"into instance {stretch.job_instanceid}, which does not exist"
                yield Violation("coalesced-nowhere", job.name, text)
        elif into.jobid != job.jobid or (into.due_at or 0) <= stretch.last:
            text = f"into instance {into.job_instanceid}, which does not stand for it"
            yield Violation("coalesced-nowhere", job.name, text)

    def _was_held(self, stretch: Stretch, due: int) -> bool:
        """Whether an instance of the job was open at `due` or later, when it was claimed.

        A run is over for its peers when its end is recorded, a little after it came.
        """
        return any(
            one.jobid == stretch.jobid
            and (one.completed is None or one.completed >= due - _RECORDING)
            and one.due_at != due
            for one in self._history.instances
        )

    def _lost_its_turn(self, stretch: Stretch, due: int) -> bool:
        """Whether a switch was thrown after `due`, before the job began another run.

        An engine's stop is no switch: what passed then is caught up at the next start.
        """
        own = self._instances.get((stretch.jobid, stretch.owner), ())
        following = min((one.started for one in own if one.started > due), default=None)
        thrown = [
            one.since
            for one in self._history.holds
            if one.reason in _SWITCHES - {"engine draining"} and _is_of(one, stretch)
        ]
        history = self._revisions[stretch.jobid]
        begins = {one.began_at for one in history if one.began_at != one.ended_at}
        thrown += [at for one in history if (at := one.ended_at) and at not in begins]
        return any(due <= at and (following is None or at <= following) for at in thrown)


def _is_of(hold: Hold, stretch: Stretch) -> bool:
    if hold.jobid is not None:
        return hold.jobid == stretch.jobid
    return stretch.owner in {"", hold.owner} or hold.owner == ""


def _concerns(hold: Hold, stretch: Stretch) -> bool:
    return hold.reason == stretch.reason and _is_of(hold, stretch)


def _in_order(job: Job, instances: Sequence[Instance]) -> Iterator[Violation]:
    """Later instances answer for later instants, and their fence is higher."""
    due, fence = -1, -1
    for one in instances:
        at = _DUE(one)
        if one.started < at:
            yield Violation("early", job.name, f"instance {one.job_instanceid} before it was due")
        if at > due:
            due = at
        else:
            again = "doubled" if at == due else "out-of-order"
            yield Violation(again, job.name, f"instance {one.job_instanceid}: {shown(at)}")
        if one.fence > fence:
            fence = one.fence
        else:
            yield Violation("stale-fence", job.name, f"instance {one.job_instanceid}: {one.fence}")


def _check_count(
    job: Job, stretch: Stretch, cursor: Cursor, dues: Sequence[int]
) -> Iterator[Violation]:
    """A stretch counts its instants, and goes from the first of them to the last."""
    if stretch.first <= cursor.began_at:
        return  # the cursor cuts it: what was before is not known
    if stretch.number != len(dues):
        text = f"{stretch.verdict} {stretch.number} from {shown(stretch.first)}, not {len(dues)}"
        yield Violation("miscounted", job.name, text)
    if not dues or (dues[0], dues[-1]) != (stretch.first, stretch.last):
        text = f"{stretch.verdict} from {shown(stretch.first)} to {shown(stretch.last)}"
        yield Violation("never-due", job.name, text)


def _wrong(
    job: Job, due: Sequence[int], ran: Sequence[int], spans: Sequence[Sequence[int]]
) -> Iterator[Violation]:
    """Name the instants with no verdict, with two, and those that were never due."""
    told = Counter(chain(ran, *spans))
    named = set(due)
    for instant in ran:
        if instant not in named:
            yield Violation("never-due", job.name, f"ran for {shown(instant)}")
    for invariant, what, some in (
        ("lost", "with no verdict", [at for at in due if at not in told]),
        ("doubled", "with two verdicts", [at for at in due if told[at] > 1]),
    ):
        if some:
            text = f"{len(some)} {what}: {', '.join(map(shown, some[:_NAMED]))}"
            yield Violation(invariant, job.name, text)


def _first_inside(dues: Sequence[int], intervals: Sequence[Interval]) -> int | None:
    """Return the first of `dues` in `since < due <= until` of any interval."""
    for since, until in intervals:
        index = bisect_right(dues, since)
        if index < len(dues) and dues[index] <= until:
            return dues[index]
    return None


def _first_outside(dues: Sequence[int], intervals: Sequence[Interval]) -> int | None:
    """Return the first of `dues` that no `since <= due <= until` covers."""
    index = 0
    for since, until in sorted(intervals):
        if index < len(dues) and dues[index] < since:
            return dues[index]
        index = max(index, bisect_right(dues, until))
    return dues[index] if index < len(dues) else None
