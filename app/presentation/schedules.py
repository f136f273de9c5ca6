"""Schedules as people type and read them.

In words, with the next instants and the clock changes.
"""

from datetime import tzinfo
from itertools import pairwise

from msgspec import Struct

from app.presentation.instants import ahead, full_time, local, weekday, zone_named
from app.sanitize import SafeText, safe_line
from app.store.query_values import parse_duration
from engine.clock import Instant
from engine.domain.schedule import CronSchedule, Schedule
from engine.domain.schedule.clock_changes import clock_changes
from engine.domain.schedule.cron import parse_cron
from engine.domain.schedule.describe import describe
from engine.domain.schedule.planner import planner_for
from engine.domain.schedule.recurring import check_recurring
from engine.errors import CronError, ScheduleError, TocsinError

_NONE = SafeText("")
SHOWN = 10  # instants of a preview
_CHANGES = 2  # clock changes that are told


class DueLine(Struct, frozen=True):
    """One due instant to come; `note` tells that the clock changes before it."""

    due: Instant
    text: SafeText
    note: SafeText = _NONE


class SchedulePreview(Struct, frozen=True):
    """What a schedule that is being typed would do, or why it is refused."""

    words: SafeText = _NONE
    due: tuple[DueLine, ...] = ()
    changes: tuple[SafeText, ...] = ()
    problem: SafeText = _NONE
    position: int | None = None  # of the wrong character, from 0
    schedule: Schedule | None = None


def schedule_text(schedule: Schedule) -> SafeText:
    """Return a schedule in one cell: "*/5 * * * *", "every 30s", "every 2h"."""
    if isinstance(schedule, CronSchedule):
        return safe_line(schedule.expression)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if schedule.seconds % size == 0:
            return SafeText(f"every {schedule.seconds // size}{unit}")
    return SafeText(f"every {schedule.seconds}s")


def read_schedule(
    text: str, timezone: str = "UTC", dst_gap: str = "after", dst_overlap: str = "first"
) -> Schedule:
    """Return what an operator typed: five cron fields, a macro, or "every 90s", "1h30m", "90".

    Raises:
        CronError: a field is wrong; `position` tells where.
        ScheduleError: the interval, the zone or a daylight-saving choice is wrong.
    """
    typed = text.strip()
    interval = typed.removeprefix("every ").strip()
    seconds = parse_duration(interval.replace(" ", ""))
    if seconds is not None:
        if seconds != int(seconds):
            raise ScheduleError(f"A recurring schedule is whole seconds, not {interval}.")
        return check_recurring(int(seconds), timezone)
    if interval != typed:
        raise ScheduleError(
            f"'{interval}' is no interval. Accepted: 90, 90s, 10m, 1h30m, 1d; or five cron fields."
        )
    if not typed:
        raise CronError("Type five cron fields, or an interval such as 'every 10m'.")
    return parse_cron(text, timezone, dst_gap, dst_overlap)


def preview(
    text: str,
    now: Instant,
    *,
    timezone: str = "UTC",
    dst_gap: str = "after",
    dst_overlap: str = "first",
    viewer: tzinfo | None = None,
    shown: int = SHOWN,
) -> SchedulePreview:
    """Return what the typed schedule would do from `now` on; never raises for what was typed.

    Instants are in the job's zone; with another `viewer` zone theirs stands beside.
    """
    try:
        schedule = read_schedule(text, timezone, dst_gap, dst_overlap)
    except CronError as error:
        position = None if error.position is None else max(0, error.position - 1)
        return SchedulePreview(problem=safe_line(error.reason), position=position)
    except TocsinError as error:
        return SchedulePreview(problem=safe_line(error.message))
    zone = zone_named(timezone)
    words = (
        f"{describe(schedule)}{'' if isinstance(schedule, CronSchedule) else ', start to start'}"
    )
    changes = clock_changes(schedule, now, _CHANGES)
    return SchedulePreview(
        words=SafeText(f"{words} ({safe_line(timezone)})"),
        due=tuple(_due_lines(schedule, now, zone, viewer, shown)),
        changes=tuple(safe_line(f"{change.local}: {change.effect}") for change in changes),
        schedule=schedule,
    )


def next_dues(schedule: Schedule, anchor: Instant, count: int) -> list[Instant]:
    """Return the first `count` due instants after `anchor`; fewer where the calendar ends."""
    planner = planner_for(schedule, anchor)
    found: list[Instant] = []
    at = planner.next_after(anchor)
    while at is not None and len(found) < count:
        found.append(at)
        at = planner.next_after(at)
    return found


def _due_lines(
    schedule: Schedule, now: Instant, zone: tzinfo, viewer: tzinfo | None, shown: int
) -> list[DueLine]:
    instants = next_dues(schedule, now, shown)
    lines = []
    for before, due in pairwise([now, *instants]):
        moment = local(due, zone)
        text = f"{weekday(moment)} {full_time(due, zone)}  {ahead(due, now, wide=True)}"
        if viewer is not None and local(due, viewer).utcoffset() != moment.utcoffset():
            text += f"  ({full_time(due, viewer)})"
        note = ""
        if local(before, zone).utcoffset() != moment.utcoffset():
            note = f"clock changes before it: {_offset(before, zone)} to {_offset(due, zone)}"
        lines.append(DueLine(due, SafeText(text), SafeText(note)))
    return lines


def _offset(at: Instant, zone: tzinfo) -> str:
    return f"{local(at, zone):%z}"[:5]
