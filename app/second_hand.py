"""The console's second hand: it moves every second, and rests while nothing in sight tells time.

To wake costs an idle machine milliseconds, most of them spent on waking. So where nothing runs, and
no age, message or question moves, the hand rests until what is shown changes by itself: a few
seconds at the most, for nobody tells how old the data are but this hand.
"""

import asyncio
import math
from collections.abc import Callable
from typing import Protocol

from app.frame import Frame
from app.keys import KeyRouter
from app.overlays.overlay import OverlayBox
from app.panes.switcher import Switcher
from app.pump import Pump
from app.store.store import ConsoleStore
from app.undo import Undo
from app.waiting import Waiting
from app.wardrobe import Wardrobe
from engine.clock import SECOND, Clock

LONGEST_REST = 3.0
_BEAT = 1.0


class Watched(Protocol):
    """What moves by the second, if anything does."""

    clock: Clock
    live_store: ConsoleStore
    pump: Pump
    frame: Frame
    panes: Switcher
    overlays: OverlayBox
    router: KeyRouter
    waiting: Waiting
    undo_journal: Undo
    wardrobe: Wardrobe


class SecondHand:
    """Beats on the console's own loop, by the loop alone."""

    def __init__(self, console: Watched) -> None:
        self._console = console
        self._tell: Callable[[], None] = lambda: None
        self._next: asyncio.TimerHandle | None = None
        self._is_resting = False

    def start(self, tell: Callable[[], None]) -> None:
        """Beat from now on: `tell` repaints what tells time."""
        self._tell = tell
        self._beat()

    def stop(self) -> None:
        """Beat no more."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    @property
    def next_in(self) -> float:
        """Seconds until it beats again; infinite: it was not started."""
        if self._next is None:
            return math.inf
        return self._next.when() - asyncio.get_running_loop().time()

    def hurry(self) -> None:
        """Something happened: if it rests, the next beat comes within a second."""
        if self._is_resting and self._next is not None:
            self._next.cancel()
            self._arm(_BEAT)

    def _beat(self) -> None:
        # Armed first, so that it goes on whatever becomes of this one.
        self._arm(_BEAT)
        self._tell()
        rest = self.rest_seconds()
        if rest > _BEAT and self._next is not None:
            self._next.cancel()
            self._arm(rest)

    def _arm(self, seconds: float) -> None:
        self._is_resting = seconds > _BEAT
        self._next = asyncio.get_running_loop().call_later(seconds, self._beat)

    def rest_seconds(self) -> float:
        """Return the seconds until the next beat is needed."""
        console = self._console
        pane = console.panes.current
        if pane is None or self._moves():
            return _BEAT
        until = min(pane.still_until(), console.frame.header_until)
        left = (until - console.clock.now()) / SECOND
        return min(LONGEST_REST, max(_BEAT, left))

    def _moves(self) -> bool:
        """Whether anything but the pane and the header may change with the next second."""
        console = self._console
        status = console.frame.status
        return bool(
            console.live_store.expected_jobs is not None
            or console.live_store.health.session is None
            or console.overlays.top is not None
            or console.router.question is not None
            or console.waiting.has_orders
            or console.undo_journal.text
            or console.wardrobe.is_tried_on
            or console.pump.is_behind
            or (status.message and status.role != "error")
        )
