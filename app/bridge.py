"""The one file that crosses threads: from the client's to the console's, and never by waiting.

The client wakes the console once for any number of events (`wake`), and the answers of requests are
called back on the console's thread. Nothing here blocks either side.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from textual.app import App

from app.boundary import Boundary
from app.client.desk import Desk
from app.client.port import EngineClient

T = TypeVar("T")


class Bridge:
    """Carries calls into the app's own thread; after `close` they are dropped."""

    def __init__(self, app: App[Any], boundary: Boundary) -> None:
        self._app = app
        self._boundary = boundary
        self._is_open = True

    def call(self, callback: Callable[[], None]) -> None:
        """Run `callback` on the console's thread, soon; called from any thread."""
        if self._is_open:
            self._app.call_later(self._boundary.run, "an answer", callback)

    def request(
        self,
        client: EngineClient,
        question: Callable[[Desk], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
        *,
        is_order: bool,
    ) -> "Future[T]":
        """Ask `client`; `done` or `failed` runs on the console's thread."""
        future = client.ask(question, is_order=is_order)

        def settle(settled: "Future[T]") -> None:
            if settled.cancelled():
                return
            error = settled.exception()
            if error is not None:
                self.call(lambda: failed(error))
            else:
                self.call(lambda: done(settled.result()))

        future.add_done_callback(settle)
        return future

    def close(self) -> None:
        """Drop everything that comes from now on."""
        self._is_open = False
