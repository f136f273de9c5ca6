"""When the terminal is lost (SIGHUP) or the process is told to end (SIGTERM, SIGINT).

Textual handles none, and goes on reading a dead terminal as fast as it can. So the terminal is
cut off first; then the view is kept, and a hosted engine stops scheduling, gives its runs their
grace and records the truth; then the process ends. An attached one keeps its view and ends.

A terminal that takes no output (ctrl+S, a connection that is half open) stops the screen's own
thread for as long as it likes. Then the process ends without it. While an editor has the terminal,
though, its end is waited for.
"""

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from app.client.store_client import StoreClient
    from app.console import ConsoleApp

_PATIENCE = 1.0  # seconds that the screen's own thread has for keeping the view
_LEAVING = 5.0  # seconds that it has for leaving the terminal as it was
_SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
_BY_KEY = signal.SIGINT  # ignored from the start in what a shell runs behind it


class HangUp:
    """Owns these signals while the console runs."""

    def __init__(self, app: "ConsoleApp", client: "StoreClient") -> None:
        self._app = app
        self._client = client
        self._before: dict[int, Any] = {}
        self._is_over = False
        self._left = threading.Event()  # the screen

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            if number != _BY_KEY or signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._end)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._left.set()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._is_over:
            return
        self._is_over = True
        if number == signal.SIGHUP:
            cut_off_terminal()
        finishing = threading.Thread(
            target=self._finish, args=(number,), name="tocsin-hang-up", daemon=True
        )
        finishing.start()

    def _finish(self, number: int) -> None:
        """Stop what is hosted here, then end; the screen's own thread may be stuck by now."""
        kept = threading.Event()
        if number == signal.SIGHUP:
            self._app.bridge.call(lambda: self._keep_view(kept))
        self._client.end(None)
        if number == signal.SIGHUP:
            kept.wait(_PATIENCE)
            os._exit(128 + number)
        self._app.bridge.call(lambda: self._app.exit(128 + number))
        while not self._left.wait(_LEAVING):
            if self._app.let_go_of_keys():  # that the screen is left cannot be written there
                os._exit(128 + number)

    def _keep_view(self, kept: threading.Event) -> None:
        try:
            self._app.keep_view()
        finally:
            kept.set()


def cut_off_terminal() -> None:
    """Let nothing be read from or written to the terminal any more: reads wait, writes vanish."""
    silent, _ = os.pipe()  # nobody writes into it, so reading waits for ever
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 0)
    for number in (1, 2):
        os.dup2(nowhere, number)
