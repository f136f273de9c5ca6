"""Every clock change of every zone, found by asking `zoneinfo` hour after hour."""

import bisect
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

LOOK_EVERY = 6 * 3600  # seconds


@dataclass(frozen=True)
class Transition:
    """One clock change."""

    zone: str
    second: int  # the first second of the new time
    before: int  # seconds east of UTC
    after: int


def all_zones() -> list[str]:
    """Every name that is a zone of the world, with its aliases."""
    return sorted(
        name
        for name in available_timezones()
        if not name.startswith(("posix/", "right/")) and name not in {"localtime", "Factory"}
    )


@lru_cache(maxsize=2048)
def transitions(zone: str, first_year: int, last_year: int) -> tuple[Transition, ...]:
    """Return the changes from the start of `first_year` to the end of `last_year`."""
    info = ZoneInfo(zone)

    def offset(second: int) -> int:
        delta = datetime.fromtimestamp(second, info).utcoffset()
        assert delta is not None
        return round(delta.total_seconds())

    found = []
    start = int(datetime(first_year, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(last_year + 1, 1, 1, tzinfo=UTC).timestamp())
    before = offset(start)
    for second in range(start + LOOK_EVERY, end + 1, LOOK_EVERY):
        after = offset(second)
        if after != before:
            inside = range(second - LOOK_EVERY, second + 1)
            at = inside[bisect.bisect_left(inside, True, key=lambda one: offset(one) != before)]
            found.append(Transition(zone, at, before, after))
            before = after
    return tuple(found)


def distinct(zones: list[str], first_year: int, last_year: int) -> dict[str, list[str]]:
    """Group the zones that change alike: one of them, then all of them."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for zone in zones:
        changes = transitions(zone, first_year, last_year)
        start = datetime(first_year, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
        key = (start, *((one.second, one.before, one.after) for one in changes))
        groups.setdefault(key, []).append(zone)
    return {group[0]: group for group in groups.values()}
