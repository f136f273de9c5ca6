"""Sessions: every life of every engine on this store."""

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from engine.clock import Instant
from engine.control.actor import Actor
from engine.control.context import Context
from engine.control.job_view import iso
from engine.control.living import Living
from engine.domain.session import Session, SessionStatus
from engine.persistence import instances, sessions

if TYPE_CHECKING:
    from engine.control.forgetting import Forgotten


class SessionView(Struct, frozen=True):
    """One session, and whether its engine is alive."""

    session: Session
    is_alive: bool
    running: int  # instances in progress
    lost_at: Instant | None = None  # when its lease ran out, where nobody has rescued it yet

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        session = self.session
        return {
            "sessionid": session.sessionid,
            "instance": session.engine_key,
            "host": session.host,
            "pid": session.pid,
            "version": session.version,
            "status": str(session.status),
            "alive": self.is_alive,
            "mode": session.mode,
            "running": self.running,
            "started": iso(session.started),
            "ended": iso(session.ended),
            "beat": iso(session.beat_at),
            "lease_seconds": session.lease_seconds,
            "lost": iso(self.lost_at),
        }


class Sessions:
    """The service of sessions."""

    def __init__(self, context: Context, living: Living) -> None:
        self._context = context
        self._living = living

    def all(self, *, since: Instant | None = None, limit: int = 100) -> list[SessionView]:
        """Return the last sessions, the newest first; active ones whatever `since` says."""
        now = self._context.clock.now()
        alive = {each.sessionid for each in self._living.engines()}
        with self._context.read() as tx:
            found = sessions.all_sessions(tx)
            open_ones = instances.all_open(tx)
        kept = [
            each
            for each in sorted(found, key=lambda each: -each.sessionid)
            if since is None or each.ended is None or each.ended >= since
        ]
        return [
            SessionView(
                each,
                each.sessionid in alive,
                sum(1 for instance in open_ones if instance.sessionid == each.sessionid),
                _lost_at(each, now, is_alive=each.sessionid in alive),
            )
            for each in kept[:limit]
        ]

    def forget(self, engine_key: str, actor: Actor) -> "Forgotten":
        """End the accounts of an engine that was removed for good; nothing is due for it then.

        Raises:
            NotFoundError: no engine of this key is known.
            EngineError: it is alive, or its last session was not rescued yet.
        """
        from engine.control.forgetting import forget

        return forget(self._context, self._living, engine_key, actor)


def _lost_at(session: Session, now: Instant, *, is_alive: bool) -> Instant | None:
    is_open = session.status is SessionStatus.ACTIVE and not is_alive
    return session.lease_ends if is_open and session.lease_ends <= now else None
