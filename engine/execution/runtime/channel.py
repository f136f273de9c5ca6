"""A job's line to its supervisor, as the job's process sees it: calls that wait for their answer, and news."""

from __future__ import annotations

import json
import os
import select
import socket
import threading
from typing import Any

_CHUNK = 1 << 16


class ChannelError(Exception):
    """The call was refused; the text says why."""


class Channel:
    """The supervisor, from inside a job's process. Threads of the job may share it, forked children may not."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._in = b""
        self._lines: list[bytes] = []
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._seq = 0
        self.stopping = False  # somebody asked the run to stop
        self.stop_seen = False  # and its code was told so

    def fileno(self) -> int:
        """Return the descriptor of the line."""
        return self._connection.fileno()

    def line(self) -> bytes:
        """Wait for one line.

        Raises:
            EOFError: the supervisor is gone.
        """
        while not self._lines:
            data = self._connection.recv(_CHUNK)
            if not data:
                raise EOFError
            *self._lines, self._in = (self._in + data).split(b"\n")
        return self._lines.pop(0)

    def send(self, *message: Any) -> None:
        """Send one message."""
        self._connection.sendall(json.dumps(message, separators=(",", ":")).encode() + b"\n")

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        """Make a call and wait until its effect is durable; return the answer.

        Raises:
            ChannelError: it was refused, or this is not the job's own process.
        """
        if os.getpid() != self._owner:
            message = "only the job's own process may call the job API, not one that it forked"
            raise ChannelError(message)
        with self._lock:
            self._seq += 1
            seq = self._seq
            try:
                self.send("call", seq, name, arguments)
                while True:
                    message = json.loads(self.line())
                    if message[0] == "reply" and message[1] == seq:
                        break
                    self._note(message)
            except (EOFError, OSError):
                text = "the supervisor of this run is gone"
                raise ChannelError(text) from None
        if not message[2]:
            raise ChannelError(str(message[3]))
        return message[3]

    def say(self, *message: Any) -> None:
        """Send what needs no answer; a supervisor that is gone is no error."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            try:
                self.send(*message)
            except OSError:
                return

    def wait_stop(self, seconds: float, clock: Any) -> bool:
        """Wait until the run is asked to stop, at most `seconds`; True: it was."""
        deadline = clock() + seconds
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        while not self.stopping:
            left = deadline - clock()
            if left <= 0:
                return False
            if poll.poll(min(left, 60.0) * 1000 + 1):
                with self._lock:
                    self._look()
        self.stop_seen = True
        return True

    def _look(self) -> None:
        """Take the news that is there, without waiting."""
        try:
            data = self._connection.recv(_CHUNK, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.stopping = True  # nobody is left to report to
            return
        *lines, self._in = (self._in + data).split(b"\n")
        for each in lines:
            self._note(json.loads(each))

    def _note(self, message: list[Any]) -> None:
        if message[0] == "stop":
            self.stopping = True
