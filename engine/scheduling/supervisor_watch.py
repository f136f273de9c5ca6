"""Watch that the supervisor works: one that is stopped starts nothing and tells of no end.

Its runs go on meanwhile, for this engine renews their lease. It is told to go on (SIGCONT), and an
alert stands until it does; it is not killed for it, since that would end its runs.
"""

import math

from engine.clock import Instant
from engine.errors import StoreError
from engine.events import Event, EventKind
from engine.persistence import alerts
from engine.scheduling.alerting import SUPERVISOR_SILENT
from engine.scheduling.context import Context

_EVERY_SECONDS = 1.0
_PATIENCE = 5.0  # seconds; a beat of the engine wakes it several times in a lease


class SupervisorWatch:
    """Keeps one ongoing alert of this engine in step with its supervisor."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._next = 0.0
        self._sign: float | None = None
        self._seen = 0.0  # monotonic: we were there when the sign changed
        self._is_up: bool | None = None  # the alert; None: an earlier life may have left it

    def wait(self) -> float:
        """Return that any turn is soon enough."""
        return math.inf

    def tick(self, now: Instant) -> None:
        """Look, if it is time."""
        context = self._context
        moment = context.clock.monotonic()
        if moment < self._next:
            return
        self._next, before = moment + _EVERY_SECONDS, self._next
        sign = context.executor.last_sign
        if sign is None:
            return
        overslept = moment - before > _PATIENCE  # we were frozen as well
        if sign != self._sign or overslept:
            self._sign, self._seen = sign, moment
            self._tell(0.0, now)
        elif moment - self._seen >= max(_PATIENCE, context.settings.lease_seconds):
            context.executor.thaw()
            self._tell(moment - self._seen, now)

    def _tell(self, silence: float, now: Instant) -> None:
        context = self._context
        if bool(silence) is self._is_up:
            return
        reason = (
            f"the supervisor has not answered for {silence:.0f} s: nothing is started, and what "
            "ends is not recorded; it was told to go on"
        )
        try:
            with context.database.begin() as tx:
                about = SUPERVISOR_SILENT, "engine", context.key
                if silence:
                    is_news = alerts.raise_alert(tx, *about, reason, now)
                else:
                    is_news = alerts.clear_alert(tx, *about, now)
        except StoreError:
            return  # tried again
        self._is_up = bool(silence)
        if is_news:
            kind = EventKind.ALERT_RAISED if silence else EventKind.ALERT_CLEARED
            context.journal.write(reason if silence else "the supervisor answers again", "WARN")
            context.bus.publish([Event(kind, now, SUPERVISOR_SILENT, context.key)])
