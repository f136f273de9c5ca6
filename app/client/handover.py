"""From the reader's thread to the console's: into an inbox, at a pace that the screen sets."""

import threading
from collections.abc import Iterable

from app.store.events import Event, Inbox
from engine.clock import Instant

_LOOK_SECONDS = 0.02
_PATIENCE = 3.0  # seconds that a screen is waited for which does not come
_PAINTING_SECONDS = 0.3  # and one that took the rows, and paints them


class Handover:
    """What was read goes to an inbox of its own until the console is there with one."""

    def __init__(self) -> None:
        self._inbox = Inbox()
        self._changing = threading.Lock()
        self._is_shown = False

    def connect(self, inbox: Inbox) -> None:
        """Hand over to `inbox` from now on, and what was read already. Any thread."""
        with self._changing:
            before, self._inbox = self._inbox, inbox
            inbox.put(before.take(len(before)))
            self._is_shown = True

    def put(self, events: Iterable[Event], *, is_urgent: bool = True) -> None:
        """Hand over; what is not urgent waits for what is."""
        with self._changing:
            self._inbox.put(events, is_urgent=is_urgent)

    def was_seen(self, at: Instant) -> None:
        """Tell that the store was seen, though there is nothing to tell of it."""
        self._inbox.seen_at = at

    def let_the_screen_go_first(self, over: threading.Event) -> None:
        """Wait until the first rows are seen: what reads the rest slows down what paints them."""
        for _ in range(round(_PATIENCE / _LOOK_SECONDS)):
            if self._is_shown and not len(self._inbox):
                self._inbox.is_on_screen.wait(_PAINTING_SECONDS)
                return
            if over.wait(_LOOK_SECONDS):
                return
