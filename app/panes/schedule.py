"""Pane 6: when things run: a heat map of the days to come, a Gantt chart around now, an agenda."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial

from textual.app import ComposeResult

from app.actions.scene import Console, Selection
from app.overlays.choice import Choice
from app.overlays.entries import Entry
from app.panes.agenda_view import AgendaView
from app.panes.forecast_feed import WEEK, ForecastFeed
from app.panes.gantt_view import GanttView
from app.panes.heat_view import HeatView
from app.panes.line_anchor import LineAnchor
from app.panes.pane import Pane
from app.panes.viewpoint import Viewpoint
from app.presentation.heat import HOURS
from app.presentation.instants import span_text
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.widgets.list_panel import ListPanel
from app.widgets.paint import own
from app.widgets.panel import Panel
from engine.clock import Instant

_VIEWS = ("heatmap", "gantt", "agenda")
_NAMED = 3  # jobs


class SchedulePane(Pane):
    """Three views of the same forecast."""

    name_of_pane = "schedule"

    def __init__(self, console: Console, viewpoint: Viewpoint) -> None:
        super().__init__(console)
        self.viewpoint = viewpoint
        self.view_name = _VIEWS[0]
        self.list = ListPanel(id="schedule-list")
        self.list.opened, self.list.clicked = self.open, self._clicked
        self._anchor = LineAnchor(self.list)
        self._feed = ForecastFeed(console, viewpoint, self._draw)
        self.heat = HeatView(console, viewpoint, self._draw)
        self.gantt = GanttView(console, viewpoint, self._draw_all)
        self.agenda = AgendaView(viewpoint)

    def compose(self) -> ComposeResult:
        """One list of lines."""
        yield self.list

    @property
    def parts(self) -> Sequence[Panel]:
        """The list."""
        return (self.list,)

    # -- data ------------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """Ask for what ran, and for the forecast where it is old."""
        self.gantt.read_anew()
        self._draw()
        if self._feed.forecast is None:
            self._feed.ask()
        else:
            self._feed.renew()

    def show_only(self, names: tuple[str, ...] | None) -> None:
        """Show the schedule of some jobs; None: of all."""
        self._feed.look_at(names, self._feed.span)
        self._draw()

    def narrow(self, span: Instant) -> None:
        """Look so far ahead, in each of the views."""
        self.gantt.show_span(span)
        self._feed.look_at(self._feed.only, span)
        self._draw()

    def tick(self) -> None:
        """Time goes on."""
        self.read_again()
        if self.view_name == "gantt":
            self._draw()

    def read_again(self) -> None:
        """Read again what could not be read yet: a view asks for what it lacks when it is drawn."""
        self._feed.renew()
        unread = {"heatmap": self.heat.is_unread, "gantt": self.gantt.is_unread}
        if unread.get(self.view_name):
            self._draw()

    def selection(self) -> Selection:
        """Return the jobs under the cursor."""
        store = self.console.store
        names: Sequence[str] = ()
        index = self.list.cursor
        if self.view_name == "gantt" and self._gantt_name():
            names = (self._gantt_name(),)
        elif self.view_name == "agenda":
            names = self.agenda.names(index)
        rows = tuple(row for row in map(store.job, names) if row is not None)
        return Selection(jobs=rows, is_gone=bool(names) and not rows)

    # -- drawing ---------------------------------------------------------------------------------

    def _draw(self) -> None:
        draw: dict[str, Callable[[], None]] = {
            "heatmap": self._draw_heatmap,
            "gantt": self._draw_gantt,
            "agenda": self._draw_agenda,
        }
        draw[self.view_name]()

    def _draw_all(self) -> None:
        self._draw()
        self.console.show_frame()

    def _draw_heatmap(self) -> None:
        self.list.has_cursor = False
        forecast = self._feed.forecast
        if forecast is None:
            self.list.show(self._feed.missing())
            return
        if not forecast.hours:  # of a moment of the past
            self.list.show([[], *([Piece(safe(f" {each}"), "muted")] for each in forecast.notes)])
            return
        width, height = self.list.body.width, self.list.body.height
        self.list.show(self.heat.lines(forecast, self._feed.only, width, height))

    def _draw_gantt(self) -> None:
        self.list.has_cursor = True
        if self.list.cursor and self._anchor.key is None:
            self._choose_row()  # the wheel went there
        lines, head = self.gantt.lines(self._feed.coming, self._feed.only, self.list.body.width)
        lines = lines or self._feed.missing() or [self.gantt.nothing()]
        # Until all rows have come the first one is no choice, and one to return to may be missing.
        is_kept = self._feed.forecast is not None or self._anchor.key in self.gantt.names
        self._anchor.show(self.gantt.names if is_kept else (), lines, [head])

    def _choose_row(self) -> None:
        """Keep the cursor on the row of the chart that somebody put it on, be it the first one."""
        if self.view_name == "gantt":
            self._anchor.stand_on(self._gantt_name() or None)

    def _gantt_name(self) -> str:
        names, index = self.gantt.names, self.list.cursor
        return names[index] if index < len(names) else ""

    def _draw_agenda(self) -> None:
        missing = self._feed.missing()
        self.list.has_cursor = not missing
        lines = self.agenda.lines(self._feed.coming, self.list.body.width)
        if missing:
            self._anchor.pause()
            self.list.show(missing)
            return
        self._anchor.show(self.agenda.keys(), lines or [[own(" nothing is due", "muted")]], ())

    # -- keys ------------------------------------------------------------------------------------

    def cycle_view(self) -> None:
        """Show heat map, Gantt chart, agenda in turn."""
        self.show_view(_VIEWS[(_VIEWS.index(self.view_name) + 1) % len(_VIEWS)])

    def show_view(self, name: str) -> None:
        """Show one of the three."""
        if name in _VIEWS:
            self.view_name = name
            self._anchor.forget()
            self._draw()

    def zoom_time(self, steps: int) -> None:
        """Show less (positive) or more time."""
        self.gantt.zoom(steps)
        self._draw()

    def shift_time(self, step: int) -> None:
        """Move the Gantt chart by half a width, the heat map's cursor by a day."""
        if self.view_name == "heatmap":
            self._move_hour(step * HOURS)
        else:
            self.gantt.shift(step)
            self._draw()

    def to_now(self) -> None:
        """Go back to now."""
        self.heat.to_now()
        self.gantt.to_now()
        self._draw()

    def _move_hour(self, step: int) -> None:
        self.heat.step(step)
        self._draw()

    def move(self, motion: str) -> bool:
        """Move the cursor: a cell of the heat map, a row of the others."""
        if self.view_name == "heatmap":
            steps = {"left": -1, "right": 1, "up": -HOURS, "down": HOURS}
            if motion in steps:
                self._move_hour(steps[motion])
                return True
        if self.view_name == "gantt" and motion in {"left", "right"}:
            self.gantt.step(1 if motion == "right" else -1)
            self._draw_all()
            return True
        if not self.list.move(motion):
            return False
        self._choose_row()
        return True

    def _clicked(self, line: int, cell: int) -> bool:
        """Put the cursor on the hour or the time that was clicked."""
        is_there = line >= 0
        if self.view_name == "heatmap":
            is_there = self.heat.point_at(line, cell)
        elif self.view_name == "gantt":
            self.gantt.point_at(cell)
            if is_there:
                self._choose_row()
        self._draw_all()
        return is_there

    def open(self) -> None:
        """Go to the agenda of the hour, to the log at the time cursor, or to a job."""
        if self.view_name == "heatmap":
            self._open_hour()
        elif self.view_name == "gantt":
            self._open_log()
        else:
            self._open_job()

    def _open_hour(self) -> None:
        """Show the agenda from the hour under the cursor on."""
        start = self.heat.start
        self.show_view("agenda")
        if start is not None:
            self.list.move_to(self.agenda.index_from(start))

    def _open_log(self) -> None:
        """Open the log of the run, or of the job, under the time cursor."""
        name, at = self._gantt_name(), self.gantt.at
        if not name:
            return
        row, chosen = self.gantt.instance_at(name), self.selection()
        if row is None and chosen.is_gone:
            self.console.perform("logs.output", selection=chosen)  # which says so
            return
        subject = f"job {name}" if row is None else f"instance {row.job_instanceid}"
        self.console.go("logs")
        begin = at if row is None or at is None else max(at, row.started)
        self.console.pane_named("logs").show_subject(subject, begin)

    def _open_job(self) -> None:
        """Go to the job of the line, or let one of several be chosen."""
        chosen = self.selection()
        names = [job.name for job in chosen.jobs]
        if len(names) > 1:
            entries = [Entry(name, partial(self.console.go_to, "jobs", name)) for name in names]
            self.console.open(Choice("Go to which job?", entries, key_width=0))
        elif names or chosen.is_gone:
            self.console.perform("go.job", selection=chosen)

    def show_time(self, at: Instant) -> None:
        """Show the Gantt chart around an instant, the time cursor on it."""
        self.show_view("gantt")
        self.gantt.show(at)
        self._draw_all()

    def as_of(self, at: Instant) -> None:
        """Show the Gantt chart around that moment."""
        self.show_time(at)

    def leave(self) -> bool:
        """Show all jobs and seven days again first."""
        if self._feed.is_whole:
            return False
        self._feed.look_at(None, WEEK)
        self._draw()
        return True

    def info_pieces(self) -> Sequence[Piece]:
        """Return which view, of what, around when."""
        pieces = [own(" view: ")]
        for name in _VIEWS:
            role = "tab" if name == self.view_name else "muted"
            pieces += [own(f" {name} ", role), own(" ")]
        feed = self._feed
        names = feed.only or ()
        more = f" +{len(names) - _NAMED}" if len(names) > _NAMED else ""
        jobs = "all jobs" if feed.only is None else ", ".join(names[:_NAMED]) + more
        told = Piece(safe(f"  {jobs}"))
        if self.view_name == "gantt":  # whose axis tells the span
            return [*pieces, told, own("\t"), *self.gantt.told(self._gantt_name())]
        role = "muted" if feed.span == WEEK else "match"
        span = Piece(SafeText(f"  next {span_text(feed.span)}"), role)
        way_out = [] if feed.is_whole else [own("  esc: all, 7d", "muted")]
        return [*pieces, span, told, own("\t"), *way_out]

    def info_actions(self) -> Sequence[str]:
        """Return what shows each of the views by its name."""
        return ["", *(each for name in _VIEWS for each in (f"schedule.{name}", ""))]

    def place(self) -> tuple[str, tuple[str, ...] | None, Instant, Hashable | None]:
        """Return what is shown, and what the cursor is on."""
        return self.view_name, self._feed.only, self._feed.span, self._anchor.key

    def restore(self, place: tuple[str, tuple[str, ...] | None, Instant, Hashable | None]) -> None:
        """Show it again."""
        name, only, span, key = place
        if (only, span) != (self._feed.only, self._feed.span):
            self._feed.look_at(only, span)
        self.show_view(name)
        self._anchor.stand_on(key)
