"""When cron itself runs a line, after Debian's cron(8) and crontab(5): an evaluator of its own.

It parses the fields again and walks calendar days with `zoneinfo`; nothing of the engine's planner
is used, so that a comparison of the two says something.

- A range that runs backwards names nothing.
- A day matches when both day fields match where either begins with `*`, else when one of them does.
- A line whose minute or hour begins with `*` goes by elapsed time. Any other is run right after a
  change of clocks that skipped it, and once where the clocks repeat it. Changes of more than three
  hours are corrections: the new time holds at once.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from engine.clock import MINUTE, SECOND, Instant, from_datetime, to_datetime

_MACROS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_RANGES: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
)
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTH: Final = 3
_WEEKDAY: Final = 4
# What follows a range, as the second `-` in `1-5-7`, is passed over by cron.
_ITEM: Final = re.compile(r"(\*|\w+)(?:(?<!\*)-(\w+))?(?:/([0-9]{1,9}))?(?:-.*)?\Z")
_CORRECTION: Final = dt.timedelta(hours=3)
_ALL_DAYS: Final = 31
_ALL_WEEKDAYS: Final = 7
_QUARTER: Final = 15  # minutes; no zone changes its offset within one nowadays


class FieldError(ValueError):
    """Cron itself would refuse the field."""


class CrontabRule:
    """One crontab line's time, in a time zone."""

    def __init__(self, text: str, timezone: str) -> None:
        """Parse a line's five fields or macro.

        Raises:
            FieldError: cron would refuse them.
        """
        fields = _MACROS.get(text.lower(), text).split()
        if len(fields) != len(_RANGES):
            raise FieldError(f"'{text}' has {len(fields)} fields")
        sets = [field_values(field, index) for index, field in enumerate(fields)]
        self._minutes, self._hours, self._days, self._months = sets[:4]
        self._weekdays = {day % 7 for day in sets[4]}
        self._both_days = fields[2].startswith("*") or fields[4].startswith("*")
        self._by_elapsed_time = fields[0].startswith("*") or fields[1].startswith("*")
        self._zone = ZoneInfo(timezone)

    def reason(self, instant: Instant) -> str:
        """Return why a definition may differ at `instant`."""
        del instant
        if self._both_days and len(self._days) < _ALL_DAYS and len(self._weekdays) < _ALL_WEEKDAYS:
            return "cron wants both day fields to match, and tocsin either of them"
        return ""

    def instants(self, after: Instant, until: Instant) -> Iterator[Instant]:
        """Yield the instants of `after < instant <= until`, ascending, each once."""
        walk = self._elapsed(after, until) if self._by_elapsed_time else self._fixed(after, until)
        for instant in walk:
            if after < instant <= until:
                yield instant

    def _matches(self, day: dt.date) -> bool:
        if day.month not in self._months:
            return False
        by_date, by_week = day.day in self._days, day.isoweekday() % 7 in self._weekdays
        return (by_date and by_week) if self._both_days else (by_date or by_week)

    def _elapsed(self, after: Instant, until: Instant) -> Iterator[Instant]:
        """Look at the local time of every quarter of an hour that passes."""
        quarter = _QUARTER * MINUTE
        for start in range(after // quarter * quarter, until + 1, quarter):
            local = to_datetime(start).astimezone(self._zone)
            if local.hour not in self._hours or not self._matches(local.date()):
                continue
            for minute in range(_QUARTER):
                if local.minute + minute in self._minutes:
                    yield start + minute * MINUTE

    def _fixed(self, after: Instant, until: Instant) -> Iterator[Instant]:
        first = to_datetime(after).astimezone(self._zone).date() - dt.timedelta(days=1)
        last = to_datetime(until).astimezone(self._zone).date() + dt.timedelta(days=1)
        done = after
        for number in range((last - first).days + 1):
            day = first + dt.timedelta(days=number)
            if self._matches(day):
                for instant in sorted(set(self._on(day))):
                    if instant > done:
                        yield instant
                        done = instant

    def _on(self, day: dt.date) -> Iterator[Instant]:
        for hour in self._hours:
            for minute in self._minutes:
                local = dt.datetime.combine(day, dt.time(hour, minute), self._zone)
                yield from self._placed(local)

    def _placed(self, local: dt.datetime) -> Iterator[Instant]:
        early, late = local, local.replace(fold=1)
        change = abs((early.utcoffset() or dt.timedelta()) - (late.utcoffset() or dt.timedelta()))
        first, second = from_datetime(early), from_datetime(late)
        exists = to_datetime(first).astimezone(self._zone).replace(tzinfo=None) == local.replace(
            tzinfo=None
        )
        if exists:
            yield first
            if first != second and change > _CORRECTION:
                yield second
        elif change <= _CORRECTION:
            yield self._end_of_gap(second, first)

    def _end_of_gap(self, before: Instant, later: Instant) -> Instant:
        """Return the first instant after the change of clocks between two instants."""
        low, high = min(before, later) // SECOND, max(before, later) // SECOND
        offset = self._offset(low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == offset else (low, middle)
        return high * SECOND

    def _offset(self, second: int) -> dt.timedelta | None:
        return dt.datetime.fromtimestamp(second, self._zone).utcoffset()


def field_values(field: str, index: int) -> set[int]:
    """Return the values of field number `index` (0: minute), Sunday as 0 or 7.

    Raises:
        FieldError: cron would refuse it.
    """
    return set().union(*(item_values(item, index) for item in field.split(",")))


def item_values(item: str, index: int) -> set[int]:
    """Return the values of one item of a list; none where a range runs backwards.

    Raises:
        FieldError: cron would refuse it.
    """
    match = _ITEM.match(item)
    if match is None:
        raise FieldError(f"'{item}' is no cron field")
    low, high = _RANGES[index]
    first, last = low, high
    if match[1] != "*":
        first = _number(match[1], index)
        last = _number(match[2], index) if match[2] else first
        if match[3] and not match[2]:
            raise FieldError(f"'{item}' has a step, but neither a range nor *")
    step = int(match[3] or 1)
    if not (low <= first <= high and low <= last <= high) or step < 1:
        raise FieldError(f"'{item}' is outside {low}-{high}")
    return set(range(first, last + 1, step))


def _number(text: str, index: int) -> int:
    if index == _MONTH and text.lower() in _MONTHS:
        return _MONTHS.index(text.lower()) + 1
    if index == _WEEKDAY and text.lower() in _DAYS:
        return _DAYS.index(text.lower())
    if not (text.isascii() and text.isdigit()):
        raise FieldError(f"'{text}' is neither a number nor a name")
    return int(text)
