"""Pane 1: every job in a table; details beside or below it, as the screen allows."""

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal

from app.actions.scene import Console, Selection
from app.panes.instance_columns import instance_columns
from app.panes.job_columns import job_columns
from app.panes.job_detail import detail_lines, strip_lines
from app.panes.pane import COMPACT, WIDE
from app.panes.table_pane import TablePane
from app.panes.viewpoint import Viewpoint
from app.presentation.pieces import Piece
from app.store.model import InstanceRow, JobRow
from app.store.store import Changes
from app.store.view import Order, TableView
from app.widgets.grid import Grid
from app.widgets.paint import own
from app.widgets.panel import Panel
from app.widgets.text_panel import TextPanel


class JobsPane(TablePane[int, JobRow]):
    """All jobs."""

    name_of_pane = "jobs"

    def __init__(self, console: Console, view: Viewpoint) -> None:
        super().__init__(console, view)
        columns = job_columns(view)
        self.view = TableView(
            console.store.jobs,
            lambda row: row.name,
            Order("name", lambda row: row.name.lower(), changes_often=False),
        )
        self.grid = Grid(self.view, columns, id="jobs-grid", title="Jobs")
        self.grid.empty_lines = self.empty_lines
        self._runs_view: TableView[int, InstanceRow] = TableView(
            console.store.instances,
            lambda row: row.job_instanceid,
            Order("id", lambda row: row.job_instanceid, reverse=True, changes_often=False),
        )
        self._runs_view.only = self._is_of_current
        self._runs = Grid(
            self._runs_view,
            instance_columns(view, self._p95_of, with_job=False),
            id="jobs-runs",
            title="Instances",
        )
        self._strip = TextPanel(id="jobs-strip", frame="rule")
        self._detail = TextPanel(id="jobs-detail", frame="box", title="Detail")
        self._shown_job: int | None = None

    def compose(self) -> ComposeResult:
        """Lay the parts out; CSS classes decide which are seen."""
        with Horizontal(id="jobs-top"):
            yield self.grid
            yield self._detail
        yield self._strip
        with Horizontal(id="jobs-bottom"):
            yield self._runs

    @property
    def parts(self) -> Sequence[Panel]:
        """The table, and what is beside it."""
        if self.layout_name == COMPACT:
            return (self.grid,)
        if self.layout_name == WIDE:
            return (self.grid, self._runs, self._detail)
        return (self.grid, self._runs)

    def arranged(self) -> None:
        """Frame the parts where there is room for frames."""
        frame = "none" if self.layout_name == COMPACT else "box"
        self.grid.frame = frame  # type: ignore[assignment] # both are frames
        self._runs.frame = frame  # type: ignore[assignment]

    def key_named(self, name: str) -> int | None:
        """Return the id of the job called `name`."""
        return self.console.store.names.get(name)

    # -- rows ------------------------------------------------------------------------------------

    def _is_of_current(self, row: InstanceRow) -> bool:
        return row.jobid == self._shown_job

    def _p95_of(self, row: InstanceRow) -> float | None:
        job = self.console.store.jobs.get(row.jobid)
        return None if job is None else job.p95_seconds

    def selection(self) -> Selection:
        """Return the marked jobs or the one under the cursor; its instance where that is chosen."""
        rows = tuple(self.view.rows[key] for key in self.view.targets())
        instances: tuple[InstanceRow, ...] = ()
        if self.active_part is self._runs and self._runs_view.current is not None:
            instances = (self._runs_view.current,)
        return Selection(jobs=rows, instances=instances, hidden=len(self.view.hidden_marks()))

    def changed(self, changes: Changes) -> None:
        """Repaint the cells that changed."""
        self.apply_rows(changes.jobs, changes.jobs_gone)
        if self.layout_name != COMPACT and (changes.instances or changes.instances_gone):
            is_at_top = self._runs_view.cursor_index == 0
            if self._runs_view.apply(changes.instances, changes.instances_gone):
                if is_at_top and self.active_part is not self._runs:
                    self._runs_view.move_to(0)  # nobody chose a row: show the newest
                self._runs.restructured()
            else:
                self._runs.refresh_keys(changes.instances)
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
        self._shown_job = None
        self.show_current()

    def show_current(self) -> None:
        """Tell about the job under the cursor."""
        row = self.view.current
        jobid = None if row is None else row.jobid
        if self.layout_name == COMPACT:
            self._shown_job = jobid
            self._strip.show(strip_lines(row, self.viewpoint))
            return
        if jobid != self._shown_job:
            self._shown_job = jobid
            self._runs_view.cursor = None
            self._runs_view.rebuild()
            self._runs.title = "Instances" if row is None else f"Instances - {row.name}"
            self._runs.top = 0
            self._runs.show()
        if self.layout_name == WIDE:
            width = self._detail.body.width
            error = next((each for each in self._runs_rows() if each.has_failed), None)
            self._detail.show(detail_lines(row, error, self.viewpoint, width))

    def _runs_rows(self) -> list[InstanceRow]:
        return [self._runs_view.rows[key] for key in self._runs_view.keys]

    def tick(self) -> None:
        """Let ages and distances go on."""
        super().tick()
        if self.layout_name != COMPACT:
            self._runs.tick()
        self.show_current()

    def empty_lines(self) -> Sequence[Sequence[Piece]]:
        """Say how to go on when no job is shown."""
        if self.view.total:
            return self.no_match_lines()
        if self.console.store.expected_jobs:
            return ()
        return (
            [own("   No jobs yet. Write one and load it:")],
            [own("     tocsin new my-job > my-job.yaml", "muted")],
            [own("     tocsin load my-job.yaml", "muted")],
        )
