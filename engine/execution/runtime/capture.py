"""What one run writes: its beginning at once, its end when it ends, what lies between counted and dropped.

The bytes are kept as they came. A line that a job has not finished is held for a moment, so that pieces of it
are not torn apart, and then written as a piece (`OUT~`).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from .log_format import lines, prefix

if TYPE_CHECKING:
    from .log_file import LogFile

HELD_AT_MOST = 1 << 16  # bytes of an unfinished line


class Capture:
    """Writes one run's output and messages into its job's log, within limits."""

    __slots__ = (
        "_head",
        "_held",
        "_limit",
        "_log",
        "_run",
        "_tail",
        "_tail_size",
        "dropped",
        "end",
        "start",
    )

    def __init__(self, run: int, log: LogFile, head: int, tail: int) -> None:
        self.start: int | None = None  # byte offset of the first line
        self.end: int | None = None  # and behind the last one
        self.dropped = 0  # bytes of output
        self._run = run
        self._log = log
        self._head = head  # bytes that are still written at once
        self._limit = tail
        self._tail: deque[tuple[str, bytes, bytes]] = deque()  # level, stamp and beginning, bytes
        self._tail_size = 0
        self._held: dict[str, bytes] = {}

    def output(self, level: str, data: bytes) -> bool:
        """Take bytes of the job's output; True: an unfinished line is held, `release` it in a moment."""
        if self._head <= 0:
            self._to_tail(level, data)
            return False
        held = self._held.pop(level, b"") + data
        cut = held.rfind(b"\n") + 1
        if cut:
            self._write(level, held[:cut])
        rest = held[cut:]
        if not rest:
            return False
        if len(rest) >= HELD_AT_MOST or self._head <= 0:
            self._write(level, rest)
            return False
        self._held[level] = rest
        return True

    def release(self) -> None:
        """Write unfinished lines that have waited long enough, as pieces."""
        held, self._held = self._held, {}
        for level, data in held.items():
            self._write(level, data)

    def message(self, level: str, text: str) -> None:
        """Write what the job or the supervisor says; it counts like output."""
        data = text.encode("utf-8", "replace")
        if self._head <= 0:
            self._to_tail(level, data + b"\n")
        else:
            self._head -= len(data)
            self._append(lines(level, self._run, data))

    def note(self, level: str, text: str) -> None:
        """Write a line of the supervisor's own, whatever the limits."""
        self._append(lines(level, self._run, text.encode("utf-8", "replace")))

    def finish(self) -> None:
        """Write what is held: unfinished lines, the count of what was dropped, and the tail."""
        self.release()
        if self.dropped:
            self._append(lines("GAP", self._run, b"%d bytes dropped" % self.dropped))
        tail, self._tail = self._tail, deque()
        pending = b""
        for level, start, data in tail:
            pending += _framed(level, start, data)
            if len(pending) > HELD_AT_MOST:
                self._append(pending)
                pending = b""
        if pending:
            self._append(pending)

    def _write(self, level: str, data: bytes) -> None:
        """Write complete lines, or a piece that ends none, as far as the head reaches."""
        rest = b""
        if len(data) > self._head:
            data, rest = data[: self._head], data[self._head :]
        self._head -= len(data)
        if data:
            self._append(_framed(level, prefix(level, self._run), data))
        if rest:
            self._head = 0
            self._to_tail(level, rest)

    def _to_tail(self, level: str, data: bytes) -> None:
        self._tail.append((level, prefix(level, self._run), data))
        self._tail_size += len(data)
        while self._tail_size > self._limit:
            level, start, oldest = self._tail.popleft()
            excess = self._tail_size - self._limit
            if len(oldest) > excess:
                self._tail.appendleft((level, start, oldest[excess:]))
                oldest = oldest[:excess]
            self._tail_size -= len(oldest)
            self.dropped += len(oldest)

    def _append(self, data: bytes) -> None:
        place = self._log.append(data)
        if place is not None:
            if self.start is None:
                self.start = place[0]
            self.end = place[1]


def _framed(level: str, start: bytes, data: bytes) -> bytes:
    """Return output as lines of the log; a piece that ends no line is marked."""
    *whole, rest = data.split(b"\n")
    framed = b"".join([start + each + b"\n" for each in whole])
    if rest:
        name = level.encode()
        marked = start.replace(b" %-5s " % name, b" %-5s " % (name + b"~"), 1)
        framed += marked + rest + b"\n"
    return framed
