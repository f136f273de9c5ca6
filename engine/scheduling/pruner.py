"""Delete what is older than its retention, a little at a time, so that no due job waits for it."""

from collections import deque

from engine.clock import DAY, Instant
from engine.persistence import instance_queries, requests
from engine.persistence.transaction import Transaction
from engine.scheduling.context import Context

_EVERY_SECONDS = 3600.0
_PAUSE_SECONDS = 0.2  # between two batches
_ROWS = 500  # of one batch
_REQUESTS_DAYS = 1.0  # answers are read at once, or never


class Pruner:
    """Prunes by each job's retention, or the engine's where the job has none."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._next = context.clock.monotonic() + _PAUSE_SECONDS
        self._left: deque[tuple[int | None, float]] = deque()  # (job, days) still to be done

    def tick(self, now: Instant) -> None:
        """Delete one batch, if it is time."""
        moment = self._context.clock.monotonic()
        if moment < self._next:
            return
        if not self._left:
            self._left.extend(self._plan())
        with self._context.database.begin() as tx:
            self._batch(tx, now)
        self._next = moment + (_PAUSE_SECONDS if self._left else _EVERY_SECONDS)

    def _batch(self, tx: Transaction, now: Instant) -> None:
        rows = _ROWS
        while self._left and rows > 0:
            jobid, days = self._left[0]
            if days > 0:
                rows -= instance_queries.prune(tx, now - round(days * DAY), rows, jobid)
            if rows > 0:
                self._left.popleft()
                rows -= 1  # a query is not for nothing either
        requests.prune(tx, now - round(_REQUESTS_DAYS * DAY), _ROWS)

    def _plan(self) -> list[tuple[int | None, float]]:
        """Return what to go through: every job where one has a retention of its own, else all."""
        usual = self._context.settings.retention_days
        jobs = [entry.job for entry in self._context.agenda]
        if all(job.retention is None for job in jobs):
            return [(None, usual)]
        return [(job.jobid, usual if job.retention is None else job.retention) for job in jobs]
