"""The runs of the Gantt chart: what the console knows, and what is asked for of a stretch of time.

What the console knows is no stretch: the last runs, those that go on, which may have begun days
ago, and what somebody looked for. So a stretch is asked for once, up to now; what changes from then
on, the console is told.
"""

from collections.abc import Callable

from app.actions.scene import Console
from app.client.desk import Desk
from app.client.views import RanView
from app.panes.gantt_answer import Answer, Stretch, stretch_of
from app.panes.unread import Unread
from app.panes.viewpoint import Viewpoint
from app.presentation.gantt import Axis
from app.presentation.instants import when
from app.presentation.pieces import Piece
from app.sanitize import SafeText
from app.store.model import InstanceRow
from app.store.store import KEPT_INSTANCES, ConsoleStore
from app.widgets.paint import own

_REST_SECONDS = 1.0  # after a question that failed: to draw that it did asks nothing


class GanttRuns:
    """Asks for a stretch of time where it is not known, and tells from when on it is whole."""

    def __init__(self, console: Console, viewpoint: Viewpoint, changed: Callable[[], None]) -> None:
        self._console = console
        self._viewpoint = viewpoint
        self._changed = changed
        self._asked: Stretch | None = None  # last
        self._is_waiting = False  # for the answer to it
        self._unread = Unread(console, viewpoint, "what ran")
        self._known: Answer | None = None  # the last answer; None: none came yet

    @property
    def _shown(self) -> ConsoleStore:
        """What the console knows, or knew when the view was frozen."""
        return self._viewpoint.shown(self._console.store)

    @property
    def is_unread(self) -> bool:
        """Whether the last question failed."""
        return self._unread.has_failed

    def rows(self) -> list[InstanceRow]:
        """Return all runs that are known, in no order."""
        kept = self._shown.instances
        more = () if self._known is None else self._known.beside(kept)
        return [*kept.values(), *more]

    def forget(self) -> None:
        """Ask anew when the chart is drawn next: meanwhile nobody told it anything."""
        self._asked = None

    def look_at(self, axis: Axis, only: tuple[str, ...] | None) -> None:
        """Ask for what ran on the axis where it is not known; `only`: jobs of these names."""
        wanted = stretch_of(axis, self._viewpoint.now, only, self._shown.snapshots)
        if wanted.until > axis.start and self._may_ask(only) and not self._has_asked(wanted):
            self._ask(wanted)

    def _may_ask(self, only: tuple[str, ...] | None) -> bool:
        """Whether nothing is to come of these jobs, and no question about them failed just now.

        An answer that takes long is waited for: the chart is drawn when it comes, and asks then for
        what it lacks.
        """
        if self._asked is None or self._asked.only != only:
            return True
        return not self._is_waiting and not self._unread.has_just_failed(_REST_SECONDS)

    def _has_asked(self, wanted: Stretch) -> bool:
        asked, known = self._asked, self._known
        if asked is None or (asked.only, asked.snapshots) != (wanted.only, wanted.snapshots):
            return False
        if self._unread.has_failed or wanted.begin < asked.begin:
            return False
        if wanted.until > asked.until and not (asked.goes_on and self._keeps_all()):
            return False
        is_cut = known is not None and known.stretch is asked and known.since > wanted.begin
        return not is_cut or wanted.until >= asked.until  # less of it leaves room for earlier runs

    def _newest(self) -> int:
        return max(self._shown.instances, default=0)

    def _keeps_all(self) -> bool:
        """Whether the console has given up nothing of what began since it asked."""
        return self._known is None or self._newest() - self._known.newest < KEPT_INSTANCES

    def _ask(self, stretch: Stretch) -> None:
        if self._asked is None or self._asked.only != stretch.only:
            self._unread.forget()
        self._asked, self._is_waiting = stretch, True
        names, newest, known = stretch.only, self._newest(), self._shown.names
        some = None if names is None else [known[each] for each in names if each in known]

        def came(ran: RanView) -> None:
            if stretch is self._asked:
                self._is_waiting, self._known = False, Answer(stretch, ran, newest)
                self._unread.is_read()
                self._changed()

        def failed(error: BaseException) -> None:
            if stretch is self._asked:
                self._is_waiting = False
                self._unread.fails(error)
                self._changed()

        def ask(desk: Desk) -> RanView:
            return desk.ran_between(stretch.begin, stretch.until, some)

        self._console.request(ask, came, failed=failed)

    def told(self, axis: Axis) -> Piece:
        """Return what there is to tell of what is not shown: from when on the chart is whole."""
        asked, known = self._asked, self._known
        if asked is None:
            return own("")
        if self._unread.has_failed:
            return own(" some are not read", "error")
        is_news = known is None or known.stretch.only != asked.only
        if known is None or is_news or axis.start < known.stretch.begin:
            return own(" reading ...", "muted")
        if known.since <= axis.start:
            return own("")
        point = self._viewpoint
        return Piece(SafeText(f" all since {when(known.since, point.now, point.zone)}"), "warning")
