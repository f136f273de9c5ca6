"""What a run writes: its beginning at once, its end at the end, the gap between counted.

The bytes are kept as they came. A line that a job has not finished is held for a moment, so that it
is not torn apart needlessly, and then written as a piece (`OUT~`). A short line counts for more
than its bytes: in the log, and in memory, what stands before them takes more room than they do.
"""

from __future__ import annotations

from .bare import deque
from .log_format import GAP, lines, pieces, prefix
from .reactor import boottime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .log_file import LogFile

HELD_AT_MOST = 1 << 16  # bytes of an unfinished line
LEAST = 64  # bytes that a line counts for, however short it is
JOINED_SECONDS = 0.1  # for which output for the tail is put together
_JOINED_TO = 4096  # bytes of output that grow in this way: each time they are copied


def counted(data: bytes) -> int:
    """Return for how many bytes `data` counts."""
    if not data:
        return 0
    return max(len(data), LEAST * (data.count(b"\n") + (not data.endswith(b"\n"))))


def _least(most: int, holds: Callable[[int], bool]) -> int:
    """Return the least number up to `most` for which something holds, as for all above it."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _newest(data: bytes, room: int) -> bytes:
    """Return the end of `data`, as much as there is room for."""
    data = data[-room:] if room > 0 else b""
    if counted(data) <= room:
        return data
    rest = not data.endswith(b"\n")
    return data[_least(len(data), lambda at: LEAST * (data.count(b"\n", at) + rest) <= room) :]


class Capture:
    """Writes one run's output and messages into its job's log, within limits given in bytes."""

    __slots__ = (
        "_head",
        "_held",
        "_now",
        "_run",
        "_tail",
        "_tail_limit",
        "_tail_size",
        "_tailed_at",
        "dropped",
        "end",
        "log",
        "start",
    )

    def __init__(
        self, run: int, log: LogFile, head: int, tail: int, now: Callable[[], float] = boottime
    ) -> None:
        self.log = log
        self.start: int | None = None  # byte offset of the first line
        self.end: int | None = None  # and behind the last one
        self.dropped = 0  # bytes of output
        self._run = run
        self._head = head  # bytes that are still written at once
        self._tail_limit = tail
        self._tail: deque[tuple[str, bytes, bytes]] = (
            deque()
        )  # level, beginning of its lines, bytes
        self._tail_size = 0  # what they count for
        self._tailed_at = 0.0  # when the last of them began
        self._now = now
        self._held: dict[str, bytes] = {}

    def output(self, level: str, data: bytes) -> bool:
        """Take bytes of output; True: an unfinished line is held, to be released in a moment."""
        data = self._held.pop(level, b"") + data
        if self._head <= 0:
            self._output_to_tail(level, data)
            return False
        cut = data.rfind(b"\n") + 1
        if cut:
            self._write(level, data[:cut])
        rest = data[cut:]
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
        """Write what the job says; it counts like output."""
        data = text.encode("utf-8", "replace") + b"\n"
        now, later = self._split(data)
        if now:
            self._append(lines(level, self._run, now))
        if later and not (now and later == b"\n"):  # the end of the line is there in any case
            self._to_tail(level, later)

    def note(self, level: str, text: str) -> None:
        """Write what the supervisor has to say, whatever the limits."""
        self._append(lines(level, self._run, text.encode("utf-8", "replace")))

    def finish(self) -> None:
        """Write what is held: unfinished lines, how much was dropped, and the tail."""
        self.release()
        if self.dropped:
            self._append(lines(GAP, self._run, b"%d bytes dropped" % self.dropped))
        tail, self._tail = self._tail, deque()
        self._tail_size = 0
        pending = bytearray()
        for level, start, data in tail:
            pending += pieces(level, start, data)
            if len(pending) > HELD_AT_MOST:
                self._append(bytes(pending))
                pending.clear()
        if pending:
            self._append(bytes(pending))

    def _write(self, level: str, data: bytes) -> None:
        """Write lines, or a piece of one, as far as the head reaches; the rest goes to the tail."""
        now, later = self._split(data)
        if now:
            self._append(pieces(level, prefix(level, self._run), now))
        if later:
            self._output_to_tail(level, later)

    def _split(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what the head has room for, and the rest, after which it has room for nothing."""
        left = self._head - counted(data)
        if left >= 0:
            self._head = left
            return data, b""
        room, self._head = self._head, 0
        cut = _least(min(len(data), room), lambda end: counted(data[: end + 1]) > room)
        return data[:cut], data[cut:]

    def _output_to_tail(self, level: str, data: bytes) -> None:
        """Take output for the tail; what comes in small pieces is put together for a moment."""
        if self._tail and self._now() - self._tailed_at < JOINED_SECONDS:
            last, start, before = self._tail[-1]
            if last == level and len(before) < _JOINED_TO:
                joined = before + data
                self._tail[-1] = last, start, joined
                self._tail_size += counted(joined) - counted(before)
                self._shorten_tail()
                return
        self._to_tail(level, data)

    def _to_tail(self, level: str, data: bytes) -> None:
        self._tail.append((level, prefix(level, self._run), data))
        self._tail_size += counted(data)
        self._tailed_at = self._now()
        self._shorten_tail()

    def _shorten_tail(self) -> None:
        """Drop the oldest bytes of the tail, as many as it has no room for."""
        while self._tail_size > self._tail_limit:
            level, start, oldest = self._tail.popleft()
            self._tail_size -= counted(oldest)
            kept = _newest(oldest, self._tail_limit - self._tail_size)
            self.dropped += len(oldest) - len(kept)
            if kept:
                self._tail.appendleft((level, start, kept))
                self._tail_size += counted(kept)

    def _append(self, data: bytes) -> None:
        place = self.log.append(data)
        if place is not None:
            if self.start is None:
                self.start = place[0]
            self.end = place[1]
