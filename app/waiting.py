"""What was asked and is not answered yet: shown once it takes longer than a moment."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from app.bridge import Bridge
from app.client.desk import Desk
from app.client.port import EngineClient
from engine.clock import Clock

T = TypeVar("T")

SHOWN_AFTER_SECONDS = 1.0


class Waiting:
    """Asks questions and remembers the orders among them until they are answered."""

    def __init__(self, bridge: Bridge, client: EngineClient, clock: Clock) -> None:
        self._bridge = bridge
        self._client = client
        self._clock = clock
        self._pending: dict[int, tuple[str, float]] = {}
        self._number = 0
        self.all_answered: Callable[[], None] = lambda: None  # called where no order waits any more

    def ask(
        self,
        question: Callable[[Desk], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
        about: str,
    ) -> None:
        """Ask; `about` names an order that changes something ("" for a mere look)."""
        self._number += 1
        number = self._number
        if about:
            self._pending[number] = (about, self._clock.monotonic())

        def answered(answer: T) -> None:
            with self._taken(number):
                done(answer)

        def refused(error: BaseException) -> None:
            with self._taken(number):
                failed(error)

        self._bridge.request(self._client, question, answered, refused, is_order=bool(about))

    @contextmanager
    def _taken(self, number: int) -> Iterator[None]:
        """Count it as answered, and tell where it was the last order, once its answer was taken."""
        was_order = self._pending.pop(number, None) is not None
        try:
            yield
        finally:
            if was_order and not self._pending:
                self.all_answered()

    @property
    def has_orders(self) -> bool:
        """Whether an order is not answered yet."""
        return bool(self._pending)

    @property
    def orders(self) -> Sequence[str]:
        """What orders are not answered yet, the oldest first: "run quick"."""
        return [about for about, _ in self._pending.values()]

    def describe(self) -> str:
        """Return "pending 2s: run quick" for the oldest that takes long; "" where none does."""
        if not self._pending:
            return ""
        now = self._clock.monotonic()
        late = [
            (about, now - since)
            for about, since in self._pending.values()
            if now - since >= SHOWN_AFTER_SECONDS
        ]
        if not late:
            return ""
        about, seconds = late[0]
        more = f" and {len(late) - 1} more" if len(late) > 1 else ""
        return f"pending {seconds:.0f}s: {about}{more}"
