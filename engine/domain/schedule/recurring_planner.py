"""Walks the due instants of a recurring schedule, which are counted from its anchor."""

from collections.abc import Iterator

from engine.clock import SECOND, Instant


class RecurringPlanner:
    """The k-th instant is anchor + k * seconds, k >= 1: no drift."""

    __slots__ = ("_anchor", "_step")

    def __init__(self, seconds: int, anchor: Instant) -> None:
        self._anchor = anchor
        self._step = seconds * SECOND

    def next_after(self, instant: Instant) -> Instant | None:
        """Return the first due instant strictly after `instant`."""
        anchor, step = self._anchor, self._step
        if instant <= anchor:
            return anchor + step
        return anchor + ((instant - anchor) // step + 1) * step

    def previous_at(self, instant: Instant) -> Instant | None:
        """Return the last due instant at or before `instant`; None: it is before the first."""
        number = (instant - self._anchor) // self._step
        return self._anchor + number * self._step if number >= 1 else None

    def count(self, after: Instant, until: Instant) -> tuple[Instant, Instant, int] | None:
        """Return first, last and number of the due instants in `after < due <= until`."""
        first = max((after - self._anchor) // self._step, 0) + 1
        last = (until - self._anchor) // self._step
        if last < first:
            return None
        anchor, step = self._anchor, self._step
        return anchor + first * step, anchor + last * step, last - first + 1

    def between(self, after: Instant, until: Instant) -> Iterator[Instant]:
        """Yield the due instants of `after < due <= until`, ascending."""
        stretch = self.count(after, until)
        if stretch is not None:
            yield from range(stretch[0], stretch[1] + 1, self._step)
