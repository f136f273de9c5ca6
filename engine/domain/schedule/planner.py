"""The planner of a schedule: which instants are due, walked both ways and counted, on UTC.

Planners are immutable and shared by all jobs with equal schedules. They cover 1970 to 2199; beyond,
nothing is due.
"""

from collections.abc import Iterator
from typing import Protocol

from engine.clock import Instant
from engine.domain.schedule import RecurringSchedule, Schedule
from engine.domain.schedule.cron_planner import cron_planner
from engine.domain.schedule.recurring_planner import RecurringPlanner
from engine.errors import CronError, ScheduleError


class Planner(Protocol):
    """Walks the due instants of one schedule."""

    def next_after(self, instant: Instant) -> Instant | None:
        """Return the first due instant strictly after `instant`.

        None: there is none before 2200.
        """
        ...

    def previous_at(self, instant: Instant) -> Instant | None:
        """Return the last due instant at or before `instant`.

        None: there is none since 1970 or the anchor.
        """
        ...

    def count(self, after: Instant, until: Instant) -> tuple[Instant, Instant, int] | None:
        """Return first, last and number of the due instants in `after < due <= until`.

        None: no one.
        """
        ...

    def between(self, after: Instant, until: Instant) -> Iterator[Instant]:
        """Yield the due instants of `after < due <= until`, ascending."""
        ...


def planner_for(schedule: Schedule, anchor: Instant = 0) -> Planner:
    """Return the planner of `schedule`; a recurring one counts from `anchor`, its revision's start.

    Raises:
        CronError: a field is not in the grammar.
        ScheduleError: its time zone is unknown.
    """
    if isinstance(schedule, RecurringSchedule):
        return RecurringPlanner(schedule.seconds, anchor)
    return cron_planner(schedule)


def planner_if_any(schedule: Schedule, anchor: Instant = 0) -> Planner | None:
    """Return the planner of `schedule`; None where nobody can plan by it: see `why_unplannable`."""
    try:
        return planner_for(schedule, anchor)
    except (CronError, ScheduleError):
        return None


def why_unplannable(schedule: Schedule) -> str:
    """Return why nobody can plan by a schedule, as after its time zone was withdrawn.

    "": one can.
    """
    try:
        planner_for(schedule)
    except (CronError, ScheduleError) as error:
        return error.message
    return ""
