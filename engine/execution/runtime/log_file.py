"""Jobs' logs: appended to in whole lines, rotated by size. A full disk costs lines, never a run."""

from __future__ import annotations

import fcntl
import os

from .log_format import stamp

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class LogFile:
    """One job's log. Several processes may append to it; each sees when another has rotated it."""

    __slots__ = ("_descriptor", "_generations", "_identity", "_limit", "_lost", "_reason", "path", "users")

    def __init__(self, path: str, limit: int, generations: int) -> None:
        """Take a path; nothing is opened yet. `limit` is in bytes, 0 for none."""
        self.path = path
        self.users = 0
        self._limit = limit
        self._generations = generations
        self._descriptor: int | None = None
        self._identity = (0, 0)
        self._lost = 0  # bytes that could not be written
        self._reason = ""

    def append(self, data: bytes) -> tuple[int, int] | None:
        """Append whole lines; return the byte offsets of their beginning and end, None if they were lost."""
        try:
            descriptor = self._ready()
            if self._lost:
                os.write(descriptor, self._confession())
                self._lost = 0
            written = os.write(descriptor, data)
            end = os.lseek(descriptor, 0, os.SEEK_CUR)
        except OSError as error:
            self._lose(len(data), error.strerror or str(error))
            return None
        if written < len(data):
            self._lose(len(data) - written, "no space left")
        return end - written, end

    def _ready(self) -> int:
        for _ in range(3):  # open, perhaps find it full and rotate, open again
            if self._descriptor is None:
                self._descriptor = os.open(self.path, _FLAGS, 0o640)
                opened = os.fstat(self._descriptor)
                self._identity = (opened.st_dev, opened.st_ino)
            if self._is_current(self._descriptor):
                break
            self.close()
        if self._descriptor is None:
            self._descriptor = os.open(self.path, _FLAGS, 0o640)
        return self._descriptor

    def _is_current(self, descriptor: int) -> bool:
        try:
            here = os.stat(self.path, follow_symlinks=False)
        except FileNotFoundError:
            return False
        if (here.st_dev, here.st_ino) != self._identity:
            return False  # another writer rotated it
        if self._limit and here.st_size >= self._limit:
            self._rotate(descriptor)
            return False
        return True

    def _rotate(self, descriptor: int) -> None:
        """Move `log` to `log.1`, `log.1` to `log.2` and so on, unless another writer just did."""
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # closing it lets go
        here, ours = os.stat(self.path, follow_symlinks=False), os.fstat(descriptor)
        if (here.st_dev, here.st_ino) != (ours.st_dev, ours.st_ino):
            return
        for number in range(self._generations - 1, 0, -1):
            try:
                os.rename(f"{self.path}.{number}", f"{self.path}.{number + 1}")
            except FileNotFoundError:
                continue
        if self._generations:
            os.rename(self.path, f"{self.path}.1")
        else:
            os.unlink(self.path)

    def _lose(self, size: int, reason: str) -> None:
        self._lost += size
        self._reason = reason
        self.close()

    def _confession(self) -> bytes:
        text = f"WARN  {self._lost} bytes of this log could not be written: {self._reason}\n"
        return stamp() + text.encode()

    def close(self) -> None:
        """Close the file; the next `append` opens it again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class LogFiles:
    """The logs in use, one object for each, however many runs write to it."""

    def __init__(self, limit: int, generations: int) -> None:
        self._limit = limit
        self._generations = generations
        self._files: dict[str, LogFile] = {}

    def take(self, path: str) -> LogFile:
        """Return the log at `path`; give it back with `release`."""
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = LogFile(path, self._limit, self._generations)
        file.users += 1
        return file

    def release(self, file: LogFile) -> None:
        """Close a log that nobody uses any more."""
        file.users -= 1
        if not file.users:
            file.close()
            self._files.pop(file.path, None)
