"""A client of a real store that a test moves by hand: no thread, and the store's own clock."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TypeVar

from msgspec.structs import replace

from app.client.desk import Desk
from app.client.going_on import GoingOn
from app.client.health import HealthReader
from app.client.port import HostedEngine
from app.client.portions import events_of
from app.client.system_desk import SystemDesk
from app.store.events import Event, Inbox, SnapshotDone
from app.store.model import EngineHealth, InstanceRow
from engine.control import Actor, System
from engine.control.watch import Watch

T = TypeVar("T")


class RealStore:
    """Reads a store when it is told to, and answers at once or when it is let."""

    hosted: HostedEngine | None = None

    def __init__(self, system: System, actor: Actor) -> None:
        self._system = system
        self._actor = actor
        self._watch = Watch(system.context)
        self._health = HealthReader(system)
        self._going_on = GoingOn()
        self.newest = 2000  # instances that are handed over with everything
        self._inbox = Inbox()
        self._held: list[Callable[[], None]] = []
        self.holds_answers = False

    def start(self, inbox: Inbox) -> None:
        """Hand over everything."""
        self._inbox = inbox
        self.resync()

    def resync(self) -> None:
        """Hand over everything anew."""
        events: list[Event] = []
        self._going_on.expect_all()
        for number, portion in enumerate(self._watch.snapshot(self.newest)):
            events += events_of(portion, self._how() if number == 0 else None)
        self._remember(events)
        self._inbox.put([*events, *self._going_on.ended(self._watch), SnapshotDone()])

    def come_back(self) -> None:
        """Hand over everything after the store was out of reach: by another look at it."""
        self._watch = Watch(self._system.context)
        self.resync()

    def look(self) -> None:
        """Hand over what changed since."""
        for portion in self._watch.changes():
            events = events_of(portion)
            self._remember(events)
            self._inbox.put([*events, self._how()])

    def _remember(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, InstanceRow):
                self._going_on.keep(event)

    def _how(self) -> EngineHealth:
        """Return how things are; a test's engine is of no version."""
        return replace(self._health.read(), link="attached", problem="")

    def lose(self) -> None:
        """Tell that no engine is alive."""
        self._inbox.put([replace(self._how(), link="none", session=None)])

    def ask(self, question: Callable[[Desk], T], *, is_order: bool = False) -> "Future[T]":
        """Answer at once, or when `let_answer` is called."""
        del is_order
        future: Future[T] = Future()

        def answer() -> None:
            try:
                future.set_result(question(SystemDesk(self._system, self._actor)))
            except Exception as error:  # noqa: BLE001 - handed over to the asker
                future.set_exception(error)

        if self.holds_answers:
            self._held.append(answer)
        else:
            answer()
        return future

    def let_answer(self) -> None:
        """Answer what was held back."""
        self.holds_answers = False
        held, self._held = self._held, []
        for answer in held:
            answer()

    def close(self) -> None:
        """The test closes the store."""
