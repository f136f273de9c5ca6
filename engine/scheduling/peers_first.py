"""Look what peers have done, before asking the store for a job that is shared with them.

An engine whose turn comes later finds, as a rule, that another one was there. That is learned from
one cheap question, without a transaction: the cursor of the job has moved, and whoever moved it has
written what became of the due instant.
"""

from collections import deque

from engine.clock import Instant
from engine.persistence import cursors
from engine.scheduling.agenda import Entry
from engine.scheduling.context import Context


class PeersFirst:
    """Takes out of the queue what peers have accounted for."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def look(self, now: Instant) -> None:
        """Leave due jobs that it was not this engine's turn to claim first, if a peer had them.

        Raises:
            StoreError: the store is out of reach; the queue is as it was.
        """
        context, due = self._context, self._context.inbox.due
        asked = [entry for entry in due if self._is_a_peers(entry, now)]
        if not asked:
            return
        with context.database.glance() as tx:
            reached = cursors.reached(tx, [entry.job.jobid for entry in asked])
        done = {entry.job.jobid for entry in asked if _follows(entry, reached, now)}
        if not done:
            return
        context.inbox.due = deque(entry for entry in due if entry.job.jobid not in done)
        for entry in asked:
            if entry.job.jobid in done:
                entry.queued = False
                context.agenda.plan(entry, now)

    def _is_a_peers(self, entry: Entry, now: Instant) -> bool:
        """Whether nothing but the instants of its schedule makes this engine look at the job."""
        job = entry.job
        return (
            entry.owner == ""
            and self._context.agenda.turns.delay(job.jobid) > 0
            and entry.is_schedulable
            and not entry.fresh
            and entry.crashed is None
            and entry.cursor is not None
            and entry.repeat_after is None
            and (job.trigger_at is None or job.trigger_at > now)
            and (job.expiry_date is None or job.expiry_date > now)
        )


def _follows(entry: Entry, reached: dict[int, Instant], now: Instant) -> bool:
    """Move an entry's cursor to where peers have come; whether nothing is left to do."""
    until = reached.get(entry.job.jobid)
    if until is None or entry.cursor is None or until <= entry.cursor:
        return False
    entry.move_cursor(until)
    due = entry.next_due(until)
    return due is None or due > now
