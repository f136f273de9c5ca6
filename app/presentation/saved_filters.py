"""The filters that every console has, and how many jobs each lets through, counted in one pass."""

from app.store.conditions import is_overdue
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

    def add(self, row: JobRow) -> None:
        """Count one job."""
        self.overdue += is_overdue(row, self._now)
        self.never += row.last_status is None and not row.running
