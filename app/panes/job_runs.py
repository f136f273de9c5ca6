"""The runs beside the table of jobs: of the job under the cursor, or of all where there is room."""

from app.actions.scene import Console
from app.panes.instance_columns import LIVE_FIRST, instance_columns
from app.panes.viewpoint import Viewpoint
from app.store.changes import Changes
from app.store.model import InstanceRow
from app.store.store import ConsoleStore
from app.store.view import TableView
from app.widgets.grid import Grid
from app.widgets.panel import Frame
from engine.clock import Instant


class JobRuns:
    """A table of instances, and which of them it shows."""

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        self._store = console.store
        self._viewpoint = viewpoint
        self._jobid: int | None = None
        self.view: TableView[int, InstanceRow] = TableView(
            self._store.instances, lambda row: -row.job_instanceid, LIVE_FIRST
        )
        self.grid = Grid(
            self.view,
            instance_columns(viewpoint, self._p95_of),
            id="jobs-runs",
            title="Instances",
        )

    @property
    def _shown(self) -> ConsoleStore:
        """What is shown: what the store knows, or knew when the view was frozen."""
        return self._viewpoint.shown(self._store)

    def use_rows(self) -> None:
        """Take the rows from what is shown."""
        self.view.rows = self._shown.instances

    def _is_of_current(self, row: InstanceRow) -> bool:
        return row.jobid == self._jobid

    def _p95_of(self, row: InstanceRow) -> float | None:
        job = self._shown.jobs.get(row.jobid)
        return None if job is None else job.p95_seconds

    def arrange(self, frame: Frame, *, of_all: bool) -> None:
        """Frame the table; show the runs of all jobs, or those of one."""
        self.grid.frame = frame
        self.view.only = None if of_all else self._is_of_current
        self.grid.choice.leave_out(() if of_all else ("job",))
        self.grid.title = "Instances of all jobs" if of_all else "Instances"

    def begin(self, jobid: int | None) -> None:
        """Show the runs of a job, or of all, from the newest on."""
        if self.view.only is not None:
            self.view.marks.clear()  # they are out of sight, and an action would mean them
        self._jobid = jobid
        self.view.cursor = None
        self.view.drop_gone_marks()
        self.view.rebuild()
        self.grid.top = 0
        self.grid.show()

    def changed(self, changes: Changes) -> None:
        """Take changed runs in; the newest comes in sight where nobody chose another."""
        is_at_top = self.view.cursor_index == 0
        if self.view.apply(changes.instances, changes.instances_gone):
            if is_at_top and not self.grid.is_active:
                self.view.move_to(0)
            self.grid.restructured()
        else:
            self.grid.refresh_keys(changes.instances)

    def tick(self) -> None:
        """Let what runs move on."""
        self.view.settle()
        self.grid.tick(self._viewpoint.now)

    @property
    def still_until(self) -> Instant:
        """Until when they read the same, if none changes."""
        return self.grid.still_until
