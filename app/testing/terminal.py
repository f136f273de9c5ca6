"""A real pseudo-terminal with a process on it: keys go in, bytes come out and are looked at."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|.)"
)
_TAIL = 4096  # bytes of what came before that a text may begin in


def after_text(raw: bytes, wanted: str) -> bytes | None:
    """Return what follows the first `wanted` in `raw`, escape sequences aside; None: not there."""
    plain = _ESCAPES.sub(b"", raw)
    at = plain.find(wanted.encode())
    if at < 0:
        return None
    left, position = at + len(wanted.encode()), 0
    for escape in _ESCAPES.finditer(raw):
        if escape.start() - position >= left:
            break
        left -= escape.start() - position
        position = escape.end()
    return raw[position + left :]


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process; 0: there is none."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0


class Terminal:
    """The master side of a pseudo-terminal.

    Args:
        command: what runs on it, as the leader of a session of its own.
        size: columns and rows.
        environment: on top of our own.
        bytes_per_second: read no faster than that; 0: as fast as it comes.
    """

    def __init__(
        self,
        command: Sequence[str],
        size: tuple[int, int] = (120, 40),
        environment: Mapping[str, str] | None = None,
        *,
        bytes_per_second: int = 0,
    ) -> None:
        self._limit = bytes_per_second
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # A whole environment of its own: readline puts a size into the one that C knows.
            own = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": ""}
            own = {name: own[name] for name in own if name not in {"COLUMNS", "LINES"}}
            os.execvpe(command[0], list(command), {**own, **(environment or {})})  # noqa: S606 - the caller's own command
        self.resize(*size)
        self.bytes = 0
        self.seen = b""
        self._unread = b""  # arrived with the last text that was waited for, behind it

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the process is told."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def write(self, keys: bytes) -> None:
        """Press keys; what arrived before them is no answer to them."""
        self._unread = b""
        os.write(self.fd, keys)

    def read(self, seconds: float) -> bytes:
        """Return what arrives within `seconds`, or sooner what has arrived."""
        if not select.select([self.fd], [], [], max(0.0, seconds))[0]:
            return b""
        size = 65536
        if self._limit:
            size = max(1, self._limit // 200)  # so many bytes every five milliseconds
            select.select([], [], [], 0.005)
        try:
            data = os.read(self.fd, size)
        except OSError:
            return b""
        self.bytes += len(data)
        self.seen = self.seen[-_TAIL:] + data
        return data

    def wait_for(self, wanted: bytes, seconds: float = 20.0) -> float | None:
        """Return when `wanted` arrived (perf_counter); None where it did not within `seconds`."""
        end = time.perf_counter() + seconds
        tail = b""
        while time.perf_counter() < end:
            tail = tail[-_TAIL:] + self.read(end - time.perf_counter())
            if wanted in tail:
                return time.perf_counter()
        return None

    def wait_for_text(self, wanted: str, seconds: float = 20.0) -> bool:
        """Whether `wanted` arrived within `seconds`, colours and movements left aside.

        It may have come together with the text of the wait before, but behind it: a process that
        was halted reads both at once.
        """
        end = time.perf_counter() + seconds
        tail, self._unread = self._unread, b""
        while True:
            rest = after_text(tail, wanted)
            if rest is not None:
                self._unread = rest
                return True
            if time.perf_counter() >= end:
                return False
            tail = tail[-4 * _TAIL :] + self.read(end - time.perf_counter())

    def drain(self, seconds: float) -> int:
        """Read for `seconds`; return how many bytes came."""
        before = self.bytes
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.read(end - time.perf_counter())
        return self.bytes - before

    def cpu_seconds(self) -> float:
        """Return the processor time of the threads it has now, and of its children that ended."""
        threads = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        own = sum(int(each.read_text().split()[0]) for each in threads) / 1e9
        status = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return own + sum(map(int, status[13:15])) / os.sysconf("SC_CLK_TCK")

    def waits(self) -> int:
        """Return how often the threads it has now went to wait for something."""
        told = Path(f"/proc/{self.pid}/task").glob("*/status")
        lines = (line for each in told for line in each.read_text().splitlines())
        return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))

    def megabytes(self) -> float:
        """Return its resident memory."""
        return resident_megabytes(self.pid)

    def hang_up(self) -> None:
        """Close the terminal, as a lost SSH connection does: the process gets SIGHUP."""
        os.close(self.fd)
        self.fd = -1

    def wait_for_end(self, seconds: float) -> int | None:
        """Return the exit status (negative: the signal); None: it still runs after `seconds`."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            if self.fd >= 0:
                self.read(0.02)
            else:
                select.select([], [], [], 0.02)
        return None

    def close(self) -> None:
        """End whatever is left."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
