"""The one reader of the machine's clocks.

Two clocks: `now` is the wall clock, for schedules and records; `monotonic` is CLOCK_BOOTTIME, for
waiting, leases and durations (it goes on while the machine sleeps). Neither is ever computed from
the other.
"""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

# Microseconds since 1970-01-01T00:00:00Z. One plain integer in the whole engine: it sorts, hashes,
# adds and compares at full speed, has no time zone to forget, and is turned into text or a local
# time at the edges.
Instant = int

MICROSECOND: Instant = 1
SECOND: Instant = 1_000_000
MINUTE: Instant = 60 * SECOND
HOUR: Instant = 60 * MINUTE
DAY: Instant = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """What the engine asks about time; tests pass `engine.testing.ManualClock`."""

    def now(self) -> Instant:
        """Return the wall clock as microseconds since the epoch, UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds on CLOCK_BOOTTIME: never set, and counting while the machine sleeps."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Instant:
        """Return the wall clock as microseconds since the epoch, UTC."""
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        """Return seconds on CLOCK_BOOTTIME."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)


def to_datetime(instant: Instant) -> datetime:
    """Return `instant` as an aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


def from_datetime(moment: datetime) -> Instant:
    """Return an aware datetime as an instant.

    Raises:
        ValueError: `moment` has no time zone, so it names no instant.
    """
    if moment.tzinfo is None:
        message = f"{moment} has no time zone"
        raise ValueError(message)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_iso(instant: Instant) -> str:
    """Return `instant` in UTC as `2026-11-22T19:00:00.000000Z`, the form every `--json` prints."""
    second, rest = divmod(instant, SECOND)
    return f"{_second_text(second)}.{rest:06d}Z"


def to_text(instant: Instant) -> str:
    """Return `instant` in UTC as `2026-11-22T19:00:00Z`, the form of sentences: to the second."""
    return f"{_second_text(instant // SECOND)}Z"


@lru_cache(maxsize=256)  # what happens together has the same second
def _second_text(second: int) -> str:
    return to_datetime(second * SECOND).strftime("%Y-%m-%dT%H:%M:%S")
