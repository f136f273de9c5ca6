"""What the console asks of a client: a flow of rows, and answers that do not hold up the screen."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from app.client.desk import Desk
from app.store.events import Inbox

T = TypeVar("T")


class HostedEngine(Protocol):
    """The engine that this console hosts in a thread of its own."""

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        ...

    def wait_for_end(self, done: Callable[[], None]) -> None:
        """Call `done` on any thread when it has ended, as after a drain."""
        ...

    def stop(self, done: Callable[[], None]) -> None:
        """Give what runs its grace, record the truth, then call `done` on any thread."""
        ...


class EngineClient(Protocol):
    """One store and its engine, as seen from the console."""

    @property
    def hosted(self) -> HostedEngine | None:
        """The engine that this console hosts; None where it is attached, or there is none."""
        ...

    def start(self, inbox: Inbox) -> None:
        """Begin to read: a snapshot first, then changes, from a thread of the client's own."""
        ...

    def resync(self) -> None:
        """Hand over everything anew."""
        ...

    def ask(self, question: Callable[[Desk], T], *, is_order: bool = False) -> Future[T]:
        """Answer `question` away from the caller's thread; errors are `TocsinError`.

        An order changes something: it waits for no looks, and is done though the console is left.
        """
        ...

    def close(self) -> None:
        """Stop reading. An engine elsewhere is not touched."""
        ...
