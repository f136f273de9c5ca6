"""Pane 4: the log of jobs, instances or the engine, of any length, followed by place."""

from collections.abc import Sequence
from functools import partial

from textual.app import ComposeResult

from app.actions.log_subject import may_grow
from app.actions.scene import Console
from app.panes.log_growth import LogGrowth
from app.panes.log_line_view import choose_line, read_line
from app.panes.log_pane import LogPane
from app.panes.log_words import empty_words, is_narrowed, shown_pieces
from app.panes.viewpoint import Viewpoint
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.store.changes import Changes
from app.store.log_scan import LogLine
from app.store.log_stretch import WHOLE
from app.widgets.paint import in_width, own, width_of
from app.widgets.panel import Panel

_POLL_SECONDS = 0.25
_SIDE = 20  # columns of a step to the side


class LogsPane(LogPane):
    """A log, or several merged by time."""

    name_of_pane = "logs"

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console, viewpoint)
        self.panel.moved = self._moved
        self.panel.opened = self._read
        self.growth = LogGrowth(self.feed, grown=self.counter.grown)

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

    # -- showing ---------------------------------------------------------------------------------

    def show(self) -> None:
        """Show what is at hand, and what is to be said of it."""
        panel, feed = self.panel, self.feed
        panel.log_window = feed.window
        panel.is_read(self.viewpoint.clock.now(), self.viewpoint.zone)
        panel.busy = feed.busy
        panel.can_grow = feed.can_grow and may_grow(self.console, self.subject)
        empty = empty_words(feed, self.stretch, self.viewpoint)
        panel.say_if_empty(self.first.words if feed.reader is None else empty)
        feed.page = max(1, panel.body.height)
        feed.window.fit(feed.page)
        panel.show()
        self.counter.look()
        self.console.show_frame()

    def _moved(self) -> None:
        self.feed.settle(max(1, self.panel.body.height))

    def tick(self) -> None:
        """Nothing here tells time; what could not be opened is asked for again."""
        self.read_again()

    def changed(self, changes: Changes) -> None:
        """Follow no more what has ended."""
        may_end = changes.instances and self.panel.can_grow
        if may_end and not may_grow(self.console, self.subject):
            self.show()

    def info_pieces(self) -> Sequence[Piece]:
        """Return what is shown: which log, level, filter, search."""
        pieces = shown_pieces(self.panel.title, self.feed, self.stretch, self.viewpoint)
        elastic = [1, len(pieces) - 1] if self.feed.only else [1]
        if self.finder.needle:
            elastic.append(len(pieces))
            pieces.append(Piece(SafeText(f"  /{safe(self.finder.needle)}"), "match"))
            pieces.append(own(f" {self.counter.text}", "muted"))
        elif is_narrowed(self.feed, self.stretch):
            pieces.append(own("  esc shows all", "muted"))
        note = [] if self.feed.reader is None else list(self.panel.note_pieces())
        room = self.app.size.width - width_of(note) - 2
        return [*in_width(pieces, elastic, room), own("\t"), *note]

    # -- moving ----------------------------------------------------------------------------------

    def move(self, motion: str) -> bool:
        """Scroll; upward motion stops following, the end starts it again."""
        if self.feed.is_for_others(motion):
            self.feed.when_there(partial(self.move, motion))
            return True
        page = max(1, self.panel.body.height - 1)
        rows = {"page_down": page, "page_up": -page, "half_down": page // 2, "half_up": -page // 2}
        window = self.feed.window
        if motion in {"down", "up"}:
            window.scroll(1 if motion == "down" else -1)
        elif motion in rows:
            is_down = rows[motion] > 0
            step = window.page_step(abs(rows[motion]), forward=is_down)
            window.scroll(step if is_down else -step)
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
        """Clear the search first, then all that keeps lines out of sight."""
        feed = self.feed
        if self.finder.needle:
            self.search.look_for("")
            self.show()
        elif self.stretch != WHOLE:
            self.leave_stretch()
        elif feed.only or feed.level:
            self.search.show_only("", 0)
        else:
            return False
        return True

    def step_error(self, step: int) -> None:
        """Go to the next or the previous error."""
        self.finder.find_error(step)

    def toggle_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.panel.is_wrapped = not self.panel.is_wrapped
        self.feed.window.left = 0
        self.show()

    def open(self) -> None:
        """Open the line that was gone to, or one of those of which not all is in sight."""
        window, reader = self.feed.window, self.feed.reader
        if reader is None:
            return
        index = window.current_index(max(1, self.panel.body.height))
        lines = self.panel.cut_lines() if index is None else [window.lines[index]]
        choose_line(self.console, reader, lines, self.viewpoint.zone, self.finder.needle)

    def _read(self, line: LogLine) -> None:
        if self.feed.reader is not None:
            read_line(self.console, self.feed.reader, line, self.finder.needle)

    def lines_in_sight(self) -> str:
        """Return what is shown, for a copy."""
        return self.panel.text_in_sight
