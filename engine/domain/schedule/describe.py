"""A schedule in words, for people: `at 02:30 on Monday to Friday`."""

from collections.abc import Callable, Sequence
from itertools import product

from engine.domain.schedule import CronSchedule, RecurringSchedule, Schedule
from engine.domain.schedule.fields import DAY, HOUR, MINUTE, MONTH, WDAY, FieldSet, expand

_DAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_MOST_TIMES = 6  # that are still read more easily one by one
_MOST_DAYS = 8


def describe(schedule: Schedule) -> str:
    """Return the schedule in English, without its time zone.

    Raises:
        CronError: a field is not in the grammar.
    """
    if isinstance(schedule, RecurringSchedule):
        return _every(schedule.seconds)
    time, repeats = _time(expand(schedule.minute, MINUTE), expand(schedule.hour, HOUR))
    days = _days(schedule)
    if not days:
        return time if repeats else f"{time} every day"
    return f"{time} {days}"


def _every(seconds: int) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return _count(seconds // size, unit)


def _count(number: int, unit: str) -> str:
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def _time(minutes: FieldSet, hours: FieldSet) -> tuple[str, bool]:
    """Return the time in words, and whether they already say that it happens over and over."""
    if len(minutes.values) == 1:
        return _once_an_hour(minutes.values[0], hours)
    step = _step(minutes.values, 60)
    if step is not None:
        often = _count(step, "minute")
        return (often, True) if hours.is_full else (f"{often} {_hours(hours)}", False)
    if len(minutes.values) * len(hours.values) <= _MOST_TIMES:
        return _clock_times(minutes.values, hours.values), False
    listed = "at minutes " + _join(_ranges(minutes.values, str))
    return f"{listed} " + ("of every hour" if hours.is_full else _hours(hours)), hours.is_full


def _once_an_hour(minute: int, hours: FieldSet) -> tuple[str, bool]:
    step = _step(hours.values, 24)
    if step is not None:
        return _count(step, "hour") + (f" at minute {minute}" if minute else ""), True
    if len(hours.values) <= _MOST_TIMES:
        return _clock_times((minute,), hours.values), False
    return f"at minute {minute} {_hours(hours)}", False


def _clock_times(minutes: Sequence[int], hours: Sequence[int]) -> str:
    return "at " + _join([f"{hour:02}:{minute:02}" for hour, minute in product(hours, minutes)])


def _hours(hours: FieldSet) -> str:
    spans = _ranges(hours.values, str)
    if len(spans) == 1 and len(hours.values) > 1:
        return f"from {hours.values[0]:02}:00 to {hours.values[-1]:02}:59"
    if len(hours.values) == 1:
        return f"from {hours.values[0]:02}:00 to {hours.values[0]:02}:59"
    return "in the hours " + _join(spans)


def _days(schedule: CronSchedule) -> str:
    days, months = expand(schedule.day, DAY), expand(schedule.month, MONTH)
    wdays = expand(schedule.wday, WDAY)
    in_months = "" if months.is_full else _join(_ranges(months.values, _month_name))
    if not days.is_full and wdays.is_full and len(days.values) == len(months.values) == 1:
        return f"on {days.values[0]} {in_months}"
    parts = []
    if not days.is_full:
        parts.append(_days_of_month(days.values))
    if not wdays.is_full:
        mondays_first = sorted((value - 1) % 7 for value in wdays.values)
        parts.append("on " + _join(_ranges(mondays_first, lambda day: _DAY_NAMES[(day + 1) % 7])))
    words = " and ".join(parts)
    if in_months:
        words = f"{words} in {in_months}" if words else f"every day in {in_months}"
    return words


def _days_of_month(days: Sequence[int]) -> str:
    if len(days) > _MOST_DAYS:
        step = days[1] - days[0]
        if step > 1 and tuple(days) == tuple(range(days[0], 32, step)):
            return f"on every {_ordinal(step)} day of the month from the {_ordinal(days[0])}"
    return "on the " + _join(_ranges(days, _ordinal))


def _month_name(month: int) -> str:
    return MONTH_NAMES[month - 1]


def _ordinal(number: int) -> str:
    if number // 10 == 1:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _step(values: Sequence[int], size: int) -> int | None:
    """Return n where `values` are every n-th of the whole field and come round evenly."""
    if size % len(values):
        return None
    step = size // len(values)
    even = len(values) > 1 and tuple(values) == tuple(range(0, size, step))
    return step if even else None


def _ranges(values: Sequence[int], name: Callable[[int], str]) -> list[str]:
    """Return the values by name, three or more in a row as `a to b`."""
    words: list[str] = []
    start = 0
    for i in range(1, len(values) + 1):
        if i < len(values) and values[i] == values[i - 1] + 1:
            continue
        if i - start >= 3:  # noqa: PLR2004 - two in a row read better one by one
            words.append(f"{name(values[start])} to {name(values[i - 1])}")
        else:
            words += [name(value) for value in values[start:i]]
        start = i
    return words


def _join(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return ", ".join(words[:-1]) + " and " + words[-1]
