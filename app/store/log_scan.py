"""Walk through a log of any size by reading around a place in it: no index, no file in memory.

Runs on a client's thread. Offsets are bytes; of a line `HEAD` bytes are kept, and its true length.
A walk stops after a budget of bytes, says where it got to, and can go on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from app.client.desk import LogSource

HEAD = 16_384  # bytes that are kept of one line: four times what is shown
SEEN = 1 << 20  # bytes of one line that a test looks at
CHUNK = 262_144
BUDGET = 32 * CHUNK


class LogLine(NamedTuple):
    """One line: where it begins, its first bytes without the line end, and its length in bytes."""

    offset: int
    head: bytes
    length: int

    @property
    def end(self) -> int:
        """Where the next line begins."""
        return self.offset + self.length


Test = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk found, in the order of the file, and where it may go on."""

    lines: list[LogLine] = field(default_factory=list)
    reached: int = 0  # forward: the end of the last line seen; backward: the start of the first one
    is_done: bool = False  # the end (or the start) of the log was reached
    size: int = 0  # of the log at that time


def forward(
    source: LogSource, offset: int, most: int, test: Test | None = None, budget: int = BUDGET
) -> Found:
    """Return up to `most` lines that begin at or after `offset`, a line's start.

    A last line without a line end is left for later: it is still being written.
    """
    size = source.size()
    lines: list[LogLine] = []
    at = line_start = offset
    rest = b""
    line_length = 0
    while at < size and len(lines) < most and at - offset < budget:
        data = source.read(at, min(CHUNK, size - at))
        if not data:
            break
        at += len(data)
        parts = data.split(b"\n")
        for part in parts[:-1]:
            line_length += len(part) + 1
            seen = (rest + part)[:SEEN]
            if test is None or test(seen):
                lines.append(LogLine(line_start, seen[:HEAD], line_length))
            line_start += line_length
            rest, line_length = b"", 0
            if len(lines) >= most:
                return Found(lines, line_start, line_start >= size, size)
        line_length += len(parts[-1])
        rest = (rest + parts[-1])[:SEEN]
    return Found(lines, line_start, at >= size, size)


def backward(
    source: LogSource, offset: int, most: int, test: Test | None = None, budget: int = BUDGET
) -> Found:
    """Return up to `most` lines that end at or before `offset`, the nearest ones.

    `offset` is a line's start, or the end of the log.
    """
    size = source.size()
    base = line_end = offset = min(offset, size)
    lines: list[LogLine] = []  # nearest first
    carry = b""  # first bytes of the line that ends at `line_end`, from `base` on
    while base > 0 and len(lines) < most and offset - base < budget:
        step = min(CHUNK, base)
        base -= step
        data = source.read(base, step) + carry
        while len(lines) < most:
            found = data.rfind(b"\n", 0, max(0, min(step, line_end - 1 - base)))
            if found < 0:
                break
            _keep(lines, base + found + 1, data[found + 1 :], line_end, test)
            line_end = base + found + 1
        carry = data[: line_end - base][:SEEN]
    if base == 0 and line_end > 0 and len(lines) < most:
        _keep(lines, 0, carry, line_end, test)
        line_end = 0
    lines.reverse()
    return Found(lines, line_end, line_end <= 0, size)


def _keep(lines: list[LogLine], start: int, data: bytes, line_end: int, test: Test | None) -> None:
    """Add the line from `start` to `line_end`, whose first bytes are those of `data`."""
    seen = data[: min(SEEN, line_end - start)]
    if seen.endswith(b"\n") and len(seen) == line_end - start:
        seen = seen[:-1]
    if test is None or test(seen):
        lines.append(LogLine(start, seen[:HEAD], line_end - start))


def line_start(source: LogSource, offset: int) -> int:
    """Return where the line begins that the byte at `offset` is in."""
    at = min(offset, source.size())
    while at > 0:
        step = min(CHUNK, at)
        found = source.read(at - step, step).rfind(b"\n")
        if found >= 0:
            return at - step + found + 1
        at -= step
    return 0


def count_lines(source: LogSource, start: int, end: int, budget: int = BUDGET) -> int:
    """Return how many lines end between two offsets; no more than `budget` bytes are looked at."""
    count, at = 0, start
    end = min(end, start + budget)
    while at < end:
        data = source.read(at, min(CHUNK, end - at))
        if not data:
            break
        count += data.count(b"\n")
        at += len(data)
    return count


def offset_at(source: LogSource, wanted: bytes, stamp_length: int) -> int:
    """Return where the first line begins whose stamp is `wanted` or later.

    Lines begin with their instant in ISO 8601, which sorts as bytes; lines that do not are skipped.
    """
    low, high = 0, source.size()
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
