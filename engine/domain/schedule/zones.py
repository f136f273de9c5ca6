"""Time zones as sorted lists of clock changes, so that planning never asks `zoneinfo`.

The lists are read from `zoneinfo` once per zone and process: a new release of the time zone data
takes effect when the engine starts again. Nothing here knows of daylight saving: a change of offset
is a change of offset, whether it is called summer time, negative winter time (Dublin, Casablanca)
or a country's new zone.
"""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

from engine.clock import DAY, SECOND, Instant
from engine.domain.schedule.days import LAST_YEAR
from engine.errors import ScheduleError

BEGINNING: Instant = 0  # planning covers 1970 ...
HORIZON: Instant = int(datetime(LAST_YEAR, 1, 1, tzinfo=UTC).timestamp()) * SECOND  # ... to 2199

# Between two looks. Since 1970 no zone has changed its offset twice, and back again, within this
# time; a test compares the result with the zone files.
_STRIDE = 4 * DAY // SECOND


class Zone(Struct, frozen=True):
    """Offsets from UTC over time: `offsets[i]` holds from `starts[i]` on, until `starts[i + 1]`."""

    name: str
    starts: tuple[Instant, ...]  # the first one is before BEGINNING
    offsets: tuple[int, ...]  # microseconds east of UTC


@lru_cache(maxsize=1024)
def zone(name: str) -> Zone:
    """Return the clock changes of the IANA zone `name` from 1970 to 2199.

    Raises:
        ScheduleError: there is no zone of that name.
    """
    if name in {"UTC", "Etc/UTC"}:
        return Zone(name, (BEGINNING - DAY,), (0,))
    info = _info(name)
    if info is None:
        raise ScheduleError(_unknown(name))
    first = -DAY // SECOND
    starts, offsets = [BEGINNING - DAY], [_offset(info, first)]
    at, offset = first, offsets[0]
    end = HORIZON // SECOND
    while at < end:
        ahead = min(at + _STRIDE, end)
        after = _offset(info, ahead)
        if after != offset:
            ahead = _first_second_of_change(info, at, ahead, offset)
            offset = _offset(info, ahead)
            starts.append(ahead * SECOND)
            offsets.append(offset)
        at = ahead
    return Zone(name, tuple(starts), tuple(value * SECOND for value in offsets))


def known_zone(name: str) -> str:
    """Return `name`, or "UTC" where no zone has it: what is told in it shows all the same."""
    try:
        zone(name)
    except ScheduleError:
        return "UTC"
    return name


@lru_cache(maxsize=1024)
def _info(name: str) -> ZoneInfo | None:
    """Return a zone; None: there is none. Every look at a job whose zone is gone asks for it."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # none, or no name of a zone at all
        return None


def _offset(info: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, info).utcoffset()
    return 0 if offset is None else offset.days * 86_400 + offset.seconds


def _first_second_of_change(info: ZoneInfo, low: int, high: int, offset: int) -> int:
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(info, middle) == offset:
            low = middle
        else:
            high = middle
    return high


@lru_cache(maxsize=256)
def _unknown(name: str) -> str:
    """Return what to say of a name that no zone has."""
    from difflib import get_close_matches

    folded = {known.lower(): known for known in available_timezones()}
    near = get_close_matches(name.lower(), list(folded), n=1, cutoff=0.6)
    hint = f" Nearest: '{folded[near[0]]}'." if near else ""
    shown = "".join(each if each.isprintable() else "?" for each in name[:80])
    return f"No time zone is named '{shown}'.{hint} Use an IANA name or UTC."
