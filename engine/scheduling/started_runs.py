"""What the supervisor tells of runs that it started: it waits for a transaction to go with.

Process number and log of a run are for looking at. A turn that writes anyway takes them along; on
their own they are written after a quarter of a second.
"""

from collections.abc import Collection

from engine.persistence import instances
from engine.persistence.instances import StartDetails
from engine.persistence.transaction import Transaction
from engine.scheduling.context import Context

_LONG = 3600.0
_PATIENCE = 0.25  # seconds


class StartedRuns:
    """Keeps how long what is known of started runs has been waiting."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._since: float | None = None  # monotonic; None: nothing waits

    def wait(self) -> float:
        """Return the seconds until what waits is written on its own."""
        return _PATIENCE if self._context.inbox.started else _LONG

    def have_waited(self) -> bool:
        """Whether something has waited for long enough."""
        if not self._context.inbox.started:
            return False
        moment = self._context.clock.monotonic()
        if self._since is None:
            self._since = moment
        return moment - self._since >= _PATIENCE

    def record(self, tx: Transaction, ended: Collection[int]) -> None:
        """Write what waits, but of the runs in `ended`, which are written whole."""
        inbox, running = self._context.inbox, self._context.running
        rows = [
            StartDetails(each.job_instanceid, each.pid, run.log_file, each.log_start)
            for each in inbox.started
            if each.job_instanceid not in ended
            and (run := running.get(each.job_instanceid)) is not None
        ]
        instances.set_started_details(tx, rows)

    def settle(self) -> None:
        """Take it that what waited is durable."""
        self._context.inbox.started.clear()
        self._since = None
