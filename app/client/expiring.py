"""Jobs whose expiry date passes: their rows change with time alone, and nobody tells of that."""

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

    def clear(self) -> None:
        """Forget all: everything is read anew."""
        self._expiry.clear()
        self._next = 0

    def keep(self, row: JobRow) -> None:
        """Remember when a job expires."""
        if row.expiry_date is None or row.expired:
            self._expiry.pop(row.jobid, None)
        else:
            self._expiry[row.jobid] = row.expiry_date
            self._next = min(self._next, row.expiry_date)

    def passed(self, watch: "Watch", now: Instant) -> Sequence[JobRow]:
        """Return the jobs whose expiry date has passed, as they are now.

        Raises:
            StoreError: the store is out of reach.
        """
        if not self._expiry or now < self._next:
            return ()
        jobids = [jobid for jobid, expiry in self._expiry.items() if expiry <= now]
        rows = [job_row(view) for view in watch.views_of(jobids)] if jobids else []
        for jobid in jobids:
            del self._expiry[jobid]
        for row in rows:
            self.keep(row)
        self._next = min(self._expiry.values(), default=0)
        return rows
