"""The starts to come: counts per hour from the system API, and the first of them by name."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice

from app.client.views import Forecast
from app.presentation.quantities import counted
from engine.clock import HOUR, Instant, to_datetime
from engine.control.forecast import ForecastReport
from engine.control.job_view import JobView
from engine.domain.schedule import RecurringSchedule
from engine.domain.schedule.planner import Planner, planner_for

MOST_COMING = 10_000
MOST_OF_ONE = 400  # what is due more often crowds nothing else out


def hour_of(at: Instant, hour: Instant) -> Instant:
    """Return when the hour of `at` begins, where one begins at `hour`."""
    return at - (at - hour) % HOUR


def of_all(
    report: ForecastReport, views: Iterable[JobView], now: Instant, hour: Instant = 0
) -> Forecast:
    """Return the forecast of every job, in hours of which one begins at `hour`, as the report's."""
    since = hour_of(now, hour)
    counts = [0] * round((report.until - since) / HOUR)
    for at, count in report.hours:
        index = (at - since) // HOUR
        if 0 <= index < len(counts):
            counts[index] += count
    notes = [
        f"peak {to_datetime(peak.at):%a %d %H:%M} UTC: {counted(peak.starts, 'start')} in a minute"
        for peak in report.peaks[:1]
    ]
    notes.append(f"at most {report.most_at_once:,} at once, of {report.slots:,}")
    if report.idle:
        notes.append(f"{counted(len(report.idle), 'job')} due but switched off")
    return Forecast(since, tuple(counts), coming_of(views, now, report.until), tuple(notes))


def by_job(views: Iterable[JobView], since: Instant, until: Instant) -> tuple[tuple[str, int], ...]:
    """Return how often each job is due from `since` on and before `until`, the busiest first."""
    found = ((view.name, _count(view, since - 1, until - 1)) for view in views)
    counts = [(name, count) for name, count in found if count]
    return tuple(sorted(counts, key=lambda each: (-each[1], each[0])))


def of_some(views: Sequence[JobView], now: Instant, hours: int, hour: Instant = 0) -> Forecast:
    """Return the forecast of some jobs, in hours of which one begins at `hour`."""
    since = hour_of(now, hour)
    counts = [0] * hours
    for view in views:
        _count_hours(view, since, now, counts)
    return Forecast(since, tuple(counts), coming_of(views, now, since + hours * HOUR))


def _count_hours(view: JobView, since: Instant, now: Instant, counts: list[int]) -> None:
    """Add the starts of a job after `now` to `counts`: one by one where that is less to do."""
    window = _window(view, max(since - 1, now), since + len(counts) * HOUR - 1)
    planner = None if window is None else _planner(view)
    found = None if window is None or planner is None else planner.count(*window)
    if window is None or planner is None or found is None:
        return
    if found[2] <= len(counts):
        for due in planner.between(*window):
            counts[(due - since) // HOUR] += 1
        return
    for index in range(len(counts)):
        start = since + index * HOUR
        counts[index] += _count(view, max(start - 1, now), start + HOUR - 1)


def coming_of(
    views: Iterable[JobView], now: Instant, until: Instant
) -> tuple[tuple[Instant, str], ...]:
    """Return the due instants after `now` and before `until` with the names of their jobs.

    In order of time, at most `MOST_OF_ONE` of a job and `MOST_COMING` in all.
    """
    dues = (_dues(view, now, until) for view in views)
    return tuple(islice(merge(*(each for each in dues if each is not None)), MOST_COMING))


def _dues(view: JobView, after: Instant, until: Instant) -> Iterator[tuple[Instant, str]] | None:
    window = _window(view, after, until - 1)
    if window is None:
        return None
    return ((due, view.name) for due in islice(_planner(view).between(*window), MOST_OF_ONE))


def _count(view: JobView, after: Instant, until: Instant) -> int:
    """Return how often a job is due in `after < due <= until`."""
    window = _window(view, after, until)
    found = None if window is None else _planner(view).count(*window)
    return 0 if found is None else found[2]


def _window(view: JobView, after: Instant, until: Instant) -> tuple[Instant, Instant] | None:
    """Return what of `after < due <= until` a job is due in; None: nothing.

    Not before its next due instant: fixed times that a clock set back left behind do not come
    again. Nor at its expiry date or later.
    """
    expiry = view.job.expiry_date
    first = view.next_due
    last = until if expiry is None else min(until, expiry - 1)
    if first is None or first > last:
        return None
    begin = max(after, first - 1)
    return (begin, last) if begin < last else None


def _planner(view: JobView) -> Planner:
    """Return a planner that gives the job's due instants from its next one on."""
    schedule = view.job.schedule
    if isinstance(schedule, RecurringSchedule):
        return planner_for(schedule, (view.next_due or 0) - schedule.seconds * 1_000_000)
    return planner_for(schedule)
