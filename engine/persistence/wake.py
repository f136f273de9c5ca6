"""Wake the engine of a store, from any process. A hint only: the engine also looks by itself.

On SQLite it is a named pipe beside the file, `<db>.wake`; on PostgreSQL it is NOTIFY.
"""

import contextlib
import os
import stat
from pathlib import Path
from typing import Protocol

from engine.errors import StoreError
from engine.persistence.database import Database

_ENOUGH = 65_536  # what a pipe holds


class _Source(Protocol):
    def fileno(self) -> int: ...

    def drain(self) -> None: ...

    def close(self) -> None: ...


class WakeListener:
    """Becomes readable when somebody woke this store's engine. Its descriptor stays the same."""

    def __init__(self, database: Database) -> None:
        self._source = _source(database)

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._source.fileno()

    def drain(self) -> None:
        """Forget the wakes so far; called before looking at what they were about."""
        self._source.drain()

    def close(self) -> None:
        """Listen no more."""
        self._source.close()


def wake(database: Database) -> bool:
    """Wake the engine; False: nobody listens, or that cannot be told. Never waits for it."""
    if database.path is not None:
        return _write_pipe(wake_path(database.path))
    from engine.persistence.notify import notify

    return notify(database)


def wake_path(database: Path) -> Path:
    """Return the named pipe of a SQLite store."""
    return database.with_name(f"{database.name}.wake")


class _Pipe:
    def __init__(self, path: Path) -> None:
        # Opened for reading and writing, so that it is never at its end when a writer goes.
        self._descriptor = os.open(_made(path), os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def fileno(self) -> int:
        return self._descriptor

    def drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while len(os.read(self._descriptor, _ENOUGH)) == _ENOUGH:
                pass

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _source(database: Database) -> _Source:
    if database.path is not None:
        return _Pipe(wake_path(database.path))
    from engine.persistence.notify import NotifyListener

    return NotifyListener(database)


def _made(path: Path) -> Path:
    try:
        with contextlib.suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        if stat.S_ISFIFO(path.lstat().st_mode):
            return path
    except OSError as error:
        raise StoreError(f"The pipe {path} cannot be made: {error.strerror}.") from error
    raise StoreError(f"{path} is in the way: the engine's wake pipe goes there. Remove it.")


def _write_pipe(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:  # no pipe, or nobody reads it: no engine lives
        return False
    try:
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return False
        with contextlib.suppress(BlockingIOError):  # full: it is awake already
            os.write(descriptor, b"!")
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
