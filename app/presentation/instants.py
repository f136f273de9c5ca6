"""Instants and lengths of time as people read them.

Ages, distances, local times with their zone.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.sanitize import SafeText, safe
from engine.clock import DAY, SECOND, Instant, from_datetime, to_datetime

NOTHING = SafeText("-")
_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86_400, 31_557_600
_A_FEW = 10  # seconds that are shown with a decimal


@lru_cache(maxsize=256)
def zone_named(name: str) -> tzinfo:
    """Return the zone with the IANA `name`; UTC where there is none, so that a row still shows."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC


def local(instant: Instant, zone: tzinfo) -> datetime:
    """Return `instant` as a local time; the ends of the calendar stay in UTC."""
    moment = to_datetime(instant)
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def clock_time(instant: Instant, zone: tzinfo) -> SafeText:
    """Return "12:28:01": for columns whose heading names the zone."""
    return SafeText(f"{local(instant, zone):%H:%M:%S}")


def zone_label(instant: Instant, zone: tzinfo) -> SafeText:
    """Return the short name of the zone at that instant: "UTC", "CEST", "+05:45"."""
    name = safe(local(instant, zone).tzname() or "UTC")
    return SafeText(f"{name[:3]}:{name[3:]}") if name[1:].isdigit() and len(name) > 3 else name  # noqa: PLR2004


def when(instant: Instant | None, now: Instant, zone: tzinfo) -> SafeText:
    """Return the shortest local time that is clear today.

    "12:28:01", "Jan 05 12:28", "2025-01-05".
    """
    if instant is None:
        return NOTHING
    moment, today = local(instant, zone), local(now, zone)
    if moment.date() == today.date():
        return SafeText(f"{moment:%H:%M:%S}")
    if moment.year == today.year:
        return SafeText(f"{_MONTHS[moment.month - 1]} {moment:%d %H:%M}")
    return SafeText(f"{moment.year:04}-{moment:%m-%d}")


def full_time(instant: Instant | None, zone: tzinfo) -> SafeText:
    """Return "2026-01-05 12:28:01 CET": a local time that stands alone."""
    if instant is None:
        return NOTHING
    moment = local(instant, zone)
    return SafeText(f"{moment.year:04}-{moment:%m-%d %H:%M:%S} {zone_label(instant, zone)}")


def moment_time(instant: Instant, now: Instant, zone: tzinfo) -> SafeText:
    """Return "03:12 UTC", "03:12:30 UTC", or with the date where it is not today's."""
    moment = local(instant, zone)
    day = "" if moment.date() == local(now, zone).date() else f"{moment.year:04}-{moment:%m-%d} "
    second = f":{moment:%S}" if moment.second else ""
    return SafeText(f"{day}{moment:%H:%M}{second} {zone_label(instant, zone)}")


def hour_start(instant: Instant, zone: tzinfo) -> Instant:
    """Return when the hour of `instant` began on the clocks of `zone`."""
    moment = local(instant, zone)
    return instant - (moment.minute * 60 + moment.second) * SECOND - moment.microsecond


def weekday(moment: datetime) -> SafeText:
    """Return "Mon": the same in every locale."""
    return SafeText(_DAYS[moment.weekday()])


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def duration(seconds: float | None) -> SafeText:
    """Return a length of time in up to five cells: "40ms" "4.1s" "44s" "12m" "2h04" "3d" "2y"."""
    if seconds is None:
        return NOTHING
    if seconds < 0:
        return SafeText("-" + duration(-seconds))
    if seconds < 0.0995:  # noqa: PLR2004 - shorter than 0.1 s shows
        return SafeText(f"{seconds * 1000:.0f}ms")
    if seconds < _A_FEW - 0.05:
        return SafeText(f"{seconds:.1f}s")
    whole = round(seconds)
    if whole < _MINUTE:
        return SafeText(f"{whole}s")
    if whole < _HOUR:
        return SafeText(f"{whole // _MINUTE}m")
    if whole < _A_FEW * _HOUR:
        return SafeText(f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02}")
    return _rough(whole)


def long_duration(seconds: float | None) -> SafeText:
    """Return a length of time by its two largest units: "2m14s", "13h29m", "8d4h"."""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    if whole < _MINUTE:
        return duration(seconds) if seconds < _A_FEW else SafeText(f"{whole}s")
    if whole < _HOUR:
        return SafeText(f"{whole // _MINUTE}m{whole % _MINUTE:02}s")
    if whole < _DAY:
        return SafeText(f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02}m")
    if whole < _YEAR:
        return SafeText(f"{whole // _DAY}d{whole % _DAY // _HOUR}h")
    return _rough(whole)


def span_text(span: Instant) -> SafeText:
    """Return a span as it is typed: "7d", "36h", "90m"."""
    for unit, sign in ((DAY, "d"), (_HOUR * SECOND, "h"), (_MINUTE * SECOND, "m")):
        if span % unit == 0 and (sign != "d" or span != unit):
            return SafeText(f"{span // unit}{sign}")
    return long_duration(span / SECOND)


def _rough(whole: int) -> SafeText:
    """Return the largest unit alone; never rounded up, so that an age is not overstated."""
    if whole < _MINUTE:
        return SafeText(f"{whole}s")
    if whole < _HOUR:
        return SafeText(f"{whole // _MINUTE}m")
    if whole < 2 * _DAY:
        return SafeText(f"{whole // _HOUR}h")
    if whole < 2 * _YEAR:
        return SafeText(f"{whole // _DAY}d")
    return SafeText(f"{whole // _YEAR}y")


def age(then: Instant | None, now: Instant) -> SafeText:
    """Return how long ago `then` was: "41s", "2m", "9h", "5d"; "-" where there is no such time."""
    return NOTHING if then is None else _rough(max(0, now - then) // SECOND)


def ahead(due: Instant | None, now: Instant, *, wide: bool = False) -> SafeText:
    """Return how far off `due` is: "in 2m", wide "in 2m14s"; "now", or "3m late" once it passed."""
    if due is None:
        return NOTHING
    seconds = (due - now) // SECOND
    if seconds < 0 and -seconds >= _A_FEW:
        return SafeText(f"{_rough(-seconds)} late")
    if seconds <= 0:
        return SafeText("now")
    return SafeText(f"in {long_duration(seconds) if wide else _rough(seconds)}")


def age_until(then: Instant | None, now: Instant) -> Instant | None:
    """Return when `age` next reads otherwise, or some instant before; None: never."""
    if then is None:
        return None
    passed = max(0, now - then)
    return now + _step(passed) - passed % _step(passed)


def ahead_until(due: Instant | None, now: Instant) -> Instant | None:
    """Return when `ahead` next reads otherwise, or some instant before; None: never."""
    if due is None:
        return None
    left = due - now
    if left > SECOND:
        return now + left % _step(left - SECOND) + 1
    passed = SECOND - 1 - left  # seconds that have begun count
    return now + _step(passed) - passed % _step(passed)


def midnight_after(now: Instant, zone: tzinfo) -> Instant:
    """Return when the next day begins in `zone`: until then `when` reads as it does now."""
    today = local(now, zone).date()
    if today == date.max:
        return now + DAY
    return _midnight(today + timedelta(days=1), zone)


@lru_cache(maxsize=16)
def _midnight(day: date, zone: tzinfo) -> Instant:
    return from_datetime(datetime.combine(day, time.min, zone))


def _step(distance: int) -> int:
    """Return how long a rough distance of so many microseconds stays the same, at the least."""
    if distance < _MINUTE * SECOND:
        return SECOND
    if distance < _HOUR * SECOND:
        return _MINUTE * SECOND
    return _HOUR * SECOND if distance < 2 * DAY else DAY
