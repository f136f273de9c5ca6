"""The file of exit records: on disk before the engine is told, kept until it acknowledges."""

from __future__ import annotations

import os

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_COMPACT_AT = 4 << 20  # bytes


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
        self._sync_folder()

    @property
    def has_news(self) -> bool:
        """Whether something was added since the last `sync`."""
        return bool(self._unsynced)

    def _sync_folder(self) -> None:
        folder = os.open(os.path.dirname(self._path), os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def add(self, run: int, record: bytes) -> None:
        """Take the record of a run's end, a line without its newline."""
        self.kept[run] = record
        self._unsynced.append(record)

    def sync(self) -> list[bytes]:
        """Put what was added on disk, and return it: now it may be told.

        A disk that refuses keeps no end from being told: the engine's store is where it belongs in
        the end.
        """
        records, self._unsynced = self._unsynced, []
        if records:
            try:
                self._size += os.write(self._descriptor, b"\n".join([*records, b""]))
                os.fdatasync(self._descriptor)
            except OSError:
                pass
        return records

    def acknowledge(self, runs: list[int]) -> None:
        """Drop records whose runs are recorded in the store."""
        for run in runs:
            self.kept.pop(run, None)
        if not self._size or self._unsynced:
            return
        try:
            if not self.kept:
                os.ftruncate(self._descriptor, 0)
                self._size = 0
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
            os.write(descriptor, data)
            os.fdatasync(descriptor)
            os.rename(fresh, self._path)
        except OSError:
            os.close(descriptor)
            raise
        os.close(self._descriptor)
        self._descriptor = descriptor
        self._size = len(data)
        self._sync_folder()

    def remove(self) -> None:
        """Delete the file if nothing in it waits to be acknowledged."""
        if not self.kept:
            try:
                os.unlink(self._path)
            except OSError:
                return
