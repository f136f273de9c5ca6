"""Several logs as one, in the order of time: slices of each are read and merged as they are wanted.

A place is a cut: an offset in each of the logs. It is told as one number, the bytes that come
before it in all of them, so that whoever shows a log needs to know nothing of the others. What a
number stands for is remembered for the places that were come by; any other is walked to from there.
"""

from collections.abc import Iterator, Sequence
from heapq import merge
from threading import Lock
from typing import NamedTuple

from app.store.log_lines import Test
from app.store.log_reader import FileReader
from app.store.log_scan import (
    BUDGET,
    CHUNK,
    HEAD,
    Found,
    LogLine,
    is_stamped,
    line_start,
    lines_back,
    lines_on,
    offset_at,
)
from app.store.log_source import LogSource
from app.store.log_stretch import take_renewal

MOST_LOGS = 200
_STAMP = 27
_LEAST_CHUNK = 16_384  # bytes read of one log at once
_SLICE = 2 * BUDGET  # bytes of one log that a walk reads at most
_EVERY = 64  # lines between two places that are remembered
_MOST_CUTS = 4_096
_MOST_UNSTAMPED = 1_000  # lines without an instant, as of a traceback, that are held back

Cut = tuple[int, ...]


class _Line(NamedTuple):
    """One line of one of the logs, in the order of merging."""

    stamp: bytes  # its own, or that of the last line before it that has one
    log: int  # which one
    start: int
    head: bytes
    end: int


class MergedReader:
    """Reads a few logs as one; lines of the same instant in the order of the logs."""

    needle = b""
    begins_at = 0  # what is gone of the logs is gone past

    def __init__(self, title: str, sources: Sequence[LogSource], names: Sequence[str]) -> None:
        self.title = title
        self.names = tuple(names)
        self._sources = tuple(sources)
        ends = [source.ends_at for source in sources]
        self._begin: Cut = tuple(source.begins_at for source in sources)
        self.ends_at = None if None in ends else sum(end or 0 for end in ends) - sum(self._begin)
        self._chunk = max(_LEAST_CHUNK, CHUNK // max(1, len(sources)))
        self._lock = Lock()
        self._cuts: dict[int, Cut] = {0: self._begin}

    @property
    def base(self) -> int:
        """How many bytes of all the whole logs come before place 0."""
        return sum(source.base for source in self._sources) + sum(self._begin)

    @property
    def has_lost(self) -> bool:
        """Whether older lines of one of them were there, and were rotated away."""
        return any(source.has_lost for source in self._sources)

    # -- places ----------------------------------------------------------------------------------

    def _kept(self, cut: Sequence[int]) -> list[int]:
        """Return a cut without the bytes after it that are gone by now."""
        pairs = zip(cut, self._sources, strict=True)
        return [max(at, source.begins_at) for at, source in pairs]

    def _place(self, cut: Sequence[int]) -> int:
        return sum(cut) - sum(self._begin)

    def _remember(self, cut: Sequence[int]) -> int:
        place = self._place(cut)
        with self._lock:
            self._cuts.pop(place, None)  # the one come by last is dropped last
            self._cuts[place] = tuple(cut)
            if len(self._cuts) > _MOST_CUTS:
                kept = list(self._cuts.items())[_MOST_CUTS // 2 :]
                self._cuts = {0: self._begin, **dict(kept)}
        return place

    def _cut(self, place: int) -> Cut:
        """Return the cut at a place: a remembered one, or the one where a line begins there."""
        with self._lock:
            known = self._cuts.get(place)
            if known is not None:
                return known
            near = max((each for each in self._cuts if each <= place), default=0)
            cut = self._kept(self._cuts[near])
            near = self._place(cut)
        for line in self._on(cut):
            if near >= place:
                break
            cut[line.log] = line.end
            near += line.end - line.start
        return tuple(cut)

    def _end_of(self, index: int) -> int:
        """Return where the last whole line of one log ends."""
        source = self._sources[index]
        if source.ends_at is not None:
            return min(source.ends_at, source.size())
        return max(self._begin[index], line_start(source, source.size()))

    # -- what a reader is asked ------------------------------------------------------------------

    def size(self) -> int:
        """Return the number of bytes that they have now."""
        sizes = tuple(
            max(begin, source.size())
            for source, begin in zip(self._sources, self._begin, strict=True)
        )
        return self._place(sizes)

    def end(self) -> int:
        """Return where the last whole lines end."""
        return self._remember(tuple(self._end_of(index) for index in range(len(self._sources))))

    def is_renewed(self, reached: int) -> bool:
        """Whether one of them has less than was read of it already."""
        cut = self._cut(reached)
        triples = zip(self._sources, cut, self._begin, strict=True)
        is_renewed = any(max(begin, source.size()) < at for source, at, begin in triples)
        renewed = [source for source in self._sources if take_renewal(source)]  # asks all of them
        is_renewed |= bool(renewed)
        if is_renewed:
            with self._lock:  # the same numbers mean other places from now on
                self._cuts = {0: self._begin}
        return is_renewed

    def forward(self, offset: int, most: int, test: Test | None, budget: int = BUDGET) -> Found:
        """Return up to `most` lines from a place on that pass the test."""
        self.size()  # which looks what is left
        cut = self._kept(self._cut(offset))
        begin = at = self._place(cut)
        lines: list[LogLine] = []
        is_done = True
        for count, line in enumerate(self._on(cut)):
            if count % _EVERY == 0:
                self._remember(cut)
            length = line.end - line.start
            if self._wants(line, test):
                if most == 1:
                    self._remember(cut)
                lines.append(self._line(at, line))
            at += length
            cut[line.log] = line.end
            if len(lines) >= most or at - begin >= budget:
                is_done = False
                break
        self._remember(cut)
        size = self.size()
        return Found(lines, at, is_done or at >= size, size)

    def backward(self, offset: int, most: int, test: Test | None, budget: int = BUDGET) -> Found:
        """Return up to `most` lines before a place that pass the test, the nearest ones."""
        self.size()
        cut = list(self._cut(offset))
        end = at = self._place(cut)
        lines: list[LogLine] = []  # nearest first
        is_done = True
        for count, line in enumerate(self._back(cut)):
            cut[line.log] = line.start
            at -= line.end - line.start
            if count % _EVERY == 0:
                self._remember(cut)
            if self._wants(line, test):
                if most == 1:
                    self._remember(cut)
                lines.append(self._line(at, line))
            if len(lines) >= most or end - at >= budget:
                is_done = False
                break
        self._remember(cut)
        lines.reverse()
        return Found(lines, at, is_done or at <= 0, self.size())

    def line_at(self, place: int) -> int:
        """Return where the line begins before which so many bytes of the whole logs come."""
        return max(0, place - self.base)

    def at_places(self, places: Sequence[int]) -> int:
        """Return where the lines begin that are at a place of each of the whole logs."""
        triples = zip(places, self._sources, self._begin, strict=True)
        return self._remember(
            [max(begin, line_start(source, at - source.base)) for at, source, begin in triples]
        )

    def at_time(self, stamp: str) -> int:
        """Return where the lines at or after an instant begin."""
        cut = tuple(
            min(max(begin, offset_at(source, stamp.encode(), _STAMP)), self._end_of(index))
            for index, (source, begin) in enumerate(zip(self._sources, self._begin, strict=True))
        )
        return self._remember(cut)

    def parts(self) -> Sequence[FileReader]:
        """Return the logs, each by itself."""
        return [FileReader(source) for source in self._sources]

    def cut(self, place: int) -> Sequence[int]:
        """Return the offset in each of them that a place means."""
        return self._cut(place)

    def whole(self, line: LogLine, most: int) -> bytes:
        """Return a line, up to `most` bytes of it."""
        source = self._sources[self.names.index(line.origin)]
        return source.read(line.own_offset, min(line.length, most))

    # -- merging ---------------------------------------------------------------------------------

    def _line(self, at: int, line: _Line) -> LogLine:
        length = line.end - line.start
        return LogLine(at, line.head[:HEAD], length, self.names[line.log], line.start)

    def _wants(self, line: _Line, test: Test | None) -> bool:
        needle = self._sources[line.log].needle
        if needle and needle not in line.head[:80]:
            return False
        return test is None or test(line.head)

    def _on(self, cut: Sequence[int]) -> Iterator[_Line]:
        """Yield the lines of all logs after a cut."""
        return merge(*(self._slice_on(index, at) for index, at in enumerate(cut)))

    def _slice_on(self, index: int, at: int) -> Iterator[_Line]:
        source = self._sources[index]
        stamp = b""  # a line without one goes with the line before it
        for start, head, end in lines_on(source, at, self._chunk, _SLICE):
            if source.ends_at is not None and start >= source.ends_at:
                return
            if is_stamped(head):
                stamp = head[:_STAMP]
            yield _Line(stamp, index, start, head, end)

    def _back(self, cut: Sequence[int]) -> Iterator[_Line]:
        """Yield the lines of all logs before a cut, the nearest first."""
        slices = (self._slice_back(index, at) for index, at in enumerate(cut))
        return merge(*slices, reverse=True)

    def _slice_back(self, index: int, at: int) -> Iterator[_Line]:
        held: list[tuple[int, bytes, int]] = []  # lines without an instant of their own
        for start, head, end in lines_back(self._sources[index], at, self._chunk, _SLICE):
            held.append((start, head, end))
            if is_stamped(head) or len(held) > _MOST_UNSTAMPED:
                stamp = head[:_STAMP] if is_stamped(head) else b""
                yield from (_Line(stamp, index, *each) for each in held)
                held = []
        yield from (_Line(b"", index, *each) for each in held)
