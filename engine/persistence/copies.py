"""Copy a SQLite store while it is in use, and prove the copy before it gets its name."""

import errno
import os
import shutil
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from engine.errors import StoreError
from engine.persistence.belonging import belonging_of
from engine.persistence.port import Store


def copy_to(database: Store, target: Path) -> int:
    """Write one snapshot of the store to `target`, proved, and return its size in bytes.

    Raises:
        StoreError: the store is a server; `target` exists or cannot be written; the copy is bad.
    """
    if database.path is None:
        raise StoreError(
            f"{database.where} is a server: back it up with its own tools, such as pg_dump."
        )
    copy_file(database.path, target)
    return target.stat().st_size


def copy_file(source: Path, target: Path) -> None:
    """Copy the store at `source` to `target`, whole, as it was at one moment.

    The copy is sound (`integrity_check`), one file, and on the disk before it is called `target`.

    Raises:
        StoreError: `target` exists or cannot be written, or the copy is not sound.
    """
    if os.path.lexists(target):
        raise StoreError(f"{target} exists already; a backup never replaces a file.")
    new = target.with_name(f".{target.name}.new-{uuid.uuid4().hex[:8]}")
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        _copy(source, new)
        _prove(new, source)
        sync(new)
        _name(new, target)
        sync(target.parent)
    except FileExistsError as error:
        raise StoreError(f"{target} exists already; a backup never replaces a file.") from error
    except OSError as error:
        raise StoreError(f"The backup {target} cannot be written: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise StoreError(f"The store {source} cannot be copied to {target}: {error}.") from error
    finally:
        new.unlink(missing_ok=True)


def keep_as(store: Path, kept: Path) -> None:
    """Give the file of a store that nobody uses a second name; its own one always stays.

    Where a file cannot have two names the second one is that of a copy.
    """
    try:
        os.link(store, kept)
    except FileExistsError:
        raise
    except OSError:
        os.close(os.open(kept, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        try:
            shutil.copyfile(store, kept)
            belonging_of(store).hand_over(kept)
        except OSError:
            kept.unlink(missing_ok=True)
            raise


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:  # some shares know no such thing for a folder
        if error.errno != errno.EINVAL or not path.is_dir():
            raise
    finally:
        os.close(descriptor)


def _name(new: Path, target: Path) -> None:
    """Give the copy its name; fails where somebody made a file of that name meanwhile."""
    try:
        os.link(new, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, each kind of which says so in its way
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        try:
            new.replace(target)
        except OSError:
            target.unlink(missing_ok=True)
            raise


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(target)) as copied,
    ):
        original.backup(copied)  # in one step: one snapshot, which writers do not disturb
        copied.execute("PRAGMA journal_mode=DELETE")  # one file, with no log beside it


def _prove(path: Path, source: Path) -> None:
    with closing(sqlite3.connect(path)) as copied:
        found = copied.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(f"The copy of {source} is damaged ({found}): examine the store itself.")
