"""From when and how things are looked at: the clock, the viewer's zone, the signs."""

from collections.abc import Callable
from datetime import UTC, tzinfo

from msgspec import Struct

from app.presentation.symbols import SYMBOLS, Symbols
from app.store.store import ConsoleStore
from app.widgets.panel import Frame
from engine.clock import Clock, Instant


class Viewpoint(Struct):
    """What cells need beside their row. `frozen_at` stops the time that is shown, and what is."""

    clock: Clock
    key_of: Callable[[str], str]  # what does an action: its key, or what is typed
    zone: tzinfo = UTC
    symbols: Symbols = SYMBOLS["unicode"]
    frozen_at: Instant | None = None
    still: ConsoleStore | None = None  # what is shown while frozen: as it stood then
    missed: int = 0  # changes of rows since then
    has_boxes: bool = True  # frames where there is room for them
    is_past: bool = False  # `frozen_at` is a moment of the past, with rows of its own

    def frame(self, *, has_room: bool = True) -> Frame:
        """Return the frame of a part, where there is room for one."""
        if has_room and self.has_boxes:
            return "box"
        return "rule" if has_room else "none"

    def toggle_frozen(self, store: ConsoleStore) -> bool:
        """Stop the time that is shown, and what is of `store`; True: both go on again."""
        was_frozen = self.frozen_at is not None
        self.frozen_at = None if was_frozen else self.clock.now()
        self.still = None if was_frozen else store.as_it_stands()
        self.missed = 0
        return was_frozen

    def shown(self, store: ConsoleStore) -> ConsoleStore:
        """Return what is shown of `store`: what it knew when the view was frozen, where it is."""
        return store if self.still is None else self.still

    def look_like(self, other: "Viewpoint") -> None:
        """Take over how things are shown, from whatever moment they are."""
        self.zone, self.symbols, self.has_boxes = other.zone, other.symbols, other.has_boxes

    @property
    def now(self) -> Instant:
        """The instant that ages and distances are told from."""
        return self.clock.now() if self.frozen_at is None else self.frozen_at
