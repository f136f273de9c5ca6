"""What the engine tells those in its own process, as it happens.

An event carries an immutable record, so that a live row needs no query. Subscribers are called in
the engine's thread, after the transaction that made it true: they must return at once and hand over
to their own thread. Another process learns the same from the store, by its change numbers.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from msgspec import Struct

from engine.clock import Instant


class EventKind(StrEnum):
    """What happened; the record that comes along is named beside it."""

    ENGINE_STARTED = "engine-started"  # domain.session.Session
    ENGINE_MODE = "engine-mode"  # domain.session.Session
    ENGINE_STOPPED = "engine-stopped"  # domain.session.Session
    INSTANCE_STARTED = "instance-started"  # domain.instance.Instance
    INSTANCE_ENDED = "instance-ended"  # domain.instance.Instance
    INSTANCE_RECOVERED = "instance-recovered"  # domain.instance.Instance
    INSTANCE_PROGRESS = "instance-progress"  # domain.instance.Instance
    JOB_CHANGED = "job-changed"  # domain.job.Job
    ALERT_RAISED = "alert-raised"  # alert name
    ALERT_CLEARED = "alert-cleared"  # alert name
    CLOCK_STEP = "clock-step"  # size in microseconds, positive when forward


class Event(Struct, frozen=True):
    """One thing that happened."""

    kind: EventKind
    at: Instant
    record: Any
    name: str = ""  # of the job, group or engine it is about


Subscriber = Callable[[Event], None]


class EventBus:
    """Passes events to whoever subscribed, in any thread, and keeps the last ones."""

    def __init__(self, keep: int = 1000) -> None:
        self._lock = threading.Lock()
        self._subscribers: tuple[Subscriber, ...] = ()
        self._recent: deque[Event] = deque(maxlen=keep)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` for each event from now on; call the returned function to end that."""
        with self._lock:
            self._subscribers = (*self._subscribers, subscriber)

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers = tuple(s for s in self._subscribers if s is not subscriber)

        return unsubscribe

    @property
    def is_wanted(self) -> bool:
        """Whether anybody subscribed: building records for nobody is waste in a flood."""
        return bool(self._subscribers)

    def publish(self, events: Iterable[Event]) -> None:
        """Pass `events` on. A subscriber that fails is its own affair: the engine goes on."""
        for event in events:
            self._recent.append(event)
            for subscriber in self._subscribers:
                with contextlib.suppress(Exception):
                    subscriber(event)

    def recent(self) -> list[Event]:
        """Return the last events, oldest first."""
        return list(self._recent)
