"""Reads a log for those who show it: lines around a place, a time, matches; in any thread."""

from array import array
from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct, field

from app.store.log_lines import Test
from app.store.log_match import Match
from app.store.log_scan import (
    BUDGET,
    CHUNK,
    SEEN,
    Found,
    LogLine,
    backward,
    forward,
    is_stamped,
    line_start,
    offset_at,
)
from app.store.log_source import LogSource
from app.store.log_stretch import take_renewal

_STAMP = 27
_NUMBERED = 80  # bytes of a line within which it names its instance


class Matches(Struct, frozen=True):
    """Where lines with a match begin, and how far the look for them came."""

    offsets: "array[int]" = field(default_factory=lambda: array("q"))
    reached: int = 0
    is_done: bool = False


class LogReader(Protocol):
    """One log, or several as one. Places are offsets: the bytes that come before."""

    title: str
    ends_at: int | None  # None: it may grow
    needle: bytes  # only lines with it are of interest; b"": all
    names: tuple[str, ...]  # of the logs that are merged; (): one by itself

    @property
    def base(self) -> int:
        """At which place of the whole log, which no rotation changes, place 0 is."""
        ...

    @property
    def begins_at(self) -> int:
        """Where the first line begins, or a place before it: rotations take the oldest away."""
        ...

    @property
    def has_lost(self) -> bool:
        """Whether older lines were there, and were rotated away."""
        ...

    def size(self) -> int:
        """Return the number of bytes it has now."""
        ...

    def end(self) -> int:
        """Return where the last whole line ends."""
        ...

    def is_renewed(self, reached: int) -> bool:
        """Whether there is less than was read already: it was begun anew."""
        ...

    def forward(self, offset: int, most: int, test: Test | None, budget: int = BUDGET) -> Found:
        """Return up to `most` lines from `offset` on that pass the test."""
        ...

    def backward(self, offset: int, most: int, test: Test | None, budget: int = BUDGET) -> Found:
        """Return up to `most` lines before `offset` that pass the test, the nearest ones."""
        ...

    def line_at(self, place: int) -> int:
        """Return where the line begins that is at a place of the whole log; the nearest left."""
        ...

    def at_places(self, places: Sequence[int]) -> int:
        """Return where the line begins that is at a place of each of the whole logs."""
        ...

    def at_time(self, stamp: str) -> int:
        """Return where the first line at or after an instant (ISO 8601 in UTC) begins."""
        ...

    def parts(self) -> "Sequence[FileReader]":
        """Return the logs that are read as one, each by itself."""
        ...

    def cut(self, place: int) -> Sequence[int]:
        """Return the offset in each of the parts that a place means."""
        ...

    def whole(self, line: LogLine, most: int) -> bytes:
        """Return a line, up to `most` bytes of it."""
        ...


def reach_of(reader: LogReader) -> tuple[str, str] | None:
    """Return the instants of the first and the last line that have one; None: none has. Reads."""

    def is_dated(head: bytes) -> bool:
        return is_stamped(head) and reader.needle in head[:_NUMBERED]

    first = reader.forward(reader.begins_at, 1, is_dated).lines
    last = reader.backward(reader.end(), 1, is_dated).lines
    if not first or not last:
        return None
    begin, end = (line.head[:_STAMP].decode() for line in (first[0], last[0]))
    return begin, end


def whole_places(reader: LogReader, offset: int) -> Sequence[int]:
    """Return which place of each of the whole logs an offset means. Reads."""
    pairs = zip(reader.parts(), reader.cut(offset), strict=True)
    return [part.base + at for part, at in pairs]


def count_on(reader: LogReader, offset: int, test: Test | None) -> tuple[int, Found]:
    """Return how many lines from `offset` on pass the test, and how far that walk came."""
    number = 0

    def passes(head: bytes) -> bool:
        nonlocal number
        number += test is None or test(head)
        return False  # none is kept

    found = reader.forward(offset, 1, passes)
    return number, found


class FileReader:
    """One log by itself."""

    def __init__(self, source: LogSource) -> None:
        self.title = source.title
        self.ends_at = source.ends_at
        self.needle = source.needle
        self.names: tuple[str, ...] = ()
        self._source = source

    @property
    def base(self) -> int:
        """At which place of the whole log place 0 is."""
        return self._source.base

    @property
    def begins_at(self) -> int:
        """Where the first line begins that is left."""
        return self._source.begins_at

    @property
    def has_lost(self) -> bool:
        """Whether older lines were there, and were rotated away."""
        return self._source.has_lost

    def size(self) -> int:
        """Return the number of bytes it has now."""
        return self._source.size()

    def end(self) -> int:
        """Return where the last whole line ends; one that is still being written is left out."""
        return self.ends_at or line_start(self._source, self._source.size())

    def is_renewed(self, reached: int) -> bool:
        """Whether there is less than was read already."""
        return self._source.size() < reached or take_renewal(self._source)

    def forward(self, offset: int, most: int, test: Test | None, budget: int = BUDGET) -> Found:
        """Return up to `most` lines from `offset` on that pass the test."""
        return forward(self._source, offset, most, test, budget)

    def backward(self, offset: int, most: int, test: Test | None, budget: int = BUDGET) -> Found:
        """Return up to `most` lines before `offset` that pass the test, the nearest ones."""
        return backward(self._source, offset, most, test, budget)

    def line_at(self, place: int) -> int:
        """Return where the line begins that is at a place of the whole log; the nearest left."""
        return line_start(self._source, place - self.base)

    def at_places(self, places: Sequence[int]) -> int:
        """Return where the line begins that is at the one place of the whole log."""
        return self.line_at(places[0])

    def at_time(self, stamp: str) -> int:
        """Return where the first line at or after an instant begins."""
        return offset_at(self._source, stamp.encode(), _STAMP)

    def matching(self, offset: int, match: Match, test: Test | None) -> Matches:
        """Return the lines from `offset` on that are a match and pass the test.

        `reached` is -1 where the log is shorter than that: it was begun anew.
        """
        if self._source.size() < offset:
            return Matches(reached=-1, is_done=True)
        return _matches(self._source, max(offset, self._source.begins_at), match, test)

    def parts(self) -> "Sequence[FileReader]":
        """Return itself."""
        return (self,)

    def cut(self, place: int) -> Sequence[int]:
        """Return the place itself."""
        return (place,)

    def whole(self, line: LogLine, most: int) -> bytes:
        """Return a line, up to `most` bytes of it."""
        return self._source.read(line.offset, min(line.length, most))


def _matches(source: LogSource, offset: int, match: Match, test: Test | None) -> Matches:
    """Return the lines with a match, looking for it in whole blocks: many times as fast."""
    size = source.size()
    offsets = array("q")
    at = begun = offset  # `begun`: where the line begins whose end is still to come
    head = b""  # its first bytes
    while at < size and (at - offset < BUDGET or begun == offset):
        data = source.read(at, min(CHUNK, size - at))
        if not data:
            break
        first = data.find(b"\n")
        if first < 0:
            head = head if len(head) >= SEEN else (head + data)[:SEEN]
            at += len(data)
            continue
        line = (head + data[:first])[:SEEN]
        if match.test(line) and (test is None or test(line)):
            offsets.append(begun)
        last = data.rfind(b"\n") + 1
        if match.raw is None or any(other in data for other in match.others):
            _match_lines(data, first + 1, last, (match, test), at, offsets)
        else:
            _match_block(data, first + 1, last, (match, test), at, offsets)
        head, begun = data[last:], at + last
        at += len(data)
    return Matches(offsets, begun, at >= size)


What = tuple[Match, Test | None]


def _match_block(
    data: bytes, start: int, end: int, what: What, base: int, offsets: "array[int]"
) -> None:
    """Add the lines with a match among the whole lines from `start` to `end` of a block."""
    match, test = what
    raw = match.raw or b""
    text = data.lower() if match.folds else data
    at = text.find(raw, start, end)
    while at >= 0:
        line = max(start, text.rfind(b"\n", start, at) + 1)
        line_end = text.find(b"\n", at)
        found = data[line:line_end]
        if match.test(found) and (test is None or test(found)):
            offsets.append(base + line)
        at = text.find(raw, line_end + 1, end)


def _match_lines(
    data: bytes, start: int, end: int, what: What, base: int, offsets: "array[int]"
) -> None:
    """Do the same where each line has to be looked at by itself."""
    match, test = what
    while start < end:
        line_end = data.index(b"\n", start)
        line = data[start:line_end]
        if match.test(line) and (test is None or test(line)):
            offsets.append(base + start)
        start = line_end + 1
