"""A scripted engine: answers the console from memory, at once, and does what it is told.

It has no thread and no clock of its own: the test moves both.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TypeVar

from app.client.desk import Desk
from app.client.port import HostedEngine
from app.store.events import (
    Event,
    Inbox,
    SnapshotBegun,
    SnapshotDone,
)
from app.testing.desk import ScriptedDesk
from app.testing.stage import ScriptedStage
from app.testing.world import group_row
from engine.clock import Clock

T = TypeVar("T")


class ScriptedEngine(ScriptedStage):
    """An `EngineClient` that a test moves by hand."""

    def __init__(self, clock: Clock, *, link: str = "attached") -> None:
        super().__init__(clock, link)
        self.holds_answers = False
        self.is_closed = False
        self.hosted: HostedEngine | None = None
        self.desk: Desk = ScriptedDesk(self)
        self._held: list[Callable[[], None]] = []
        self.reads_slowly = False

    # -- the client ------------------------------------------------------------------------------

    def start(self, inbox: Inbox) -> None:
        """Hand over everything, unless the store takes long."""
        self._inbox = inbox
        if not self.reads_slowly:
            self.resync()

    def resync(self) -> None:
        """Hand over everything anew."""
        self.emit(
            SnapshotBegun(len(self.jobs)),
            self.health(),
            *(group_row(group) for group in self.groups.values()),
            *(self.row(name) for name in self.jobs),
            *self.instances.values(),
            SnapshotDone(),
        )

    def ask(self, question: Callable[[Desk], T], *, is_order: bool = False) -> "Future[T]":
        """Answer at once, or when `let_answer` is called."""
        del is_order
        future: Future[T] = Future()

        def answer() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(question(self.desk))
            except Exception as error:  # noqa: BLE001 - handed over to the asker
                future.set_exception(error)

        if self.holds_answers:
            self._held.append(answer)
        else:
            answer()
        return future

    def close(self) -> None:
        """Take note."""
        self.is_closed = True

    # -- for the test ----------------------------------------------------------------------------

    def let_answer(self) -> None:
        """Answer what was held back."""
        self.holds_answers = False
        held, self._held = self._held, []
        for answer in held:
            answer()


def chunks(rows: Iterable[Event], size: int) -> Iterable[list[Event]]:
    """Return `rows` in lists of `size`."""
    chunk: list[Event] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
