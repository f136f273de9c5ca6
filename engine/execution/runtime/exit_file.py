"""The file of exit records: on disk before the engine is told, kept until it acknowledges."""

from __future__ import annotations

import contextlib
import os

_COMPACT_AT = 4 << 20  # bytes


class ExitFile:
    """Records of runs that ended, one line of JSON each. `add` is durable only after `sync`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._size = 0
        self._unsynced: list[bytes] = []
        self.kept: dict[int, bytes] = {}  # by instance, until acknowledged

    def add(self, run: int, record: bytes) -> None:
        """Take the record of a run's end, a line without its newline."""
        self.kept[run] = record
        self._unsynced.append(record)

    def sync(self) -> list[bytes]:
        """Put what was added on disk, and return it: now it may be told.

        A disk that refuses does not keep an end from being told: the engine's store is the better place anyway.
        """
        records, self._unsynced = self._unsynced, []
        if not records:
            return records
        data = b"\n".join(records) + b"\n"
        with contextlib.suppress(OSError):
            written = os.write(self._descriptor, data)
            self._size += written
            os.fdatasync(self._descriptor)
        return records

    def acknowledge(self, runs: list[int]) -> None:
        """Drop records whose runs are recorded in the store."""
        for run in runs:
            self.kept.pop(run, None)
        if not self._size or self._unsynced:
            return
        with contextlib.suppress(OSError):
            if not self.kept:
                os.ftruncate(self._descriptor, 0)
                self._size = 0
            elif self._size > _COMPACT_AT:
                self._compact()

    def _compact(self) -> None:
        data = b"".join(record + b"\n" for record in self.kept.values())
        if len(data) * 2 > self._size:
            return
        fresh = self._path + ".new"
        descriptor = os.open(
            fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        os.write(descriptor, data)
        os.fdatasync(descriptor)
        os.rename(fresh, self._path)
        os.close(self._descriptor)
        self._descriptor = descriptor
        self._size = len(data)

    def remove(self) -> None:
        """Delete the file if nothing in it waits to be acknowledged."""
        if not self.kept:
            with contextlib.suppress(OSError):
                os.unlink(self._path)
