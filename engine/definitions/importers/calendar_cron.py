"""A calendar event of systemd → a schedule of ours, where one says the same."""

import datetime as dt
from collections.abc import Collection
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from engine.definitions.importers.calendar_spec import CalendarSpec
from engine.domain.schedule import RecurringSchedule, Schedule
from engine.domain.schedule.cron import parse_cron

_MINUTE: Final = 60
_SHORT_LIST: Final = 2
_DAYS_WITHOUT_CHANGE: Final = range(0, 366 * 5, 7)


class NoScheduleError(ValueError):
    """No schedule of ours says the same; the text says why."""


def schedule_of(spec: CalendarSpec, timezone: str) -> tuple[Schedule, str]:
    """Return the schedule that an event amounts to, and what is worth knowing about it.

    Raises:
        NoScheduleError: none does.
    """
    zone = spec.timezone or timezone
    if not spec.names_every_year:
        raise NoScheduleError("it names years, and a schedule has none")
    if spec.from_the_end:
        raise NoScheduleError("it counts days from the end of the month, and a schedule cannot")
    all_days = len(spec.weekdays) == 7 and len(spec.days) == 31  # noqa: PLR2004
    if spec.seconds != {0}:
        return _by_seconds(spec, zone, all_days=all_days)
    if len(spec.weekdays) < 7 and len(spec.days) < 31:  # noqa: PLR2004
        raise NoScheduleError(
            "it wants days that are both in its date and among its weekdays, and cron fields name "
            "days that are in either"
        )
    fields = _fields(spec, star=not _clocks_change(zone))
    return parse_cron(fields, zone, "skip", "first"), ""


def _by_seconds(spec: CalendarSpec, zone: str, *, all_days: bool) -> tuple[Schedule, str]:
    steps = {later - earlier for earlier, later in pairwise(sorted(spec.seconds))}
    every = steps.pop() if len(steps) == 1 else 0
    evenly = every and _MINUTE % every == 0 and len(spec.seconds) * every == _MINUTE
    always = all_days and len(spec.months) == 12 and len(spec.hours) == 24  # noqa: PLR2004
    if not (evenly and always and len(spec.minutes) == _MINUTE):
        raise NoScheduleError("it names seconds, and cron fields begin at the minute")
    said = f"every {every} seconds, counted from the job's start and not from the full minute"
    return RecurringSchedule(every, zone), said


def _fields(spec: CalendarSpec, *, star: bool) -> str:
    """Return the five fields.

    Without `star` neither minute nor hour begins with `*`: then the job goes by the clock, as
    systemd does, also through an hour that the clocks repeat.
    """
    weekdays = {day % 7 for day in spec.weekdays}
    return " ".join(
        (
            _field(spec.minutes, 0, 59, star=star),
            _field(spec.hours, 0, 23, star=star),
            _field(spec.days, 1, 31),
            _field(spec.months, 1, 12),
            _field(weekdays, 0, 6),
        )
    )


def _field(values: Collection[int], low: int, high: int, *, star: bool = True) -> str:
    everything = "*" if star else f"{low}-{high}"
    if len(values) == high - low + 1:
        return everything
    ordered = sorted(values)
    steps = {later - earlier for earlier, later in pairwise(ordered)}
    if len(steps) == 1 and len(ordered) > _SHORT_LIST:
        step = steps.pop()
        first, last = ordered[0], ordered[-1]
        if step == 1:
            return f"{first}-{last}"
        if last + step > high:
            return f"{everything}/{step}" if first == low else f"{first}-{high}/{step}"
        return f"{first}-{last}/{step}"
    return ",".join(_stretches(ordered))


def _stretches(ordered: list[int]) -> list[str]:
    """Return values as `1-3`, `5`, `8-9`."""
    found: list[list[int]] = []
    for value in ordered:
        if found and value == found[-1][-1] + 1:
            found[-1].append(value)
        else:
            found.append([value])
    return [str(each[0]) if len(each) == 1 else f"{each[0]}-{each[-1]}" for each in found]


def _clocks_change(zone: str) -> bool:
    """Whether the zone's offset changes in the years that anybody plans for."""
    info = ZoneInfo(zone)
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    offsets = {
        (start + dt.timedelta(days=days)).astimezone(info).utcoffset()
        for days in _DAYS_WITHOUT_CHANGE
    }
    return len(offsets) > 1
