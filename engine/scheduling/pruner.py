"""Delete what is older than its retention, a little at a time, so that no due job waits for it."""

import math

from engine.clock import Instant
from engine.persistence import pruning
from engine.persistence.pruning import Pruning
from engine.scheduling.context import Context

_EVERY_SECONDS = 3600.0
_PAUSE_SECONDS = 0.2  # between two batches
_AGAIN_SECONDS = 60.0  # after a batch that failed
_ROWS = 500  # of one batch


class Pruner:
    """Prunes by each job's retention, or the engine's where the job has none."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._next = context.clock.monotonic() + _PAUSE_SECONDS
        self._pass: Pruning | None = None

    def wait(self) -> float:
        """Return the seconds until the next batch of a pass that is under way."""
        if self._pass is None:
            return math.inf
        return max(0.0, self._next - self._context.clock.monotonic())

    def tick(self, now: Instant) -> None:
        """Delete one batch, if it is time. Where that fails, what it passed is passed anew."""
        context = self._context
        moment = context.clock.monotonic()
        if moment < self._next:
            return
        under_way, self._pass = self._pass, None
        self._next = moment + _AGAIN_SECONDS
        with context.database.begin() as tx:
            if under_way is None:
                under_way = pruning.plan(tx, now, context.settings.retention_days)
            under_way.batch(tx, _ROWS)
        self._pass = None if under_way.is_done else under_way
        self._next = moment + (_EVERY_SECONDS if self._pass is None else _PAUSE_SECONDS)
