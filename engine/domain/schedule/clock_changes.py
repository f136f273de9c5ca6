"""The coming dates on which a clock change touches a job, and what it does to it."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from engine.clock import DAY, HOUR, MINUTE, Instant, to_datetime, to_iso
from engine.domain.schedule import CronSchedule, RecurringSchedule, Schedule
from engine.domain.schedule.cron_planner import CronPlanner, cron_planner
from engine.domain.schedule.placement import CORRECTION, is_wildcard
from engine.domain.schedule.zones import zone

_MOST_SHOWN = 4


class ClockChange(Struct, frozen=True):
    """One clock change that skips or repeats a local time which the schedule names."""

    at: Instant  # the first instant of the new time
    kind: Literal["gap", "overlap"]
    local: str  # `2026-03-29 02:00 +01:00 to 03:00 +02:00`
    times: tuple[str, ...]  # the local times of the schedule that it skips or repeats
    due: tuple[Instant, ...]  # what they are due at all the same
    effect: str  # in words

    def as_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return {
            "at": to_iso(self.at),
            "kind": self.kind,
            "local": self.local,
            "times": list(self.times),
            "due": [to_iso(due) for due in self.due],
            "effect": self.effect,
        }


def clock_changes(schedule: Schedule, after: Instant, count: int) -> list[ClockChange]:
    """Return the first `count` clock changes after `after` that touch the schedule, before 2200.

    A recurring schedule goes by elapsed time: no clock change touches it.

    Raises:
        CronError: a field is not in the grammar.
        ScheduleError: the time zone is unknown.
    """
    if isinstance(schedule, RecurringSchedule):
        return []
    table = zone(schedule.timezone)
    planner = cron_planner(schedule)
    found: list[ClockChange] = []
    for i in range(max(bisect_right(table.starts, after), 1), len(table.starts)):
        if len(found) >= count:
            break
        change = _change(schedule, planner, table.starts[i], table.offsets[i - 1], table.offsets[i])
        if change is not None:
            found.append(change)
    return found


def _change(
    schedule: CronSchedule, planner: CronPlanner, start: Instant, before: int, now: int
) -> ClockChange | None:
    size = abs(now - before)
    low = start + min(before, now)
    times = planner.local_times(low, low + size)
    if not times:
        return None
    is_gap = now > before
    due = (
        planner.between(start - 1, start + size)
        if is_gap
        else planner.between(start - size - 1, start + size - 1)
    )
    instants = tuple(due)
    if is_gap:
        instants = tuple(at for at in instants if _makes_up(schedule, at, start, before, times))
    texts = tuple(_clock(time) for time in times)
    effect = (
        _gap_effect(schedule, texts, instants, size, now)
        if is_gap
        else _overlap_effect(schedule, texts, size)
    )
    return ClockChange(
        at=start,
        kind="gap" if is_gap else "overlap",
        local=f"{_date(start + before)} {_clock(start + before)} {_offset(before)} to "
        f"{_clock(start + now)} {_offset(now)}",
        times=texts,
        due=instants,
        effect=effect,
    )


def _makes_up(
    schedule: CronSchedule, at: Instant, start: Instant, before: int, times: Sequence[int]
) -> bool:
    if is_wildcard(schedule) or schedule.dst_gap == "skip":
        return False
    return at + before in times if schedule.dst_gap == "shift" else at == start


def _gap_effect(
    schedule: CronSchedule, times: Sequence[str], due: Sequence[Instant], size: int, now: int
) -> str:
    missing = f"{_shown(times)} {'does' if len(times) == 1 else 'do'} not exist"
    if is_wildcard(schedule):
        return f"{missing}; the job goes by elapsed time"
    if not due:
        why = "dst-gap is skip" if schedule.dst_gap == "skip" else f"a change of {_hours(size)}"
        return f"{missing}; no run ({why})"
    runs = _shown([_clock(at + now) for at in due])
    once = "once " if len(due) < len(times) else ""
    return f"{missing}; runs {once}at {runs} {_offset(now)}"


def _overlap_effect(schedule: CronSchedule, times: Sequence[str], size: int) -> str:
    twice = f"{_shown(times)} {'comes' if len(times) == 1 else 'come'} twice"
    if is_wildcard(schedule):
        return f"{twice}; runs each time, by elapsed time"
    if schedule.dst_overlap == "first" and size > CORRECTION:
        return f"{twice}; runs each time (a change of {_hours(size)})"
    return (
        f"{twice}; runs "
        + {
            "first": "the first time only",
            "last": "the second time only",
            "both": "both times",
        }[schedule.dst_overlap]
    )


def _shown(times: Sequence[str]) -> str:
    if len(times) > _MOST_SHOWN:
        return f"{times[0]}, {times[1]} ... {times[-1]}"
    return times[0] if len(times) == 1 else ", ".join(times[:-1]) + " and " + times[-1]


def _hours(size: int) -> str:
    return f"{size // HOUR} hours"


def _date(local: int) -> str:
    return to_datetime(local).strftime("%Y-%m-%d")


def _clock(local: int) -> str:
    minute = local % DAY // MINUTE
    return f"{minute // 60:02}:{minute % 60:02}"


def _offset(offset: int) -> str:
    minute = abs(offset) // MINUTE
    return f"{'-' if offset < 0 else '+'}{minute // 60:02}:{minute % 60:02}"
