"""A session: one life of one engine process (semantics: sessions)."""

from enum import StrEnum

from msgspec import Struct

from engine.clock import SECOND, Instant

HANDED_OVER = "handed over"  # a mode: the engine ended by its own word, its runs may go on


class SessionStatus(StrEnum):
    """The four that Qorus has."""

    ACTIVE = "ACTIVE"
    COMPLETE = "COMPLETE"
    ABNORMAL = "ABNORMAL TERMINATION"
    RECOVERED = "RECOVERED"


class Session(Struct, frozen=True):
    """One row of `sessions`."""

    sessionid: int
    engine_key: str  # the instance key of the engine
    host: str
    pid: int
    boot_id: str
    pid_started: int  # field 22 of /proc/PID/stat: tells a reused pid apart
    version: str
    status: SessionStatus
    started: Instant
    ended: Instant | None
    beat_seq: int  # liveness: watched by peers on their own clock, never compared with time
    beat_at: Instant  # for showing only
    lease_seconds: float
    mode: str = "running"  # running, paused, draining, stopping, handed over
    supervisor: str = ""  # where its supervisor can be reached

    @property
    def lease_ends(self) -> Instant:
        """When its lease runs out unless it is renewed; for showing only, as `beat_at`."""
        return self.beat_at + round(self.lease_seconds * SECOND)
