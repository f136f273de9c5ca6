"""When no engine was up, told by the sessions: the reason why an instant was missed."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.clock import Instant, to_iso
from engine.domain.catch_up import Downtime
from engine.domain.session import Session, SessionStatus
from engine.domain.verdict import Reason


@dataclass(slots=True)
class Downtimes:
    """Times when this engine was down, and when every engine was; newest last."""

    of_own: list[Downtime]
    of_any: list[Downtime]

    def add_correction(self, since: Instant, until: Instant) -> None:
        """Count a jump of the clock as a time when nothing could run."""
        for times in (self.of_own, self.of_any):
            times.append(Downtime(since, until, Reason.CLOCK_STEP, "the clock was set forward"))


def downtimes(sessions: Iterable[Session], key: str, now: Instant) -> Downtimes:
    """Return the gaps between sessions up to `now`, for the engine `key` and for all of them."""
    sessions = list(sessions)
    own = [session for session in sessions if session.engine_key == key]
    return Downtimes(list(_gaps(own, now)), list(_gaps(sessions, now)))


def _gaps(sessions: Iterable[Session], now: Instant) -> Iterable[Downtime]:
    end: Instant | None = None
    for session in sorted(sessions, key=lambda each: each.started):
        if end is not None and session.started > end:
            yield _down(end, session.started)
        end = max(end or 0, _last_sign(session, now))
    if end is not None and end < now:
        yield _down(end, now)


def _last_sign(session: Session, now: Instant) -> Instant:
    """Return until when a session surely lived: to its end where it closed, else its last beat."""
    if session.status is SessionStatus.ACTIVE:
        return now
    if session.status is SessionStatus.COMPLETE and session.ended is not None:
        return session.ended
    return session.beat_at


def _down(since: Instant, until: Instant) -> Downtime:
    detail = f"no engine was up from {to_iso(since)} to {to_iso(until)}"
    return Downtime(since, until, Reason.NO_ENGINE, detail)
