"""Walk through a log of any size by reading around a place in it: no index, no file in memory.

Runs on a client's thread. Offsets are bytes; of a line `HEAD` bytes are kept, and its true length.
A walk stops after a budget of bytes, says where it got to, and can go on from there. None leaves
the part of the log that is of interest and that no rotation has taken away.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import Struct, field

from app.store.log_source import LogSource

HEAD = 16_384  # bytes that are kept of one line: four times what is shown
SEEN = 1 << 20  # bytes of one line that a test looks at
CHUNK = 262_144
BUDGET = 32 * CHUNK


class LogLine(NamedTuple):
    """One line: where it begins, its first bytes without the line end, and its length in bytes.

    In several logs merged it also tells which one it is of, and where it begins there.
    """

    offset: int
    head: bytes
    length: int
    origin: str = ""
    own_offset: int = 0

    @property
    def end(self) -> int:
        """Where the next line begins."""
        return self.offset + self.length


Test = Callable[[bytes], bool]


class Found(Struct, frozen=True):
    """What a walk found, in the order of the file, and where it may go on."""

    lines: list[LogLine] = field(default_factory=list)
    reached: int = 0  # forward: the end of the last line seen; backward: the start of the first one
    is_done: bool = False  # the end (or the start) of the log was reached
    size: int = 0  # of the log at that time


def lines_on(
    source: LogSource, offset: int, chunk: int, budget: int = BUDGET
) -> Iterator[tuple[int, bytes, int]]:
    """Yield start, first bytes and end of the lines from `offset`, a line's start.

    A last line without a line end is left for later: it is still being written. No more than
    `budget` bytes are read, to the next `chunk`, but for a first line that is longer.
    """
    size = source.size()
    at = start = offset
    rest = b""
    length = 0
    while at < size and (at - offset < budget or start == offset):
        data = source.read(at, min(chunk, size - at))
        if not data:
            return
        at += len(data)
        *whole, last = data.split(b"\n")
        for part in whole:
            length += len(part) + 1
            yield start, (rest + part)[:SEEN], start + length
            start += length
            rest, length = b"", 0
        length += len(last)
        if len(rest) < SEEN:
            rest = (rest + last)[:SEEN]


def lines_back(
    source: LogSource, offset: int, chunk: int, budget: int = BUDGET
) -> Iterator[tuple[int, bytes, int]]:
    """Yield start, first bytes and end of the lines before `offset`, the nearest first.

    `offset` is a line's start, or the end of the log. No more than `budget` bytes are read, to the
    next `chunk`, but for a first line that is longer.
    """
    base = line_end = offset
    first = source.begins_at
    carry = b""  # first bytes of the line that ends at `line_end`, from `base` on
    while base > first and (offset - base < budget or line_end == offset):
        step = min(chunk, base - first)
        base -= step
        data = source.read(base, step) + carry
        while True:
            found = data.rfind(b"\n", 0, max(0, min(step, line_end - 1 - base)))
            if found < 0:
                break
            start = base + found + 1
            yield start, _seen(data[found + 1 : line_end - base], line_end - start), line_end
            line_end = start
        carry = data[: line_end - base][:SEEN]
    if base == first < line_end:
        yield first, _seen(carry, line_end - first), line_end


def _seen(data: bytes, length: int) -> bytes:
    """Return what a test sees of a line of `length` bytes that begins with `data`."""
    seen = data[:SEEN]
    return seen[:-1] if len(seen) == length and seen.endswith(b"\n") else seen


def forward(
    source: LogSource, offset: int, most: int, test: Test | None = None, budget: int = BUDGET
) -> Found:
    """Return up to `most` lines that begin at or after `offset`, a line's start."""
    size = source.size()
    offset = max(offset, source.begins_at)
    lines: list[LogLine] = []
    end = offset
    for start, seen, end in lines_on(source, offset, CHUNK, budget):
        if test is None or test(seen):
            lines.append(LogLine(start, seen[:HEAD], end - start))
            if len(lines) >= most:
                return Found(lines, end, end >= size, size)
    return Found(lines, end, size - offset <= budget, size)


def backward(
    source: LogSource, offset: int, most: int, test: Test | None = None, budget: int = BUDGET
) -> Found:
    """Return up to `most` lines that end at or before `offset`, the nearest ones.

    `offset` is a line's start, or the end of the log.
    """
    size = source.size()
    offset = min(offset, size)
    lines: list[LogLine] = []  # nearest first
    start = offset
    for start, seen, end in lines_back(source, offset, CHUNK, budget):
        if test is None or test(seen):
            lines.append(LogLine(start, seen[:HEAD], end - start))
            if len(lines) >= most:
                break
    lines.reverse()
    return Found(lines, start, start <= source.begins_at, size)


def line_start(source: LogSource, offset: int) -> int:
    """Return where the line begins that the byte at `offset` is in."""
    at = min(offset, source.size())
    first = source.begins_at
    while at > first:
        step = min(CHUNK, at - first)
        found = source.read(at - step, step).rfind(b"\n")
        if found >= 0:
            return at - step + found + 1
        at -= step
    return first


def offset_at(source: LogSource, wanted: bytes, stamp_length: int) -> int:
    """Return where the first line begins whose stamp is `wanted` or later.

    Lines begin with their instant in ISO 8601, which sorts as bytes; lines that do not are skipped.
    """
    high = source.size()
    low = source.begins_at
    while high - low > CHUNK:
        middle = line_start(source, (low + high) // 2)
        stamped = _next_stamped(source, max(middle, low), stamp_length)
        if stamped is None or stamped.offset >= high or stamped.offset <= low:
            break
        if stamped.head[:stamp_length] < wanted:
            low = stamped.offset
        else:
            high = stamped.offset
    walk = forward(
        source, low, 1, lambda head: is_stamped(head) and head[:stamp_length] >= wanted, 64 * CHUNK
    )
    return walk.lines[0].offset if walk.lines else walk.reached


def _next_stamped(source: LogSource, offset: int, stamp_length: int) -> LogLine | None:
    del stamp_length
    lines = forward(source, offset, 1, is_stamped).lines
    return lines[0] if lines else None


def is_stamped(head: bytes) -> bool:
    """Whether a line begins with an instant."""
    return len(head) > 10 and head[4:5] == b"-" and head[10:11] == b"T" and head[:4].isdigit()  # noqa: PLR2004
