"""A copy of a SQLite store while it is in use, and checks of a store's own consistency."""

import os
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from engine.errors import StoreError
from engine.persistence.database import Database
from engine.persistence.transaction import Transaction

_MOST_PROBLEMS = 20


def copy_to(database: Database, target: Path) -> int:
    """Write one snapshot of the store to `target` and check it; return its size in bytes.

    The copy appears under its name only when it is whole, checked and on the disk.

    Raises:
        StoreError: the store is no file, `target` exists or cannot be written, or the copy is bad.
    """
    if database.path is None:
        raise StoreError(
            f"{database.where} is a server: back it up with its own tools, such as pg_dump."
        )
    if os.path.lexists(target):
        raise StoreError(f"{target} exists already; a backup never replaces a file.")
    new = target.with_name(f".{target.name}.new-{uuid.uuid4().hex[:8]}")
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        _copy(database, new)
        os.link(new, target)
        _sync_folder(target.parent)
    except FileExistsError:
        raise StoreError(f"{target} exists already; a backup never replaces a file.") from None
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise StoreError(f"The copy to {target} failed: {error}.") from error
    finally:
        new.unlink(missing_ok=True)
    return target.stat().st_size


def problems(tx: Transaction) -> list[str]:
    """Return what the database itself finds wrong with a SQLite store; on a server: nothing."""
    if tx.dialect != "sqlite":
        return []
    found = [str(row[0]) for row in tx.run_sql(f"PRAGMA integrity_check({_MOST_PROBLEMS})")]
    wrong = [] if found == ["ok"] else found
    orphans = tx.run_sql("PRAGMA foreign_key_check").mappings().fetchmany(_MOST_PROBLEMS)
    wrong += [
        f"row {row['rowid']} of {row['table']} refers to a row of {row['parent']} that is gone"
        for row in orphans
    ]
    return wrong


def _copy(database: Database, new: Path) -> None:
    with database.read() as tx, closing(sqlite3.connect(new)) as copy:
        source: object = tx.connection().connection.driver_connection
        if not isinstance(source, sqlite3.Connection):
            raise StoreError(f"{database.where} is not open as a SQLite file.")
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, complete in itself
        result = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if result != "ok":
        raise StoreError(f"The copy of {database.where} is damaged ({result}); it was deleted.")
    descriptor = os.open(new, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
