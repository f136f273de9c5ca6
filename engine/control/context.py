"""What every service of the system API stands on: the store, the clock, and one form of change.

A change is one transaction with its audit rows; after it is durable the engine is woken. Services
never hold a transaction open between calls.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from msgspec import Struct

from engine.clock import Clock, Instant
from engine.config import Settings
from engine.control.actor import Actor
from engine.control.outcome import Outcome, attempt
from engine.errors import StoreError
from engine.persistence import audit, wake
from engine.persistence.database import Database
from engine.persistence.transaction import Transaction

_BATCH = 100  # items of a batch call in one transaction: the engine waits no longer than that takes


class Change(Struct, frozen=True):
    """A transaction in which one operator changes something."""

    tx: Transaction
    actor: Actor
    now: Instant

    def record(
        self,
        event: str,
        object_type: str,
        object_name: str,
        *,
        before: Any = None,
        after: Any = None,
        reason: str = "",
    ) -> None:
        """Add the audit row of what this change did."""
        audit.add(
            self.tx,
            event=event,
            object_type=object_type,
            object_name=object_name,
            who=self.actor.who,
            source=self.actor.source,
            before=before,
            after=after,
            reason=reason,
            created=self.now,
        )


class Context(Struct, frozen=True):
    """The store and the clock that the services share."""

    settings: Settings
    database: Database
    clock: Clock

    def read(self) -> AbstractContextManager[Transaction]:
        """Return a short read of the store: one snapshot."""
        return self.database.read()

    @contextmanager
    def change(self, actor: Actor) -> Iterator[Change]:
        """Make one change durable, then wake the engine.

        Its time is after that of whatever was being claimed, and before that of the next claim.
        """
        with self.database.begin() as tx:
            tx.exclude_claims()
            yield Change(tx, actor, self.clock.now())
        wake.wake(self.database)

    def each(
        self, names: Sequence[str], actor: Actor, act: Callable[[Change, str], str]
    ) -> list[Outcome]:
        """Change each name and return one outcome each; `act` refuses before it writes anything.

        Where the store itself fails, all that shared its transaction failed: none of it was kept.
        """
        outcomes: list[Outcome] = []
        for start in range(0, len(names), _BATCH):
            batch = names[start : start + _BATCH]
            try:
                with self.change(actor) as change:
                    told = [attempt(name, partial(act, change, name)) for name in batch]
            except StoreError as error:
                told = [
                    Outcome(name, ok=False, message=error.message, code=error.code)
                    for name in batch
                ]
            outcomes.extend(told)
        return outcomes
