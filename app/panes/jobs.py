"""Pane 1: every job in a table; details, runs and a log around it, as the screen allows."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict
from textual.app import ComposeResult
from textual.containers import Horizontal

from app.actions.scene import Console, Selection
from app.cells import wrap
from app.panes.chosen import chosen_jobs, chosen_runs, job_at_cursor, run_at_cursor
from app.panes.group_list import GroupList
from app.panes.job_columns import job_columns
from app.panes.job_detail import detail_lines, strip_lines, told_until
from app.panes.job_glance import Glance, JobGlance
from app.panes.job_runs import JobRuns
from app.panes.log_peek import LogPeek
from app.panes.pane import COMPACT, WIDE
from app.panes.table_pane import TablePane, TablePlace
from app.panes.viewpoint import Viewpoint
from app.presentation.pieces import Piece
from app.sanitize import safe_line
from app.store.changes import Changes
from app.store.model import InstanceRow, JobRow
from app.store.view import Order, TableView, folded
from app.widgets.grid import Grid
from app.widgets.list_panel import ListPanel
from app.widgets.paint import own
from app.widgets.panel import Panel
from app.widgets.text_panel import TextPanel
from engine.clock import Instant

_POLL_SECONDS = 0.5


class JobsPlace(TablePlace[int], frozen=True):
    """Where the table of jobs stands, and which run was chosen beside it."""

    run: int | None = None


class JobsPane(TablePane[int, JobRow]):
    """All jobs."""

    name_of_pane = "jobs"

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console, viewpoint)
        self.view = TableView(
            console.store.jobs,
            lambda row: row.name,
            Order("name", lambda row: folded(row.name), changes_often=False),
        )
        self.grid = Grid(self.view, job_columns(viewpoint), id="jobs-grid", title="Jobs")
        self.grid.empty_words.ask = self.empty_lines
        self._runs = JobRuns(console, viewpoint)
        self._strip = TextPanel(id="jobs-strip", frame="rule")
        self._detail = TextPanel(id="jobs-detail", frame="box", title="Detail")
        self._groups = GroupList(viewpoint)
        self._glance = JobGlance(console, viewpoint, self._glanced)
        self._peek = LogPeek(console, viewpoint, "jobs-log")
        self._shown_job: int | None = None
        self._told_at: Instant = 0
        self._told_until: Instant = 0  # what is told of the job reads the same before
        self._is_stale = True

    def compose(self) -> ComposeResult:
        """Lay the parts out; CSS classes decide which are seen."""
        with Horizontal(id="jobs-top"):
            yield self._groups.panel
            yield self.grid
            yield self._detail
        yield self._strip
        with Horizontal(id="jobs-bottom"):
            yield self._runs.grid
            yield self._peek.panel

    def on_mount(self) -> None:
        """Look for growth of the small log while it is in sight."""
        self._groups.panel.opened = self.open
        self.look_every(_POLL_SECONDS, self._poll)

    def _poll(self) -> bool:
        return self.layout_name != COMPACT and self._peek.poll()

    @property
    def parts(self) -> Sequence[Panel]:
        """The table, and what is beside it."""
        if self.layout_name == COMPACT:
            return (self.grid,)
        if self.layout_name == WIDE:
            return (self.grid, self._detail, self._runs.grid, self._peek.panel, self._groups.panel)
        return (self.grid, self._runs.grid, self._peek.panel)

    def arranged(self) -> None:
        """Frame the parts where there is room for frames."""
        frame = self.viewpoint.frame(has_room=self.layout_name != COMPACT)
        self.grid.frame = self._detail.frame = frame
        self._groups.panel.frame = self._peek.panel.frame = frame
        self._runs.arrange(frame, of_all=self.layout_name == WIDE)
        self._is_stale = True

    def relook(self) -> None:
        """Make the columns anew: their widths go by the signs; tell the log's times anew."""
        self.grid.use_columns(job_columns(self.viewpoint))
        self._peek.relook()

    # -- rows ------------------------------------------------------------------------------------

    def use_rows(self) -> None:
        """Take the rows of both tables from what is shown."""
        self.view.rows = self.shown.jobs
        self._runs.use_rows()

    def key_named(self, name: str) -> int | None:
        """Return the id of the job called `name`."""
        return self.console.store.names.get(name)

    def selection(self) -> Selection:
        """Return the jobs that are marked or under the cursor; instances where these are chosen."""
        if self._means_runs:
            return chosen_runs(self._runs.view, self.console.store)
        return chosen_jobs(self.view)

    @property
    def table(self) -> tuple[TableView[Any, Any], Grid[Any, Any]]:
        """The jobs, or the runs where these have the keys."""
        if self.active_part is self._runs.grid:
            return self._runs.view, self._runs.grid
        return super().table

    @property
    def _means_runs(self) -> bool:
        """Whether keys are for runs, not for jobs."""
        return self.active_part is self._runs.grid and len(self._runs.view) > 0

    def health_changed(self) -> None:
        """Say of an empty list what is wrong, if anything is."""
        if not self.view.total:
            self.grid.stayed_empty(self.viewpoint.now)

    def changed(self, changes: Changes) -> None:
        """Repaint the cells that changed."""
        self.apply_rows(changes.jobs, changes.jobs_gone)
        if self.layout_name != COMPACT and (changes.instances or changes.instances_gone):
            self._runs.changed(changes)
        self._is_stale |= bool(changes.jobs or changes.jobs_gone or changes.groups)
        row = self.view.current
        if row is not None and (row.jobid in changes.jobs or row.jobid != self._shown_job):
            self.show_current()

    def cursor_moved(self, grid: Grid[Any, Any]) -> None:
        """Tell about the job under the cursor."""
        if grid is self.grid:
            self.show_current()

    def catch_up(self) -> None:
        """Rebuild the table."""
        super().catch_up()
        self._glance.forget()
        if self.layout_name != COMPACT:
            row = self.view.current
            self._runs.catch_up(None if row is None else row.jobid)
        self.show_current()
        self._count_groups()

    def show_current(self) -> None:
        """Tell about the job under the cursor."""
        row, now = self.view.current, self.viewpoint.now
        jobid = None if row is None else row.jobid
        self._told_at, self._told_until = now, told_until(row, self.viewpoint)
        self._shown_job = jobid
        if self.layout_name == COMPACT:
            self._strip.show(strip_lines(row, self.viewpoint))
            return
        self._runs.show_job(jobid)
        if self.layout_name == WIDE:
            self._show_detail(row)
        if self.layout_name == WIDE or row is None:
            self._peek.show("engine")
        else:
            last = row.running[-1] if row.running else row.last_instanceid
            self._peek.show(f"job {row.name}" if last is None else f"instance {last}")

    def _show_detail(self, row: JobRow | None) -> None:
        glance = Glance() if row is None else self._glance.of(row)
        error, size = self._last_error(row), self._detail.body.size
        self._detail.show(detail_lines(row, error, glance, self.viewpoint, size))

    def _glanced(self) -> None:
        """Tell what was found of the job under the cursor, if it still is."""
        if self.layout_name == WIDE and self.display:
            self._show_detail(self.view.current)

    def _last_error(self, row: JobRow | None) -> InstanceRow | None:
        if row is None or not row.fails:
            return None
        instances = self.shown.instances
        found = [key for key, each in instances.items() if each.jobid == row.jobid]
        failed = [key for key in found if instances[key].has_failed]
        return instances[max(failed)] if failed else None

    def tick(self) -> None:
        """Let ages and distances go on."""
        super().tick()
        if self.layout_name != COMPACT:
            self._runs.tick()
        if self._is_stale or not self._groups.holds(self.viewpoint.now):
            self._count_groups()
        if not self._told_at <= self.viewpoint.now < self._told_until:
            self.show_current()
        self.read_again()

    def read_again(self) -> None:
        """Ask again for what could not be read of the job, and tell what is slow to come."""
        if self.layout_name != COMPACT:
            self._peek.second()
        if self._glance.is_due:
            self._glanced()

    def still_until(self) -> Instant:
        """Return until when ages and distances read the same."""
        if self._is_stale and self.layout_name == WIDE:
            return 0  # groups are counted with the next second
        until = min(self.grid.still_until, self.live_filter.still_until, self._told_until)
        if self.layout_name == WIDE:
            until = min(until, self._groups.until)
        return until if self.layout_name == COMPACT else min(until, self._runs.still_until)

    def _count_groups(self) -> None:
        if self.layout_name == WIDE:
            self._is_stale = False
            self._groups.show(self.shown, self.console.saved_filters)

    # -- keys ------------------------------------------------------------------------------------

    def move(self, motion: str) -> bool:
        """Move in the part that has the keys."""
        part = self.active_part
        if part is self._peek.panel:
            return self._peek.move(motion)
        if isinstance(part, ListPanel):
            return part.move(motion)
        return super().move(motion)

    def open(self) -> None:
        """Narrow the table to the group; or show the output of what is under the cursor."""
        part = self.active_part
        if part is self._groups.panel:
            text = self._groups.chosen
            if text is not None:
                self.set_filter(text)
            return
        if self._means_runs:
            opened = run_at_cursor(self._runs.view, self.console.store)
        else:
            opened = job_at_cursor(self.view)
        self.console.perform("logs.output", selection=opened)

    def leave(self) -> bool:
        """Clear the marks of the runs where these have the keys, then filter and marks of jobs."""
        if self.active_part is self._runs.grid and self.marking.clear():
            return True
        return super().leave()

    def place(self) -> JobsPlace:
        """Return where jobs and runs stand."""
        return JobsPlace(**asdict(super().place()), run=self._runs.chosen)

    def restore(self, place: TablePlace[int]) -> None:
        """Go back to where the jobs stood, and to the run beside them."""
        super().restore(place)
        if isinstance(place, JobsPlace):
            self._runs.return_to(self.view.current_key, place.run)

    def empty_lines(self) -> Sequence[Sequence[Piece]]:
        """Say how to go on when no job is shown."""
        if self.view.total:
            return self.words.nothing_matches()
        if problem := self.console.store.health.problem:
            parts = wrap(safe_line(problem), max(20, self.grid.body.width - 6))
            return tuple([own("   "), Piece(part, "error")] for part in parts)
        if not self.shown.was_read:
            return ([own("   reading ...", "muted")],)
        if self.viewpoint.is_past:
            return ([own("   No job was there by then.")],)
        how = (
            [own("   No jobs yet. Write one and load it:")],
            [own("     tocsin new my-job > my-job.yaml", "muted")],
            [own("     tocsin load my-job.yaml", "muted")],
        )
        if self.console.store.health.alerts:
            return (*how, [], [own("   What is wrong stands in pane 7, under Alerts.")])
        return how
