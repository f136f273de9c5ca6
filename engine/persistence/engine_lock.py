"""One engine at a time on a SQLite store: a lock that the kernel frees when its holder dies.

The lock is `flock` on `<db>.engine.lock`; what the file says of the holder is for messages only.
"""

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.errors import EngineError, StoreError

_LOOKS = 10
_LOOK_SECONDS = 0.01


@lru_cache(maxsize=16)
def lock_path(database: Path) -> Path:
    """Return the lock file of a SQLite store."""
    return database.with_name(f"{database.name}.engine.lock")


class EngineLock:
    """The right to be the engine of one SQLite store."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._descriptor: int | None = None

    def acquire(self, info: Mapping[str, Any]) -> None:
        """Take the lock and write `info` (pid, host, since, key ...) into it.

        Raises:
            EngineError: another engine holds it; the text names it.
            StoreError: the lock file cannot be made.
        """
        descriptor = _open(self._database)
        if not _lock(descriptor):
            other = _read(descriptor)
            os.close(descriptor)
            raise EngineError(
                f"Another engine owns the store {self._database}: {_described(other)}."
            )
        text = json.dumps(dict(info), ensure_ascii=False).encode()
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text, 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; the file stays, empty."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def holder(database: Path) -> dict[str, Any] | None:
    """Return what the engine that owns the store says of itself; None: none is alive."""
    try:
        descriptor = os.open(lock_path(database), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        # A shared lock, for an instant: two who look must not take each other for an engine.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Take the lock; somebody may be looking at it (see `holder`), which is over in no time."""
    for _ in range(_LOOKS):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        threading.Event().wait(_LOOK_SECONDS)
    return False


def _open(database: Path) -> int:
    path = lock_path(database)
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o600)
    except OSError as error:
        raise StoreError(f"The lock {path} cannot be made: {error.strerror}.") from error


def _read(descriptor: int) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(os.pread(descriptor, 65_536, 0))
        if isinstance(found, dict):
            return found
    return {}


def _described(info: Mapping[str, Any]) -> str:
    known = [f"{key} {info[key]}" for key in ("pid", "host", "since") if key in info]
    return ", ".join(known) or "it says nothing of itself"
