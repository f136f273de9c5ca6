"""On which days a cron schedule fires: day, month and wday as one set of day numbers.

A day number counts days since 1970-01-01. A year has one of fourteen calendars (leap or not, and
the weekday of 1 January), so a schedule needs at most fourteen sorted lists of days whatever the
number of years.

When day and wday are both restricted, either one matches. "Restricted" is judged on the resulting
set, as Qorus does it: `1-31` and `*/1` restrict nothing, `*/2` does. (Debian's cron looks for a
literal `*` at the start of the field instead, so that `0 0 */2 * mon` means "odd days that are
Mondays" there and "odd days, and Mondays" here.)
"""

from bisect import bisect_left, bisect_right
from calendar import isleap, monthrange
from datetime import date
from functools import lru_cache

from engine.domain.schedule.fields import FieldSet

FIRST_YEAR = 1969  # a zone west of Greenwich is still in it when 1970 begins
LAST_YEAR = 2200
_WEEK = 7
NEVER = 10**9  # a day number beyond every horizon

_EPOCH = date(1970, 1, 1).toordinal()
_YEARS = range(FIRST_YEAR, LAST_YEAR + 2)
_STARTS = tuple(date(year, 1, 1).toordinal() - _EPOCH for year in _YEARS)
_WEEKDAYS = tuple((date(year, 1, 1).weekday() + 1) % _WEEK for year in _YEARS)  # Sunday is 0
_CALENDARS = tuple(
    weekday + _WEEK * isleap(year) for year, weekday in zip(_YEARS, _WEEKDAYS, strict=True)
)
_LENGTH = len(_STARTS) - 1  # the last start only ends the last year

LAST_DAY = _STARTS[-1] - 1


class DaySet:
    """The days that match; immutable, and shared by all schedules that name the same days."""

    __slots__ = ("_by_calendar", "_days", "_months", "_wdays", "is_every_day")

    def __init__(self, days: FieldSet, months: FieldSet, wdays: FieldSet) -> None:
        self.is_every_day = days.is_full and months.is_full and wdays.is_full
        self._days = days
        self._months = frozenset(months.values)
        self._wdays = wdays
        self._by_calendar: dict[int, tuple[int, ...]] = {}

    def has(self, day: int) -> bool:
        """Return whether `day` matches."""
        if self.is_every_day:
            return True
        year = bisect_right(_STARTS, day) - 1
        days = self._of_year(year)
        offset = day - _STARTS[year]
        index = bisect_left(days, offset)
        return index < len(days) and days[index] == offset

    def at_or_after(self, day: int) -> int:
        """Return the first matching day that is not before `day`, or NEVER."""
        if self.is_every_day:
            return day
        year = bisect_right(_STARTS, day) - 1
        offset = day - _STARTS[year]
        while year < _LENGTH:
            days = self._of_year(year)
            index = bisect_left(days, offset)
            if index < len(days):
                return _STARTS[year] + days[index]
            year += 1
            offset = 0
        return NEVER

    def at_or_before(self, day: int) -> int:
        """Return the last matching day that is not after `day`, or -NEVER."""
        if self.is_every_day:
            return day
        year = bisect_right(_STARTS, day) - 1
        offset = day - _STARTS[year]
        while year >= 0:
            days = self._of_year(year)
            index = bisect_right(days, offset)
            if index:
                return _STARTS[year] + days[index - 1]
            year -= 1
            offset = 366
        return -NEVER

    def count(self, first: int, last: int) -> int:
        """Return how many days of `first <= day <= last` match."""
        if last < first:
            return 0
        if self.is_every_day:
            return last - first + 1
        begin, end = bisect_right(_STARTS, first) - 1, bisect_right(_STARTS, last) - 1
        total = bisect_right(self._of_year(end), last - _STARTS[end])
        total -= bisect_left(self._of_year(begin), first - _STARTS[begin])
        return total + sum(len(self._of_year(year)) for year in range(begin, end))

    def _of_year(self, year: int) -> tuple[int, ...]:
        calendar = _CALENDARS[year]
        days = self._by_calendar.get(calendar)
        if days is None:
            days = self._by_calendar[calendar] = self._expand(
                leap=calendar >= _WEEK, first=calendar % _WEEK
            )
        return days

    def _expand(self, *, leap: bool, first: int) -> tuple[int, ...]:
        by_day, by_wday = not self._days.is_full, not self._wdays.is_full
        days, wdays = set(self._days.values), set(self._wdays.values)
        found = []
        offset = 0
        for month in range(1, 13):
            length = monthrange(2000 if leap else 2001, month)[1]
            if month in self._months:
                for day in range(1, length + 1):
                    hit_day = day in days
                    hit_wday = (first + offset + day - 1) % _WEEK in wdays
                    either = by_day and by_wday
                    if (hit_day or hit_wday) if either else (hit_day and hit_wday):
                        found.append(offset + day - 1)
            offset += length
        return tuple(found)


@lru_cache(maxsize=16_384)
def day_set(days: FieldSet, months: FieldSet, wdays: FieldSet) -> DaySet:
    """Return the shared set of days for these three fields."""
    return DaySet(days, months, wdays)
