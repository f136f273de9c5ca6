"""Pane 4: the log of jobs, instances or the engine, of any length, followed by place."""

from collections.abc import Sequence

from textual.app import ComposeResult

from app.actions.log_subject import ENGINE, open_subject, selection_of
from app.actions.scene import Console, Selection
from app.panes.log_counter import LogCounter
from app.panes.log_feed import LogFeed
from app.panes.log_finder import LogFinder
from app.panes.log_growth import LogGrowth
from app.panes.log_line_view import choose_line, read_line
from app.panes.log_walk import LogWalk
from app.panes.pane import Pane
from app.panes.viewpoint import Viewpoint
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.store.log_lines import LEVELS
from app.store.log_reader import LogReader
from app.store.log_scan import LogLine
from app.widgets.line_editor import LineEditor
from app.widgets.log_panel import LogPanel
from app.widgets.paint import own
from app.widgets.panel import Panel
from app.widgets.prompt import Prompt
from engine.clock import Instant, to_iso

_POLL_SECONDS = 0.25
_SIDE = 20  # columns of a step to the side


class LogsPane(Pane):
    """One log at a time, or several merged by time."""

    name_of_pane = "logs"

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console)
        self.viewpoint = viewpoint
        self.panel = LogPanel(id="logs-panel")
        self.panel.moved = self._moved
        self.panel.opened = self._read
        self.feed = LogFeed(console, self._show)
        self.finder = LogFinder(self.feed)
        self.counter = LogCounter(self.feed, self._counted)
        self.growth = LogGrowth(self.feed, grown=self.counter.grown)
        self.walk = LogWalk(self.feed, viewpoint, self._show)
        self.subject = ""  # whose log it is, in the words of `log_subject`
        self._searches: list[str] = []
        self._filters: list[str] = []

    def compose(self) -> ComposeResult:
        """The log has the whole pane."""
        yield self.panel

    def on_mount(self) -> None:
        """Look for growth while the pane is in sight."""
        self.look_every(_POLL_SECONDS, self._poll)

    def _poll(self) -> bool:
        self.growth.poll()
        return self.growth.is_lively

    @property
    def parts(self) -> Sequence[Panel]:
        """The log."""
        return (self.panel,)

    # -- which log -------------------------------------------------------------------------------

    def show_subject(self, subject: str, at: Instant | None = None) -> None:
        """Open the log of a subject, as `log_subject` tells them; at its end, or at an instant."""
        self.subject = subject
        self._search("")  # what is typed from here on is for this log, which is on its way

        def opened(reader: LogReader) -> None:
            if subject != self.subject:
                return
            self.panel.title = reader.title
            self.panel.shows_instance = not subject.startswith("instance")
            self.panel.tell_origins(reader.names)
            self.feed.open(reader)
            self.counter.begin(self.finder.needle)
            if at is not None:
                self.feed.to_time(to_iso(at))

        open_subject(self.console, subject, opened)

    def catch_up(self) -> None:
        """Open the engine's log where no other was asked for."""
        if not self.subject:
            self.show_subject(ENGINE)
        self.counter.go_on()
        self._show()

    def selection(self) -> Selection:
        """Return the jobs or the instances whose log is open."""
        return selection_of(self.console, self.subject)

    # -- showing ---------------------------------------------------------------------------------

    def _show(self) -> None:
        panel, feed = self.panel, self.feed
        panel.log_window = feed.window
        panel.is_read(self.viewpoint.clock.now(), self.viewpoint.zone)
        panel.busy = feed.busy
        why_empty = self._why_empty()
        if why_empty != panel.empty_text:
            panel.empty_text = why_empty
            panel.refresh()
        feed.page = max(1, panel.body.height)
        feed.window.fit(feed.page)
        panel.show()
        self.counter.look()
        self.console.show_frame()

    def _why_empty(self) -> str:
        """Return what stands where no line does: nothing was logged, or nothing of it is wanted."""
        feed = self.feed
        if feed.busy:
            return str(feed.busy)
        if not feed.window.size or not (feed.level or feed.only):
            return "nothing logged yet"
        wants = [f"is {LEVELS[feed.level]} or graver"] if feed.level else []
        wants += [f"fits &{safe(feed.only)}"] if feed.only else []
        return f"no line {' and '.join(wants)}; esc shows all"

    def _moved(self) -> None:
        self.feed.settle(max(1, self.panel.body.height))

    def tick(self) -> None:
        """Nothing here tells time."""

    def info_pieces(self) -> Sequence[Piece]:
        """Return what is shown: which log, level, filter, search."""
        feed = self.feed
        pieces = [own(" "), Piece(safe(self.panel.title or "log"), "title")]
        pieces.append(own(f"  level {LEVELS[feed.level]}+", "match" if feed.level else "muted"))
        if feed.only:
            pieces.append(Piece(SafeText(f"  &{safe(feed.only)}"), "match"))
        if self.finder.needle:
            pieces.append(Piece(SafeText(f"  /{safe(self.finder.needle)}"), "match"))
            pieces.append(own(f" {self.counter.text}", "muted"))
        note = list(self.panel.note_pieces())
        return [*pieces, own("\t"), *note]

    # -- moving ----------------------------------------------------------------------------------

    def move(self, motion: str) -> bool:
        """Scroll; upward motion stops following, the end starts it again."""
        page = max(1, self.panel.body.height - 1)
        steps = {
            "down": 1,
            "up": -1,
            "page_down": page,
            "page_up": -page,
            "half_down": page // 2,
            "half_up": -(page // 2),
        }
        window = self.feed.window
        if motion in steps:
            window.scroll(steps[motion])
        elif motion == "home":
            self.feed.to_start()
        elif motion == "end":
            self.feed.to_end()
        elif motion in {"left", "right"}:
            window.left = max(0, window.left + (_SIDE if motion == "right" else -_SIDE))
        else:
            return False
        self._moved()
        return True

    def leave(self) -> bool:
        """Clear the search first, then the filter and the level."""
        feed = self.feed
        if self.finder.needle:
            self._search("")
            self._show()
            return True
        if feed.only or feed.level:
            self._filter("", 0)
            return True
        return False

    # -- search, filter, level -------------------------------------------------------------------

    def type_search(self) -> None:
        """Let a search be typed; matches in sight are set off at each key."""

        def changed(text: str) -> None:
            self.panel.needle = text
            self.panel.show()

        def entered(text: str) -> None:
            self._search(text)
            if text:
                self._searches.append(text)
                self.finder.find(1)

        def left() -> None:
            changed(self.finder.needle)

        self.console.prompt(Prompt("/", LineEditor("", self._searches), changed, entered, left))

    def type_only(self) -> None:
        """Let a filter of lines be typed."""

        def entered(text: str) -> None:
            if text:
                self._filters.append(text)
            self._filter(text, self.feed.level)

        editor = LineEditor(self.feed.only, self._filters)
        self.console.prompt(Prompt("&", editor, entered=entered))

    def step_error(self, step: int) -> None:
        """Go to the next or the previous error."""
        self.finder.find_error(step)

    def cycle_level(self) -> None:
        """Show only graver lines, and at last all again."""
        self._filter(self.feed.only, (self.feed.level + 1) % len(LEVELS))

    def _search(self, needle: str) -> None:
        """Look for another text, and count where it is."""
        self.finder.needle = self.panel.needle = needle
        self.counter.begin(needle)

    def _filter(self, only: str, level: int) -> None:
        """Show other lines; the count of matches is that of the lines that are shown."""
        self.feed.only, self.feed.level = only, level
        self.feed.to_end()
        self.counter.begin(self.finder.needle)

    def _counted(self) -> None:
        """Tell how far the count came; go on while the pane is in sight."""
        if self.display:
            self.counter.go_on()
            self.console.show_frame()

    def toggle_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.panel.is_wrapped = not self.panel.is_wrapped
        self.feed.window.left = 0
        self._show()

    def open(self) -> None:
        """Open the line that was gone to, or one of those of which not all is in sight."""
        window, reader = self.feed.window, self.feed.reader
        if reader is None:
            return
        index = window.current_index(max(1, self.panel.body.height))
        lines = self.panel.cut_lines() if index is None else [window.lines[index]]
        choose_line(self.console, reader, lines, self.viewpoint.zone)

    def _read(self, line: LogLine) -> None:
        if self.feed.reader is not None:
            read_line(self.console, self.feed.reader, line)

    def goto(self, text: str) -> None:
        """Go to a time (`02:00`, `-15m`, `2026-11-23T02:00`) or an instance (`#881140`)."""
        if text.startswith("#") and text[1:].isdecimal():
            self.show_subject(f"instance {text[1:]}")
        else:
            self.walk.goto(text)

    def lines_in_sight(self) -> str:
        """Return what is shown, for a copy."""
        return self.panel.text_in_sight

    # -- place -----------------------------------------------------------------------------------

    def place(self) -> tuple[str, int | None]:
        """Return which log is open, and where; None follows its end."""
        window = self.feed.window
        shown = window.shown(1)
        at = None if window.is_following or not shown else shown[0].offset
        return self.subject, at

    def restore(self, place: tuple[str, int | None]) -> None:
        """Open the log again where it was left."""
        subject, offset = place
        if subject and subject != self.subject:
            self.show_subject(subject)
        elif offset is not None:
            self.feed.to_offset(offset)
