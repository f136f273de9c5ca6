"""The forecast: what will run in a window, how much of it at once, and where it piles up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from engine.clock import HOUR, MINUTE, SECOND, Instant
from engine.control.context import Context
from engine.control.job_view import JobView, iso
from engine.control.jobs import Jobs
from engine.control.set_back import SetBack
from engine.domain.job import Job
from engine.domain.load import Load, highest, rounded
from engine.domain.schedule import Schedule
from engine.domain.schedule.clock_changes import ClockChange, clock_changes
from engine.domain.schedule.dues import count_dues
from engine.domain.schedule.revision import Revision
from engine.errors import UsageError
from engine.persistence import accounts, revisions

LONGEST = 31 * 24 * HOUR
_PEAKS = 10
_NAMES = 12
_SLOTS = 512  # runs at once in one engine where its settings name no number


class JobForecast(Struct, frozen=True):
    """The starts of one job."""

    name: str
    count: int
    first: Instant
    last: Instant
    seconds: float | None  # that it usually takes (median of its last runs); None: it never ran

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {
            "name": self.name,
            "count": self.count,
            "first": iso(self.first),
            "last": iso(self.last),
            "seconds": self.seconds,
        }


class Peak(Struct, frozen=True):
    """A minute in which much starts."""

    at: Instant
    starts: int
    jobs: tuple[str, ...]  # some of those that start in it

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {"at": iso(self.at), "starts": self.starts, "jobs": list(self.jobs)}


class ForecastReport(Struct, frozen=True):
    """What `since < due <= until` will bring if everything stays as it is."""

    since: Instant
    until: Instant
    starts: int
    jobs: tuple[JobForecast, ...]  # the most frequent first
    peaks: tuple[Peak, ...]  # the highest first
    hours: tuple[tuple[Instant, int], ...]  # starts per hour
    most_at_once: int
    most_at_once_at: Instant | None
    slots: int  # runs that this engine lets go on at once
    unknown: int  # jobs that never ran: they count with no run time
    idle: Mapping[str, str] = field(default_factory=dict)  # due, but will not run: name → why
    clock_changes: tuple[tuple[str, ClockChange], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {
            "since": iso(self.since),
            "until": iso(self.until),
            "starts": self.starts,
            "most_at_once": self.most_at_once,
            "most_at_once_at": iso(self.most_at_once_at),
            "slots": self.slots,
            "unknown": self.unknown,
            "peaks": [each.as_json() for each in self.peaks],
            "hours": [{"hour": iso(at), "starts": count} for at, count in self.hours],
            "jobs": [each.as_json() for each in self.jobs],
            "idle": dict(self.idle),
            "clock_changes": [
                {"job": name, **change.as_json()} for name, change in self.clock_changes
            ],
        }


class _Coming(Struct, frozen=True):
    """A job with due instants in the window."""

    job: Job
    revision: Revision
    dues: tuple[Instant, Instant, int]
    took: Instant | None


class Forecast:
    """The service of the forecast."""

    def __init__(self, context: Context, jobs: Jobs) -> None:
        self._context = context
        self._jobs = jobs

    def window(
        self, since: Instant | None = None, until: Instant | None = None, hour: Instant = 0
    ) -> ForecastReport:
        """Return what will run in `since < due <= until` (None: the next 24 hours from now).

        Hours begin at `hour`, and so many whole hours before and after it: those of some zones lie
        half an hour, or a quarter, beside those of UTC.

        Raises:
            UsageError: the window is empty, or longer than 31 days.
        """
        start = self._context.clock.now() if since is None else since
        end = start + 24 * HOUR if until is None else until
        if not start < end <= start + LONGEST:
            raise UsageError("A forecast looks from a second to 31 days ahead.")
        coming, idle = self._coming(start, end)
        load = Load(start, end)
        for each in _grouped(coming).values():
            one = each[0]
            took = rounded([job.took or 0 for job in each])
            load.add(one.job.schedule, one.revision.anchor, one.dues, took)
        running = load.running()
        busiest = highest(running, 1)
        return ForecastReport(
            since=start,
            until=end,
            starts=sum(each.dues[2] for each in coming),
            jobs=_by_count(coming),
            peaks=_peaks(load, coming),
            hours=_hours(load, hour),
            most_at_once=round(running[busiest[0]]) if busiest else 0,
            most_at_once_at=load.origin + busiest[0] * SECOND if busiest else None,
            slots=self._context.settings.max_parallel or _SLOTS,
            unknown=sum(each.took is None for each in coming),
            idle=idle,
            clock_changes=_changes(coming, start, end),
        )

    def _coming(self, since: Instant, until: Instant) -> tuple[list[_Coming], dict[str, str]]:
        """Return the jobs that will run, and those that are due and will not, with the reason."""
        views = self._jobs.all()
        coming: list[_Coming] = []
        idle: dict[str, str] = {}
        with self._context.database.read() as tx:
            known = revisions.current(tx)
            now = self._context.clock.now()
            set_back = SetBack.read(tx, now, [view.job for view in views])
            for view in views:
                revision = known.get(view.job.jobid) or _expected(view.job, since)
                if (again := set_back.until(view.job, revision)) > revision.began_at:
                    revision = replace(revision, began_at=again)
                dues = count_dues([revision], since, until)
                if view.is_stopped and not view.is_expired:  # due or not, nobody can tell
                    idle[view.name] = _refusal(view)
                if dues is None:
                    continue
                why_not = _refusal(view)
                if why_not:
                    idle[view.name] = why_not
                    continue
                took = accounts.durations(tx, view.job.jobid)
                usual = round(median(took)) if took else None
                coming.append(_Coming(view.job, revision, dues, usual))
        return coming, idle


def _expected(job: Job, now: Instant) -> Revision:
    """Return the revision that the first engine will open for a job."""
    return Revision(0, job.jobid, job.schedule, now, None, job.expiry_date)


def _refusal(view: JobView) -> str:
    """Return the switch that keeps the job's schedule from running it; "": none does.

    A run that goes on, or an engine that is paused, is over some time.
    """
    lasting = (each for each in view.obstacles if each.blocks_schedule)
    return next((each.message for each in lasting if each.code not in _PASSING), "")


_PASSING = {"JOB-RUNNING", "JOB-HELD", "JOB-EXPIRED", "ENGINE-ERROR"}


def _grouped(
    coming: Sequence[_Coming],
) -> dict[tuple[Schedule, Instant, Instant | None], list[_Coming]]:
    """Put jobs together that are due at the same instants."""
    groups: dict[tuple[Schedule, Instant, Instant | None], list[_Coming]] = defaultdict(list)
    for each in coming:
        first, last, _ = each.dues
        groups[each.job.schedule, first, last].append(each)
    return groups


def _by_count(coming: Sequence[_Coming]) -> tuple[JobForecast, ...]:
    found = [
        JobForecast(
            name=each.job.name,
            count=each.dues[2],
            first=each.dues[0],
            last=each.dues[1],
            seconds=None if each.took is None else each.took / SECOND,
        )
        for each in coming
    ]
    return tuple(sorted(found, key=lambda each: (-each.count, each.name)))


def _peaks(load: Load, coming: Sequence[_Coming]) -> tuple[Peak, ...]:
    found = []
    for minute in highest(load.starts, _PEAKS):
        at = load.origin + minute * MINUTE
        names: list[str] = []
        for each in coming:
            if len(names) == _NAMES:
                break
            if count_dues([each.revision], max(at - 1, load.since), at + MINUTE - 1):
                names.append(each.job.name)
        found.append(Peak(at, round(load.starts[minute]), tuple(names)))
    return tuple(found)


def _hours(load: Load, hour: Instant) -> tuple[tuple[Instant, int], ...]:
    hours: dict[Instant, float] = defaultdict(float)
    for minute, count in enumerate(load.starts):
        at = load.origin + minute * MINUTE
        hours[at - (at - hour) % HOUR] += count
    return tuple((at, round(count)) for at, count in hours.items())


def _changes(
    coming: Sequence[_Coming], since: Instant, until: Instant
) -> tuple[tuple[str, ClockChange], ...]:
    return tuple(
        (each.job.name, change)
        for each in coming
        for change in clock_changes(each.job.schedule, since, 1)
        if change.at <= until
    )
