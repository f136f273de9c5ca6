"""Counts the matches of a search while the log is looked at: "3 of 17", and "17+" until it is done.

The count goes through the file piece by piece on the client's threads, from its start on. It keeps
where the matches are, up to a number, and stops where a log is longer than anyone would wait for.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable

from app.panes.log_feed import LogFeed
from app.store.log_reader import LogReader, Matches

MOST_MATCHES = 100_000
MOST_BYTES = 4 << 30


class LogCounter:
    """The count of one search in what a feed shows."""

    def __init__(self, feed: LogFeed, changed: Callable[[], None]) -> None:
        self._feed = feed
        self._changed = changed
        self._needle = ""
        self._offsets = array("q")
        self._reached = 0
        self._is_done = False  # up to the size that the log had
        self._is_under_way = False
        self._turn = 0
        self._reader: LogReader | None = None

    def begin(self, needle: str) -> None:
        """Count the matches of another search, or of the same one under another filter."""
        self._turn += 1
        self._needle = needle
        self._offsets = array("q")
        reader = self._feed.reader
        self._reader = None if reader is None else reader.fresh()
        self._reached = 0 if reader is None else reader.begins_at
        self._is_done = self._is_under_way = False
        self.go_on()

    def go_on(self) -> None:
        """Count what is not counted yet: the pane came back into sight, or the log has grown."""
        reader = self._reader
        if reader is None or not self._needle or self._is_under_way or self.is_done:
            return
        needle, start, test, turn = self._needle, self._reached, self._feed.test, self._turn

        def done(found: Matches) -> None:
            if turn != self._turn:
                return
            self._is_under_way = False
            self._offsets.extend(found.offsets)
            self._reached, self._is_done = found.reached, found.is_done
            self._changed()

        def failed(error: BaseException) -> None:
            del error  # whoever shows the log says that it cannot be read
            self._is_under_way = False

        self._is_under_way = True
        self._feed.console.request(
            lambda _desk: reader.matching(start, needle, test), done, failed=failed
        )

    def grown(self) -> None:
        """Take in that the log is longer than when the count was done."""
        self._is_done = False
        self.go_on()

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to count."""
        return self._is_done or self._is_full

    @property
    def _is_full(self) -> bool:
        return len(self._offsets) >= MOST_MATCHES or self._reached >= MOST_BYTES

    @property
    def text(self) -> str:
        """Return "3 of 17", "17 matches" where none was gone to, "17+" while it is counted."""
        if not self._needle:
            return ""
        number = len(self._offsets)
        plus = "" if self._is_done else "+"
        if not number:
            return "no match" if self._is_done else "counting"
        current = self._feed.window.current
        index = number if current is None else bisect_left(self._offsets, current)
        if index < number and self._offsets[index] == current:
            return f"{index + 1:,} of {number:,}{plus}"
        return f"{number:,}{plus} match{'es' if number > 1 or plus else ''}"
