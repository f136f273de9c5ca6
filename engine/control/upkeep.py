"""Upkeep of a store: delete what is old, and copy what is there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.clock import DAY, Instant
from engine.control.actor import Actor
from engine.control.context import Context
from engine.control.job_view import iso
from engine.persistence import alerts, copies, instance_queries, jobs, requests

_BATCH = 1000  # rows of one transaction: the engine waits no longer than that takes
_KEPT_DAYS = 7.0  # answered requests and alerts that are over


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a prune deleted."""

    instances: int
    requests: int
    alerts: int

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {"instances": self.instances, "requests": self.requests, "alerts": self.alerts}


@dataclass(frozen=True, slots=True)
class Backup:
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

    def prune(self, actor: Actor, *, older_than_days: float | None = None) -> Pruned:
        """Delete finished instances that started long ago; running ones stay.

        Args:
            actor: who asks.
            older_than_days: None: each job's own retention, else the setting; a retention of 0
                keeps a job's instances for ever, unless this says otherwise.
        """
        now = self._context.clock.now()
        with self._context.read() as tx:
            found = jobs.all_jobs(tx, include_retired=True)
        deleted = 0
        for job in found:
            days = older_than_days
            if days is None:
                days = job.retention
            if days is None:
                days = self._context.settings.retention_days
            if days or older_than_days is not None:
                deleted += self._prune_job(job.jobid, now - round(days * DAY))
        old = now - round(_KEPT_DAYS * DAY)
        with self._context.change(actor) as change:
            pruned = Pruned(deleted, requests.prune(change.tx, old), alerts.prune(change.tx, old))
            change.record(
                "STORE-PRUNED",
                "store",
                "store",
                after={**pruned.as_json(), "days": older_than_days},
            )
        return pruned

    def _prune_job(self, jobid: int, older_than: Instant) -> int:
        total = 0
        while True:
            with self._context.database.begin() as tx:
                deleted = instance_queries.prune(tx, older_than, _BATCH, jobid)
            total += deleted
            if deleted < _BATCH:
                return total

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
