"""Count the starts to come: jobs that share a schedule are counted once."""

from collections import Counter
from collections.abc import Iterable
from heapq import merge
from itertools import islice

from app.client.desk import Forecast
from engine.clock import HOUR, Instant
from engine.control.job_view import JobView
from engine.domain.schedule import RecurringSchedule, Schedule
from engine.domain.schedule.planner import planner_for

MOST_COMING = 2000
_EACH = 60  # coming starts that are named of one job


def forecast(views: Iterable[JobView], now: Instant, hours: int) -> Forecast:
    """Return the starts of the next `hours` hours of every job that its schedule runs."""
    since = now - now % HOUR
    until = since + hours * HOUR
    able = [view for view in views if view.next is not None and view.next < until]
    counts = [0] * hours
    for (schedule, anchor), number in Counter(map(_walk_of, able)).items():
        for index, count in enumerate(_counts(schedule, anchor, now, since, hours)):
            counts[index] += count * number
    coming = merge(*(_dues(view, now, until) for view in able))
    return Forecast(since, tuple(counts), tuple(islice(coming, MOST_COMING)))


def _walk_of(view: JobView) -> tuple[Schedule, Instant]:
    schedule = view.job.schedule
    if isinstance(schedule, RecurringSchedule):
        return schedule, view.next or 0  # its due instants, counted from the next one
    return schedule, 0


def _counts(
    schedule: Schedule, anchor: Instant, now: Instant, since: Instant, hours: int
) -> Iterable[int]:
    if isinstance(schedule, RecurringSchedule):
        anchor -= schedule.seconds * 1_000_000
    planner = planner_for(schedule, anchor)
    for index in range(hours):
        start = since + index * HOUR
        found = planner.count(max(start - 1, now), start + HOUR - 1)
        yield 0 if found is None else found[2]


def _dues(view: JobView, now: Instant, until: Instant) -> Iterable[tuple[Instant, str]]:
    schedule, anchor = _walk_of(view)
    if isinstance(schedule, RecurringSchedule):
        anchor -= schedule.seconds * 1_000_000
    name = view.job.name
    expiry = view.job.expiry_date
    for due in islice(planner_for(schedule, anchor).between(now, until), _EACH):
        if expiry is not None and due >= expiry:
            return
        yield due, name
