"""From when and how things are looked at: the clock, the viewer's zone, the signs."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

from app.presentation.symbols import SYMBOLS, Symbols
from engine.clock import Clock, Instant


@dataclass(slots=True)
class Viewpoint:
    """What cells need beside their row. `frozen_at` stops the time that is shown."""

    clock: Clock
    zone: tzinfo = UTC
    symbols: Symbols = SYMBOLS["unicode"]
    frozen_at: Instant | None = None

    @property
    def now(self) -> Instant:
        """The instant that ages and distances are told from."""
        return self.clock.now() if self.frozen_at is None else self.frozen_at
