"""Goes from one match of a log to the next: through the lines at hand, then through the file."""

from collections.abc import Callable

from msgspec import Struct

from app.panes.log_feed import LogFeed
from app.store.log_lines import Test, is_error
from app.store.log_match import matching
from app.store.log_scan import Found

_END = -1  # where a walk backward begins that went through the start
_STAMP = 27  # characters of an instant


class _Goal(Struct, frozen=True):
    """Which lines are gone to. The lines of an error, as of a traceback, are one: the first."""

    what: str
    test: Test
    is_joined: bool = False  # lines of one instant that pass the test are one
    passed: bytes = b""  # the instant of the one that was gone to

    def is_other(self, head: bytes) -> bool:
        """Whether a line passes the test and is not of the one that was gone to."""
        return self.test(head) and not (self.passed and head.startswith(self.passed))

    def is_of(self, head: bytes, stamp: bytes) -> bool:
        """Whether a line is joined with one of that instant."""
        return self.is_joined and head.startswith(stamp) and self.test(head)


class LogFinder:
    """Finds lines in what a feed shows; a walk through a long file goes on step by step."""

    def __init__(self, feed: LogFeed) -> None:
        self.needle = ""  # what is searched for
        self._feed = feed
        self._what = ""  # is looked for in the file

    def find_error(self, step: int) -> None:
        """Go to the next or the previous error."""

        def find() -> None:
            window = self._feed.window
            at = window.current_index(self._feed.page)
            head = window.lines[at].head if at is not None else b""
            passed = head[:_STAMP] if is_error(head) else b""
            self._find(_Goal("errors", is_error, is_joined=True, passed=passed), step)

        self._in_turn("errors", find)

    def find(self, step: int) -> None:
        """Go to the next or the previous line with what is searched for."""
        needle = self.needle

        def find() -> None:
            self._find(_Goal(needle, matching(needle, self._feed.look).test), step)

        if needle:
            self._in_turn(needle, find)
        else:
            self._feed.console.say("nothing is searched for: / searches")

    def _in_turn(self, what: str, find: Callable[[], None]) -> None:
        """Go on from where the keys before lead, once that is found: each of them counts.

        A key that looks for something else takes the place of what is looked for.
        """
        if self._feed.is_looking and what != self._what:
            self._feed.give_up()
        self._feed.when_there(find)

    def _find(self, goal: _Goal, step: int) -> None:
        feed = self._feed
        window = feed.window
        lines = window.lines
        if not lines:
            return
        at = window.current_index(feed.page)
        if at is not None:
            index = at + step
        elif step > 0:
            index = window.top
        else:
            index = min(window.top + feed.page, len(lines)) - 1
        start = window.ends_at if step > 0 else window.begins_at
        while 0 <= index < len(lines):
            line = lines[index]
            if line.length - 1 > len(line.head):  # what is not at hand of it may be a match
                start = line.offset if step > 0 else line.end
                break
            if goal.is_other(lines[index].head):
                self._show_index(index if step > 0 else self._first_of(goal, index))
                return
            index += step
        self._look_on(goal, start, step, wrapped=False)

    def _first_of(self, goal: _Goal, index: int) -> int:
        """Return the first of the lines at hand that are joined with one of them."""
        lines = self._feed.window.lines
        stamp = lines[index].head[:_STAMP]
        while index > 0 and goal.is_of(lines[index - 1].head, stamp):
            index -= 1
        return index

    def _show_index(self, index: int) -> None:
        feed = self._feed
        feed.window.stand_at(index, feed.context)
        feed.busy = ""
        feed.settle()

    def _look_on(self, goal: _Goal, start: int, step: int, *, wrapped: bool) -> None:
        feed = self._feed
        reader, shown = feed.reader, feed.test
        if reader is None:
            return
        self._what = goal.what
        wanted = goal.test if wrapped else goal.is_other

        def both(head: bytes) -> bool:
            return wanted(head) and (shown is None or shown(head))

        def walk() -> Found:
            if step > 0:
                return reader.forward(start, 1, both)
            found = reader.backward(reader.end() if start == _END else start, 1, both)
            if goal.is_joined and found.lines:
                stamp = found.lines[0].head[:_STAMP].decode()
                first = reader.forward(reader.at_time(stamp), 1, both)
                return first if first.lines else found
            return found

        def done(found: Found) -> None:
            if found.lines:
                feed.busy = ""
                feed.to_offset(found.lines[0].offset, feed.context)
            elif not found.is_done:
                share = found.reached / max(1, found.size)
                feed.busy = f"looking for {goal.what}: {share:.0%}"
                self._look_on(goal, found.reached, step, wrapped=wrapped)
                feed.changed()
            elif wrapped:
                feed.give_up()
                feed.console.say(f"{goal.what}: not found", "warning")
            else:
                feed.console.say(f"{goal.what}: went on from the other end", "warning")
                again = reader.begins_at if step > 0 else _END
                self._look_on(goal, again, step, wrapped=True)

        feed.ask(walk, done)
