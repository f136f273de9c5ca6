"""The part of a log between two instants, as a log by itself: no walk through it leaves it.

Lines without an instant go with the line before them.
"""

from msgspec import Struct

from app.store.log_scan import offset_at
from app.store.log_source import LogSource
from engine.clock import Instant, to_iso

_STAMP = 27


class Stretch(Struct, frozen=True):
    """From when to when; None: from the start, to the end however it grows."""

    since: Instant | None = None
    until: Instant | None = None

    def of(self, source: LogSource) -> LogSource:
        """Return this part of a log; the log itself where all of it is meant. Reads the log."""
        return source if self == WHOLE else _PartOfLog(source, self)


WHOLE = Stretch()


class _PartOfLog:
    """A log whose first byte is that of the stretch. Begun anew, all of the log is later."""

    def __init__(self, source: LogSource, stretch: Stretch) -> None:
        self.title = source.title
        self.needle = source.needle
        self.was_renewed = False  # and nobody asked since
        self._source = source
        begin, end = source.begins_at, source.ends_at
        if stretch.since is not None:
            begin = max(begin, _offset_at(source, stretch.since))
        if stretch.until is not None:
            until = _offset_at(source, stretch.until)
            end = max(begin, until if end is None else min(end, until))
        self._base = begin
        self.ends_at = None if end is None else max(0, end - begin)

    @property
    def base(self) -> int:
        """At which place of the whole log the stretch begins."""
        return self._source.base + self._base

    @property
    def begins_at(self) -> int:
        """The first byte of the stretch that is left."""
        return max(0, self._source.begins_at - self._base)

    @property
    def has_lost(self) -> bool:
        """Whether older lines of the stretch were there, and were rotated away."""
        return self._source.has_lost and self._base <= self._source.begins_at

    def size(self) -> int:
        """Return the number of bytes that it has now."""
        size = self._source.size()
        if size < self._base and self.ends_at is None:
            self._base, self.was_renewed = 0, True
        size = max(0, size - self._base)
        return size if self.ends_at is None else min(size, self.ends_at)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`."""
        return self._source.read(self._base + offset, size)


def take_renewal(source: LogSource) -> bool:
    """Return whether a stretch was begun anew since this was last asked, however long it is."""
    if not isinstance(source, _PartOfLog):
        return False
    was_renewed, source.was_renewed = source.was_renewed, False
    return was_renewed


def _offset_at(source: LogSource, at: Instant) -> int:
    return offset_at(source, to_iso(at).encode(), _STAMP)
