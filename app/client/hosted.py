"""The engine that this console hosts: in a thread of the engine's own, never in Textual's.

It is stopped from a thread of ours: waiting for the last run takes as long as it takes, and the
screen goes on showing it.
"""

import threading
from collections.abc import Callable

from engine.config import Settings
from engine.engine import Engine

_LOOK_SECONDS = 0.2


class HostedEngine:
    """One engine, from its start to its recorded end."""

    def __init__(self, settings: Settings, given_up: set[int] | None = None) -> None:
        self._engine = Engine(settings, given_up=given_up)

    def start(self, woken: Callable[[], None]) -> None:
        """Start it; `woken` is called whenever something happened, in the engine's thread.

        Raises:
            EngineError: another engine owns the store.
        """
        self._engine.start()
        self._engine.events.subscribe(lambda _event: woken())

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._engine.is_alive

    def wait_for_end(self, done: Callable[[], None]) -> None:
        """Call `done` in a thread of ours when it has ended, as after a drain."""
        threading.Thread(target=self._wait, args=(done,), name="tocsin-end", daemon=True).start()

    def stop(self, done: Callable[[], None], grace: float | None = None) -> None:
        """Stop it; its runs get `grace` seconds (None: the engine's own)."""
        self._engine.stop(grace)
        self.wait_for_end(done)

    def stop_and_wait(self, grace: float | None, patience: float) -> bool:
        """Stop it and wait; False: it had not ended after `patience` seconds."""
        self._engine.stop(grace)
        return self._engine.wait(patience)

    def _wait(self, done: Callable[[], None]) -> None:
        while not self._engine.wait(_LOOK_SECONDS):
            pass
        done()
