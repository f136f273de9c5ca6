"""What a run writes: its beginning at once, its end at the end, the gap between counted.

The bytes are kept as they came. A line that a job has not finished is held for a moment, so that it
is not torn apart needlessly, and then written as a piece (`OUT~`).
"""

from __future__ import annotations

from .bare import deque
from .log_format import GAP, lines, pieces, prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .log_file import LogFile

HELD_AT_MOST = 1 << 16  # bytes of an unfinished line


class Capture:
    """Writes one run's output and messages into its job's log, within limits given in bytes."""

    __slots__ = (
        "_head",
        "_held",
        "_run",
        "_tail",
        "_tail_limit",
        "_tail_size",
        "dropped",
        "end",
        "log",
        "start",
    )

    def __init__(self, run: int, log: LogFile, head: int, tail: int) -> None:
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
        self._tail_size = 0
        self._held: dict[str, bytes] = {}

    def output(self, level: str, data: bytes) -> bool:
        """Take bytes of output; True: an unfinished line is held, to be released in a moment."""
        data = self._held.pop(level, b"") + data
        if self._head <= 0:
            self._to_tail(level, data)
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
        now, later = data[: max(self._head, 0)], data[max(self._head, 0) :]
        self._head -= len(data)
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
        now, later = data[: max(self._head, 0)], data[max(self._head, 0) :]
        self._head -= len(data)
        if now:
            self._append(pieces(level, prefix(level, self._run), now))
        if later:
            self._to_tail(level, later)

    def _to_tail(self, level: str, data: bytes) -> None:
        self._tail.append((level, prefix(level, self._run), data))
        self._tail_size += len(data)
        while self._tail_size > self._tail_limit:
            level, start, oldest = self._tail.popleft()
            cut = min(self._tail_size - self._tail_limit, len(oldest))
            if cut < len(oldest):
                self._tail.appendleft((level, start, oldest[cut:]))
            self._tail_size -= cut
            self.dropped += cut

    def _append(self, data: bytes) -> None:
        place = self.log.append(data)
        if place is not None:
            if self.start is None:
                self.start = place[0]
            self.end = place[1]
