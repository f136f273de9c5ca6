"""A reference expansion of cron schedules that shares no code with the engine.

It is written from the documented rule alone (semantics: "Cron grammar", "Daylight saving"; the
header of `engine.domain.schedule.placement`), in the most literal way: look at every minute of UTC
time, ask `zoneinfo` for its local time, and see whether the fields match. Slow, and plain enough to
be believed.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
THREE_HOURS = 180  # minutes


@dataclass(frozen=True)
class Rule:
    """The five fields as sets of numbers."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 is Sunday
    by_elapsed_time: bool
    either_day: bool  # day and weekday are both restricted

    def names_day(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        in_days = day.day in self.days
        in_weekdays = day.isoweekday() % 7 in self.weekdays
        if self.either_day:
            return in_days or in_weekdays
        return in_days and in_weekdays


def read(expression: str) -> Rule:
    minute, hour, day, month, weekday = expression.lower().split()
    days = _numbers(day, 1, 31)
    weekdays = frozenset(one % 7 for one in _numbers(weekday, 0, 6, [*WEEKDAYS, "sun"]))
    return Rule(
        minutes=_numbers(minute, 0, 59),
        hours=_numbers(hour, 0, 23),
        days=days,
        months=_numbers(month, 1, 12, ["", *MONTHS]),
        weekdays=weekdays,
        by_elapsed_time=minute[0] == "*" or hour[0] == "*",
        either_day=len(days) < 31 and len(weekdays) < 7,
    )


def with_debians_day_rule(expression: str) -> Rule:
    """Return the rule as Debian's cron reads it: a star in front frees a day field."""
    _, _, day, _, weekday = expression.split()
    return replace(read(expression), either_day=day[0] != "*" and weekday[0] != "*")


def _numbers(
    field: str, lowest: int, highest: int, names: list[str] | None = None
) -> frozenset[int]:
    def number(word: str) -> int:
        return names.index(word) if names and word in names else int(word)

    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            first, last = lowest, highest
        elif "-" in span:
            left, right = span.split("-")
            first, last = number(left), number(right)
            if names and right == "sun" and first > 0:
                last = 7
        else:
            first = last = number(span)
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


class Minute(NamedTuple):
    """One minute of UTC time as the people of a zone see it."""

    utc: int  # minutes since 1970
    wall: int  # the same for the clock on the wall
    time: int  # minutes since the wall's midnight
    day: int  # ordinal


class Skipped(NamedTuple):
    """A minute that no clock showed."""

    utc: int  # where it would be, had the clocks not been changed
    time: int
    day: int
    after: int  # the first minute after the gap, in UTC
    length: int  # of the gap, minutes


class Window:
    """Every minute of a stretch of UTC time in one zone."""

    def __init__(self, zone: str, first: datetime, last: datetime, margin_hours: int = 30) -> None:
        info = ZoneInfo(zone)
        margin = timedelta(hours=margin_hours)
        self.first, self.last = _minutes(first), _minutes(last)
        self.minutes: list[Minute] = []
        for utc in range(_minutes(first - margin), _minutes(last + margin) + 1):
            local = datetime.fromtimestamp(utc * 60, info)
            if local.second:
                raise ValueError(f"{zone} is not on whole minutes at {local}")
            wall = _minutes(local.replace(tzinfo=UTC))
            self.minutes.append(
                Minute(utc, wall, local.hour * 60 + local.minute, local.toordinal())
            )
        self.skipped = self._find_skipped()
        self.passes = self._find_passes()
        self.days = {one.day for one in self.minutes} | {one.day for one in self.skipped}

    def _find_skipped(self) -> list[Skipped]:
        found = []
        for before, after in pairwise(self.minutes):
            length = after.wall - before.wall - 1
            for wall in range(before.wall + 1, after.wall):
                shown = datetime.fromtimestamp(wall * 60, UTC)
                utc = before.utc + wall - before.wall
                time = shown.hour * 60 + shown.minute
                found.append(Skipped(utc, time, shown.toordinal(), after.utc, length))
        return found

    def _find_passes(self) -> dict[str, list[Minute]]:
        """Return, for each choice of dst-overlap, the minutes in which a fixed time runs."""
        shown: dict[int, list[int]] = defaultdict(list)
        for one in self.minutes:
            shown[one.wall].append(one.utc)
        found: dict[str, list[Minute]] = {"first": [], "last": [], "both": self.minutes}
        for one in self.minutes:
            passes = shown[one.wall]
            if one.utc == passes[0] or passes[1] - passes[0] > THREE_HOURS:
                found["first"].append(one)
            if one.utc == passes[-1]:
                found["last"].append(one)
        return found

    def due(self, rule: Rule, gap: str, overlap: str) -> list[int]:
        """Return the due instants of the window, in microseconds since 1970."""
        times = {hour * 60 + minute for hour in rule.hours for minute in rule.minutes}
        days = {day for day in self.days if rule.names_day(date.fromordinal(day))}
        minutes = self.minutes if rule.by_elapsed_time else self.passes[overlap]
        found = {utc for utc, _, time, day in minutes if time in times and day in days}
        if not rule.by_elapsed_time:
            for one in self.skipped:
                if one.time in times and one.day in days:
                    if gap == "shift":
                        found.add(one.utc)
                    elif gap == "after" and one.length <= THREE_HOURS:
                        found.add(one.after)
        return [utc * 60_000_000 for utc in sorted(found) if self.first < utc <= self.last]


def _minutes(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
