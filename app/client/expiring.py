"""Jobs whose expiry date passes: their rows change with time alone, and nobody tells of that.

Where the clock is set back, those are not expired any more whose date is to come again.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.client.rows import job_row
from app.store.model import JobRow
from engine.clock import Instant

if TYPE_CHECKING:
    from engine.control.watch import Watch


class Expiring:
    """Remembers when jobs expire, and reads those anew whose time has come."""

    def __init__(self) -> None:
        self._expiry: dict[int, Instant] = {}  # of those that have not expired yet
        self._next: Instant = 0  # the first of them, or before
        self._expired: dict[int, Instant] = {}  # when the others did
        self._looked_at: Instant = 0  # what the clock showed last

    def clear(self) -> None:
        """Forget all: everything is read anew."""
        self._expiry.clear()
        self._expired.clear()
        self._next = 0

    def keep(self, row: JobRow) -> None:
        """Remember when a job expires."""
        self._expiry.pop(row.jobid, None)
        self._expired.pop(row.jobid, None)
        if row.expiry_date is None:
            return
        if row.expired:
            self._expired[row.jobid] = row.expiry_date
        else:
            self._expiry[row.jobid] = row.expiry_date
            self._next = min(self._next, row.expiry_date)

    def passed(self, watch: "Watch", now: Instant) -> Sequence[JobRow]:
        """Return the jobs whose expiry date has passed, or is to come again, as they are now.

        Raises:
            StoreError: the store is out of reach.
        """
        jobids = []
        if now < self._looked_at:
            jobids += [jobid for jobid, expiry in self._expired.items() if expiry > now]
        has_passed = self._expiry and now >= self._next
        if has_passed:
            jobids += [jobid for jobid, expiry in self._expiry.items() if expiry <= now]
        rows = [job_row(view) for view in watch.views_of(jobids)] if jobids else []
        self._looked_at = now
        for jobid in jobids:
            self._expiry.pop(jobid, None)
            self._expired.pop(jobid, None)
        for row in rows:
            self.keep(row)
        if has_passed:
            self._next = min(self._expiry.values(), default=0)
        return rows
