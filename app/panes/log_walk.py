"""Marks and times of a log: puts marks, and goes to marks, instants and what ran at a line."""

from collections.abc import Callable

from app.panes.log_feed import LogFeed
from app.panes.log_words import beyond_words
from app.panes.viewpoint import Viewpoint
from app.presentation.instants import clock_time
from app.store.log_stretch import Stretch
from app.store.log_window import Mark
from app.store.query_values import parse_duration, parse_moment
from engine.clock import SECOND, Instant, to_iso


class LogWalk:
    """Moves a feed by marks and by time."""

    def __init__(self, feed: LogFeed, viewpoint: Viewpoint, changed: Callable[[], None]) -> None:
        self._feed = feed
        self._viewpoint = viewpoint
        self._changed = changed

    # -- marks -----------------------------------------------------------------------------------

    def mark(self) -> None:
        """Put a mark after the last line that is shown, or after the one that was gone to."""
        window = self._feed.window
        shown = window.shown(self._feed.page)
        if shown:
            now = clock_time(self._viewpoint.clock.now(), self._viewpoint.zone)
            here = window.line_here(self._feed.page)
            line = shown[-1] if window.is_following else here or shown[0]
            window.marks.append(Mark(line.offset, f"mark {now}"))
            self._changed()
        else:
            self._feed.console.say("no line to mark is in sight yet", "warning")

    def next_mark(self) -> None:
        """Go to the next mark below, and after the last one to the first."""
        marks = sorted(mark.offset for mark in self._feed.window.marks)
        if not marks:
            self._feed.console.say("no mark was put here: m puts one", "warning")
            return
        here = self._feed.window.line_here(self._feed.page)
        after = -1 if here is None else here.offset
        below = [offset for offset in marks if offset > after]
        self._feed.to_offset((below or marks)[0], context=0)

    # -- time ------------------------------------------------------------------------------------

    def moment_of(self, text: str) -> Instant | None:
        """Return the instant of `02:00`, `-15m`, `2026-11-23T02:00`; None, and says so, else."""
        view = self._viewpoint
        now = view.now if view.is_past else view.clock.now()
        seconds = parse_duration(text.lstrip("-")) if text.startswith("-") else None
        if seconds is not None:
            return now - round(seconds * SECOND)
        moment = parse_moment(text, now, view.zone)
        if moment is None:
            console = self._feed.console
            console.say(f"{text} is no time: try 02:00, -15m or #881140", "error")
        return moment

    def go_to(self, at: Instant, stretch: Stretch, *, tells: bool = True) -> None:
        """Go to the first line at or after an instant; it `tells` where the log has none then."""
        feed, view, reader = self._feed, self._viewpoint, self._feed.reader
        if reader is None:
            return
        feed.to_time(to_iso(at))
        if not tells:
            return

        def told(words: str) -> None:
            if words and feed.reader is reader:
                feed.console.say(words, "warning")

        feed.console.request(
            lambda _desk: beyond_words(reader, stretch, at, view),
            told,
            failed=lambda _error: None,  # which is said of the lines that are read
        )

    def step_time(self, minutes: int) -> None:
        """Go minutes back or on from the line that was gone to, or the one at the top."""

        def step() -> None:
            moment = self._moment_here()
            if moment is not None:
                at = to_iso(moment + minutes * 60 * SECOND)
                self._feed.to_time(at, may_follow=minutes > 0)

        self._feed.when_there(step)

    def _moment_here(self) -> Instant | None:
        """Return when the line that was gone to, or the first one in sight, was written."""
        line = self._feed.window.line_here(self._feed.page)
        stamp = self._feed.window.parsed(line).stamp if line is not None else ""
        return parse_moment(stamp, 0, self._viewpoint.zone) if stamp else None

    def show_timeline(self) -> None:
        """Show what ran at the time of this line."""
        console = self._feed.console
        moment = self._moment_here()
        if moment is None:
            console.say("this line tells no time", "warning")
            return
        console.go("schedule")
        console.pane_named("schedule").show_time(moment)
