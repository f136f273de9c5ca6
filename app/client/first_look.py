"""The first screenful of a store, read by a process beside this one.

Loading the toolkit of the screen and that of the store take as long as each other, and Python
does not do both at once in one process. So the first rows come from a fork that is made before
either is loaded, and even before it is known which store it is; what follows is read by the client
itself. Where that does not work nothing is lost: the client's own look is only a moment later.
"""

import gc
import os
import select
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.store.events import Event
    from engine.config import Settings

_CHUNK = 1 << 20
_PATIENCE_SECONDS = 10.0  # with the child: what it waits for, the client can wait for itself
_SEEN = b"\1"  # before the events: the store is there, and this program can use it as it is


class FirstLook:
    """A child that gets ready to read, and two pipes: what it shall read, and what it read.

    Made while there is only one thread. Whoever makes it drops it when nothing was asked.
    """

    def __init__(self) -> None:
        self._is_over = False  # it was told what to read, or to end
        self._wait_until = 0.0  # monotonic
        asked, self._asking = os.pipe()
        self._reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._asking)
            os.close(self._reading)
            _be_the_child(asked, writing)
        os.close(asked)
        os.close(writing)

    def ask(self, settings: "Settings") -> None:
        """Say which store it is; once."""
        import pickle

        self._is_over = True
        self._wait_until = time.monotonic() + _PATIENCE_SECONDS
        with suppress(BrokenPipeError):  # it is gone already
            os.write(self._asking, pickle.dumps(settings, pickle.HIGHEST_PROTOCOL))
        os.close(self._asking)

    def sees_store(self) -> bool:
        """Wait until the child has opened the store; False: it could not. Once, before `events`."""
        return self._read(len(_SEEN)) == _SEEN

    def events(self) -> "Sequence[Event]":
        """Wait for what the child read, and return it as events; none where it could not."""
        import pickle

        data = b"".join(iter(lambda: self._read(_CHUNK), b""))
        os.close(self._reading)
        if time.monotonic() >= self._wait_until:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        try:
            events = pickle.loads(data) if data else ()  # noqa: S301 - from our own child
        except (pickle.UnpicklingError, EOFError):
            return ()
        return tuple(events)

    def _read(self, most: int) -> bytes:
        """Read from the child; nothing where it is at an end, or where our patience is."""
        waiting = select.poll()
        waiting.register(self._reading, select.POLLIN)
        left = max(0.0, self._wait_until - time.monotonic())
        return os.read(self._reading, most) if waiting.poll(left * 1000) else b""

    def drop(self) -> None:
        """End the child, unless it was asked or dropped already."""
        if self._is_over:
            return
        self._is_over = True
        os.close(self._asking)
        os.close(self._reading)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _read_all(pipe: int) -> bytes:
    parts = []
    with suppress(OSError):
        while part := os.read(pipe, _CHUNK):
            parts.append(part)
    return b"".join(parts)


def _be_the_child(asked: int, writing: int) -> None:
    """Get ready, read, write, and be gone: nothing that the parent registered may run here."""
    gc.disable()  # it lives for a moment
    try:
        import pickle

        from app.lean import load_asyncio

        load_asyncio()
        from app.client.health import HealthReader
        from app.client.portions import events_of
        from engine.control.system import open_system
        from engine.control.watch import Watch

        if not (settings := _read_all(asked)):
            os._exit(0)
        system = open_system(pickle.loads(settings), create=False)  # noqa: S301 - from our parent
        os.write(writing, _SEEN)
        portion = next(Watch(system.context).snapshot())
        events = events_of(portion, HealthReader(system).read())
        data = memoryview(pickle.dumps(events, pickle.HIGHEST_PROTOCOL))
        while data:
            data = data[os.write(writing, data) :]
    except Exception:  # noqa: BLE001 - the edge of a process: the parent looks for itself
        os._exit(1)
    finally:
        os._exit(0)
