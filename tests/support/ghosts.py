"""An engine that died out of sight: its session looks alive until its lease ends."""

from engine.clock import SystemClock
from engine.domain.session import Session, SessionStatus
from engine.persistence import sessions
from engine.persistence.database import Database


def leave_a_dead_engine(url: str, lease_seconds: float, mode: str = "running") -> None:
    """Leave the session of engine 'main', pid 8 on host 'elsewhere', which beat just now."""
    now = SystemClock().now()
    database = Database.open(url)
    with database.begin() as tx:
        dead = Session(
            sessionid=0,
            engine_key="main",
            host="elsewhere",
            pid=8,
            boot_id="another boot",
            pid_started=1,
            version="0",
            status=SessionStatus.ACTIVE,
            started=now,
            ended=None,
            beat_seq=1,
            beat_at=now,
            lease_seconds=lease_seconds,
            mode=mode,
        )
        sessions.open_session(tx, dead)
    database.close()
