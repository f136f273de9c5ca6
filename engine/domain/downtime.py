"""When no engine was up, told by the sessions: the reason why an instant was missed."""

from collections.abc import Callable, Iterable, Iterator

from engine.clock import Instant, to_text
from engine.domain.catch_up import Downtime
from engine.domain.session import Session, SessionStatus
from engine.domain.verdict import Reason

IsAlive = Callable[[Session], bool]


def gaps(sessions: Iterable[Session], now: Instant, is_alive: IsAlive) -> Iterator[Downtime]:
    """Yield the times between `sessions` up to `now`, oldest first; none before the first session.

    `is_alive` tells of a session that is ACTIVE in the store whether its engine still lives.
    """
    end: Instant | None = None
    for session in sorted(sessions, key=lambda each: each.started):
        if end is not None and session.started > end:
            yield _down(end, session.started)
        end = max(end or 0, last_sign(session, now, is_alive))
    if end is not None and end < now:
        yield _down(end, now)


def last_sign(session: Session, now: Instant, is_alive: IsAlive) -> Instant:
    """Return until when a session surely lived: to its end where it closed, else its last beat."""
    if session.status is SessionStatus.ACTIVE and is_alive(session):
        return now
    if session.status is SessionStatus.COMPLETE and session.ended is not None:
        return session.ended
    return session.beat_at


def _down(since: Instant, until: Instant) -> Downtime:
    detail = f"no engine was up from {to_text(since)} to {to_text(until)}"
    return Downtime(since, until, Reason.NO_ENGINE, detail)
