"""A clock that moves only when told to."""

from engine.clock import SECOND, Instant, from_datetime


class ManualClock:
    """Implements `engine.clock.Clock`; wall clock and monotonic clock move apart only by `step`."""

    def __init__(self, now: Instant = 1_767_225_600 * SECOND) -> None:  # 2026-01-01T00:00:00Z
        self._now = now
        self._monotonic = 1000.0

    @classmethod
    def at(cls, text: str) -> "ManualClock":
        """Start at an ISO 8601 instant with its offset, as in `2026-03-29T00:59:59Z`."""
        from datetime import datetime

        return cls(from_datetime(datetime.fromisoformat(text)))

    def now(self) -> Instant:
        """Return the wall clock as microseconds since the epoch, UTC."""
        return self._now

    def monotonic(self) -> float:
        """Return seconds that no step touches."""
        return self._monotonic

    def advance(self, seconds: float) -> Instant:
        """Let `seconds` pass on both clocks and return the new instant."""
        self._now += round(seconds * SECOND)
        self._monotonic += seconds
        return self._now

    def advance_to(self, instant: Instant) -> Instant:
        """Let time pass on both clocks until the wall clock shows `instant`."""
        return self.advance((instant - self._now) / SECOND)

    def step(self, seconds: float) -> Instant:
        """Set the wall clock forward, or back when negative, as an operator or NTP does."""
        self._now += round(seconds * SECOND)
        return self._now
