"""systemd's time spans: `1h 30min`, `2 weeks`, `90`."""

import re
from typing import Final

_UNITS: Final = {
    **dict.fromkeys(("usec", "us", "µs"), 1e-6),
    **dict.fromkeys(("msec", "ms"), 1e-3),
    **dict.fromkeys(("", "seconds", "second", "sec", "s"), 1.0),
    **dict.fromkeys(("minutes", "minute", "min", "m"), 60.0),
    **dict.fromkeys(("hours", "hour", "hr", "h"), 3600.0),
    **dict.fromkeys(("days", "day", "d"), 86_400.0),
    **dict.fromkeys(("weeks", "week", "w"), 604_800.0),
    **dict.fromkeys(("months", "month", "M"), 2_629_800.0),  # 30.44 days
    **dict.fromkeys(("years", "year", "y"), 31_557_600.0),  # 365.25 days
}
_PART: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-zµ]*)\s*")


def seconds_of(text: str) -> float:
    """Return a time span in seconds.

    Raises:
        ValueError: it is none, or `infinity`.
    """
    total, at = 0.0, 0
    while at < len(text) and (match := _PART.match(text, at)):
        if match[2] not in _UNITS:
            break
        total += float(match[1]) * _UNITS[match[2]]
        at = match.end()
    if at < len(text) or not text.strip():
        message = f"'{text}' is no time span"
        raise ValueError(message)
    return total
