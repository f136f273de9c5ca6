"""What a client hands to the store: immutable rows, and a bounded inbox."""

import threading
from collections import deque
from collections.abc import Callable, Iterable

from msgspec import Struct

from app.store.model import EngineHealth, GroupRow, InstanceRow, JobRow
from engine.clock import Instant


class JobsGone(Struct, frozen=True):
    """Jobs that are not in the store any more."""

    jobids: tuple[int, ...]


class GroupsGone(Struct, frozen=True):
    """Groups that are not in the store any more."""

    names: tuple[str, ...]


class InstancesFrom(Struct, frozen=True):
    """The newest instances follow, from this one on: all of them, of those before it not all."""

    job_instanceid: int


class SnapshotBegun(Struct, frozen=True):
    """Everything follows from here: rows that do not come again are gone."""

    expected_jobs: int


class SnapshotDone(Struct, frozen=True):
    """The snapshot that began is complete; changes follow."""


class Applied(Struct, frozen=True):
    """A sequence number: everything up to here has been handed over. A barrier for tests."""

    seq: int


Event = (
    JobRow
    | JobsGone
    | InstanceRow
    | InstancesFrom
    | GroupRow
    | GroupsGone
    | EngineHealth
    | SnapshotBegun
    | SnapshotDone
    | Applied
)


class Inbox:
    """A bounded queue of events between the client's thread and the console's.

    `put` never waits. What does not fit is dropped as a whole, and `has_overflowed` tells the
    reader to ask for a fresh snapshot. `wake` is called on the sender's thread when the first event
    arrives in an inbox whose reader sleeps; what is not urgent waits for the next one that is, or
    for the reader's own next look. `seen_at` is when the sender last saw the store, whether or not
    there was anything to tell; 0 where it tells that in events alone. `is_on_screen` is set once
    the first rows that were taken can be seen.
    """

    def __init__(self, limit: int = 200_000, wake: Callable[[], None] | None = None) -> None:
        self.wake = wake
        self.seen_at: Instant = 0
        self.is_on_screen = threading.Event()
        self._limit = limit
        self._events: deque[Event] = deque()
        self._overflowed = threading.Event()
        self._awake = False

    def __len__(self) -> int:
        return len(self._events)

    def put(self, events: Iterable[Event], *, is_urgent: bool = True) -> None:
        """Append `events`; called from any thread."""
        self._events.extend(events)
        if len(self._events) > self._limit:
            self._events.clear()
            self._overflowed.set()
        if is_urgent and not self._awake:
            self._awake = True
            if self.wake is not None:
                self.wake()

    def take(self, most: int) -> list[Event]:
        """Remove and return up to `most` events; called from the console's thread alone."""
        pop = self._events.popleft
        return [pop() for _ in range(min(most, len(self._events)))]

    def sleep(self) -> bool:
        """Say that the reader will wait to be woken; False when something came in the meantime."""
        self._awake = False
        if self._events:
            self._awake = True
            return False
        return True

    def has_overflowed(self) -> bool:
        """Return whether events were dropped since the last time this was asked."""
        if self._overflowed.is_set():
            self._overflowed.clear()
            return True
        return False
