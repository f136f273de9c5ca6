"""The Gantt chart of the schedule pane: its stretch of time, its time cursor, the runs in it."""

from collections.abc import Callable, Sequence

from app.actions.scene import Console
from app.panes.gantt_rows import gantt_rows
from app.panes.gantt_runs import GanttRuns
from app.panes.viewpoint import Viewpoint
from app.presentation.gantt import ZOOMS, Axis, Bar, around, axis_pieces, gantt_line, zoomed
from app.presentation.instants import clock_time, duration, full_time
from app.presentation.pieces import Piece
from app.presentation.status import LOOKS
from app.sanitize import SafeText, safe
from app.store.conditions import of_status
from app.store.model import InstanceRow
from app.widgets.paint import fitted, own
from app.widgets.text_panel import Line
from engine.clock import DAY, HOUR, SECOND, Instant

NAME_WIDTH = 24
_NAMED = NAME_WIDTH + 1  # cells before the chart
_LEAST_WIDTH = 20


class GanttView:
    """Which hours are shown, where the time cursor stands, and what ran there."""

    def __init__(self, console: Console, viewpoint: Viewpoint, changed: Callable[[], None]) -> None:
        self.names: list[str] = []  # of the rows
        self.at: Instant | None = None  # the time cursor; None: now
        self._console = console
        self._viewpoint = viewpoint
        self._span = 3 * HOUR
        self._shift: Instant = 0  # of the chart against now
        self._axis = Axis(0, 1, _LEAST_WIDTH)
        self._runs = GanttRuns(console, viewpoint, changed)

    def read_anew(self) -> None:
        """Ask for what ran when the chart is drawn next."""
        self._runs.forget()

    @property
    def is_unread(self) -> bool:
        """Whether what ran could not be read; it is tried on whenever the chart is drawn."""
        return self._runs.is_unread

    # -- drawing ---------------------------------------------------------------------------------

    def lines(
        self, coming: Sequence[tuple[Instant, str]], only: tuple[str, ...] | None, width: int
    ) -> tuple[list[Line], Line]:
        """Return the rows and the line of times above them, `width` cells wide."""
        view = self._viewpoint
        now = view.now
        axis = around(now + self._shift, self._span, max(_LEAST_WIDTH, width - _NAMED))
        self._axis = axis
        self._runs.look_at(axis, only)
        shown = view.shown(self._console.store)
        rows = gantt_rows(self._runs.rows(), shown, coming, axis, now, only)
        self.names = [name for name, _ in rows]
        cursor = self._cell(axis)
        head = [*fitted((self._runs.told(axis),), _NAMED), *axis_pieces(axis, view.zone, self.at)]
        return [self._row(name, bars, axis, cursor) for name, bars in rows], head

    def nothing(self) -> Line:
        """Return a line for a chart without rows, of which not all may be known."""
        known = "is known to run" if self._runs.told(self._axis).text else "runs"
        return [own(f" nothing {known} in this window", "muted")]

    def _row(self, name: str, bars: list[Bar], axis: Axis, cursor: int | None) -> Line:
        view = self._viewpoint
        return [
            *fitted((Piece(safe(f" {name}")),), NAME_WIDTH),
            own(" "),
            *gantt_line(bars, axis, view.now, view.symbols, cursor),
        ]

    def _cell(self, axis: Axis) -> int | None:
        if self.at is None:
            return None
        cell = axis.cell(self.at)
        return cell if 0 <= cell < axis.width else None

    # -- the time cursor -------------------------------------------------------------------------

    def instance_at(self, name: str) -> InstanceRow | None:
        """Return the run of a job in the cell of the time cursor: the last one, failures first."""
        at, axis = self.at, self._axis
        if at is None:
            return None
        cell = axis.cell(at)
        begin, end = axis.instant(cell), axis.instant(cell + 1)
        now = self._viewpoint.now
        found = [
            row
            for row in self._runs.rows()
            if row.name == name
            and row.started < max(end, at + 1)
            and max(row.completed or now, row.started + SECOND) > begin
        ]
        return max(found, key=lambda row: (row.has_failed, row.started), default=None)

    def told(self, name: str) -> list[Piece]:
        """Return what the info line tells: the cursor's time, and what ran there."""
        zone = self._viewpoint.zone
        at = self._viewpoint.now + self._shift if self.at is None else self.at
        time = clock_time(at, zone) if self._span < DAY and not self._shift else full_time(at, zone)
        row = self.instance_at(name) if name else None
        if row is None:
            return [Piece(time, "muted" if self.at is None else "")]
        look = LOOKS[of_status(row.status)]
        took = max(0, (row.completed or self._viewpoint.now) - row.started)
        return [
            Piece(SafeText(f"#{row.job_instanceid} ")),
            Piece(SafeText(f"{look.word} "), look.role),
            Piece(SafeText(f"{clock_time(row.started, zone)} {duration(took / SECOND)}  ")),
            Piece(time),
        ]

    def step(self, cells: int) -> None:
        """Move the time cursor by cells; at an edge the chart follows."""
        axis = self._axis
        cell = axis.cell(self._viewpoint.now if self.at is None else self.at)
        cell = min(max(cell, 0), axis.width - 1) + cells
        self._stand_on(cell)
        if not 0 <= cell < axis.width:
            self.shift(1 if cells > 0 else -1)

    def point_at(self, cell: int) -> None:
        """Put the time cursor on a cell of a row, unless that is of its name."""
        if 0 <= cell - _NAMED < self._axis.width:
            self._stand_on(cell - _NAMED)

    def _stand_on(self, cell: int) -> None:
        axis = self._axis
        self.at = axis.instant(cell) + (axis.end - axis.start) // axis.width // 2

    def shift(self, step: int) -> None:
        """Move the chart by half its width."""
        self._shift += step * self._span // 2

    def zoom(self, steps: int) -> None:
        """Show less (positive) or more time; the time cursor stays in sight."""
        self._span = zoomed(self._span, steps)
        if self.at is not None:
            self.show(self.at)

    def show_span(self, span: Instant) -> None:
        """Show so much time, up to the most that a chart can show."""
        self._span = min(max(span, ZOOMS[0]), ZOOMS[-1])
        if self.at is not None:
            self.show(self.at)

    def show(self, at: Instant) -> None:
        """Put the time cursor on an instant, and the chart around it."""
        self.at = at
        axis = around(self._viewpoint.now, self._span, self._axis.width)
        self._shift = 0 if axis.start <= at < axis.end else at - self._viewpoint.now

    def to_now(self) -> None:
        """Go back to now."""
        self._shift, self.at = 0, None
