"""Read the durations and moments that people type: `90s`, `1h30m`, `2026-11-23T03:00`, `02:00`.

Shared by the filter language and by every `--since` of the command line.
"""

import re
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from engine.clock import DAY, SECOND, Instant, from_datetime, to_datetime

_UNITS = {
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}
_PART = re.compile(r"(\d+(?:\.\d+)?)(us|ms|min|s|m|h|d|w)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_LONGEST_TEXT = 40
_LONGEST = 1e11  # seconds: some 3,000 years, so that sums with it stay instants

Side = Literal["before", "after"]


def parse_duration(text: str) -> float | None:
    """Return the seconds of `90`, `1.5h` or `1h30m` (a bare number is seconds); None for others.

    Bare numbers may end a sum of parts only where they stand alone: `1h30` is refused.
    """
    if not text or len(text) > _LONGEST_TEXT:
        return None
    total, at = 0.0, 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None or (found[2] is None and found.end() - found.start() != len(text)):
            return None
        total += float(found[1]) * _UNITS[found[2] or "s"]
        at = found.end()
    return total if total <= _LONGEST else None


def parse_moment(text: str, now: Instant, zone: tzinfo, nearest: Side = "before") -> Instant | None:
    """Return the instant that `text` names; None where it names none.

    Accepted: ISO 8601 dates and times (in `zone` where they carry no offset), `today`, `yesterday`,
    `tomorrow`, `now`, and a time of day, which is the `nearest` one before or after `now`.
    """
    if len(text) > _LONGEST_TEXT:
        return None
    local = to_datetime(now).astimezone(zone)
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        return _time_of_day(clock, local, nearest)
    if text == "now":
        return now
    days = {"today": 0, "yesterday": -1, "tomorrow": 1}.get(text)
    if days is not None:
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return from_datetime(midnight + timedelta(days=days))
    try:
        moment = datetime.fromisoformat(text.upper())
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def end_of_day(at: Instant, zone: tzinfo) -> Instant:
    """Return the end of the day of `at`: 23 or 25 hours after its begin where the clocks change."""
    local = to_datetime(at).astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    try:
        return from_datetime(midnight + timedelta(days=1))
    except OverflowError:  # the last day that there is
        return at + DAY


def parse_since(text: str, now: Instant, zone: tzinfo) -> Instant | None:
    """Return the instant of a `--since`: a moment, or a duration ago; None where it is neither."""
    seconds = parse_duration(text)
    if seconds is not None:
        return now - round(seconds * SECOND)
    return parse_moment(text, now, zone)


def parse_around(text: str, now: Instant, zone: tzinfo) -> Instant | None:
    """Return the instant of a moment, of `2h` or `-2h` (so long ago), or of `+2h` (to come)."""
    if not text.startswith("+"):
        return parse_since(text.removeprefix("-"), now, zone)
    seconds = parse_duration(text.removeprefix("+"))
    return None if seconds is None else now + round(seconds * SECOND)


def _time_of_day(clock: re.Match[str], local: datetime, nearest: Side) -> Instant | None:
    """Return the last one up to now, or the next: it can come twice a day, or not at all."""
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    try:
        today = local.replace(hour=hour, minute=minute, second=second, microsecond=0, fold=0)
    except ValueError:
        return None
    now = from_datetime(local)
    days = (today + timedelta(days=number) for number in (-1, 0, 1))
    found: set[Instant] = set()
    for day in days:
        first = from_datetime(day)
        found |= {first, max(first, from_datetime(day.replace(fold=1)))}  # earlier: there is none
    if nearest == "before":
        return max(at for at in found if at <= now)
    return min(at for at in found if at >= now)
