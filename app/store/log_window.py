"""The stretch of a log that is at hand: some thousand lines around what is shown.

It asks nobody: it says what it needs (`wanted`), and takes what came. Follow is a matter of place:
at the end of the log the view follows, any upward motion stops it.
"""

from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from msgspec import Struct

from app.store.log_lines import Parsed, parse_line
from app.store.log_scan import Found, LogLine

AT_HAND = 6_000  # lines kept around the view
STRETCH = 1_000  # lines asked for at once
CONTEXT = 5  # lines kept in sight before one that was gone to
_NEAR = 250  # lines from an end where more are asked for


class Mark(Struct):
    """A line that the operator put between two others."""

    offset: int
    text: str


class Spot(NamedTuple):
    """The line that a view is kept at, though a filter may hide it."""

    offset: int  # where it begins
    context: int | None  # lines kept in sight before it; None: it stands at the top, not set off


class LogWindow:
    """Lines in the order of the file, and which of them stands at the top of the view."""

    def __init__(self, rows_of: Callable[[LogLine], int] = lambda _line: 1) -> None:
        self._rows_of = rows_of  # of the view that a line takes, where it is wrapped or marked
        self.lines: deque[LogLine] = deque()
        self.top = 0
        self.left = 0
        self.is_following = True
        self.size = 0
        self.begins_at = 0  # where the stretch at hand begins and ends in the file
        self.ends_at = 0
        self.is_at_start = False
        self.is_at_end = False
        self.marks: list[Mark] = []
        self.new_lines = 0  # came while the view did not follow
        self.counted_to = 0  # in the file: up to there they are counted, or were at hand before
        self.is_counted = False  # up to `size`
        self.current: int | None = None  # where the line begins that was gone to
        self.kept: Spot | None = None  # while nothing moved since other lines are shown
        self._parsed: dict[int, Parsed] = {}

    # -- what came -------------------------------------------------------------------------------

    def reset(self, found: Found, begins_at: int, end: int, *, at_end: bool) -> None:
        """Begin anew with what was found around some place, of a log whose lines end at `end`."""
        self.lines = deque(found.lines)
        self._parsed.clear()
        self.size = found.size
        self.begins_at, self.ends_at = begins_at, found.reached
        self.is_at_start = begins_at <= 0
        self.is_at_end = at_end
        self.new_lines = 0
        self.counted_to = max(end, found.reached)
        self.is_counted = False  # more may have come since then
        self.kept = None

    def add_after(self, found: Found) -> None:
        """Append what a walk forward found; where the view does not follow it stays where it is."""
        kept = self.kept if self.looks_on else None
        is_counted = found.is_done or (self.is_counted and found.size == self.size)
        self.count_new(found, sum(line.offset >= self.counted_to for line in found.lines))
        self.is_counted = is_counted
        self.lines.extend(found.lines)
        self.ends_at = found.reached
        self.is_at_end = found.is_done
        surplus = max(0, len(self.lines) - AT_HAND)
        spare = surplus if self.is_following else min(surplus, max(0, self.top - _NEAR))
        for _ in range(spare):
            gone = self.lines.popleft()
            self._parsed.pop(gone.offset, None)
            self.begins_at = gone.end
            self.is_at_start = False
        self.top = max(0, self.top - spare)
        self._drop_last(surplus - spare)
        if kept is not None:
            self.keep_at(kept)

    def count_new(self, found: Found, number: int) -> None:
        """Take in that a walk on from `counted_to` came by so many lines that would be shown."""
        if not self.is_following:
            self.new_lines += number
        self.counted_to = max(self.counted_to, found.reached)
        self.size = found.size
        self.is_counted = found.is_done

    def add_before(self, found: Found) -> None:
        """Prepend what a walk backward found; the view stays where it is."""
        self.lines.extendleft(reversed(found.lines))
        self.top += len(found.lines)
        self.begins_at = found.reached
        self.is_at_start = found.is_done
        self._drop_last(len(self.lines) - AT_HAND)

    def _drop_last(self, number: int) -> None:
        """Drop lines that there is no room for: they are fetched when they are scrolled to."""
        for _ in range(number):
            gone = self.lines.pop()
            self._parsed.pop(gone.offset, None)
            self.ends_at = gone.offset
            self.is_at_end = False

    # -- what is needed --------------------------------------------------------------------------

    def needs_before(self) -> bool:
        """Whether the view is near the beginning of what is at hand and there is more."""
        return not self.is_at_start and self.top < _NEAR

    def needs_after(self, page: int) -> bool:
        """Whether the view is near the end of what is at hand and there is more."""
        return not self.is_at_end and self.top + page > len(self.lines) - _NEAR

    @property
    def looks_on(self) -> bool:
        """Whether the line that is shown in place of the one that is kept is still to come."""
        kept = self.kept
        return kept is not None and not self.is_at_end and not self._has_from(kept.offset)

    def how_far(self, page: int) -> str:
        """Return how far the look for lines that fit a filter has come; "" where it is done."""
        size = max(1, self.size)
        if self.looks_on:
            return f"looking through newer lines: {self.ends_at / size:.0%}"
        if self.needs_before() and len(self.lines) < page:
            return f"looking through older lines: {1 - self.begins_at / size:.0%}"
        return ""

    # -- moving ----------------------------------------------------------------------------------

    @property
    def last_top(self) -> int:
        """The top of the view where it shows the end; set by the panel for its height."""
        return self._last_top

    _last_top: int = 0
    _is_last_cut: bool = False

    def fit(self, page: int) -> None:
        """Tell how many rows are in sight; at the end, stay there."""
        self._last_top = len(self.lines) - self._fitting(reversed(self.lines), page)
        self._is_last_cut = self._last_top == len(self.lines) > 0  # no row is left for all of it
        self._last_top -= self._is_last_cut
        if self.is_following:
            self.top = self._last_top
        self.top = max(0, min(self.top, self._last_top))

    def page_step(self, page: int, *, forward: bool) -> int:
        """Return how many lines the view goes on, or back, to show the next `page` rows."""
        lines = list(self.lines)[self.top :] if forward else list(self.lines)[: self.top][::-1]
        return max(1, self._fitting(lines, page))

    def _fitting(self, lines: Iterable[LogLine], page: int) -> int:
        """Return how many of these lines are shown whole in so many rows."""
        count = 0
        for line in lines:
            page -= self._rows_of(line)
            if page < 0:
                break
            count += 1
        return count

    def scroll(self, step: int) -> bool:
        """Move by lines; upward stops following, reaching the end starts it again."""
        is_upward = step < 0
        if self.is_following and is_upward:
            step += self._is_last_cut  # its beginning comes before the line above it
        top = max(0, min(self.top + step, self._last_top))
        moved = top != self.top
        self.top = top
        if moved:
            self.kept = None
        if is_upward:
            self.is_following = False
        else:
            self.follow_at_end()
        return moved

    def follow_at_end(self) -> None:
        """Follow if the end is in sight."""
        if self.top >= self._last_top and self.is_at_end:
            self.is_following = True
            self.new_lines = 0

    def stand_at(self, index: int, context: int | None) -> None:
        """Go to a line; it is set off unless `context`, the lines kept before it, is None."""
        self.is_following = False
        self.kept = None
        is_there = context is not None and 0 <= index < len(self.lines)
        self.current = self.lines[index].offset if is_there else None
        self.top = max(0, index - (context or 0))

    def keep_at(self, spot: Spot) -> None:
        """Go to a line, or the next that is shown; the last one where none comes behind it."""
        index = self.index_at(spot.offset)
        is_last = index == len(self.lines) and self.is_at_end
        self.stand_at(index - is_last, spot.context)
        self.kept = spot

    def spot(self, page: int, context: int) -> Spot | None:
        """Return where the view is, to keep it there; a line set off with so much before it.

        None: no line is there.
        """
        if self.kept is not None:
            return self.kept
        line = self.line_here(page)
        is_set_off = line is not None and self.current_index(page) is not None
        return None if line is None else Spot(line.offset, context if is_set_off else None)

    def line_here(self, page: int) -> LogLine | None:
        """Return the line that was gone to, or else the first one in sight."""
        index = self.current_index(page)
        index = self.top if index is None else index
        return self.lines[index] if index < len(self.lines) else None

    def _has_from(self, offset: int) -> bool:
        """Whether a line at hand begins at or after `offset`."""
        return bool(self.lines) and self.lines[-1].offset >= offset

    def current_index(self, page: int) -> int | None:
        """Return which line was gone to last, while it is in sight; None otherwise."""
        if self.current is None:
            return None
        index = self.index_at(self.current)
        is_there = index < len(self.lines) and self.lines[index].offset == self.current
        return index if is_there and self.top <= index < self.top + page else None

    def index_at(self, offset: int) -> int:
        """Return the index of the first line at hand that begins at or after `offset`."""
        low, high = 0, len(self.lines)
        while low < high:
            middle = (low + high) // 2
            if self.lines[middle].offset < offset:
                low = middle + 1
            else:
                high = middle
        return low

    # -- reading ---------------------------------------------------------------------------------

    def shown(self, count: int) -> list[LogLine]:
        """Return the lines in sight, and perhaps more: one row of each is room for them all."""
        top = max(0, len(self.lines) - count) if self.is_following else self.top
        return list(islice(self.lines, top, top + count))

    def parsed(self, line: LogLine) -> Parsed:
        """Return a line taken apart."""
        known = self._parsed.get(line.offset)
        if known is None:
            if len(self._parsed) > 2 * AT_HAND:
                self._parsed.clear()
            known = self._parsed[line.offset] = parse_line(line)
        return known

    def marks_before(self, line: LogLine) -> list[Mark]:
        """Return the marks that stand right before `line`."""
        return [mark for mark in self.marks if line.offset <= mark.offset < line.end]
