"""Put a backup in the place of a SQLite store, and keep what was there.

No engine may be alive on the store, and nobody else may be reading it. The backup is copied and
proved before anything is touched, and takes its place in one step: whatever happens, there is one
whole store under the name, the old one or the new one. The new one belongs to whom the old one did.
"""

import os
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

from engine.errors import StoreError
from engine.persistence import copies, engine_lock
from engine.persistence.backend import address_of
from engine.persistence.belonging import Belonging, belonging_of
from engine.persistence.migrate import APPLICATION_ID, REVISIONS

_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a store that is in use


def restore_file(backup: Path, url: str, info: dict[str, Any]) -> tuple[Path, Path | None]:
    """Put `backup` in the place of the store at `url`; return the store, and what it was moved to.

    Args:
        backup: a file that `copies.copy_file` wrote; it stays as it is.
        url: of the store; there need not be one.
        info: who holds the store meanwhile, for those who find it locked.

    Raises:
        EngineError: an engine is alive on the store.
        StoreError: the store is a server, somebody else uses it, or the backup is none.
    """
    address = address_of(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        raise StoreError("The store is a server: restore it with its own tools, as pg_restore.")
    store = Path(address.database).absolute()
    if not backup.is_file():
        raise StoreError(f"There is no backup {backup}.")
    if store.exists() and backup.samefile(store):
        raise StoreError(f"{backup} is the store itself.")
    lock, lock_file = engine_lock.EngineLock(store), engine_lock.lock_path(store)
    is_first = not lock_file.exists()
    lock.acquire(info)
    try:
        theirs = belonging_of(store)
        if is_first:
            theirs.hand_over(lock_file, alone=True)
        return store, _replace(backup, store, theirs)
    finally:
        lock.release()


def _replace(backup: Path, store: Path, theirs: Belonging) -> Path | None:
    new = store.with_name(f".{store.name}.new-{uuid.uuid4().hex[:8]}")
    try:
        copies.copy_file(backup, new)
        _check(new, backup)
        theirs.hand_over(new)
        kept = _keep(store)
        new.replace(store)
        copies.sync(store.parent)
    except OSError as error:
        raise StoreError(f"{backup} cannot be restored: {error.strerror}.") from error
    finally:
        new.unlink(missing_ok=True)
    return kept


def _check(new: Path, backup: Path) -> None:
    """Refuse what is no store of ours, or one of a newer program."""
    try:
        with closing(sqlite3.connect(new)) as copied:
            application = copied.execute("PRAGMA application_id").fetchone()[0]
            if application != APPLICATION_ID:
                raise StoreError(f"{backup} is a SQLite database, but not a tocsin store.")
            version = copied.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except (sqlite3.Error, TypeError) as error:
        raise StoreError(f"{backup} is not a tocsin store: {error}.") from error
    if version not in REVISIONS:
        raise StoreError(
            f"A newer program wrote {backup}: this one does not know its revision {version}. "
            "Update tocsin."
        )


def _keep(store: Path) -> Path | None:
    """Give the present store another name beside its own, with all that it consists of.

    None: there is none. A log that one left behind goes aside: it would be read into the new one.
    """
    kept = _free_name(store)
    is_there = store.exists()
    if is_there and _is_settled(store):
        copies.keep_as(store, kept)
        for each in _BESIDE:
            store.with_name(store.name + each).unlink(missing_ok=True)
        return kept
    for each in (*_BESIDE, ""):  # damaged: what cannot be read is kept as it is
        part = store.with_name(store.name + each)
        if part.exists():
            part.rename(kept.with_name(kept.name + each))
    return kept if is_there else None


def _is_settled(store: Path) -> bool:
    """Bring what is in the log into the file; False: the store is damaged.

    Raises:
        StoreError: somebody else uses the store.
    """
    try:
        with closing(sqlite3.connect(store, isolation_level=None)) as opened:
            opened.execute("PRAGMA locking_mode=EXCLUSIVE")
            opened.execute("BEGIN EXCLUSIVE")
            opened.execute("COMMIT")
            is_busy = opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname in {"SQLITE_BUSY", "SQLITE_LOCKED"}:
            is_busy = True
        else:
            return False
    except sqlite3.DatabaseError:
        return False
    if is_busy:
        raise StoreError(f"Somebody uses the store {store}: close the consoles on it first.")
    return True


def _free_name(store: Path) -> Path:
    """Return the first free name: `<db>.before-restore`, `<db>.before-restore.2` ..."""
    found = store.with_name(f"{store.name}.before-restore")
    number = 1
    while any(os.path.lexists(found.with_name(found.name + each)) for each in ("", *_BESIDE)):
        number += 1
        found = store.with_name(f"{store.name}.before-restore.{number}")
    return found
