"""Pane 2: the groups with what their jobs are doing, and the jobs of the one under the cursor."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from textual.app import ComposeResult
from textual.containers import Horizontal

from app.actions.scene import Console, Selection
from app.panes.chosen import chosen_jobs, job_at_cursor
from app.panes.job_columns import job_columns
from app.panes.pane import COMPACT
from app.panes.table_pane import TablePane, move_grid
from app.panes.viewpoint import Viewpoint
from app.presentation.instants import full_time
from app.presentation.pieces import Piece
from app.presentation.quantities import counted
from app.sanitize import SafeText, safe
from app.store.changes import Changes
from app.store.model import GroupRow, JobRow
from app.store.query import GROUPS
from app.store.store import has_failed
from app.store.view import Order, TableView, folded
from app.widgets.columns import Cell, Column
from app.widgets.grid import Grid
from app.widgets.paint import own
from app.widgets.panel import Panel
from app.widgets.text_panel import TextPanel


class GroupCounts(Struct):
    """What the jobs of one group are doing."""

    jobs: int = 0
    running: int = 0
    failing: int = 0
    held: int = 0


class GroupsPane(TablePane[str, GroupRow]):
    """All groups."""

    name_of_pane = "groups"
    vocabulary = GROUPS

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console, viewpoint)
        self._counts: dict[str, GroupCounts] = {}
        self.view = TableView(
            console.store.groups,
            lambda row: row.name,
            Order("name", lambda row: folded(row.name), changes_often=False),
        )
        self.grid = Grid(self.view, self._columns(), id="groups-grid", title="Groups")
        self._members_view: TableView[int, JobRow] = TableView(
            console.store.jobs,
            lambda row: row.name,
            Order("name", lambda row: folded(row.name), changes_often=False),
        )
        self._members_view.only = self._is_member
        self._members = Grid(
            self._members_view, job_columns(viewpoint), id="groups-members", title="Jobs"
        )
        self._about = TextPanel(id="groups-about", frame="rule")
        self._shown = ""
        self._is_stale = False

    def compose(self) -> ComposeResult:
        """Groups left, their jobs right."""
        with Horizontal(id="groups-top"):
            yield self.grid
            yield self._members
        yield self._about

    def known_values(self, field: str) -> Iterable[str]:
        """Return the names of the groups."""
        return self.console.store.groups if field == "name" else ()

    def relook(self) -> None:
        """Make the columns anew: their widths go by the signs."""
        self._members.use_columns(job_columns(self.viewpoint))

    @property
    def parts(self) -> Sequence[Panel]:
        """Both tables."""
        return (self.grid, self._members)

    def arranged(self) -> None:
        """Frame both: they stand side by side."""
        self.grid.frame = self._members.frame = self.viewpoint.frame()
        is_narrow = self.layout_name == COMPACT
        self.grid.choice.leave_out(("description", "held") if is_narrow else ())

    def _columns(self) -> Sequence[Column[GroupRow]]:
        def number(name: str, role: str) -> Any:
            def cell(row: GroupRow) -> Cell:
                if not row.is_counted:
                    return (own("?", "muted"),)
                value = getattr(self.counts(row.name), name)
                return (own(f"{value:,}" if value else "-", role if value else "muted"),)

            return cell

        def value(name: str) -> Any:
            return lambda row: getattr(self.counts(row.name), name)

        return (
            Column("name", "GROUP", 10, 0, _name, lambda row: folded(row.name), widest=24),
            Column("en", "EN", 4, 1, _enabled, lambda row: row.enabled),
            Column("jobs", "JOBS", 6, 2, number("jobs", ""), value("jobs"), align="right"),
            Column("run", "RUN", 4, 3, number("running", "running"), value("running"),
                   align="right"),
            Column("err", "ERR", 4, 2, number("failing", "error"), value("failing"),
                   align="right"),
            Column("held", "HELD", 5, 4, number("held", "warning"), value("held"), align="right"),
            Column("description", "DESCRIPTION", 10, 6, _description, widest=40),
        )  # fmt: skip

    def use_rows(self) -> None:
        """Take the rows of both tables from what is shown."""
        self.view.rows, self._members_view.rows = self.shown.groups, self.shown.jobs

    def counts(self, name: str) -> GroupCounts:
        """Return what the jobs of a group are doing."""
        return self._counts.get(name, _NONE)

    def _recount(self) -> None:
        counts: dict[str, GroupCounts] = {}
        for row in self.shown.jobs.values():
            failing, held = has_failed(row), row.switch != "on"
            for name in row.groups:
                group = counts.get(name)
                if group is None:
                    group = counts[name] = GroupCounts()
                group.jobs += 1
                group.running += len(row.running)
                group.failing += failing
                group.held += held
        self._counts = counts
        self._is_stale = False

    def _is_member(self, row: JobRow) -> bool:
        return self._shown in row.groups

    def key_named(self, name: str) -> str | None:
        """Return the name itself where there is such a group."""
        return name if name in self.console.store.groups else None

    @property
    def table(self) -> tuple[TableView[Any, Any], Grid[Any, Any]]:
        """The groups, or the jobs at the right where these have the keys."""
        if self.active_part is self._members:
            return self._members_view, self._members
        return super().table

    def selection(self) -> Selection:
        """Return the group, or the jobs that are marked or under the cursor at the right."""
        if self.active_part is self._members:
            return chosen_jobs(self._members_view)
        view = self.view
        groups = tuple(view.live[key] for key in view.targets())
        is_gone = bool(view.keys) and not groups
        return Selection(groups=groups, hidden=len(view.hidden_marks()), is_gone=is_gone)

    def changed(self, changes: Changes) -> None:
        """Repaint what changed; counts follow within a second."""
        self.apply_rows(changes.groups, changes.groups_gone)
        self._is_stale |= bool(changes.jobs or changes.jobs_gone)
        if self._members_view.apply(changes.jobs, changes.jobs_gone):
            self._members.restructured()
        else:
            self._members.refresh_keys(changes.jobs)
        if changes.groups or changes.groups_gone:
            self.show_current()

    def info_pieces(self) -> Sequence[Piece]:
        """Return filter, counts and order, and how many jobs are in groups that nobody kept."""
        pieces = list(super().info_pieces())
        lost = self.counts(UNKNOWN).jobs
        if lost:
            text = f"  groups of {counted(lost, 'job')} not kept"
            pieces.insert(len(pieces) - 1, own(text, "warning"))
        return pieces

    def catch_up(self) -> None:
        """Rebuild both tables."""
        self._recount()
        super().catch_up()
        self.show_current(anew=True)

    def tick(self) -> None:
        """Count anew where something changed, and show what came of it."""
        if self._is_stale:
            self._recount()
            self.apply_rows(self.console.store.groups, ())
        super().tick()
        self._members.tick(self.viewpoint.now)

    def cursor_moved(self, grid: Grid[Any, Any]) -> None:
        """Show the jobs of the group under the cursor."""
        if grid is self.grid:
            self.show_current()

    def show_current(self, *, anew: bool = False) -> None:
        """Tell about the group under the cursor."""
        row = self.view.current
        name = "" if row is None else row.name
        if name != self._shown:
            self._shown = name
            self._members_view.cursor = None
            self._members_view.marks.clear()
            self._members.title = f"Jobs - {safe(name)}" if name else "Jobs"
            self._members.top = 0
            anew = True
        if anew:
            self._members_view.drop_gone_marks()
            self._members_view.rebuild()
            self._members.show()
        self._about.show([_about(row, self.viewpoint)] if row is not None else [])

    def move(self, motion: str) -> bool:
        """Move in the table that has the keys; left and right go from one to the other."""
        if motion in {"left", "right"}:
            self.activate(self.grid if motion == "left" else self._members)
            return True
        part = self.active_part
        return isinstance(part, Grid) and move_grid(part, motion)

    def open(self) -> None:
        """Go to the jobs, or to the job in the jobs pane."""
        if self.active_part is self.grid:
            self.activate(self._members)
        elif self._members_view.keys:
            self.console.perform("go.job", selection=job_at_cursor(self._members_view))

    def leave(self) -> bool:
        """Clear the marks among the jobs, then go back to the groups, first."""
        if self.active_part is not self._members:
            return super().leave()
        if not self.marking.clear():
            self.activate(self.grid)
        return True


UNKNOWN = "?"  # the group of a job of which nobody kept it
_NONE = GroupCounts()


def _name(row: GroupRow) -> Cell:
    return (Piece(safe(row.name), "" if row.enabled else "muted"),)


def _enabled(row: GroupRow) -> Cell:
    return (own("on") if row.enabled else own("off", "warning"),)


def _description(row: GroupRow) -> Cell:
    return (Piece(safe(row.description), "muted"),)


def _about(row: GroupRow, view: Viewpoint) -> list[Piece]:
    pieces = [own(" "), Piece(safe(row.name), "title"), own("  ")]
    if not row.enabled:
        since = full_time(row.disabled_at, view.zone) if row.disabled_at else SafeText("-")
        by = safe(row.disabled_by or "-")
        pieces.append(Piece(SafeText(f"disabled by {by} since {since}  "), "warning"))
    return [*pieces, Piece(safe(row.description))]
