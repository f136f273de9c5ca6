"""One connection to a supervisor: whole lines out and in, never waiting for the other side."""

import contextlib
import json
import os
import select
import selectors
import signal
import socket
import threading
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.execution.runtime.lease import Lease, lease_of

_CHUNK = 1 << 18
_FINISH_SECONDS = 2.0


class SupervisorLink:
    """Lines to and from one supervisor. `send` may be called from any thread, the rest from one."""

    def __init__(self, connection: socket.socket, address: str, process: int | None = None) -> None:
        connection.setblocking(False)
        self.address = address
        self.process = process  # our child's pid; None where an earlier engine started it
        self.is_kept = True  # its runs are ours, and their deadline is for us to renew
        self.runs: dict[int, bool] = {}  # instance → whether its end was told
        self.greeting: dict[str, Any] = {}
        self._connection = connection
        self._handle: int | None = None  # of the supervisor's process
        self._lease: Lease | None = None  # None: it is told by messages alone
        self._out = bytearray()
        self._in = bytearray()
        self._lock = threading.Lock()

    def fileno(self) -> int:
        """Return the descriptor of the connection."""
        return self._connection.fileno()

    def send(self, *lines: bytes) -> bool:
        """Send lines, or keep what the socket does not take; True: something is still unsent."""
        with self._lock:
            for each in lines:
                self._out += each
            return self._flush()

    def _flush(self) -> bool:
        while self._out:
            try:
                sent = self._connection.send(memoryview(self._out)[: _CHUNK * 4])
            except BlockingIOError:
                return True
            except OSError:
                self._out.clear()  # reading will tell that it is gone
                return False
            del self._out[:sent]
        return False

    def receive(self) -> list[Any]:
        """Return the messages that have come.

        Raises:
            ConnectionError: the supervisor is gone, and every message before that was returned.
        """
        ended = False
        while True:
            try:
                data = self._connection.recv(_CHUNK)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                ended = True
                break
            self._in += data
        lines = self._in.split(b"\n")
        self._in = lines.pop()
        if ended and not lines:
            raise ConnectionResetError
        return [json.loads(each) for each in lines]

    def wait_for(self, verb: str, seconds: float) -> tuple[Any, list[Any]]:
        """Wait for a message and return it, and the ones that came before it.

        Raises:
            EngineError: it did not come in time, or the connection ended.
        """
        earlier: list[Any] = []
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection, selectors.EVENT_READ)
            while selector.select(seconds):
                try:
                    messages = self.receive()
                except ConnectionError:
                    break
                for index, message in enumerate(messages):
                    if message[0] == verb:
                        return message, earlier + messages[index + 1 :]
                earlier += messages
        raise EngineError(f"The supervisor behind {self.address} does not answer.")

    def finish(self) -> None:
        """Send what is kept, for a short while waiting for the other side."""
        with self._lock, contextlib.suppress(OSError):
            self._connection.settimeout(_FINISH_SECONDS)
            self._connection.sendall(self._out)
            self._out.clear()

    def greet(self, greeting: dict[str, Any]) -> None:
        """Take what the supervisor said of itself."""
        self.greeting = greeting
        with contextlib.suppress(ProcessLookupError):
            self._handle = os.pidfd_open(greeting["pid"])
        with contextlib.suppress(OSError):  # /proc may hide it
            self._lease = lease_of(greeting["pid"], greeting.get("lease", -1))

    @property
    def last_sign(self) -> float | None:
        """When the supervisor turned last, on CLOCK_BOOTTIME; None where that is not to be seen."""
        return None if self._lease is None else self._lease.turned

    def thaw(self) -> None:
        """Have a supervisor that was stopped go on."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._handle, signal.SIGCONT)

    def renew(self, boottime_seconds: float) -> bool:
        """Let runs go on until then, even where the supervisor is frozen; True: some is unsent."""
        with contextlib.suppress(ValueError):  # closed by another thread
            if self._lease is not None:
                self._lease.until = boottime_seconds
        return self.send(json.dumps(["deadline", boottime_seconds]).encode() + b"\n")

    def has_ended(self, seconds: float) -> bool:
        """Wait until the supervisor's process has ended, and reap it; False: it lives."""
        if self._handle is not None:
            poll = select.poll()
            poll.register(self._handle, select.POLLIN)
            if not poll.poll(seconds * 1000):
                return False
        if self.process is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.process, 0)
        return True

    def kill(self) -> None:
        """Kill a supervisor that does not end; whatever it runs dies with it."""
        if self._handle is not None:
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            self.has_ended(_FINISH_SECONDS)

    def close(self) -> None:
        """Close the connection; the supervisor goes on."""
        self._connection.close()
        if self._lease is not None:
            self._lease.close()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def connect(address: str) -> socket.socket:
    """Return a connection to the supervisor that listens at `address`, however long the path is.

    Raises:
        OSError: none listens there.
    """
    path = Path(address)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(f"/proc/self/fd/{folder}/{path.name}")
        except OSError:
            connection.close()
            raise
    finally:
        os.close(folder)
    return connection


def listen(address: str) -> socket.socket:
    """Return a socket that listens at `address`, for a supervisor to inherit.

    Raises:
        OSError: the folder cannot be written.
    """
    path = Path(address)
    path.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)
    path.chmod(0o600)
    listener.listen(8)
    return listener
