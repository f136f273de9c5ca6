"""What the operator types: lines from a terminal, a pipe or a file, never waited for blindly."""

import os
import select
from typing import Protocol

from app.plain.hang_up import HangUp

_CHUNK = 65536
_LONGEST_LINE = 1_000_000
_LOOK_SECONDS = 0.5  # a signal that came just before a wait is heeded after it


class Ear(Protocol):
    """Where lines come from."""

    is_interactive: bool  # somebody types; False: a pipe or a file

    def wait(self, seconds: float | None) -> bool:
        """Whether a line, or the end, can be read within `seconds` (None: wait for it)."""
        ...

    def line(self) -> str | None:
        """Return the next line without its end; None at the end of input. Waits for it.

        On a terminal ctrl+d is such an end, and more can be typed after it.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Let time pass without listening: what comes meanwhile is read afterwards."""
        ...


class FileEar:
    """Lines of an open file descriptor."""

    def __init__(self, descriptor: int, hang_up: HangUp | None = None) -> None:
        self._descriptor = descriptor
        self._hang_up = hang_up or HangUp()
        self._pending = b""
        self._ended = False
        self.is_interactive = os.isatty(descriptor)

    def wait(self, seconds: float | None) -> bool:
        """Whether a line, or the end, can be read within `seconds`."""
        if b"\n" in self._pending or self._ended:
            return True
        with self._hang_up.waiting():
            ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if not ready:
            return False
        self._fill()
        return b"\n" in self._pending or self._ended

    def line(self) -> str | None:
        """Return the next line without its end; None at the end of input, or at a ctrl+d."""
        while b"\n" not in self._pending and not self._ended:
            self._fill()
        if self.is_interactive:
            self._ended = False  # a terminal is read on after ctrl+d
        if not self._pending:
            return None
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    def pause(self, seconds: float) -> None:
        """Let time pass without listening: what comes meanwhile is read afterwards."""
        with self._hang_up.waiting():
            select.select([], [], [], seconds)

    def _fill(self) -> None:
        with self._hang_up.waiting():
            while not select.select([self._descriptor], [], [], _LOOK_SECONDS)[0]:
                pass
            chunk = os.read(self._descriptor, _CHUNK)
        self._pending += chunk
        if not chunk or len(self._pending) > _LONGEST_LINE:
            self._ended = True
