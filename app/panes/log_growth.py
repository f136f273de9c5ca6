"""Keeps what is shown of a log up with what is written to it: the longer it rests, the less often.

Where the view follows, new lines come into sight; where it does not, they are counted.
"""

from collections.abc import Callable

from app.panes.log_feed import LogFeed
from app.store.log_reader import LogReader
from app.store.log_scan import BUDGET, Found
from app.store.log_window import STRETCH

_RESTS_AFTER_SECONDS = 5.0  # without growth
_EARLY = 0.1  # a look that comes so little too early counts


class LogGrowth:
    """Looks whether the log of a feed has grown."""

    def __init__(
        self,
        feed: LogFeed,
        rest_seconds: float = 1.0,
        *,
        grown: Callable[[], None] = lambda: None,
    ) -> None:
        self._feed = feed
        self._rest_seconds = rest_seconds  # between two looks at a log that rests
        self._grown = grown
        self._looked_at = 0.0

    @property
    def is_lively(self) -> bool:
        """Whether the log was opened, or has grown, only just now."""
        now = self._feed.console.clock.monotonic()
        return now - self._feed.grown_at <= _RESTS_AFTER_SECONDS

    def poll(self) -> None:
        """Look whether the log has grown; called a few times a second while it is in sight."""
        feed = self._feed
        reader, test = feed.reader, feed.test
        if reader is None or feed.is_busy or reader.ends_at is not None or self._rests():
            return
        window = feed.window
        start, is_following = window.ends_at, window.is_following
        if not window.is_at_end:
            self._count_new(reader)
            return

        def walk() -> Found | None:
            size = reader.size()
            if size == window.size:
                return None
            if reader.is_renewed(start) or size - start > BUDGET:
                return Found([], -1, is_done=False, size=size)
            return reader.forward(start, STRETCH, test)

        def done(found: Found | None) -> None:
            feed.is_extending = False
            if found is not None:
                feed.grown_at = feed.console.clock.monotonic()
                self._grown()
                self._take(found, is_following=is_following)

        feed.is_extending = True
        feed.ask(walk, done, keep_turn=True)

    def _rests(self) -> bool:
        """Whether nothing has grown for so long that this look need not be."""
        now = self._feed.console.clock.monotonic()
        if not self.is_lively and now - self._looked_at < self._rest_seconds - _EARLY:
            return True
        self._looked_at = now
        return False

    def _take(self, found: Found, *, is_following: bool) -> None:
        feed = self._feed
        window = feed.window
        is_behind = found.reached < found.size and len(found.lines) >= STRETCH
        if found.reached < 0 or (is_following and is_behind):
            feed.to_end()  # rotated, or so much that only the end is of interest
            return
        count = window.add_after(found)
        window.is_at_end = not is_behind
        if not is_following:
            window.new_lines += count
        if count:
            feed.settle()

    def _count_new(self, reader: LogReader) -> None:
        feed = self._feed
        window = feed.window

        def walk() -> tuple[int, int]:
            size = reader.size()
            return size, reader.count(window.size, size)

        def done(counted: tuple[int, int]) -> None:
            feed.is_extending = False
            size, count = counted
            if size != window.size:
                self._grown()
            window.size = size
            if count:
                window.new_lines += count
                feed.changed()

        feed.is_extending = True
        feed.ask(walk, done, keep_turn=True)
