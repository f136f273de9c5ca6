"""A small log beside a table: follows the log of what is under the cursor, and asks little."""

from functools import partial

from app.actions.scene import Console
from app.panes.log_feed import LogFeed
from app.panes.log_growth import LogGrowth
from app.panes.log_words import ends_words, has_lost_lines, nothing_words, unread_words
from app.panes.viewpoint import Viewpoint
from app.presentation.console_words import console_words
from app.presentation.reasons import reason_of
from app.store.log_reader import FileReader
from app.store.log_source import LogSource
from app.widgets.log_panel import LogPanel

_REST_SECONDS = 5.0  # what runs has another log than what ran: growth begins with an event
_SLOW_SECONDS = 0.5  # what comes sooner takes the place of what was said before
_READING = "reading ..."


class LogPeek:
    """A panel and its feed. `show` names the log; the same one again costs nothing."""

    def __init__(self, console: Console, viewpoint: Viewpoint, panel_id: str) -> None:
        self._viewpoint = viewpoint
        self.panel = LogPanel(id=panel_id, frame="box", title="Log")
        self.panel.empty_text = nothing_words(viewpoint)
        self.panel.ends_text = ends_words(viewpoint)
        self.panel.moved = self._moved
        self._console = console
        self._feed = LogFeed(console, self._draw)
        self._growth = LogGrowth(self._feed, _REST_SECONDS)
        self._subject = ""
        self._turn = 0
        self._asked_at = 0.0  # monotonic seconds
        self._problem = ""  # why it cannot be opened

    def show(self, subject: str) -> None:
        """Show a log: `instance ID`, `job NAME`, `engine`, or "" for none.

        One that could not be opened is asked for again.
        """
        if subject == self._subject:
            return
        self._subject = subject
        self._turn += 1
        turn = self._turn
        self._asked_at = self._console.clock.monotonic()
        self.panel.title = "Log"
        self._problem = ""
        self._feed.close(is_coming=bool(subject))
        self._draw()
        kind, _, name = subject.partition(" ")

        def opened(source: LogSource) -> None:
            if turn == self._turn:
                self.panel.title = f"Log - {source.title}"
                self.panel.shows_instance = kind != "instance"
                self._feed.open(FileReader(source))

        def failed(error: BaseException) -> None:
            if turn == self._turn:
                self._subject = ""
                self._problem = console_words(reason_of(error), self._viewpoint.zone)
                self._feed.expect(is_coming=False)
                self._draw()

        if kind == "instance":
            self._console.request(lambda desk: desk.instance_log(int(name)), opened, failed=failed)
        elif kind == "job":
            self._console.request(lambda desk: desk.job_log(name), opened, failed=failed)
        elif kind == "engine":
            self._console.request(lambda desk: desk.engine_log(), opened, failed=failed)

    def poll(self) -> bool:
        """Look whether the log has grown; whether it did lately."""
        self._growth.poll()
        return self._growth.is_lively

    def second(self) -> None:
        """A second passed: say of a log that is slow to come no more what was true before it."""
        feed = self._feed
        is_coming = feed.is_awaiting or (feed.is_filling and not feed.window.lines)
        if not is_coming and self.panel.empty_text == _READING:
            self._draw()
        elif is_coming and self._console.clock.monotonic() - self._asked_at >= _SLOW_SECONDS:
            self.panel.say_if_empty(_READING)

    def move(self, motion: str) -> bool:
        """Scroll."""
        if self._feed.is_for_others(motion):
            self._feed.when_there(partial(self.move, motion))
            return True
        window = self._feed.window
        page = max(1, self.panel.body.height - 1)
        steps = {"down": 1, "up": -1, "page_down": page, "page_up": -page}
        if motion in steps:
            window.scroll(steps[motion])
        elif motion == "end":
            self._feed.to_end()
        elif motion == "home":
            self._feed.to_start()
        else:
            return False
        self._moved()
        return True

    def relook(self) -> None:
        """Tell the times in the zone in force."""
        self._draw()

    def _moved(self) -> None:
        self._feed.settle(max(1, self.panel.body.height))

    def _draw(self) -> None:
        self.panel.is_read(self._viewpoint.clock.now(), self._viewpoint.zone)
        if not self._feed.is_awaiting:  # else nothing is known of it yet
            has_lost = has_lost_lines(self._feed)
            nothing = nothing_words(self._viewpoint, has_lost=has_lost)
            self.panel.say_if_empty(unread_words(self._problem) or nothing)
        self.panel.log_window = self._feed.window
        self.panel.can_grow = self._feed.can_grow
        self._feed.window.fit(max(1, self.panel.body.height))
        self.panel.show()
