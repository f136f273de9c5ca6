"""Goes from one match of a log to the next: through the lines at hand, then through the file."""

from app.panes.log_feed import LogFeed
from app.store.log_lines import Test, is_error
from app.store.log_match import matching
from app.store.log_scan import Found

_END = -1  # where a walk backward begins that went through the start


class LogFinder:
    """Finds lines in what a feed shows; a walk through a long file goes on step by step."""

    def __init__(self, feed: LogFeed) -> None:
        self.needle = ""  # what is searched for
        self._feed = feed

    def find_error(self, step: int) -> None:
        """Go to the next or the previous error."""
        self._feed.when_filled(lambda: self._find(is_error, step, "an error"))

    def find(self, step: int) -> None:
        """Go to the next or the previous line with what is searched for."""
        if self.needle:
            wanted, what = matching(self.needle, self._feed.look).test, self.needle
            self._feed.when_filled(lambda: self._find(wanted, step, what))
        else:
            self._feed.console.say("nothing is searched for: / searches")

    def _find(self, wanted: Test, step: int, what: str) -> None:
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
        while 0 <= index < len(lines):
            if wanted(lines[index].head):
                self._show_index(index)
                return
            index += step
        start = window.ends_at if step > 0 else window.begins_at
        self._look_on(wanted, start, step, what, wrapped=False)

    def _show_index(self, index: int) -> None:
        feed = self._feed
        feed.window.stand_at(index, feed.context)
        feed.busy = ""
        feed.settle()

    def _look_on(self, wanted: Test, start: int, step: int, what: str, *, wrapped: bool) -> None:
        feed = self._feed
        reader, test = feed.reader, feed.test
        if reader is None:
            return

        def both(head: bytes) -> bool:
            return wanted(head) and (test is None or test(head))

        def walk() -> Found:
            if step > 0:
                return reader.forward(start, 1, both)
            return reader.backward(reader.end() if start == _END else start, 1, both)

        def done(found: Found) -> None:
            if found.lines:
                feed.busy = ""
                feed.to_offset(found.lines[0].offset, feed.context)
            elif not found.is_done:
                share = found.reached / max(1, found.size)
                feed.busy = f"looking for {what}: {share:.0%}"
                self._look_on(wanted, found.reached, step, what, wrapped=wrapped)
                feed.changed()
            elif wrapped:
                feed.busy = ""
                feed.console.say(f"{what}: not found", "warning")
            else:
                feed.console.say(f"{what}: went on from the other end")
                again = 0 if step > 0 else _END
                self._look_on(wanted, again, step, what, wrapped=True)

        feed.ask(walk, done)
