"""One thread that waits for descriptors and moments. Moments are seconds of CLOCK_BOOTTIME."""

from __future__ import annotations

import select
import sys
import time

from .bare import heappop, heappush

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_WAIT = 1.0  # seconds: epoll's own clock stops while the machine sleeps, deadlines do not
READ = select.EPOLLIN
WRITE = select.EPOLLOUT


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
        self._epoll.register(descriptor, READ)

    def change(self, descriptor: int, events: int) -> None:
        """Wait for other events of a watched descriptor."""
        self._epoll.modify(descriptor, events)

    def unwatch(self, descriptor: int) -> None:
        """Forget a descriptor, which must still be open; one that is not watched is no error."""
        if self._handlers.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Call `action` once, `seconds` from now."""
        return self.at(boottime() + seconds, action)

    def at(self, moment: float, action: Callable[[], None]) -> Timer:
        """Call `action` once, at `moment` or as soon as possible if that has passed."""
        timer = Timer(moment, action)
        heappush(self._timers, timer)
        return timer

    def turn(self, longest: float = LONGEST_WAIT, first: Callable[[], None] | None = None) -> bool:
        """Wait for something, at most `longest` seconds, and handle all that is there.

        `first` is called between the two: a process may have been frozen while it waited.
        """
        while self._timers and self._timers[0].action is None:
            heappop(self._timers)
        if self._timers:
            longest = min(longest, max(0.0, self._timers[0].at - boottime()))
        events = self._epoll.poll(longest)
        if first is not None:
            first()
        for descriptor, what in events:
            handler = self._handlers.get(descriptor)
            if handler is not None:
                self._handle(descriptor, handler, what)
        now = boottime()
        while self._timers and self._timers[0].at <= now:
            action = heappop(self._timers).action
            if action is not None:
                self._do(action)
        return bool(events)

    def _handle(self, descriptor: int, handler: Callable[[int], None], what: int) -> None:
        """Let an error of ours cost one descriptor, not every run that we look after."""
        try:
            handler(what)
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)
            if self._handlers.get(descriptor) is handler:
                self.unwatch(descriptor)

    def _do(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)
