"""What ends the reader's rest: a ring from any thread, or the end of the engine it watches."""

import contextlib
import os
import select
import threading


class Bell:
    """Rung by whoever has something for the reader, and by the kernel when a process ends."""

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._closing = threading.Lock()
        self._is_open = True
        self._pid = 0
        self._end: int | None = None  # readable once the process `_pid` has ended

    def ring(self) -> None:
        """End the wait, or the next one. Any thread."""
        with self._closing:
            if self._is_open:
                os.eventfd_write(self._descriptor, 1)

    def watch(self, pid: int) -> None:
        """End waits when the process `pid` ends as well; 0: watch none.

        A hint only: a process that is out of sight, in another namespace, is not watched.
        """
        if pid == self._pid:
            return
        self._forget()
        self._pid = pid
        if pid:
            with contextlib.suppress(OSError):
                self._end = os.pidfd_open(pid)

    def wait(self, seconds: float) -> None:
        """Return when it rang, when the watched process ended, or after `seconds`."""
        waiting = select.poll()
        waiting.register(self._descriptor, select.POLLIN)
        if self._end is not None:
            waiting.register(self._end, select.POLLIN)
        ready = {descriptor for descriptor, _ in waiting.poll(seconds * 1000)}
        if self._descriptor in ready:
            os.eventfd_read(self._descriptor)
        if self._end in ready:
            self._forget()  # told once; `_pid` stays, so that it is not watched again

    def close(self) -> None:
        """Ring no more."""
        with self._closing:
            if self._is_open:
                self._is_open = False
                os.close(self._descriptor)
                self._forget()

    def _forget(self) -> None:
        if self._end is not None:
            os.close(self._end)
            self._end = None
