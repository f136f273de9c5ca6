"""When rows come into a filter, or go out of it, with time alone: only these are asked again.

Ten thousand rows asked anew each second would keep a processor busy for nothing, so each row says
until when its answer holds, and what waits in a queue costs nothing before its turn.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

from app.store.query_fields import Row, Until
from engine.clock import DAY, Instant

K = TypeVar("K", bound=Hashable)

NEVER: Instant = 1_000_000 * DAY


class Turns(Generic[K]):
    """The rows that a filter may see otherwise later, the soonest first."""

    def __init__(self, until: Until, rows: Mapping[K, Row], now: Instant) -> None:
        self._until = until
        self._at: dict[K, Instant] = {
            key: at for key, row in rows.items() if (at := until(row, now)) is not None
        }
        self._queue = [(at, key) for key, at in self._at.items()]
        heapify(self._queue)

    @property
    def next_at(self) -> Instant:
        """The instant before which no row comes or goes."""
        return self._queue[0][0] if self._queue else NEVER

    def take(self, now: Instant) -> Collection[K]:
        """Return the rows whose turn has come; they wait no more, until they are put in anew."""
        due = set()
        while self._queue and self._queue[0][0] <= now:
            at, key = heappop(self._queue)
            if self._at.get(key) == at:  # else it has changed since, and waits elsewhere
                del self._at[key]
                due.add(key)
        return due

    def put(self, keys: Iterable[K], rows: Mapping[K, Row], now: Instant) -> None:
        """Let rows that changed, came or went, or had their turn, wait for their next one."""
        for key in keys:
            row = rows.get(key)
            at = None if row is None else self._until(row, now)
            before = self._at.pop(key, None)
            if at is not None:
                self._at[key] = at
                if at != before:
                    heappush(self._queue, (at, key))
        if len(self._queue) > 2 * len(self._at) + 1000:
            self._queue = [(at, key) for key, at in self._at.items()]
            heapify(self._queue)
