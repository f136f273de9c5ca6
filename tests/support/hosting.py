"""What may host an engine on a store, and stops the one that it hosts at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.client.hosting import Hosting
from engine.clock import Clock
from engine.config import Settings
from engine.control import System, open_system


@contextmanager
def hosting_on(settings: Settings, clock: Clock | None = None) -> Iterator[tuple[Hosting, System]]:
    """Make one for a store that is there; None: it lives by the clock of the machine."""
    system = open_system(settings, clock=clock)
    hosting = Hosting(settings, lambda: None, may_host=True)
    try:
        yield hosting, system
    finally:
        if hosting.engine is not None:
            hosting.engine.stop_and_wait(0, 20)
        system.close()
