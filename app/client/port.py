"""What the console asks of a client: a flow of rows, and answers that do not hold up the screen."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from app.client.desk import Desk
from app.client.events import Inbox

T = TypeVar("T")


class EngineClient(Protocol):
    """One store and its engine, as seen from the console."""

    def start(self, inbox: Inbox) -> None:
        """Begin to read: a snapshot first, then changes, from a thread of the client's own."""
        ...

    def resync(self) -> None:
        """Hand over everything anew."""
        ...

    def ask(self, question: Callable[[Desk], T]) -> Future[T]:
        """Answer `question` away from the caller's thread; errors are `TocsinError`."""
        ...

    def close(self) -> None:
        """Stop reading. An engine elsewhere is not touched."""
        ...


class HostedEngine(Protocol):
    """The engine that this console hosts in a thread of its own, if it does."""

    def begin_drain(self) -> None:
        """Start nothing new; running jobs may end."""
        ...

    def stop(self, grace: float) -> None:
        """Stop, giving running jobs `grace` seconds; returns when the truth is recorded."""
        ...
