"""A signal that ends the talk: taken at once while a line is waited for, else before the next wait.

Raised anywhere else it could be lost, in code that ignores what goes wrong while it tidies up: then
the talk went on as if nobody had hung up.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class HungUpError(Exception):
    """The terminal is gone, or somebody asked this process to end; the argument is the signal."""


class HangUp:
    """Remembers the signal until somebody waits."""

    def __init__(self) -> None:
        self._number = 0
        self._is_waiting = False

    def listen(self) -> None:
        """Take SIGHUP and SIGTERM from now on; called on the main thread."""
        signal.signal(signal.SIGHUP, self._take)
        signal.signal(signal.SIGTERM, self._take)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let the signal end what waits in this block.

        Raises:
            HungUpError: it came before, or comes meanwhile.
        """
        self._is_waiting = True
        try:
            if self._number:
                raise HungUpError(self._number)
            yield
        finally:
            self._is_waiting = False

    def _take(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._number = number
        if self._is_waiting:
            raise HungUpError(number)
