"""Pane 4: the log of jobs, instances or the engine, of any length, followed by place."""

from collections.abc import Callable, Sequence
from functools import partial

from textual.app import ComposeResult

from app.actions.log_subject import ENGINE, may_grow, open_subject, selection_of
from app.actions.scene import Console, Selection
from app.panes.log_feed import LogFeed
from app.panes.log_growth import LogGrowth
from app.panes.log_line_view import choose_line, read_line
from app.panes.log_search import LogSearch
from app.panes.log_walk import LogWalk
from app.panes.log_words import empty_words, ends_words, is_narrowed, outside_words, shown_pieces
from app.panes.pane import Pane
from app.panes.viewpoint import Viewpoint
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.store.changes import Changes
from app.store.log_reader import LogReader
from app.store.log_scan import LogLine
from app.store.log_stretch import WHOLE, Stretch
from app.widgets.log_panel import LogPanel
from app.widgets.paint import in_width, own, width_of
from app.widgets.panel import Panel
from engine.clock import Instant

_POLL_SECONDS = 0.25
_SIDE = 20  # columns of a step to the side


class LogsPane(Pane):
    """One log at a time, or several merged by time."""

    name_of_pane = "logs"

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console)
        self.viewpoint = viewpoint
        self.panel = LogPanel(id="logs-panel")
        self.panel.ends_text = ends_words(viewpoint)
        self.panel.moved = self._moved
        self.panel.opened = self._read
        self.feed = LogFeed(console, self._show, self.panel.rows_of)
        self.search = LogSearch(self.feed, self.panel, self._counted)
        self.finder, self.counter = self.search.finder, self.search.counter
        self.growth = LogGrowth(self.feed, grown=self.counter.grown)
        self.walk = LogWalk(self.feed, viewpoint, self._show)
        self.subject = ""  # whose log it is, in the words of `log_subject`
        # Subject, stretch, `only`, level and search of what is in sight.
        self._shown = "", WHOLE, "", 0, ""
        self._left: tuple[str, int | None, Stretch] | None = None  # when the console was
        self.stretch = WHOLE  # of it, that is shown
        self._bound_for: int | None = None  # the place that a log on its way is opened at
        self._turn = 0

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

    def show_subject(
        self,
        subject: str,
        at: Instant | None = None,
        stretch: Stretch = WHOLE,
        level: int | None = None,
        only: str | None = None,
        place: int | None = None,
        begin: Callable[[], None] | None = None,
    ) -> None:
        """Open the log of a subject, as `log_subject` tells them: at its end, or where it is told.

        Only a stretch of it; and only lines of a `level` that contain `only`, None: as is in force.
        """
        feed = self.feed
        if not feed.is_awaiting:  # else what was asked for before is not in sight
            search = self.finder.needle
            self._shown = self.subject, self.stretch, feed.only, feed.level, search
        self.subject, self.stretch, self._bound_for = subject, stretch, place
        feed.level = feed.level if level is None else level
        feed.only = feed.only if only is None else only
        turn = self._turn = self._turn + 1
        feed.expect(is_coming=True)
        self.search.look_for("")  # what is typed from here on is for this log, which is on its way

        def opened(reader: LogReader) -> None:
            if turn != self._turn:
                return
            self.panel.title = reader.title
            feed.shows_ids = self.panel.shows_instance = not subject.startswith("instance")
            self.panel.tell_origins(reader.names)
            feed.open(reader, begin or go)
            self.counter.begin(self.finder.needle)

        def go() -> None:
            if at is not None:
                self.walk.go_to(at, stretch, tells=feed.shows_ids)
            elif place is not None:
                feed.to_place(place)
            else:
                feed.to_end()

        def failed(error: BaseException) -> None:
            if turn == self._turn:
                self._stay()
            self.console.refused(error)

        open_subject(self.console, subject, stretch, opened, failed)

    def _stay(self) -> None:
        """Go on with the log in sight: the one that was on its way cannot be opened."""
        feed = self.feed
        feed.expect(is_coming=False)
        self.subject, self.stretch, only, level, search = self._shown
        if (only, level) != (feed.only, feed.level):
            self.search.show_only(only, level)
        if search and not self.finder.needle:  # else another was typed meanwhile
            self.search.look_for(search)
        self._show()

    def narrow(self, stretch: Stretch | None = None, level: int | None = None) -> None:
        """Show a stretch of the open log, or only lines of a level."""
        if stretch is not None or not self.subject:
            self.show_subject(self.subject or ENGINE, None, stretch or WHOLE, level)
        else:
            self.search.show_only(self.feed.only, self.feed.level if level is None else level)

    def catch_up(self) -> None:
        """Open the log that was left, or the engine's, where no other was asked for."""
        if not self.subject:
            subject, place, stretch = self._left or (ENGINE, None, WHOLE)
            self._left = None
            self.show_subject(subject, stretch=stretch, place=place)
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
        panel.can_grow = feed.can_grow and may_grow(self.console, self.subject)
        panel.say_if_empty(empty_words(feed, self.stretch, self.viewpoint))
        feed.page = max(1, panel.body.height)
        feed.window.fit(feed.page)
        panel.show()
        self.counter.look()
        self.console.show_frame()

    def _moved(self) -> None:
        self.feed.settle(max(1, self.panel.body.height))

    def tick(self) -> None:
        """Nothing here tells time."""

    def changed(self, changes: Changes) -> None:
        """Follow no more what has ended."""
        may_end = changes.instances and self.panel.can_grow
        if may_end and not may_grow(self.console, self.subject):
            self._show()

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
        note = list(self.panel.note_pieces())
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
            self._show()
        elif self.stretch != WHOLE:
            self._leave_stretch()
        elif feed.only or feed.level:
            self.search.show_only("", 0)
        else:
            return False
        return True

    def _leave_stretch(self) -> None:
        """Show all of the log, at the line of the stretch that is looked at."""
        feed, spot = self.feed, self.feed.spot
        follows = feed.window.is_following and self.stretch.until is None
        begin = None
        if spot is not None and feed.reader is not None and not (follows or feed.is_awaiting):
            begin = partial(feed.stay_from, feed.reader, spot)
        self.show_subject(self.subject, level=0, only="", begin=begin)

    def step_error(self, step: int) -> None:
        """Go to the next or the previous error."""
        self.finder.find_error(step)

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
        choose_line(self.console, reader, lines, self.viewpoint.zone, self.finder.needle)

    def _read(self, line: LogLine) -> None:
        if self.feed.reader is not None:
            read_line(self.console, self.feed.reader, line, self.finder.needle)

    def goto(self, text: str) -> None:
        """Go to a time (`02:00`, `-15m`, `2026-11-23T02:00`) or an instance (`#881140`)."""
        if text.startswith("#") and text[1:].isdecimal():
            self.show_subject(f"instance {text[1:]}")
            return
        at = self.walk.moment_of(text)
        if at is None:
            return
        if self.feed.is_awaiting or self.feed.reader is None:  # go there when it has come
            self.show_subject(self.subject or ENGINE, at, self.stretch)
        elif outside := outside_words(self.stretch, at, self.viewpoint):
            self.console.say(outside, "warning")
        else:
            self.walk.go_to(at, self.stretch)

    def lines_in_sight(self) -> str:
        """Return what is shown, for a copy."""
        return self.panel.text_in_sight

    # -- place -----------------------------------------------------------------------------------

    def place(self) -> tuple[str, int | None, Stretch]:
        """Return which log is open, or on its way, where, and what of it; None follows its end."""
        at = self._bound_for if self.feed.is_awaiting else self.feed.place
        return self.subject, at, self.stretch

    def restore(self, place: tuple[str, int | None, Stretch]) -> None:
        """Open the log again where it was left."""
        subject, at, stretch = place
        if subject and not self.subject:
            self._left = place  # until it is shown: another may be asked for first
        elif subject and (subject, stretch) != (self.subject, self.stretch):
            self.show_subject(subject, stretch=stretch, place=at)
        elif at is not None and not self.feed.is_awaiting:
            self.feed.to_place(at)
        elif at is not None and at != self._bound_for:  # what is in sight is another log
            self.feed.when_there(partial(self.feed.to_place, at))
