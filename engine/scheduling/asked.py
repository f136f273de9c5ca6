"""One request of an operator on its way through a turn."""

from typing import Any

from msgspec import Struct

from engine.clock import Instant
from engine.domain.eligibility import RunningInstance
from engine.domain.request import Request
from engine.persistence import audit
from engine.persistence.transaction import Transaction
from engine.scheduling.agenda import Entry
from engine.scheduling.context import Context, Effects
from engine.scheduling.wanted import Claimed


class Asked(Struct):
    """A request with the transaction that answers it."""

    tx: Transaction
    request: Request
    now: Instant
    effects: Effects
    context: Context
    claimed: list[Claimed]  # the runs that requests of this turn started

    def running_of(self, entry: Entry) -> list[RunningInstance]:
        """Return the instances of a job that run in this engine, or were claimed in this turn."""
        begun = [run for each in self.claimed for _, run in each.runs]
        return self.context.running_of(entry) + [
            self.context.as_running(run) for run in begun if run.job.jobid == entry.job.jobid
        ]

    def audit(self, event: str, object_type: str, object_name: str, after: Any) -> None:
        """Record what the request did."""
        audit.add(
            self.tx,
            event=event,
            object_type=object_type,
            object_name=object_name,
            who=self.request.who,
            source=self.request.source,
            created=self.now,
            after=after,
        )
