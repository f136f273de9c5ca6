"""Upkeep of a store: delete what is old, and copy what is there."""

from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from engine.clock import Instant
from engine.control.actor import Actor
from engine.control.context import Context
from engine.control.job_view import iso
from engine.persistence import copies, pruning
from engine.persistence.pruning import Deleted

_BATCH = 1000  # rows of one transaction: the engine waits no longer than that takes


class Backup(Struct, frozen=True):
    """A copy of the store."""

    path: Path
    size: int  # bytes
    created: Instant

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {"file": str(self.path), "size": self.size, "created": iso(self.created)}


class Upkeep:
    """The service of upkeep."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def prune(self, actor: Actor, *, older_than_days: float | None = None) -> Deleted:
        """Delete finished instances that started long ago; running ones stay.

        Args:
            actor: who asks.
            older_than_days: None: each job's own retention, else the setting; a retention of 0
                keeps a job's instances for ever, unless this says otherwise.
        """
        context = self._context
        with context.read() as tx:
            usual = context.settings.retention_days
            work = pruning.plan(tx, context.clock.now(), usual, older_than_days)
        deleted = Deleted()
        while not work.is_done:
            with context.database.begin() as tx:
                deleted += work.batch(tx, _BATCH)
        with context.change(actor) as change:
            after = {**asdict(deleted), "days": older_than_days}
            change.record("STORE-PRUNED", "store", "store", after=after)
        return deleted

    def backup(self, path: Path, actor: Actor) -> Backup:
        """Copy the store to a file while it is in use, and check the copy.

        Raises:
            StoreError: the store is a server, or `path` exists or cannot be written.
        """
        target = path.expanduser().absolute()
        size = copies.copy_to(self._context.database, target)
        with self._context.change(actor) as change:
            change.record("STORE-BACKED-UP", "store", str(target), after={"size": size})
            return Backup(target, size, change.now)
