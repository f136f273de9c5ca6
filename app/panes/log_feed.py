"""Feeds a log window from a source: every read happens on the client's thread, none waits here."""

from collections.abc import Callable
from functools import partial

from app.actions.scene import Console
from app.panes.log_turns import LogTurns
from app.store.log_lines import Test
from app.store.log_match import Look, shown_lines
from app.store.log_reader import LogReader, whole_places
from app.store.log_scan import Found, LogLine
from app.store.log_window import CONTEXT, STRETCH, LogWindow, Spot

_PAGE = 200  # lines that a jump fetches on either side


class LogFeed(LogTurns):
    """One log, what is shown of it, and the requests under way."""

    def __init__(
        self,
        console: Console,
        changed: Callable[[], None],
        rows_of: Callable[[LogLine], int] = lambda _line: 1,
    ) -> None:
        super().__init__(console)
        self._rows_of = rows_of
        self.window = LogWindow(rows_of)
        self.reader: LogReader | None = None
        self.level = 0
        self.only = ""  # show only lines that contain it
        self.shows_ids = True  # of instances, with each line
        self.changed = changed
        self.page = 40  # lines in sight
        self.grown_at = 0.0  # monotonic seconds: when it was seen to grow
        self._fill: Callable[[], None] = self.to_end  # goes anew to the place that was gone to last

    @property
    def can_grow(self) -> bool:
        """Whether more may be written to it: what wrote it may still run."""
        return self.reader is None or self.reader.ends_at is None

    @property
    def context(self) -> int:
        """How many lines before one that was found stay in sight."""
        return min(CONTEXT, self.page // 3)

    @property
    def test(self) -> Test | None:
        """Which lines are shown; None: all."""
        instance = self.reader.needle if self.reader is not None else b""
        return shown_lines(self.level, self.only, instance, self.look)

    @property
    def look(self) -> Look:
        """How its lines are shown: what a search finds."""
        return Look(self.console.zone, self.shows_ids)

    # -- places ----------------------------------------------------------------------------------

    def open(self, reader: LogReader, begin: Callable[[], None] | None = None) -> None:
        """Show another log from its end, or where `begin` goes to; then do what waited for it."""
        self.reader = reader
        self.window = LogWindow(self._rows_of)
        self.grown_at = self.console.clock.monotonic()
        with self._going_on():
            (begin or self.to_end)()
        self.is_awaiting = False
        self._do_next()

    def close(self, *, is_coming: bool) -> None:
        """Show no log, and nothing of what was asked for of the one before; another may come."""
        self.give_up()
        self.is_filling = False
        self.reader, self.window = None, LogWindow(self._rows_of)
        self.expect(is_coming=is_coming)

    def to_end(self) -> None:
        """Go to the end and follow."""
        reader, test = self.reader, self.test
        if reader is None:
            return
        self._fill = self.to_end
        self.window.is_following = True

        def walk() -> tuple[int, Found]:
            # A last line that is still being written is left for the next look.
            end = reader.end()
            return end, reader.backward(end, _PAGE, test)

        def done(answer: tuple[int, Found]) -> None:
            end, found = answer
            begins_at = max(found.reached, reader.begins_at)
            self.window.reset(found, begins_at, end, at_end=True)
            self.window.ends_at = end
            self.settle()

        self.ask(walk, done, fills=True)

    def to_start(self) -> None:
        """Go to the start."""
        if self.reader is not None:
            self.to_offset(self.reader.begins_at)

    def to_offset(
        self, offset: int, context: int | None = None, *, may_follow: bool = False
    ) -> None:
        """Go to the line at `offset`, a line's start.

        With `context` it is set off, and up to so many lines before it stay in sight. What comes
        is followed where nothing is there yet, or if it `may_follow` and the end is in sight.
        """
        self._to(lambda: offset, context, may_follow=may_follow)

    def to_place(self, place: int) -> None:
        """Go to the line at a place of the whole log, whatever of it was rotated meanwhile."""
        reader = self.reader
        if reader is not None:
            self._to(lambda: reader.line_at(place), None)

    @property
    def place(self) -> int | None:
        """Where in the whole log the line at the top of the view is; None: the end is followed."""
        shown = self.window.shown(1)
        if self.reader is None or self.window.is_following or not shown:
            return None
        return self.reader.base + shown[0].offset

    def to_time(self, stamp: str, *, may_follow: bool = False) -> None:
        """Go to the first line at or after the instant `stamp` (ISO 8601 in UTC)."""
        if self.reader is not None:
            at_time = self.reader.at_time
            self._to(lambda: at_time(stamp), 0, may_follow=may_follow)

    def stay(self) -> None:
        """Show other lines around the same place, the end where that is followed.

        That is the place that the keys before lead to, once those count.
        """
        if self.is_looking:
            self.give_up()
        if self.is_filling and self._next:
            self.when_there(self.stay)
            return
        spot = None if self.window.is_following else self.spot
        with self._going_on():
            if self.is_filling:
                self._fill()
            elif spot is not None and self.reader is not None:
                self.stay_from(self.reader, spot)
            else:
                self.to_end()

    @property
    def spot(self) -> Spot | None:
        """Which line is looked at; None: there is none."""
        return self.window.spot(self.page, self.context)

    def stay_from(self, before: LogReader, spot: Spot) -> None:
        """Go to a spot that was looked at in the same logs, or in a stretch of them."""
        reader = self.reader
        if reader is None or reader.names != before.names:
            self.to_end()
        elif reader is before:
            self._to(lambda: spot.offset, spot.context, stays=True)
        else:
            places = partial(whole_places, before, spot.offset)
            self._to(lambda: reader.at_places(places()), spot.context, stays=True)

    def _to(
        self,
        place: Callable[[], int],
        context: int | None,
        *,
        may_follow: bool = False,
        stays: bool = False,
    ) -> None:
        """Go to the line at a `place` that may have to be looked for first.

        It `stays` where that line is not shown: the next one is gone to then, and looked for.
        """
        reader, test = self.reader, self.test
        if reader is None:
            return
        self._fill = partial(self._to, place, context, may_follow=may_follow, stays=stays)
        self.window.is_following = False

        def walk() -> tuple[int, Found, Found, int]:
            offset, end = place(), reader.end()
            before = reader.backward(offset, _PAGE, test)
            return offset, before, reader.forward(offset, _PAGE, test), end

        def done(found: tuple[int, Found, Found, int]) -> None:
            offset, before, after, end = found
            both = Found(before.lines + after.lines, after.reached, after.is_done, after.size)
            self.window.reset(both, before.reached, end, at_end=after.is_done)
            self.window.is_at_start = before.is_done
            if stays:
                self.window.keep_at(Spot(offset, context))
            else:
                self.window.stand_at(len(before.lines), context)
                if may_follow or not after.lines:
                    self.window.fit(self.page)
                    self.window.follow_at_end()
            self.settle()

        self.ask(walk, done, fills=True)

    # -- what is at hand ---------------------------------------------------------------------------

    def settle(self, page: int | None = None) -> None:
        """Show what is at hand, and fetch more where the view comes near an end of it."""
        self.page = page or self.page
        self.window.fit(self.page)
        if self.reader is not None and self.window.begins_at <= self.reader.begins_at:
            self.window.is_at_start = True
        self.busy = self.window.how_far(self.page) if self.test is not None else ""
        self.changed()
        if self.is_busy or self.reader is None:
            return
        if self.window.needs_before() and not self.window.looks_on:
            self._extend_before()
        elif self.window.needs_after(self.page):
            self._extend_after()

    def _extend_before(self) -> None:
        reader, test, start = self.reader, self.test, self.window.begins_at
        if reader is None:
            return

        def done(found: Found) -> None:
            self.is_extending = False
            self.window.add_before(found)
            self.settle()

        self.is_extending = True
        self.ask(lambda: reader.backward(start, STRETCH, test), done, keep_turn=True)

    def _extend_after(self) -> None:
        reader, test, start = self.reader, self.test, self.window.ends_at
        if reader is None:
            return

        def done(found: Found) -> None:
            self.is_extending = False
            self.window.add_after(found)
            self.settle()

        self.is_extending = True
        self.ask(lambda: reader.forward(start, STRETCH, test), done, keep_turn=True)
