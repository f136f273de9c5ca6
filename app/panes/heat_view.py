"""The heat map of the schedule pane: its hours, the hour under the cursor, what is due in it."""

from collections.abc import Callable, Sequence

from app.actions.scene import Console
from app.cells import cell_width, fit
from app.client.desk import Desk
from app.client.views import Forecast
from app.panes.unread import Unread
from app.panes.viewpoint import Viewpoint
from app.presentation.agenda import agenda
from app.presentation.heat import (
    HOURS,
    HeatRow,
    busiest,
    heat_heading,
    heat_line,
    heat_rows,
    hour_at,
    quiet_hours,
    quietest,
)
from app.presentation.instants import duration, local
from app.presentation.pieces import Piece
from app.presentation.quantities import counted
from app.sanitize import SafeText, safe
from app.widgets.paint import own
from app.widgets.text_panel import Line
from engine.clock import HOUR, MINUTE, Instant

_NAMED = 6  # jobs of an hour that are named
_NAMED_LOW = 3  # where the pane has few lines
_ROOMY = 25  # lines
_NAME, _SHORT_NAME = 28, 8  # terminal cells of a name, and where there is no room
_COUNTS = 24  # terminal cells around the name: how many starts, and how long they take
_ABOVE = 2  # lines above the days
_REST_SECONDS = 2.0  # after a question that failed
_WEEK = 8  # days, of which seven days begin in the first


class HeatView:
    """Seven days of hours, one of them under the cursor."""

    def __init__(self, console: Console, viewpoint: Viewpoint, changed: Callable[[], None]) -> None:
        self._console = console
        self._viewpoint = viewpoint
        self._changed = changed
        self._rows: list[HeatRow] = []
        self._only: tuple[str, ...] | None = None  # names of jobs; None: all
        self._forecast: Forecast | None = None
        self._starts: Sequence[tuple[str, int]] = ()  # of the hour under the cursor
        self._starts_asked: tuple[Instant, Forecast] | None = None
        self._unread = Unread(console, viewpoint, "what is due in the hour")
        self._cursor: int | None = None  # cell of the heat map; None: that of now
        self._days = range(0)  # in sight
        self._width = 0

    @property
    def is_unread(self) -> bool:
        """Whether the jobs of the hour could not be read; it is tried on where it is drawn."""
        return self._unread.has_failed and self._starts_asked is None

    # -- drawing ---------------------------------------------------------------------------------

    def lines(
        self, forecast: Forecast, only: tuple[str, ...] | None, width: int, height: int
    ) -> list[Line]:
        """Return the map of a forecast of some jobs, its hour and what is due soon."""
        self._forecast, self._only = forecast, only
        view = self._viewpoint
        self._rows = rows = heat_rows(forecast.hours, forecast.since, view.zone)
        most, least = busiest(rows), quietest(rows)
        day, hour = divmod(self._cell(), HOURS)
        lines: list[Line] = [[], [Piece(heat_heading(width), "header")]]  # _ABOVE the days
        is_low = height < _ROOMY
        room = max(_WEEK, height - _ROOMY)  # days in sight; the others come with the cursor
        first = max(0, min(day - room // 2, len(rows) - room))
        self._days, self._width = range(first, min(first + room, len(rows))), width
        for index in self._days:
            cursor = hour if index == day else None
            lines.append(heat_line(rows[index], most, view.symbols, cursor, least, width))
        gap: list[Line] = [] if is_low else [[]]
        lines += [[], *self._cell_lines(_NAMED_LOW if is_low else _NAMED, width), *gap]
        notes: list[Line] = [[Piece(safe(f" {note}"), "muted")] for note in forecast.notes]
        notes += [[Piece(SafeText(f" {quiet_hours(rows)}"), "muted")]]
        return [*lines, *self._soon_lines(forecast, width), *gap, *notes]

    def _soon_lines(self, forecast: Forecast, width: int) -> list[Line]:
        view = self._viewpoint
        now = view.now
        soon = [due for due in forecast.coming if due[0] < now + 10 * MINUTE]
        coming = agenda(soon, now, view.zone, width - 2, view.symbols)
        lines: list[Line] = [[own(" Upcoming", "title")]]
        lines += [[own(" "), Piece(line.text)] for line in coming]
        if not coming:
            lines.append([own(" nothing in the next ten minutes", "muted")])
        return lines

    def _cell(self) -> int:
        """The cell under the cursor."""
        if self._cursor is not None:
            return self._cursor
        return local(self._viewpoint.now, self._viewpoint.zone).hour

    def _cell_lines(self, most: int, width: int) -> list[Line]:
        """Tell about the hour under the cursor, and name up to `most` of its jobs."""
        day, hour = divmod(self._cell(), HOURS)
        if day >= len(self._rows):
            return [[]]
        row = self._rows[day]
        number, start = row.counts[hour], row.starts[hour]
        head = f" {row.label} {hour:02}:00  "
        if number is None or start is None:
            return [[Piece(SafeText(head + "not in the window"), "muted")]]
        starts = self._starts_of(start) if number else ()
        of_jobs = f" of {counted(len(starts), 'job')}" if starts else ""
        lines: list[Line] = [
            [Piece(SafeText(f"{head}{counted(number, 'start')}{of_jobs}"), "title")]
        ]
        names = [safe(name) for name, _ in starts[:most]]
        longest = max([_NAME, *map(cell_width, names)])
        room = min(longest, max(_SHORT_NAME, width - _COUNTS))
        for shown, (name, count) in zip(names, starts, strict=False):
            job = self._viewpoint.shown(self._console.store).job(name)
            p95 = job.p95_seconds if job is not None else None
            usual = f"  p95 {duration(p95)}" if p95 else ""
            lines.append([Piece(SafeText(f"   {fit(shown, room)} x{count:<6,}{usual}"))])
        if len(starts) > most:
            lines.append([Piece(SafeText(f"   and {len(starts) - most:,} more"), "muted")])
        return lines

    def _starts_of(self, hour: Instant) -> Sequence[tuple[str, int]]:
        """Return the jobs that are due in an hour; asked for when the cursor comes there."""
        forecast, only = self._forecast, self._only
        asked = self._starts_asked
        if forecast is None or (asked is not None and asked[0] == hour and asked[1] is forecast):
            return self._starts
        if asked is None and self._unread.has_just_failed(_REST_SECONDS):
            return self._starts
        wanted = self._starts_asked = (hour, forecast)
        self._starts = ()

        def came(starts: Sequence[tuple[str, int]]) -> None:
            if self._starts_asked is wanted:
                self._starts = starts
                self._unread.is_read()
                self._changed()

        def failed(error: BaseException) -> None:
            if self._starts_asked is wanted:
                self._starts_asked = None
                self._unread.fails(error)

        def ask(desk: Desk) -> Sequence[tuple[str, int]]:
            return desk.starts_by_job(hour, hour + HOUR, only)

        self._console.request(ask, came, failed=failed)
        return self._starts

    # -- the cursor ------------------------------------------------------------------------------

    @property
    def start(self) -> Instant | None:
        """When the hour under the cursor begins; None where it is not in the window."""
        day, hour = divmod(self._cell(), HOURS)
        return self._rows[day].starts[hour] if day < len(self._rows) else None

    def step(self, hours: int) -> None:
        """Move the cursor by hours."""
        cells = max(1, len(self._rows)) * HOURS
        self._cursor = max(0, min(self._cell() + hours, cells - 1))

    def point_at(self, line: int, cell: int) -> bool:
        """Put the cursor on the hour at a cell of a line; False: there is none."""
        day, hour = line - _ABOVE, hour_at(cell, self._width)
        if not 0 <= day < len(self._days) or hour is None:
            return False
        self._cursor = self._days[day] * HOURS + hour
        return True

    def to_now(self) -> None:
        """Go back to now."""
        self._cursor = None
