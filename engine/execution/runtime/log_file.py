"""A job's log: appended to in whole lines, rotated by size. A full disk costs lines, never a run."""

from __future__ import annotations

import contextlib
import fcntl
import os

from .log_format import stamp

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class LogFile:
    """One job's log. The folder must exist and not be writable by jobs' users."""

    __slots__ = ("_descriptor", "_generations", "_identity", "_limit", "_lost", "_path", "_reason", "users")

    def __init__(self, path: str, limit: int, generations: int) -> None:
        self.users = 0
        self._path = path
        self._limit = limit
        self._generations = generations
        self._descriptor: int | None = None
        self._identity = (0, 0)
        self._lost = 0  # bytes that could not be written
        self._reason = ""

    def append(self, data: bytes) -> tuple[int, int] | None:
        """Append whole lines; return the byte offsets where they begin and end, None if nothing was written."""
        try:
            descriptor = self._ready()
            if self._lost:
                os.write(descriptor, self._confession())
                self._lost = 0
            written = os.write(descriptor, data)
            end = os.lseek(descriptor, 0, os.SEEK_CUR)
        except OSError as error:
            self._lose(len(data), error)
            return None
        if written < len(data):
            self._lose(len(data) - written, OSError(28, "No space left on device"))
        return end - written, end

    def _ready(self) -> int:
        if self._descriptor is not None:
            try:
                here = os.stat(self._path, follow_symlinks=False)
            except FileNotFoundError:
                self.close()
            else:
                if (here.st_dev, here.st_ino) != self._identity:
                    self.close()  # rotated by another writer
                elif self._limit and here.st_size >= self._limit:
                    self._rotate(self._descriptor)
                    self.close()
        if self._descriptor is None:
            self._descriptor = os.open(self._path, _FLAGS, 0o640)
            opened = os.fstat(self._descriptor)
            self._identity = (opened.st_dev, opened.st_ino)
        return self._descriptor

    def _rotate(self, descriptor: int) -> None:
        """Move `log` to `log.1`, `log.1` to `log.2` and so on, unless another writer just did."""
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # released by closing
        here = os.stat(self._path, follow_symlinks=False)
        if (here.st_dev, here.st_ino) != self._identity:
            return
        for number in range(self._generations - 1, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                os.rename(f"{self._path}.{number}", f"{self._path}.{number + 1}")
        if self._generations:
            os.rename(self._path, f"{self._path}.1")
        else:
            os.unlink(self._path)

    def _lose(self, size: int, error: OSError) -> None:
        self._lost += size
        self._reason = error.strerror or str(error)
        self.close()

    def _confession(self) -> bytes:
        text = f"WARN  {self._lost} bytes of this log could not be written: {self._reason}\n"
        return stamp() + text.encode()

    def close(self) -> None:
        """Close the file; the next `append` opens it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
