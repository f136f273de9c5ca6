"""Feeds a log window from a source: every read happens on the client's thread, none waits here.

Each answer carries the turn that asked for it; what an older turn asked for is dropped, so that a
jump or another filter never mixes with lines that come late.
"""

from collections.abc import Callable

from app.actions.scene import Console
from app.client.desk import LogSource
from app.store.log_lines import Test, containing, is_error, shown_lines
from app.store.log_scan import (
    BUDGET,
    Found,
    backward,
    count_lines,
    forward,
    line_start,
    offset_at,
)
from app.store.log_window import CONTEXT, STRETCH, LogWindow

_PAGE = 200  # lines that a jump fetches on either side
_STAMP = 27
_RESTS_AFTER_SECONDS = 5.0  # without growth
_REST_SECONDS = 0.9


class LogFeed:
    """One log, what is shown of it, and the requests under way."""

    def __init__(self, console: Console, changed: Callable[[], None]) -> None:
        self.window = LogWindow()
        self.source: LogSource | None = None
        self.level = 0
        self.only = ""  # show only lines that contain it
        self.needle = ""  # search
        self.busy = ""  # what is being looked for
        self._console = console
        self._changed = changed
        self._turn = 0
        self._is_extending = False
        self._page = 40
        self._grown_at = self._looked_at = 0.0

    @property
    def _context(self) -> int:
        """How many lines before one that was found stay in sight."""
        return min(CONTEXT, self._page // 3)

    @property
    def test(self) -> Test | None:
        """Which lines are shown; None: all."""
        instance = self.source.needle if self.source is not None else b""
        return shown_lines(self.level, self.only, instance)

    # -- places ----------------------------------------------------------------------------------

    def open(self, source: LogSource) -> None:
        """Show another log, from its end."""
        self.source = source
        self.window = LogWindow()
        self.needle = ""
        self._grown_at = self._console.clock.monotonic()
        self.to_end()

    def to_end(self) -> None:
        """Go to the end and follow."""
        source, test = self.source, self.test
        if source is None:
            return
        self.window.is_following = True

        def walk() -> tuple[int, Found]:
            # A last line that is still being written is left for the next look.
            end = source.ends_at or line_start(source, source.size())
            return end, backward(source, end, _PAGE, test)

        def done(answer: tuple[int, Found]) -> None:
            end, found = answer
            begins_at = max(found.reached, source.begins_at)
            self.window.reset(found, begins_at, at_end=True)
            self.window.ends_at = end
            self.settle()

        self._ask(walk, done)

    def to_start(self) -> None:
        """Go to the start."""
        if self.source is not None:
            self.to_offset(self.source.begins_at)

    def to_offset(self, offset: int, context: int | None = None) -> None:
        """Go to the line at `offset`, a line's start.

        With `context` it is set off, and up to so many lines before it stay in sight.
        """
        source, test = self.source, self.test
        if source is None:
            return
        self.window.is_following = False

        def walk() -> tuple[Found, Found]:
            return backward(source, offset, _PAGE, test), forward(source, offset, _PAGE, test)

        def done(found: tuple[Found, Found]) -> None:
            before, after = found
            both = Found(before.lines + after.lines, after.reached, after.is_done, after.size)
            self.window.reset(both, before.reached, at_end=after.is_done)
            self.window.is_at_start = before.is_done
            self.window.stand_at(len(before.lines), context)
            self.settle()

        self._ask(walk, done)

    def to_time(self, stamp: str) -> None:
        """Go to the first line at or after the instant `stamp` (ISO 8601 in UTC)."""
        source = self.source
        if source is not None:
            self._ask(lambda: offset_at(source, stamp.encode(), _STAMP), self._to_moment)

    def _to_moment(self, offset: int) -> None:
        self.to_offset(offset, context=0)

    # -- finding ---------------------------------------------------------------------------------

    def find_error(self, step: int) -> None:
        """Go to the next or the previous error."""
        self._find(is_error, step, "an error")

    def find(self, step: int) -> None:
        """Go to the next or the previous line with what is searched for."""
        if self.needle:
            self._find(containing(self.needle), step, self.needle)

    def _find(self, wanted: Test, step: int, what: str) -> None:
        window = self.window
        lines = window.lines
        if not lines:
            return
        at = window.current_index(self._page)
        if at is not None:
            index = at + step
        elif step > 0:
            index = window.top
        else:
            index = min(window.top + self._page, len(lines)) - 1
        while 0 <= index < len(lines):
            if wanted(lines[index].head):
                self._show_index(index)
                return
            index += step
        start = window.ends_at if step > 0 else window.begins_at
        self._look_on(wanted, start, step, what, wrapped=False)

    def _show_index(self, index: int) -> None:
        self.window.stand_at(index, self._context)
        self.busy = ""
        self.settle()

    def _look_on(self, wanted: Test, start: int, step: int, what: str, *, wrapped: bool) -> None:
        source, test = self.source, self.test
        if source is None:
            return

        def both(head: bytes) -> bool:
            return wanted(head) and (test is None or test(head))

        def walk() -> Found:
            if step > 0:
                return forward(source, start, 1, both, BUDGET)
            return backward(source, start, 1, both, BUDGET)

        def done(found: Found) -> None:
            if found.lines:
                self.busy = ""
                self.to_offset(found.lines[0].offset, self._context)
            elif not found.is_done:
                share = found.reached / max(1, found.size)
                self.busy = f"looking for {what}: {share:.0%}"
                self._look_on(wanted, found.reached, step, what, wrapped=wrapped)
                self._changed()
            elif wrapped:
                self.busy = ""
                self._console.say(f"{what}: not found", "warning")
            else:
                self._console.say(f"{what}: went on from the other end")
                again = 0 if step > 0 else found.size
                self._look_on(wanted, again, step, what, wrapped=True)

        self._ask(walk, done)

    # -- keeping up ------------------------------------------------------------------------------

    def settle(self, page: int | None = None) -> None:
        """Show what is at hand, and fetch more where the view comes near an end of it."""
        self._page = page or self._page
        self.window.fit(self._page)
        self.busy = self._how_far()
        self._changed()
        if self._is_extending or self.source is None:
            return
        if self.window.needs_before():
            self._extend_before()
        elif self.window.needs_after(self._page):
            self._extend_after()

    def _how_far(self) -> str:
        """Return how far the look for lines that fit the filter has come; "" where it is done."""
        window = self.window
        is_looking = self.test is not None and window.needs_before()
        if not is_looking or len(window.lines) >= self._page:
            return ""
        return f"looking through older lines: {1 - window.begins_at / max(1, window.size):.0%}"

    def _extend_before(self) -> None:
        source, test, start = self.source, self.test, self.window.begins_at
        if source is None:
            return
        if start <= source.begins_at:
            self.window.is_at_start = True
            return

        def done(found: Found) -> None:
            self._is_extending = False
            self.window.add_before(found)
            self.settle()

        self._is_extending = True
        self._ask(lambda: backward(source, start, STRETCH, test), done, keep_turn=True)

    def _extend_after(self) -> None:
        source, test, start = self.source, self.test, self.window.ends_at
        if source is None:
            return

        def done(found: Found) -> None:
            self._is_extending = False
            self.window.add_after(found)
            self.settle()

        self._is_extending = True
        self._ask(lambda: forward(source, start, STRETCH, test), done, keep_turn=True)

    def poll(self) -> None:
        """Look whether the log has grown; called a few times a second while it is in sight."""
        source, test = self.source, self.test
        if source is None or self._is_extending or source.ends_at is not None or self._rests():
            return
        window = self.window
        start, is_following = window.ends_at, window.is_following
        if not window.is_at_end:
            self._count_new(source)
            return

        def walk() -> Found | None:
            size = source.size()
            if size == window.size:
                return None
            if size < start or size - start > BUDGET:
                return Found([], -1, is_done=False, size=size)
            return forward(source, start, STRETCH, test)

        def done(found: Found | None) -> None:
            self._is_extending = False
            if found is not None:
                self._grown_at = self._console.clock.monotonic()
                self._take_growth(found, is_following=is_following)

        self._is_extending = True
        self._ask(walk, done, keep_turn=True)

    def _rests(self) -> bool:
        """Whether nothing has grown for so long that a look a second is enough."""
        now = self._console.clock.monotonic()
        if now - self._grown_at > _RESTS_AFTER_SECONDS and now - self._looked_at < _REST_SECONDS:
            return True
        self._looked_at = now
        return False

    def _take_growth(self, found: Found, *, is_following: bool) -> None:
        is_behind = found.reached < found.size and len(found.lines) >= STRETCH
        if found.reached < 0 or (is_following and is_behind):
            self.to_end()  # rotated, or so much that only the end is of interest
            return
        count = self.window.add_after(found)
        self.window.is_at_end = not is_behind
        if not is_following:
            self.window.new_lines += count
        if count:
            self.settle()

    def _count_new(self, source: LogSource) -> None:
        window = self.window

        def walk() -> tuple[int, int]:
            size = source.size()
            return size, count_lines(source, window.size, size)

        def done(counted: tuple[int, int]) -> None:
            self._is_extending = False
            size, count = counted
            window.size = size
            if count:
                window.new_lines += count
                self._changed()

        self._is_extending = True
        self._ask(walk, done, keep_turn=True)

    # -- asking ----------------------------------------------------------------------------------

    def _ask(
        self, walk: Callable[[], object], done: Callable[..., None], *, keep_turn: bool = False
    ) -> None:
        if not keep_turn:
            self._turn += 1
            self._is_extending = False
        turn = self._turn

        def settled(found: object) -> None:
            if turn == self._turn:
                done(found)

        def failed(error: BaseException) -> None:
            if turn == self._turn:
                self._is_extending = False
                self.busy = ""
                self._console.say(f"the log cannot be read: {error}", "error")

        self._console.request(lambda _desk: walk(), settled, failed=failed)
