"""The first screenful of a store, read by a process beside this one.

Loading the toolkit of the screen and that of the store take as long as each other, and Python
does not do both at once in one process. So the first rows come from a fork that is made before
either is loaded; what follows is read by the client itself. Where that does not work nothing is
lost: the client's own look is only a moment later.
"""

import gc
import os
import pickle
import signal
from collections.abc import Sequence
from contextlib import suppress

from app.store.events import Event
from engine.config import Settings

_CHUNK = 1 << 20


class FirstLook:
    """A child that reads, and the pipe that it writes to. Made while there is only one thread."""

    def __init__(self, settings: Settings) -> None:
        self._reading, writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _be_the_child(settings, writing)
        os.close(writing)

    def events(self) -> Sequence[Event]:
        """Wait for what the child read, and return it as events; none where it could not."""
        parts = []
        with suppress(OSError):
            while part := os.read(self._reading, _CHUNK):
                parts.append(part)
        os.close(self._reading)
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        if not parts:
            return ()
        try:
            events = pickle.loads(b"".join(parts))  # noqa: S301 - from our own child
        except (pickle.UnpicklingError, EOFError):
            return ()
        return tuple(events)

    def drop(self) -> None:
        """End the child: what it reads is not wanted."""
        os.close(self._reading)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def _be_the_child(settings: Settings, writing: int) -> None:
    """Read, write, and be gone: nothing that the parent registered may run here."""
    gc.disable()  # it lives for a moment
    try:
        from app.client.health import HealthReader
        from app.client.portions import events_of
        from engine.control.system import open_system
        from engine.control.watch import Watch

        system = open_system(settings, create=False)
        portion = next(Watch(system.context).snapshot())
        events = events_of(portion, HealthReader(system).read())
        data = memoryview(pickle.dumps(events, pickle.HIGHEST_PROTOCOL))
        while data:
            data = data[os.write(writing, data) :]
    except Exception:  # noqa: BLE001 - the edge of a process: the parent looks for itself
        os._exit(1)
    finally:
        os._exit(0)
