"""The client of a real store: a thread reads what changed, a few others answer questions."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from app.client.account import AccountApart
from app.client.bell import Bell
from app.client.desk import Desk
from app.client.handover import Handover
from app.client.hosting import Hosting
from app.client.reader import Reader
from app.store.events import Inbox
from engine.config import Settings
from engine.control.actor import Actor, current_actor
from engine.errors import StoreError

if TYPE_CHECKING:
    from app.client.first_look import FirstLook
    from app.client.hosted import HostedEngine
    from app.client.saved_state import SavedStates

T = TypeVar("T")

_ANSWERERS = 3
_ORDERERS = 32  # each may wait for an engine that does not answer, and none for another
_PATIENCE = 10.0  # seconds beyond the grace for recording how the runs ended


class StoreClient:
    """Reads one store; hosts an engine where none is alive and `may_host`.

    One that may not changes nothing of the store; one that `needs_engine` opens only where an
    engine is alive: see `require`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        may_host: bool,
        needs_engine: bool = False,
        first_look: "FirstLook | None" = None,
    ) -> None:
        self._settings = settings
        self._bell = Bell()
        self._pool = ThreadPoolExecutor(_ANSWERERS, "tocsin-answers")
        self._orders = ThreadPoolExecutor(_ORDERERS, "tocsin-orders")
        self._account = AccountApart(settings)
        self._handover = Handover()
        self._hosting = Hosting(
            settings, self._bell.ring, may_host=may_host, needs_one=needs_engine
        )
        self._reader = Reader(
            settings,
            self._handover,
            self._hosting,
            self._bell,
            self._account,
            self._pool,
            first_look,
        )

    @property
    def hosted(self) -> "HostedEngine | None":
        """The engine that was started here; None: none was."""
        return self._hosting.engine

    @cached_property
    def _actor(self) -> Actor:
        """Who sits at this console."""
        return current_actor()

    @cached_property
    def _states(self) -> "SavedStates":
        """What was read of state data."""
        from app.client.saved_state import SavedStates

        return SavedStates()

    def begin(self) -> None:
        """Begin to read before the console is there: its import takes as long as the first look."""
        self._reader.begin()

    def require(self) -> None:
        """Wait until the store was seen; close the client where it cannot be opened as it is.

        Raises:
            TocsinError: it is not there, older, newer or out of reach, or lacks a needed engine.
        """
        self._reader.looked.wait()
        if (refusal := self._reader.failure) is not None:
            self.close()
            raise refusal

    def start(self, inbox: Inbox) -> None:
        """Hand over to `inbox` from now on, and what was read already."""
        self._handover.connect(inbox)
        self._reader.begin()

    def resync(self) -> None:
        """Hand over everything anew."""
        self._reader.resync()

    def ask(self, question: Callable[[Desk], T], *, is_order: bool = False) -> "Future[T]":
        """Answer in a thread of a pool; the reader then looks at once for what it changed.

        Where the client is closed, the answer is cancelled, but not that to an order.
        """
        opened = self._reader.system  # works for orders also after it was closed

        def answer() -> T:
            self._reader.ready.wait()
            system = opened or self._reader.system
            if system is None:
                raise self._reader.failure or StoreError("the store is out of reach")
            from app.client.system_desk import SystemDesk

            try:
                return question(SystemDesk(system, self._actor, self._account, self._states))
            finally:
                self._bell.ring()

        try:
            return (self._orders if is_order else self._pool).submit(answer)
        except RuntimeError:  # closed: the screen goes on for a moment, and may still ask
            dropped: Future[T] = Future()
            dropped.cancel()
            return dropped

    def end(self, grace: float | None) -> None:
        """Stop the engine that is hosted here, if it still runs, and let go of the store."""
        self._hosting.leave()
        if self.hosted is not None and self.hosted.is_alive:
            patience = (self._settings.grace_seconds if grace is None else grace) + _PATIENCE
            self.hosted.stop_and_wait(grace, patience)
        self.close()

    def close(self) -> None:
        """Stop reading; an engine elsewhere is not touched.

        Orders that were given are done before the process ends.
        """
        self._orders.shutdown(wait=False)
        self._reader.end()
        self._pool.shutdown(wait=False, cancel_futures=True)
