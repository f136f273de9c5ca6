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
        if self.view.only is None and not of_all:
            self._let_go_of_others()
        self.grid.frame = frame
        self.view.only = None if of_all else self._is_of_current
        self.grid.choice.leave_out(() if of_all else ("job",))
        self.grid.title = "Instances of all jobs" if of_all else "Instances"

    def show_job(self, jobid: int | None) -> None:
        """Show the runs of another job from the newest on; where those of all are, they stay."""
        if self._turns_to(jobid):
            self.view.rebuild()
            self.grid.show()

    def catch_up(self, jobid: int | None) -> None:
        """Rebuild the table; the cursor stays where somebody put it, as long as the job does."""
        is_chosen = self._is_chosen
        self._turns_to(jobid)
        self.view.drop_gone_marks()
        self.view.rebuild()
        if not is_chosen:
            self.view.move_to(0)
        self.grid.show()

    @property
    def chosen(self) -> int | None:
        """The run that somebody put the cursor on."""
        return self.view.current_key if self._is_chosen else None

    def return_to(self, jobid: int | None, run: int | None) -> None:
        """Show the runs of a job with the cursor on the one that was chosen, if it is there."""
        if self._turns_to(jobid):
            self.view.rebuild()
        index = self.view.index_of(run)
        if index is not None:
            self.view.move_to(index)

    def changed(self, changes: Changes) -> None:
        """Take changed runs in; the newest comes in sight where nobody chose another."""
        is_chosen = self._is_chosen
        if self.view.apply(changes.instances, changes.instances_gone):
            if not is_chosen:
                self.view.move_to(0)
            self.grid.restructured()
        else:
            self.grid.refresh_keys(changes.instances)

    def _turns_to(self, jobid: int | None) -> bool:
        """Note which job it is now; True where it is another, and the runs are others with it."""
        is_other = jobid != self._jobid and self.view.only is not None
        self._jobid = jobid
        if is_other:
            self.view.marks.clear()  # they are out of sight, and an action would mean them
            self.view.cursor = None
            self.grid.top = 0
        return is_other

    def _let_go_of_others(self) -> None:
        """Leave the runs of other jobs, which go out of sight, with marks and cursor."""
        view = self.view
        marked = (view.rows[key] for key in view.marks if key in view.rows)
        view.marks = {row.job_instanceid for row in marked if row.jobid == self._jobid}
        if view.current is not None and view.current.jobid != self._jobid:
            view.cursor = None

    @property
    def _is_chosen(self) -> bool:
        """Whether somebody put the cursor where it is."""
        return self.grid.is_active or self.view.cursor_index > 0

    def tick(self) -> None:
        """Let what runs move on."""
        self.view.settle()
        self.grid.tick(self._viewpoint.now)

    @property
    def still_until(self) -> Instant:
        """Until when they read the same, if none changes."""
        return self.grid.still_until
