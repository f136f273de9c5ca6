"""The forecast that the schedule pane shows: asked for, and renewed where it is old."""

from collections.abc import Callable, Sequence

from app.actions.scene import Console
from app.client.desk import Desk
from app.client.views import Forecast
from app.panes.unread import Unread
from app.panes.viewpoint import Viewpoint
from app.presentation.instants import hour_start
from app.widgets.paint import own
from app.widgets.text_panel import Line
from engine.clock import DAY, HOUR, SECOND, Instant

WEEK = 7 * DAY
_STALE = 60 * SECOND  # a forecast older than this is asked for anew
_REST_SECONDS = 2.0  # after a question that failed


class ForecastFeed:
    """Asks for the forecast of some jobs; `changed` is called when one has come."""

    def __init__(self, console: Console, viewpoint: Viewpoint, changed: Callable[[], None]) -> None:
        self._console = console
        self._viewpoint = viewpoint
        self._changed = changed
        self.only: tuple[str, ...] | None = None  # names of jobs; None: all
        self.span = WEEK  # how far ahead it looks, in microseconds
        self.forecast: Forecast | None = None  # None: it has not come yet
        self._asked_at: Instant = 0
        self._asked: tuple[tuple[str, ...] | None, int, Instant] = (None, 0, 0)
        self._plans = 0  # of the store, when it was asked for
        self._is_waiting = False  # for the answer to what was asked last
        self._unread = Unread(console, viewpoint, "what is to come")

    @property
    def is_whole(self) -> bool:
        """Whether it is of all jobs and of a week."""
        return self.only is None and self.span == WEEK

    @property
    def coming(self) -> Sequence[tuple[Instant, str]]:
        """What is due when, as far as it is known."""
        return () if self.forecast is None else self.forecast.coming

    def missing(self) -> list[Line]:
        """Return a line that tells why nothing is known of what is to come; none where it is."""
        if self.forecast is not None:
            return []
        if self._unread.has_failed:
            return [[own(" what is to come cannot be read", "error")]]
        return [[own(" counting what is to come ...", "muted")]]

    def look_at(self, only: tuple[str, ...] | None, span: Instant) -> None:
        """Forget what is known, and ask for other jobs or another span."""
        self.only, self.span = only, span
        self.forecast = None
        self._unread.forget()
        self.ask()

    def renew(self) -> None:
        """Ask anew where time has passed, or a job was switched or has another schedule since.

        Not in a frozen view. But soon, there too, what could not be read yet; and at once where
        hours begin elsewhere now: in another zone, or after a clock change.
        """
        follows = self._viewpoint.still is None
        if self._unread.has_failed:
            is_due = follows or self.forecast is None or self._is_elsewhere(self.forecast.since)
            may_ask = not (self._is_waiting or self._unread.has_just_failed(_REST_SECONDS))
        else:
            is_due = (follows and self._is_old) or self._is_elsewhere(self._asked[2])
            may_ask = True
        if is_due and may_ask:
            self.ask()

    def _is_elsewhere(self, hour: Instant) -> bool:
        """Whether hours begin elsewhere now than when one began at `hour`."""
        return (self._hour() - hour) % HOUR != 0

    @property
    def _is_old(self) -> bool:
        passed = self._viewpoint.clock.now() - self._asked_at  # negative: the clock was set back
        is_late = not 0 <= passed <= _STALE
        has_come = not self._is_waiting
        return is_late or (has_come and self._plans != self._console.store.plans)

    def _hour(self) -> Instant:
        """Return when the hour of now began on the viewer's clock."""
        return hour_start(self._viewpoint.now, self._viewpoint.zone)

    def ask(self) -> None:
        """Ask for it; an answer to an earlier question does not count any more."""
        self._asked_at = self._viewpoint.clock.now()
        self._plans, self._is_waiting = self._console.store.plans, True
        names, hours = self.only, -(-self.span // HOUR)
        hour = self._hour()
        asked = self._asked = (names, hours, hour)

        def came(forecast: Forecast) -> None:
            if asked == self._asked:
                self._is_waiting, self.forecast = False, forecast
                self._unread.is_read()
                self._changed()

        def failed(error: BaseException) -> None:
            if asked == self._asked:
                self._is_waiting = False
                self._unread.fails(error)
                self._changed()

        def ask(desk: Desk) -> Forecast:
            return desk.forecast(hours, names, hour)

        self._console.request(ask, came, failed=failed)
