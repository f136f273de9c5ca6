"""Counts the matches of a search while the log is looked at: "3 of 17", and "17+" until it is done.

The count goes through each file piece by piece on the client's threads, from its start on. It keeps
where the matches are, up to a number, and stops where logs are longer than anyone would wait for.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence

from msgspec import Struct, field

from app.panes.log_feed import LogFeed
from app.store.log_lines import Test
from app.store.log_match import matching, shown_lines
from app.store.log_reader import FileReader, Matches

MOST_MATCHES = 100_000
MOST_BYTES = 4 << 30


class _Part(Struct):
    """What is counted of one file."""

    reader: FileReader
    test: Test | None
    reached: int
    offsets: "array[int]" = field(default_factory=lambda: array("q"))
    is_done: bool = False  # up to the size that it had

    @property
    def gone(self) -> int:
        """How many of the matches were rotated away since they were counted."""
        return bisect_left(self.offsets, self.reader.begins_at)


class LogCounter:
    """The count of one search in what a feed shows."""

    def __init__(self, feed: LogFeed, changed: Callable[[], None]) -> None:
        self._feed = feed
        self._changed = changed
        self._needle = ""
        self._parts: list[_Part] = []
        self._is_under_way = False
        self._turn = 0
        self._current: int | None = None  # where the line begins that was gone to
        self._cut: Sequence[int] = ()  # and where that is in each part; (): not known yet
        self._part = 0  # which one it is of

    # -- counting --------------------------------------------------------------------------------

    def begin(self, needle: str) -> None:
        """Count the matches of another search, or of the same one under another filter."""
        self._turn += 1
        self._needle = needle
        self._is_under_way = False
        self._current, self._cut = None, ()
        feed = self._feed
        parts = () if feed.reader is None or not needle else feed.reader.parts()
        self._parts = [
            _Part(part, shown_lines(feed.level, feed.only, part.needle, feed.look), part.begins_at)
            for part in parts
        ]
        self.go_on()

    def go_on(self) -> None:
        """Count what is not counted yet: the pane came back into sight, or more is written."""
        part = next((part for part in self._parts if not part.is_done), None)
        if part is None or self._is_under_way or self._is_full:
            return
        needle, start, turn = self._needle, part.reached, self._turn
        match = matching(needle, self._feed.look)

        def done(found: Matches) -> None:
            if turn != self._turn:
                return
            self._is_under_way = False
            if found.reached < 0 and part.reached > part.reader.begins_at:
                self.begin(needle)  # the log was begun anew
            else:
                part.offsets.extend(found.offsets)
                part.reached = max(part.reached, found.reached)
                part.is_done = found.is_done
                self._changed()

        def failed(error: BaseException) -> None:
            del error  # whoever shows the log says that it cannot be read
            self._is_under_way = False

        self._is_under_way = True
        self._feed.console.request(
            lambda _desk: part.reader.matching(start, match, part.test), done, failed=failed
        )

    def grown(self) -> None:
        """Take in that the log is longer than when the count was done."""
        for part in self._parts:
            part.is_done = part.reader.ends_at is not None and part.is_done
        self.go_on()

    @property
    def _is_full(self) -> bool:
        seen = sum(max(0, part.reached - part.reader.begins_at) for part in self._parts)
        return self._number >= MOST_MATCHES or seen >= MOST_BYTES

    @property
    def _number(self) -> int:
        return sum(len(part.offsets) - part.gone for part in self._parts)

    # -- the one that was gone to ----------------------------------------------------------------

    def look(self) -> None:
        """Find out which of the matches the line is that was gone to."""
        current, reader = self._feed.window.current, self._feed.reader
        if current == self._current or reader is None or not self._parts:
            return
        self._current, self._cut = current, ()
        lines = self._feed.window.lines
        if current is None or not lines:
            return
        line = lines[min(self._feed.window.index_at(current), len(lines) - 1)]
        self._part = reader.names.index(line.origin) if line.origin else 0

        def done(cut: Sequence[int]) -> None:
            if current == self._current:
                self._cut = cut
                self._changed()

        self._feed.console.request(lambda _desk: reader.cut(current), done)

    def _index(self) -> int | None:
        """Return how many matches come before the line that was gone to, if it is one."""
        if not self._cut:
            return None
        pairs = list(zip(self._parts, self._cut, strict=True))
        if any(part.reached < at for part, at in pairs):
            return None
        before = [bisect_left(part.offsets, at) for part, at in pairs]
        own, index = self._parts[self._part].offsets, before[self._part]
        is_match = index < len(own) and own[index] == self._cut[self._part]
        return sum(before) - sum(part.gone for part in self._parts) if is_match else None

    # -- words -----------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """Return "3 of 17", "17 matches" where none was gone to, "17+" while it is counted."""
        if not self._parts:
            return ""
        number = self._number
        is_done = all(part.is_done for part in self._parts)
        plus = "" if is_done else "+"
        if not number:
            return "no match" if is_done else "counting"
        index = self._index()
        if index is not None:
            return f"{index + 1:,} of {number:,}{plus}"
        return f"{number:,}{plus} match{'es' if number > 1 or plus else ''}"
