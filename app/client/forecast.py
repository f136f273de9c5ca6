"""The starts to come: counts per hour from the system API, and the first of them by name."""

from collections.abc import Iterable, Sequence
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


def of_all(report: ForecastReport, views: Iterable[JobView], now: Instant) -> Forecast:
    """Return the forecast of every job."""
    since = now - now % HOUR
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
    counts = []
    for view in views:
        expiry = view.job.expiry_date
        end = until if expiry is None else min(until, expiry)
        if view.next is None or view.next >= end or end <= since:
            continue
        found = _planner(view).count(since - 1, end - 1)
        if found is not None:
            counts.append((view.name, found[2]))
    return tuple(sorted(counts, key=lambda each: (-each[1], each[0])))


def of_some(views: Sequence[JobView], now: Instant, hours: int) -> Forecast:
    """Return the forecast of a few jobs."""
    since = now - now % HOUR
    counts = [0] * hours
    for view in views:
        if view.next is None:
            continue
        planner = _planner(view)
        for index in range(hours):
            start = since + index * HOUR
            found = planner.count(max(start - 1, now), start + HOUR - 1)
            counts[index] += 0 if found is None else found[2]
    return Forecast(since, tuple(counts), coming_of(views, now, since + hours * HOUR))


def _planner(view: JobView) -> Planner:
    """Return a planner that gives the job's due instants from its next one on."""
    schedule = view.job.schedule
    if isinstance(schedule, RecurringSchedule):
        return planner_for(schedule, (view.next or 0) - schedule.seconds * 1_000_000)
    return planner_for(schedule)


def coming_of(
    views: Iterable[JobView], now: Instant, until: Instant
) -> tuple[tuple[Instant, str], ...]:
    """Return the due instants after `now` and before `until` with the names of their jobs.

    In order of time, at most `MOST_OF_ONE` of a job and `MOST_COMING` in all.
    """
    able = [view for view in views if view.next is not None and view.next < until]
    return tuple(islice(merge(*(_dues(view, now, until) for view in able)), MOST_COMING))


def _dues(view: JobView, now: Instant, until: Instant) -> Iterable[tuple[Instant, str]]:
    expiry = view.job.expiry_date
    for due in islice(_planner(view).between(now, until), MOST_OF_ONE):
        if expiry is not None and due >= expiry:
            return
        yield due, view.job.name
