"""The instants of log lines in the zone of who reads them: a log is written in UTC."""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from app.sanitize import SafeText

_MINUTE = 16  # characters of "2026-11-23T07:15"
_MILLISECONDS = slice(16, 23)  # ":00.123"
_DAY = 10


def local_day(stamp: str, zone: tzinfo) -> str:
    """Return the day, "2026-11-23", on which a line's `stamp` falls in `zone`; "" without one."""
    return _minute(stamp[:_MINUTE], zone)[:_DAY]


def local_time(stamp: str, zone: tzinfo, *, with_day: bool) -> SafeText:
    """Return "07:15:00.123", with "11-23 " before it where lines of several days are in sight."""
    minute = _minute(stamp[:_MINUTE], zone)
    begin = len("2026-") if with_day else _DAY + 1
    return SafeText(minute[begin:] + stamp[_MILLISECONDS])


@lru_cache(maxsize=4096)
def _minute(minute: str, zone: tzinfo) -> str:
    """Return "2026-11-23 08:15" for a minute of UTC; as it is where it is no date."""
    try:
        moment = datetime.fromisoformat(minute).replace(tzinfo=UTC).astimezone(zone)
    except ValueError:
        return minute.replace("T", " ")
    return f"{moment:%Y-%m-%d %H:%M}"
