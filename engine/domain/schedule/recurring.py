"""Check the interval of a recurring schedule."""

from typing import Any

from engine.domain.schedule import LONGEST_RECURRING, SHORTEST_RECURRING, RecurringSchedule
from engine.domain.schedule.zones import zone
from engine.errors import ScheduleError


def check_recurring(seconds: Any, timezone: str = "UTC") -> RecurringSchedule:
    """Return the schedule "every `seconds` seconds".

    Raises:
        ScheduleError: `seconds` is no whole number from 1 to 9999999, or the zone is unknown.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise ScheduleError(f"A recurring schedule is a whole number of seconds, not {seconds!r}.")
    if not SHORTEST_RECURRING <= seconds <= LONGEST_RECURRING:
        raise ScheduleError(
            f"A recurring schedule of {seconds} seconds is outside "
            f"{SHORTEST_RECURRING} to {LONGEST_RECURRING}."
        )
    zone(timezone)
    return RecurringSchedule(seconds, timezone)
