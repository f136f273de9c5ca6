"""When no engine was up, told by the sessions: the reason why an instant was missed."""

from collections.abc import Iterable

from msgspec import Struct

from engine.clock import Instant
from engine.domain.catch_up import Downtime
from engine.domain.downtime import gaps
from engine.domain.session import Session
from engine.domain.verdict import Reason


class Downtimes(Struct):
    """Times when this engine was down, and when every engine was; newest last."""

    of_own: list[Downtime]
    of_any: list[Downtime]

    def lived_until(self, started: Instant) -> Instant:
        """Return until when any engine was up before the session that began at `started`."""
        before = (each.since for each in reversed(self.of_any) if each.until == started)
        return next(before, started)

    def add_correction(self, since: Instant, until: Instant) -> None:
        """Count a jump of the clock as a time when nothing could run."""
        for times in (self.of_own, self.of_any):
            times.append(Downtime(since, until, Reason.CLOCK_STEP, "the clock was set forward"))


def downtimes(sessions: Iterable[Session], key: str, now: Instant) -> Downtimes:
    """Return the gaps between sessions up to `now`, for the engine `key` and for all of them."""
    sessions = list(sessions)
    own = [session for session in sessions if session.engine_key == key]
    return Downtimes(list(gaps(own, now, _lives)), list(gaps(sessions, now, _lives)))


def _lives(session: Session) -> bool:
    """Believe the store: an engine that starts has just declared the dead ones dead."""
    del session
    return True
