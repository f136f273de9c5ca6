"""systemd's calendar events (`OnCalendar=`, systemd.time(7)), read into sets of values."""

import re
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

_WORDS: Final = {
    "minutely": "*-*-* *:*:00",
    "hourly": "*-*-* *:00:00",
    "daily": "*-*-* 00:00:00",
    "weekly": "Mon *-*-* 00:00:00",
    "monthly": "*-*-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00",
    **dict.fromkeys(("yearly", "annually", "anually"), "*-01-01 00:00:00"),
    **dict.fromkeys(
        ("semiannually", "semi-annually", "biannually", "bi-annually"), "*-01,07-01 00:00:00"
    ),
}
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COMPONENT: Final = re.compile(r"([0-9]{1,9})(?:\.\.([0-9]{1,9}))?(?:/([0-9]{1,9}))?\Z")
_TIME: Final = re.compile(r"[^:]+:[^:]+(:[^:]+)?\Z")
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2199
_TWO_DIGITS: Final = 100
_PIVOT: Final = 70


class SpecError(ValueError):
    """systemd would refuse the event, or it is of a kind that is not read here."""


class CalendarSpec(Struct, frozen=True):
    """When an event elapses: every moment whose parts are all in these sets."""

    weekdays: frozenset[int]  # 1 (Monday) to 7
    years: frozenset[int]
    months: frozenset[int]
    days: frozenset[int]  # counted from the last day of the month where `from_the_end`
    from_the_end: bool
    hours: frozenset[int]
    minutes: frozenset[int]
    seconds: frozenset[int]
    timezone: str  # "": the machine's

    @property
    def names_every_year(self) -> bool:
        """Whether no year is left out."""
        return len(self.years) == _LAST_YEAR - _FIRST_YEAR + 1


def parse(text: str) -> CalendarSpec:
    """Return what a calendar event names.

    Raises:
        SpecError: systemd would refuse it, or it is a single moment (`@...`) or below a second.
    """
    words = text.split()
    timezone = _zone(words)
    if len(words) == 1 and words[0].lower() in _WORDS:
        words = _WORDS[words[0].lower()].split()
    weekdays = frozenset(range(1, 8))
    if words and words[0][0].isalpha():
        weekdays = _weekdays(words.pop(0).rstrip(","))
    date, time = "*-*-*", "00:00:00"
    if words and ":" not in words[0]:
        date = words.pop(0)
    if words:
        time = words.pop(0)
    if words or not text.strip():
        raise SpecError(f"'{text}' is no calendar event")
    hours, minutes, seconds = _time(time)
    years, months, days, from_the_end = _date(date)
    return CalendarSpec(
        weekdays, years, months, days, from_the_end, hours, minutes, seconds, timezone
    )


def _zone(words: list[str]) -> str:
    """Take the time zone off the end, if there is one."""
    if len(words) > 1 and words[-1].upper() == "UTC":
        words.pop()
        return "UTC"
    if len(words) > 1 and words[-1] in available_timezones():
        return ZoneInfo(words.pop()).key
    return ""


def _weekdays(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.replace("..", "-").partition("-")
        start, end = _weekday(first), _weekday(last or first)
        if end < start:
            raise SpecError(f"'{part}' runs backwards")
        found.update(range(start, end + 1))
    return frozenset(found)


def _weekday(text: str) -> int:
    for number, name in enumerate(_WEEKDAYS, 1):
        if text.lower() in {name, name[:3]}:
            return number
    raise SpecError(f"'{text}' is no calendar event, and no day of the week")


def _date(text: str) -> tuple[frozenset[int], frozenset[int], frozenset[int], bool]:
    if text.startswith("@"):
        raise SpecError(f"'{text}' is a single moment")
    front, tilde, last = text.partition("~")
    parts = [*front.split("-"), last] if tilde else text.split("-")
    year, month, day = ["*", *parts] if len(parts) == 2 else parts if len(parts) == 3 else _no(text)  # noqa: PLR2004
    years = _chain(year, _FIRST_YEAR, _LAST_YEAR, is_year=True)
    return years, _chain(month, 1, 12), _chain(day, 1, 31, from_the_end=bool(tilde)), bool(tilde)


def _time(text: str) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    if not _TIME.match(text):
        _no(text)
    hour, minute, *rest = text.split(":")
    second = rest[0] if rest else "00"
    if re.fullmatch(r"[\d.,/]*\.\d+[\d.,/]*", second) and ".." not in second:
        raise SpecError(f"'{text}' has fractions of seconds")
    return _chain(hour, 0, 23), _chain(minute, 0, 59), _chain(second, 0, 59)


def _no(text: str) -> list[str]:
    raise SpecError(f"'{text}' is no part of a calendar event")


def _chain(
    text: str, low: int, high: int, *, is_year: bool = False, from_the_end: bool = False
) -> frozenset[int]:
    """Return the values of `*`, or of a list of `value`, `first..last` and `value/step`."""
    if text == "*":
        return frozenset(range(low, high + 1))
    found: set[int] = set()
    for part in text.split(","):
        match = _COMPONENT.match(part)
        if match is None:
            raise SpecError(f"'{part}' is no component of a calendar event")
        first = _year(int(match[1])) if is_year else int(match[1])
        last = first if match[2] is None else int(match[2])
        if is_year and match[2] is not None:
            last = _year(last)
        step = int(match[3] or 0)
        out_of_reach = False
        if match[2] is None and step and from_the_end:
            first, last = low, first  # on to the last day of the month
        elif match[2] is None and step:
            out_of_reach = first + step > high
            last = high
        if not low <= first <= last <= high or (match[3] and not step) or out_of_reach:
            raise SpecError(f"'{part}' is outside {low} to {high}")
        if from_the_end:
            found.update(range(last, first - 1, -(step or 1)))
        else:
            found.update(range(first, last + 1, step or 1))
    return frozenset(found)


def _year(year: int) -> int:
    """Return a year of two digits as one of 1970 to 2069."""
    if year >= _TWO_DIGITS:
        return year
    return year + (1900 if year >= _PIVOT else 2000)
