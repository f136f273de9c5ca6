"""A schedule revision: which schedule a job had from when to when.

Revisions are kept for ever, so the past stays checkable.

The due instants of a job are those of its revisions, each within its own window `(began_at,
ended_at]`. A revision ends when the schedule, its zone or its contract changes, when the job is
deactivated or retired, and at the expiry date (an instant at or after it is not due).

A recurring schedule counts from its anchor. Where the revision before it recurs alike it takes over
that one's anchor: a date of expiry that moves does not move the rhythm.
"""

from msgspec import Struct

from engine.clock import Instant
from engine.domain.schedule import RecurringSchedule, Schedule


class Revision(Struct, frozen=True):
    """One schedule during one stretch of time.

    Instants are due in `began_at < due <= ended_at`, `due < expires_at`.
    """

    revisionid: int
    jobid: int
    schedule: Schedule
    began_at: Instant
    ended_at: Instant | None = None  # None: in force
    expires_at: Instant | None = None  # the expiry date that was in force
    anchor_at: Instant | None = None  # taken over from the one before; None: it began anew

    @property
    def anchor(self) -> Instant:
        """From when a recurring schedule counts: anchor + k * seconds."""
        return self.began_at if self.anchor_at is None else self.anchor_at

    def goes_on_as(self, schedule: Schedule) -> bool:
        """Whether `schedule` recurs as this one does, whatever zone it is shown in."""
        own = self.schedule
        return (
            isinstance(own, RecurringSchedule)
            and isinstance(schedule, RecurringSchedule)
            and own.seconds == schedule.seconds
        )
