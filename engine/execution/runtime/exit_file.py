"""The file of exit records: on disk before the engine is told, kept until it acknowledges."""

from __future__ import annotations

import os

from .reactor import boottime

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_COMPACT_AT = 4 << 20  # bytes
_RETRY_SECONDS = 1.0  # after the disk refused


class ExitFile:
    """Ends of runs, one line of JSON each. What is added is on disk only after `sync`."""

    def __init__(self, path: str) -> None:
        """Open or make the file.

        Raises:
            OSError: it cannot be.
        """
        self.kept: dict[int, bytes] = {}  # by instance, until acknowledged
        self._path = path
        self._descriptor = os.open(path, _FLAGS, 0o600)
        self._size = 0
        self._unsynced: list[bytes] = []
        self._owed: dict[int, bytes] = {}  # told, and not on disk
        self._torn = False  # the file may end within a line
        self._next_try = 0.0  # boottime
        self._sync_folder()

    @property
    def owes(self) -> bool:
        """Whether something that nobody acknowledged waits for room on the disk."""
        return bool(self._owed)

    def _sync_folder(self) -> None:
        folder = os.open(os.path.dirname(self._path), os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def add(self, run: int, record: bytes) -> None:
        """Take the record of a run's end, a line without its newline."""
        self.kept[run] = self._owed[run] = record
        self._unsynced.append(record)

    def sync(self) -> list[bytes]:
        """Put what was added on disk, and return it: now it may be told.

        A disk that refuses keeps no end from being told: the engine's store is where it belongs in
        the end. What is not acknowledged until there is room is written then.
        """
        records, self._unsynced = self._unsynced, []
        if self._owed and (records or boottime() >= self._next_try):
            try:
                self._write()
            except OSError:
                self._next_try = boottime() + _RETRY_SECONDS
                self._torn = True
        return records

    def _write(self) -> None:
        data = b"\n".join([*self._owed.values(), b""])
        if self._torn:
            data = b"\n" + data
        _put(self._descriptor, data)
        self._size += len(data)
        self._settled()

    def _settled(self) -> None:
        self._owed.clear()
        self._torn = False

    def acknowledge(self, runs: list[int]) -> None:
        """Drop records whose runs are recorded in the store."""
        for run in runs:
            self.kept.pop(run, None)
            self._owed.pop(run, None)
        if not (self._size or self._torn) or self._unsynced:
            return
        try:
            if not self.kept:
                os.ftruncate(self._descriptor, 0)
                self._size = 0
                self._settled()
            elif self._size > _COMPACT_AT:
                self._compact()
        except OSError:
            return

    def _compact(self) -> None:
        """Write the file anew, without what was acknowledged."""
        data = b"".join([record + b"\n" for record in self.kept.values()])
        if len(data) * 2 > self._size:
            return
        fresh = self._path + ".new"
        descriptor = os.open(fresh, _FLAGS | os.O_TRUNC, 0o600)
        try:
            _put(descriptor, data)
            os.rename(fresh, self._path)
        except OSError:
            os.close(descriptor)
            raise
        os.close(self._descriptor)
        self._descriptor = descriptor
        self._size = len(data)
        self._settled()
        self._sync_folder()

    def remove(self) -> None:
        """Delete the file if nothing in it waits to be acknowledged."""
        if not self.kept:
            try:
                os.unlink(self._path)
            except OSError:
                return


def _put(descriptor: int, data: bytes) -> None:
    """Have all of it on disk.

    Raises:
        OSError: the disk refuses, and may have taken a part.
    """
    if os.write(descriptor, data) < len(data):
        raise OSError(28, "No space left on device")
    os.fdatasync(descriptor)
