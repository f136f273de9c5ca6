"""Pane 3: what runs, first and moving, then what has run, newest first."""

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult

from app.actions.scene import Console, Selection
from app.panes.chosen import chosen_runs, run_at_cursor
from app.panes.instance_columns import LIVE_FIRST, instance_columns
from app.panes.instance_detail import instance_lines
from app.panes.table_pane import TablePane
from app.panes.viewpoint import Viewpoint
from app.presentation.console_words import console_words
from app.presentation.histogram import histogram_pieces, histogram_words, slots_of
from app.presentation.instants import when
from app.presentation.pieces import Piece
from app.presentation.reasons import reason_of
from app.sanitize import safe
from app.store.changes import Changes
from app.store.model import InstanceRow
from app.store.query import INSTANCES
from app.store.store import KEPT_INSTANCES
from app.store.view import TableView
from app.widgets.grid import Grid
from app.widgets.one_line import OneLine
from app.widgets.paint import own
from app.widgets.panel import Panel
from app.widgets.text_panel import TextPanel
from engine.clock import MINUTE, Instant

_WORDS = 50  # cells beside the histogram
_MOST_SLOTS = 168  # a week of hours
_PAGE = 500  # older instances fetched at once


class InstancesPane(TablePane[int, InstanceRow]):
    """All instances that the console knows; older ones come when the end is reached.

    A filter that leaves less than a page looks through older ones, too.
    """

    name_of_pane = "instances"
    vocabulary = INSTANCES

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console, viewpoint)
        self.view = TableView(
            console.store.instances,
            lambda row: -row.job_instanceid,
            LIVE_FIRST,
        )
        self.own_order = LIVE_FIRST
        self.grid = Grid(
            self.view,
            instance_columns(viewpoint, self._p95_of),
            id="instances-grid",
            title="Instances",
        )
        self.grid.empty_words.ask = self.empty_lines
        self.grid.follows_top = True
        self._histogram = OneLine(id="instances-histogram")
        self._slots_at: Instant = 0  # when the histogram was counted
        self._slots_until: Instant = 0  # when it needs another slot
        self._is_uncounted = True  # runs came that it does not show yet
        self._about = TextPanel(id="instances-about", frame="rule")
        self._is_fetching = False
        self._problem = ""  # why older ones could not be read, as it was told
        self._has_all = False
        self._read_back: int | None = None  # all from this one on are known; None: not looked
        self._gaps = 0  # that the store had by then
        self._wanted = 0  # rows to be shown before the look for older ones ends

    def compose(self) -> ComposeResult:
        """Failures over time, the table, and some lines about the instance under the cursor."""
        yield self._histogram
        yield self.grid
        yield self._about

    @property
    def parts(self) -> Sequence[Panel]:
        """The table."""
        return (self.grid,)

    def use_rows(self) -> None:
        """Take the rows from what is shown."""
        self.view.rows = self.shown.instances

    def _p95_of(self, row: InstanceRow) -> float | None:
        job = self.shown.jobs.get(row.jobid)
        return None if job is None else job.p95_seconds

    def selection(self) -> Selection:
        """Return the instances, and their jobs."""
        return chosen_runs(self.view, self.console.store)

    def key_named(self, name: str) -> int | None:
        """Return the number that `#881204` names."""
        number = name.removeprefix("#")
        return int(number) if number.isdecimal() else None

    def changed(self, changes: Changes) -> None:
        """Repaint what changed."""
        self.apply_rows(changes.instances, changes.instances_gone)
        self._is_uncounted |= bool(changes.instances or changes.instances_gone)
        self._forget_reach()
        if self.view.filter_text and self._read_back is None and not self._problem:
            self._look_for_page()  # the filter may have been there before any run was
        if changes.instances:
            self.show_current()

    def catch_up(self) -> None:
        """Rebuild the table."""
        super().catch_up()
        self._forget_reach()
        if self.view.filter_text:
            self._look_for_page()  # which ends where the pane is out of sight, or stands still
        elif len(self.view) < self._wanted:
            self._look_on()
        self._show_histogram()
        self.show_current()

    def set_filter(self, text: str) -> None:
        """Show only the rows that the filter lets through; they are counted within a second."""
        super().set_filter(text)
        self._is_uncounted = True
        self._wanted = self.grid.page if text else 0
        self._look_on()

    def tick(self) -> None:
        """Let what runs move on; count anew where something changed, or time took another slot."""
        shown = self.view.keys
        super().tick()
        if self._problem:
            self._look_on()
        self._is_uncounted |= self.view.keys is not shown
        is_counted = self._slots_at <= self.viewpoint.now < self._slots_until
        if self._is_uncounted or not is_counted:
            self._show_histogram()
        self.show_current()

    def _show_histogram(self) -> None:
        """Count the failures of the runs that the filter lets through."""
        view, point = self.view, self.viewpoint
        runs = [row for index in range(len(view)) if (row := view.at(index)) is not None]
        width = self._histogram.size.width - _WORDS
        slots = slots_of(runs, point.now, min(width, _MOST_SLOTS))
        self._is_uncounted = False
        self._slots_at = point.now
        self._slots_until = point.now + MINUTE if slots is None else slots.until
        if slots is None:
            self._histogram.set(())
            return
        before, after = histogram_words(slots, "then" if point.is_past else "now")
        bars = histogram_pieces(slots, point.symbols)
        self._histogram.set([own(" "), Piece(before, "muted"), *bars, Piece(after, "muted")])

    def cursor_moved(self, grid: Grid[Any, Any]) -> None:
        """Tell about the instance under the cursor; near the end, fetch older ones."""
        del grid
        self.show_current()
        if self.view.cursor_index >= len(self.view) - 1:
            self._wanted = len(self.view) + (self.grid.page if self.view.filter_text else 1)
            self._look_on()

    def show_current(self) -> None:
        """Tell about the instance under the cursor."""
        self._about.show(instance_lines(self.view.current, self.viewpoint))

    def open(self) -> None:
        """Show the errors of the one under the cursor, or its output."""
        if self.view.keys:
            row = self.view.chosen
            has_failed = row is not None and row.has_failed
            action = "instances.errors" if has_failed else "logs.output"
            self.console.perform(action, selection=run_at_cursor(self.view, self.console.store))

    def step_error(self, step: int) -> None:
        """Go to the next or the previous failed instance."""
        index = self.view.cursor_index + step
        while 0 <= index < len(self.view):
            row = self.view.at(index)
            if row is not None and row.has_failed:
                self.grid.move_to(index)
                return
            index += step
        self.console.say("no more failed instances that way")

    def _forget_reach(self) -> None:
        """Read anew from the newest one on where others were given up meanwhile."""
        store = self.console.store
        is_missed = store.gaps != self._gaps
        if is_missed or (self._read_back is not None and self._read_back not in store.instances):
            self._has_all, self._read_back, self._gaps = False, None, store.gaps
            if self.view.filter_text:
                self._look_on()

    def _look_for_page(self) -> None:
        """Fetch older ones until the filter leaves a page at the least."""
        self._wanted = max(self._wanted, self.grid.page)
        self._look_on()

    def _look_on(self) -> None:
        """Fetch older ones until enough of them pass the filter, or as many are known as are kept.

        What is out of sight takes no rows in: then one page is enough.
        """
        if self._read_back is None or len(self.view) < self._wanted:
            self._fetch_older()
        else:
            self._problem = ""  # nobody waits for them any more

    def _fetch_older(self) -> None:
        """Fetch a page: of what is known some may be far older, as a run that goes on for long.

        None of it would be seen in a frozen view: there nothing is read.
        """
        if self.viewpoint.still is not None:
            return
        known = self.console.store.instances
        if self._is_fetching or self._has_all or not 0 < len(known) < KEPT_INSTANCES:
            return
        self._is_fetching = True
        before, gaps = self._read_back, self.console.store.gaps

        def done(rows: list[InstanceRow]) -> None:
            self._is_fetching = False
            self._tell_problem("")
            if gaps != self.console.store.gaps:
                self._fetch_older()  # what lies before them may be missed
            elif self.viewpoint.still is None:  # else they are read when it follows again
                self._take_older(rows)
            self.console.show_frame()

        def failed(error: BaseException) -> None:
            self._is_fetching = False
            self._tell_problem(console_words(reason_of(error), self.viewpoint.zone))
            self.console.show_frame()

        self.console.request(
            lambda desk: desk.instances(None, before_id=before, limit=_PAGE), done, failed=failed
        )

    def _take_older(self, rows: Sequence[InstanceRow]) -> None:
        """Take a page in, and look on where it does not do."""
        known = self.console.store.instances
        self._has_all = len(rows) < _PAGE
        if rows:
            self._read_back = rows[-1].job_instanceid
        older = [row for row in rows if row.job_instanceid not in known]
        self.console.take_in(older)
        if not older:
            self._fetch_older()
        elif self.view.filter_text and self.display:
            self._look_on()

    def _tell_problem(self, reason: str) -> None:
        """Say once why older ones cannot be read, which is tried on; and no more once they are."""
        if reason and not self._problem:
            self._problem = f"older runs cannot be read: {reason}"
            self.console.say(self._problem, "error")
        elif self._problem and not reason:
            self.console.news.is_over(self._problem)
            self._problem = ""

    def reach_words(self) -> str:
        """Return since when the runs are known that were filtered: older ones may pass, too."""
        known, point = self.shown.instances, self.viewpoint
        if self._has_all or not self.view.filter_text or not known:
            return ""
        if self._is_fetching:
            return ", reading older ones"
        back = self._read_back
        if back not in known:
            live = self.shown.live
            back = min((key for key in known if key not in live), default=min(known))
        return f" since {when(known[back].started, point.now, point.zone)}"

    def empty_lines(self) -> Sequence[Sequence[Piece]]:
        """Say why nothing is shown."""
        if self.view.total:
            return self.words.nothing_matches()
        if not self.shown.was_read:
            return ([own("   reading ...", "muted")],)
        if self.viewpoint.is_past:
            return ([own("   Nothing that is kept had run by then.")],)
        jobs, run = map(self.viewpoint.key_of, ("go.jobs", "jobs.run"))
        return ([Piece(safe(f"   Nothing has run yet. Press {jobs}, choose a job, press {run}."))],)
