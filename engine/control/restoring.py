"""Restore a backup: the store is replaced while no engine is alive, and what it was is kept."""

import os
from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.clock import SystemClock, to_iso
from engine.config import Settings
from engine.control.actor import Actor
from engine.control.context import Context
from engine.errors import StoreError
from engine.persistence.database import Database
from engine.persistence.restoring import restore_file


class Restored(Struct, frozen=True):
    """A store that is a backup now."""

    store: Path
    kept: Path | None  # the store that was replaced; None: there was none

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {"store": str(self.store), "kept": None if self.kept is None else str(self.kept)}


def restore(settings: Settings, backup: Path, actor: Actor) -> Restored:
    """Put `backup` in the place of the store; its open instances are closed at the next start.

    Raises:
        EngineError: an engine is alive on the store.
        StoreError: the store is a server, somebody else uses it, or the backup is none.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = SystemClock()
    since = to_iso(clock.now())
    info = {"pid": os.getpid(), "since": since, "what": "tocsin restore"}
    source = backup.expanduser().absolute()
    store, kept = restore_file(source, settings.database_url, info)
    _record(settings, source, kept, actor)
    return Restored(store, kept)


def _record(settings: Settings, source: Path, kept: Path | None, actor: Actor) -> None:
    """Tell the store that it is a backup; one of an older program is upgraded at the next start."""
    try:
        database = Database.open(settings.database_url, migrate=False)
    except StoreError:
        return
    try:
        with Context(settings, database, SystemClock()).change(actor) as change:
            after = {"kept": None if kept is None else str(kept)}
            change.record("STORE-RESTORED", "store", str(source), after=after)
    finally:
        database.close()
