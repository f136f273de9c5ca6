"""The runs of the Gantt chart: what the console knows, and what is asked for of a stretch of time.

What the console knows is no stretch: the last runs, those that go on, which may have begun days
ago, and what somebody looked for. So a stretch is asked for once, up to now; what changes from then
on, the console is told.
"""

from collections.abc import Callable

from msgspec import Struct

from app.actions.scene import Console
from app.client.desk import Desk
from app.client.views import RanView
from app.panes.viewpoint import Viewpoint
from app.presentation.gantt import Axis
from app.presentation.instants import when
from app.presentation.pieces import Piece
from app.sanitize import SafeText
from app.store.model import InstanceRow
from app.store.store import KEPT_INSTANCES
from app.widgets.paint import own
from engine.clock import Instant


class _Stretch(Struct, frozen=True):
    """What was asked for."""

    begin: Instant
    until: Instant
    only: tuple[str, ...] | None
    goes_on: bool  # up to the time of the question: what begins later, the console is told
    snapshots: int  # that the console had read by then


class _Known(Struct, frozen=True):
    """What came."""

    stretch: _Stretch
    since: Instant  # the stretch is whole from then on
    rows: dict[int, InstanceRow]
    newest: int  # that the console knew by then


class GanttRuns:
    """Asks for a stretch of time where it is not known, and tells from when on it is whole."""

    def __init__(self, console: Console, viewpoint: Viewpoint, changed: Callable[[], None]) -> None:
        self._console = console
        self._viewpoint = viewpoint
        self._changed = changed
        self._asked: _Stretch | None = None  # last
        self._known: _Known | None = None  # the last answer; None: none came yet
        self._has_failed = False

    def rows(self) -> list[InstanceRow]:
        """Return all runs that are known, in no order."""
        kept = self._console.store.instances
        more = {} if self._known is None else self._known.rows
        return [*kept.values(), *(row for key, row in more.items() if key not in kept)]

    def forget(self) -> None:
        """Ask anew when the chart is drawn next: meanwhile nobody told it anything."""
        self._asked = None

    def look_at(self, axis: Axis, only: tuple[str, ...] | None) -> None:
        """Ask for what ran on the axis where it is not known; `only`: jobs of these names."""
        now, snapshots = self._viewpoint.now, self._console.store.snapshots
        until = min(axis.end, now)
        wanted = _Stretch(axis.start, until, only, until == now, snapshots)
        if until > axis.start and not self._has_asked(wanted):
            self._ask(wanted)

    def _has_asked(self, wanted: _Stretch) -> bool:
        asked, known = self._asked, self._known
        if asked is None or (asked.only, asked.snapshots) != (wanted.only, wanted.snapshots):
            return False
        if wanted.begin < asked.begin:
            return False
        if wanted.until > asked.until and not (asked.goes_on and self._keeps_all()):
            return False
        is_cut = known is not None and known.stretch is asked and known.since > wanted.begin
        return not is_cut or wanted.until >= asked.until  # less of it leaves room for earlier runs

    def _keeps_all(self) -> bool:
        """Whether the console has given up nothing of what began since the answer."""
        newest = max(self._console.store.instances, default=0)
        return self._known is None or newest - self._known.newest < KEPT_INSTANCES

    def _ask(self, stretch: _Stretch) -> None:
        self._asked, self._has_failed = stretch, False
        store, names = self._console.store, stretch.only
        some = (
            None if names is None else [store.names[each] for each in names if each in store.names]
        )

        def came(ran: RanView) -> None:
            if stretch is self._asked:
                rows = {row.job_instanceid: row for row in ran.rows}
                self._known = _Known(stretch, ran.since, rows, max(store.instances, default=0))
                self._changed()

        def failed(error: BaseException) -> None:
            if stretch is self._asked:
                self._has_failed = True
                self._console.refused(error)
                self._changed()

        def ask(desk: Desk) -> RanView:
            return desk.ran_between(stretch.begin, stretch.until, some)

        self._console.request(ask, came, failed=failed)

    def told(self, axis: Axis) -> Piece:
        """Return what there is to tell of what is not shown: from when on the chart is whole."""
        asked, known = self._asked, self._known
        if self._has_failed:
            return own(" some are not read", "error")
        if asked is None:
            return own("")
        is_news = known is None or known.stretch.only != asked.only
        if known is None or is_news or axis.start < known.stretch.begin:
            return own(" reading ...", "muted")
        if known.since <= axis.start:
            return own("")
        point = self._viewpoint
        return Piece(SafeText(f" all since {when(known.since, point.now, point.zone)}"), "warning")
