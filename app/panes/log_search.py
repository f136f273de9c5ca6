"""What is searched for in a log, and which of its lines are shown: typed, cycled, counted anew."""

from collections.abc import Callable

from app.panes.log_counter import LogCounter
from app.panes.log_feed import LogFeed
from app.panes.log_finder import LogFinder
from app.store.log_lines import LEVELS
from app.widgets.line_editor import LineEditor
from app.widgets.log_panel import LogPanel
from app.widgets.prompt import Prompt


class LogSearch:
    """The search and the filters of one panel."""

    def __init__(self, feed: LogFeed, panel: LogPanel, counted: Callable[[], None]) -> None:
        self._feed = feed
        self._panel = panel
        self.finder = LogFinder(feed)
        self.counter = LogCounter(feed, counted)
        self._searches: list[str] = []
        self._filters: list[str] = []

    def type_search(self) -> None:
        """Let a search be typed; matches in sight are set off at each key."""

        def changed(text: str) -> None:
            self._panel.needle = text
            self._panel.show()

        def entered(text: str) -> None:
            self.look_for(text)
            if text:
                self._searches.append(text)
                self.finder.find(1)

        def left() -> None:
            changed(self.finder.needle)

        editor = LineEditor(self.finder.needle, self._searches, selected=True)
        self._feed.console.prompt(Prompt("/", editor, changed, entered, left))

    def type_only(self) -> None:
        """Let a filter of lines be typed."""

        def entered(text: str) -> None:
            if text:
                self._filters.append(text)
            self.show_only(text, self._feed.level)

        editor = LineEditor(self._feed.only, self._filters, selected=True)
        self._feed.console.prompt(Prompt("&", editor, entered=entered))

    def cycle_level(self) -> None:
        """Show only graver lines, and at last all again."""
        self.show_only(self._feed.only, (self._feed.level + 1) % len(LEVELS))

    def look_for(self, needle: str) -> None:
        """Look for another text, and count where it is."""
        self.finder.needle = self._panel.needle = needle
        self.counter.begin(needle)

    def show_only(self, only: str, level: int) -> None:
        """Show other lines of the same place; the count of matches is that of those shown."""
        self._feed.only, self._feed.level = only, level
        self._feed.stay()
        self.counter.begin(self.finder.needle)
