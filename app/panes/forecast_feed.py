"""The forecast that the schedule pane shows: asked for, and renewed where it is old."""

from collections.abc import Callable, Sequence

from app.actions.scene import Console
from app.client.views import Forecast
from app.panes.viewpoint import Viewpoint
from app.presentation.instants import hour_start
from engine.clock import DAY, HOUR, SECOND, Instant

WEEK = 7 * DAY
_STALE = 60 * SECOND  # a forecast older than this is asked for anew


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
        self._has_come = False  # what was asked for last

    @property
    def is_whole(self) -> bool:
        """Whether it is of all jobs and of a week."""
        return self.only is None and self.span == WEEK

    @property
    def coming(self) -> Sequence[tuple[Instant, str]]:
        """What is due when, as far as it is known."""
        return () if self.forecast is None else self.forecast.coming

    def look_at(self, only: tuple[str, ...] | None, span: Instant) -> None:
        """Forget what is known, and ask for other jobs or another span."""
        self.only, self.span = only, span
        self.forecast = None
        self.ask()

    def renew(self) -> None:
        """Ask anew where time has passed, or a job was switched or has another schedule since.

        Not in a frozen view. But at once, there too, where hours begin elsewhere now: in another
        zone, or after a clock change.
        """
        is_elsewhere = (self._hour() - self._asked[2]) % HOUR != 0
        if is_elsewhere or (self._viewpoint.still is None and self._is_old):
            self.ask()

    @property
    def _is_old(self) -> bool:
        is_late = self._viewpoint.clock.now() - self._asked_at > _STALE
        return is_late or (self._has_come and self._plans != self._console.store.plans)

    def _hour(self) -> Instant:
        """Return when the hour of now began on the viewer's clock."""
        return hour_start(self._viewpoint.now, self._viewpoint.zone)

    def ask(self) -> None:
        """Ask for it; an answer to an earlier question does not count any more."""
        self._asked_at = self._viewpoint.clock.now()
        self._plans, self._has_come = self._console.store.plans, False
        names, hours = self.only, -(-self.span // HOUR)
        hour = self._hour()
        asked = self._asked = (names, hours, hour)

        def came(forecast: Forecast) -> None:
            if asked == self._asked:
                self._has_come = True
                self.forecast = forecast
                self._changed()

        self._console.request(lambda desk: desk.forecast(hours, names, hour), came)
