"""Jobs whose due instant passed without a run: skipped, or held elsewhere; nobody tells of that."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.client.due_times import DueTimes
from app.client.rows import job_row
from app.store.model import JobRow
from engine.clock import SECOND, Instant

if TYPE_CHECKING:
    from engine.control.watch import Watch

_SHOWN = 60 * SECOND  # a due instant that passed unserved is shown that long
_LOOK = 10 * SECOND  # at the least, between two looks


class Overdue:
    """Remembers when each job is due, and reads those anew whose time has passed."""

    def __init__(self) -> None:
        self._due = DueTimes()
        self._next: Instant = 0  # when a due instant may have passed unserved, or before

    def clear(self) -> None:
        """Forget all: everything is read anew."""
        self._due.clear()
        self._next = 0

    def keep(self, row: JobRow) -> None:
        """Remember when a job is due next."""
        self._due.keep(row.jobid, row.next_at)
        if row.next_at is not None:
            self._next = min(self._next, row.next_at + _SHOWN)

    def passed(self, watch: "Watch", now: Instant) -> Sequence[JobRow]:
        """Return the jobs whose due instant passed a while ago, as they are now."""
        if now < self._next:
            return ()
        jobids = self._due.take_passed(now - _SHOWN)
        rows = [job_row(view) for view in watch.views_of(jobids)] if jobids else []
        for row in rows:
            self.keep(row)
        first = self._due.first() or now
        self._next = max(first + _SHOWN, now + _LOOK)
        return rows
