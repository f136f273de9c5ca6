"""One thread that waits for descriptors and moments. Moments are seconds of CLOCK_BOOTTIME."""

from __future__ import annotations

import heapq
import select
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_WAIT = 1.0  # seconds: epoll's own clock stops while the machine sleeps, deadlines do not


def boottime() -> float:
    """Return seconds on CLOCK_BOOTTIME."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Timer:
    """One moment; cancelled by clearing `action`."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[], None]) -> None:
        self.at = at
        self.action: Callable[[], None] | None = action

    def __lt__(self, other: Timer) -> bool:
        return self.at < other.at

    def cancel(self) -> None:
        """Let the moment pass without effect."""
        self.action = None


class Reactor:
    """Descriptors and timers, each with what to do."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._handlers: dict[int, Callable[[int], None]] = {}
        self._timers: list[Timer] = []

    def watch(self, descriptor: int, handler: Callable[[int], None]) -> None:
        """Call `handler` with the events whenever `descriptor` has something to read."""
        self._handlers[descriptor] = handler
        self._epoll.register(descriptor, select.EPOLLIN)

    def change(self, descriptor: int, events: int) -> None:
        """Wait for other events of a watched descriptor."""
        self._epoll.modify(descriptor, events)

    def unwatch(self, descriptor: int) -> None:
        """Forget a descriptor; it must still be open."""
        if self._handlers.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Call `action` once, `seconds` from now."""
        timer = Timer(boottime() + seconds, action)
        heapq.heappush(self._timers, timer)
        return timer

    def turn(self, longest: float = LONGEST_WAIT) -> None:
        """Wait for something, at most `longest` seconds, and handle all that is there."""
        while self._timers and self._timers[0].action is None:
            heapq.heappop(self._timers)
        if self._timers:
            longest = min(longest, max(0.0, self._timers[0].at - boottime()))
        for descriptor, events in self._epoll.poll(longest):
            handler = self._handlers.get(descriptor)
            if handler is not None:
                handler(events)
        now = boottime()
        while self._timers and self._timers[0].at <= now:
            action = heapq.heappop(self._timers).action
            if action is not None:
                action()

    def close(self) -> None:
        """Close the reactor's own descriptor: for a forked child, which must not touch the parent's set."""
        self._epoll.close()
