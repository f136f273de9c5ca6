"""The filters that every console has, and how many jobs each lets through, counted in one pass."""

from app.store.conditions import overdue_from
from app.store.model import JobRow
from engine.clock import Instant

SHIPPED_FILTERS = {
    "failing now": "status:error,crash",
    "overdue": "status:overdue",
    "running": "status:running",
    "never ran": "status:never",
    "held": "status:disabled,group-disabled,expired,inactive",
}


class FilterCounts:
    """Counts jobs as they are walked through."""

    def __init__(self, now: Instant) -> None:
        self._now = now
        self.overdue = 0
        self.never = 0
        self.until: Instant | None = None  # when one more is overdue, if no job changes before

    def add(self, row: JobRow) -> None:
        """Count one job."""
        at = overdue_from(row)
        if at is not None and at > self._now:
            self.until = at if self.until is None else min(at, self.until)
        elif at is not None:
            self.overdue += 1
        self.never += row.last_status is None and not row.running
