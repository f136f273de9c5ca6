"""A schedule revision: which schedule a job had from when to when.

Revisions are kept for ever, so the past stays checkable.

The due instants of a job are those of its revisions, each within its own window `(began_at,
ended_at]`. A revision ends when the schedule, its zone or its contract changes, when the job is
deactivated or retired, and at the expiry date (an instant at or after it is not due).
"""

from msgspec import Struct

from engine.clock import Instant
from engine.domain.schedule import Schedule


class Revision(Struct, frozen=True):
    """One schedule during one stretch of time.

    Instants are due in `began_at < due <= ended_at`, `due < expires_at`.
    """

    revisionid: int
    jobid: int
    schedule: Schedule
    began_at: Instant  # and the anchor of a recurring schedule: began_at + k * seconds
    ended_at: Instant | None = None  # None: in force
    expires_at: Instant | None = None  # the expiry date that was in force
