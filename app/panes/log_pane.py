"""Which log a pane shows: the one in sight, or another that is on its way."""

from collections.abc import Callable
from functools import partial

from app.actions.log_subject import open_subject, selection_of
from app.actions.scene import Console, Selection
from app.panes.first_log import FirstLog, Place
from app.panes.log_feed import LogFeed
from app.panes.log_search import LogSearch
from app.panes.log_walk import LogWalk
from app.panes.log_words import ends_words, outside_words
from app.panes.pane import Pane
from app.panes.viewpoint import Viewpoint
from app.store.log_reader import LogReader
from app.store.log_stretch import WHOLE, Stretch
from app.widgets.log_panel import LogPanel
from engine.clock import Instant


class LogPane(Pane):
    """One log at a time: opened, left for another, and come back to."""

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console)
        self.viewpoint = viewpoint
        self.panel = LogPanel(id="logs-panel")
        self.panel.ends_text = ends_words(viewpoint)
        self.feed = LogFeed(console, self.show, self.panel.rows_of)
        self.search = LogSearch(self.feed, self.panel, self.counted)
        self.finder, self.counter = self.search.finder, self.search.counter
        self.walk = LogWalk(self.feed, viewpoint, self.show)
        self.first = FirstLog(console, viewpoint, self._show_place)
        self.subject = ""  # whose log it is, in the words of `log_subject`; "": none is there yet
        # Subject, stretch, `only`, level and search of what is in sight.
        self._shown = "", WHOLE, "", 0, ""
        self.stretch = WHOLE  # of it, that is shown
        self._bound_for: int | None = None  # the place that a log on its way is opened at
        self._turn = 0

    def show(self) -> None:
        """Show what is at hand."""
        raise NotImplementedError  # pragma: no cover

    def counted(self) -> None:
        """Tell how far the count of matches came; go on while the pane is in sight."""
        if self.display:
            self.counter.go_on()
            self.console.show_frame()

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
        again = partial(self._show_again, subject, at, stretch, feed.level, feed.only, place)
        turn = self._turn = self._turn + 1
        feed.expect(is_coming=True)
        self.first.asked()
        self.search.look_for("")  # what is typed from here on is for this log, which is on its way

        def opened(reader: LogReader) -> None:
            if turn != self._turn:
                return
            self.first.opened()
            self.panel.title = reader.title
            feed.shows_ids = self.panel.shows_instance = not subject.startswith("instance")
            self.panel.tell_origins(reader.names)
            feed.open(reader, begin or partial(self._begin, at, place))
            self.counter.begin(self.finder.needle)

        def failed(error: BaseException) -> None:
            is_wanted = turn == self._turn
            if is_wanted:
                self._stay()
            if is_wanted and not self.subject:
                self.first.failed(error, (subject, place, stretch), again)
            else:
                self.console.refused(error)
            self.show()

        if feed.reader is None and self.display:
            self.show()
        open_subject(self.console, subject, stretch, opened, failed)

    def _begin(self, at: Instant | None, place: int | None) -> None:
        """Go to where a log is opened: an instant, a place, or else its end."""
        if at is not None:
            self.walk.go_to(at, self.stretch, tells=self.feed.shows_ids)
        elif place is not None:
            self.feed.to_place(place)
        else:
            self.feed.to_end()

    def _stay(self) -> None:
        """Go on with the log in sight: the one that was on its way cannot be opened."""
        feed = self.feed
        feed.expect(is_coming=False)
        self.subject, self.stretch, only, level, search = self._shown
        if (only, level) != (feed.only, feed.level):
            self.search.show_only(only, level)
        if search and not self.finder.needle:  # else another was typed meanwhile
            self.search.look_for(search)

    def _show_again(
        self,
        subject: str,
        at: Instant | None,
        stretch: Stretch,
        level: int,
        only: str,
        place: int | None,
    ) -> None:
        """Open a log that could not be opened, with what was typed meanwhile."""
        feed, search = self.feed, self.finder.needle
        self.show_subject(subject, at, stretch, feed.level or level, feed.only or only, place)
        self.search.look_for(search)

    def _show_place(self, place: Place) -> None:
        subject, at, stretch = place
        self.show_subject(subject, stretch=stretch, place=at)

    def narrow(self, stretch: Stretch | None = None, level: int | None = None) -> None:
        """Show a stretch of the open log, or only lines of a level."""
        if stretch is not None or not self.subject:
            subject = self.subject or self.first.subject
            self.show_subject(subject, None, stretch or WHOLE, level)
        else:
            self.search.show_only(self.feed.only, self.feed.level if level is None else level)

    def catch_up(self) -> None:
        """Open the log that was left, or the engine's, where no other was asked for."""
        if not self.subject:
            self.first.open()
        self.counter.go_on()
        self.show()

    def read_again(self) -> None:
        """Ask again for a first log that could not be opened."""
        if not self.subject:
            self.first.second()

    def selection(self) -> Selection:
        """Return the jobs or the instances whose log is open."""
        return selection_of(self.console, self.subject)

    def leave_stretch(self) -> None:
        """Show all of the log, at the line of the stretch that is looked at."""
        feed, spot = self.feed, self.feed.spot
        follows = feed.window.is_following and self.stretch.until is None
        begin = None
        if spot is not None and feed.reader is not None and not (follows or feed.is_awaiting):
            begin = partial(feed.stay_from, feed.reader, spot)
        self.show_subject(self.subject, level=0, only="", begin=begin)

    def goto(self, text: str) -> None:
        """Go to a time (`02:00`, `-15m`, `2026-11-23T02:00`) or an instance (`#881140`)."""
        if text.startswith("#") and text[1:].isdecimal():
            self.show_subject(f"instance {text[1:]}")
            return
        at = self.walk.moment_of(text)
        if at is None:
            return
        if self.feed.is_awaiting or self.feed.reader is None:  # go there when it has come
            self.show_subject(self.subject or self.first.subject, at, self.stretch)
        elif outside := outside_words(self.stretch, at, self.viewpoint):
            self.console.say(outside, "warning")
        else:
            self.walk.go_to(at, self.stretch)

    # -- place -----------------------------------------------------------------------------------

    def place(self) -> Place:
        """Return which log is open, or on its way, where, and what of it; None follows its end."""
        if not self.subject and self.first.left is not None:
            return self.first.left
        at = self._bound_for if self.feed.is_awaiting else self.feed.place
        return self.subject, at, self.stretch

    def restore(self, place: Place) -> None:
        """Open the log again where it was left."""
        subject, at, stretch = place
        if subject and not self.subject:
            self.first.leave(place)  # until it is shown: another may be asked for first
        elif subject and (subject, stretch) != (self.subject, self.stretch):
            self._show_place(place)
        elif at is not None and not self.feed.is_awaiting:
            self.feed.to_place(at)
        elif at is not None and at != self._bound_for:  # what is in sight is another log
            self.feed.when_there(partial(self.feed.to_place, at))
