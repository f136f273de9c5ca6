"""Keeps what is shown of a log up with what is written to it: the longer it rests, the less often.

Where the view follows, new lines come into sight; where it does not, they are counted.
"""

from collections.abc import Callable

from app.panes.log_feed import LogFeed
from app.store.log_reader import LogReader, count_on
from app.store.log_scan import BUDGET, Found
from app.store.log_window import STRETCH

_RESTS_AFTER_SECONDS = 5.0  # without growth
_EARLY = 0.1  # a look that comes so little too early counts
_RENEWED = Found(reached=-1, size=-1)  # the log was begun anew
_FAR = Found(reached=-1, size=-1)  # so much came that only the end is of interest


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
        reader = feed.reader
        if reader is None or feed.is_busy or reader.ends_at is not None or self._rests():
            return
        window = feed.window
        if window.is_at_end or window.is_following:
            self._go_on(reader)
        else:
            self._count_new(reader)

    def _go_on(self, reader: LogReader) -> None:
        """Bring what came to the lines at hand, of which the last were those of the log."""
        feed, window, test = self._feed, self._feed.window, self._feed.test
        start, seen, is_following = window.ends_at, self._seen, window.is_following

        def walk() -> Found | None:
            size = reader.size()
            if size == seen:
                return None
            if reader.is_renewed(start):
                return _RENEWED
            is_far = is_following and size - start > BUDGET
            return _FAR if is_far else reader.forward(start, STRETCH, test)

        def done(found: Found | None) -> None:
            feed.is_extending = False
            if found is None:
                return
            self._tell_growth(found)
            is_behind = found.reached < found.size and len(found.lines) >= STRETCH
            is_far = found is _FAR or is_behind
            if found is _RENEWED or (is_far and window.is_following):  # it may have stopped since
                feed.to_end()
            elif found is not _FAR:
                window.add_after(found)
                if found.lines:
                    feed.settle()

        feed.is_extending = True
        feed.ask(walk, done, keep_turn=True)

    def _count_new(self, reader: LogReader) -> None:
        """Count what came of the lines that are shown, far behind those at hand."""
        feed, window, test = self._feed, self._feed.window, self._feed.test
        start, seen = window.counted_to, self._seen

        def walk() -> tuple[int, Found] | None:
            if reader.size() == seen:
                return None
            return (0, _RENEWED) if reader.is_renewed(start) else count_on(reader, start, test)

        def done(counted: tuple[int, Found] | None) -> None:
            feed.is_extending = False
            if counted is None:
                return
            number, found = counted
            self._tell_growth(found)
            if found is _RENEWED:
                feed.to_end()
            else:
                window.count_new(found, number)
                feed.settle()

        feed.is_extending = True
        feed.ask(walk, done, keep_turn=True)

    @property
    def _seen(self) -> int | None:
        """The size up to which nothing is left to be looked at; None: something is."""
        window = self._feed.window
        return window.size if window.is_counted else None

    def _tell_growth(self, found: Found) -> None:
        """Look more often, and let the count of matches go on, where there is more than before."""
        has_more = found.size != self._feed.window.size or found.lines
        if has_more or not found.is_done:
            self._feed.grown_at = self._feed.console.clock.monotonic()
            self._grown()

    def _rests(self) -> bool:
        """Whether nothing has grown for so long that this look need not be."""
        now = self._feed.console.clock.monotonic()
        if not self.is_lively and now - self._looked_at < self._rest_seconds - _EARLY:
            return True
        self._looked_at = now
        return False
