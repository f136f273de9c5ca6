"""A job's line to its supervisor, from inside: calls that wait for an answer, and news."""

from __future__ import annotations

import os
import select

from .bare import MSG_DONTWAIT, allocate_lock
from .plain import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .bare import Socket

_CHUNK = 1 << 18


class ChannelError(Exception):
    """The call was refused; the text says why."""


class Channel:
    """The supervisor, as a job sees it. Threads may share it, forked children may not."""

    Refused = ChannelError

    def __init__(self, connection: Socket) -> None:
        self.run = 0  # the instance that is being run
        self.stopping = False  # somebody asked it to stop
        self.stop_seen = False  # and its code was told so
        self._connection = connection
        self._in = b""
        self._lines: list[bytes] = []
        self._lock = allocate_lock()
        self._owner = os.getpid()
        self._seq = 0

    @property
    def is_own(self) -> bool:
        """Whether this process is the one whose line it is, and not one that it forked."""
        return os.getpid() == self._owner

    def begin(self, run: int) -> None:
        """Be the line of this run from now on."""
        self.run = run
        self.stopping = self.stop_seen = False

    def line(self) -> bytes:
        """Wait for one line that is no news.

        Raises:
            EOFError: the supervisor is gone.
        """
        while True:
            while not self._lines:
                data = self._connection.recv(_CHUNK)
                if not data:
                    raise EOFError
                self._split(data)
            line = self._lines.pop(0)
            if not self._is_news(line):
                return line

    def await_line(self, beginning: bytes) -> bytes:
        """Wait for a line that begins so, and keep whatever comes before it.

        Raises:
            EOFError: the supervisor is gone.
        """
        others: list[bytes] = []
        while not (line := self.line()).startswith(beginning):
            others.append(line)
        self._lines[:0] = others
        return line

    def _split(self, data: bytes) -> None:
        *lines, self._in = (self._in + data).split(b"\n")
        self._lines += lines

    def send(self, message: list[Any]) -> None:
        """Send one message."""
        self._connection.sendall(dumps(message) + b"\n")

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        """Make a call and wait until its effect is durable; return the answer.

        Raises:
            ChannelError: it was refused, or this is not the job's own process.
        """
        if not self.is_own:
            message = "only the job's own process may call the job API, not one that it forked"
            raise ChannelError(message)
        with self._lock:
            self._seq += 1
            try:
                self.send(["call", self._seq, name, arguments])
                line = self.await_line(b'["reply",%d,' % self._seq)
            except (EOFError, OSError):
                text = "the supervisor of this run is gone"
                raise ChannelError(text) from None
        _, _, ok, value = loads(line)
        if not ok:
            raise ChannelError(str(value))
        return value

    def _is_news(self, line: bytes) -> bool:
        """Take note of a wish that the run should stop."""
        if not line.startswith(b'["stop"'):
            return False
        message = loads(line)
        if len(message) == 1 or message[1] == self.run:
            self.stopping = True
        return True

    @staticmethod
    def size_of(data: Any) -> int:
        """Return how many bytes plain data take as JSON."""
        return len(dumps(data))

    def say(self, *message: Any) -> None:
        """Send what needs no answer; a supervisor that is gone is no error."""
        if not self.is_own:
            if message[0] == "log":
                _write_aloud(*message[1:])
            return
        with self._lock:
            try:
                self.send(list(message))
            except OSError:
                return

    def wait_stop(self, seconds: float, clock: Callable[[], float]) -> bool:
        """Wait until the run is asked to stop, at most `seconds`; True: it was."""
        deadline = clock() + seconds
        poll = select.poll()
        if self.is_own:  # the news is not for a process that it forked
            with self._lock:
                self._sift()
            poll.register(self._connection.fileno(), select.POLLIN)
        while not self.stopping:
            left = deadline - clock()
            if poll.poll(max(0.0, min(left, 60.0)) * 1000):
                with self._lock:
                    self._look()
            elif left <= 0:
                return False
        self.stop_seen = True
        return True

    def _look(self) -> None:
        """Take the news that is there, without waiting."""
        try:
            data = self._connection.recv(_CHUNK, MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.stopping = True  # nobody is left to report to
            return
        self._split(data)
        self._sift()

    def _sift(self) -> None:
        """Take the news out of what was read together with something else."""
        self._lines = [line for line in self._lines if not self._is_news(line)]


def _write_aloud(level: str, text: str) -> None:
    """Write what a forked process logs to its standard error: it has no line of its own."""
    try:
        os.write(2, f"{level} {text}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        return
