"""Jobs' logs: appended to in whole lines, rotated by size. A full disk costs lines, never a run.

Places in a log are counted in bytes from its very beginning, rotated files included: each file but
the first one says in its first line at which byte it begins. So a place stays right however often
the log is rotated.
"""

from __future__ import annotations

import fcntl
import os

from .log_format import stamp

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_HEADER = b"LOG   begins at byte "
_HEADER_SIZE = 80  # bytes are enough to read it


def header(base: int) -> bytes:
    """Return the first line of a file that begins at byte `base` of its log."""
    return stamp() + _HEADER + b"%d\n" % base


def base_in(beginning: bytes) -> int:
    """Return at which byte of its log a file begins, from its own first bytes."""
    line, newline, _ = beginning[:_HEADER_SIZE].partition(b"\n")
    _, found, number = line.partition(b" " + _HEADER)
    return int(number) if newline and found and number.isdigit() else 0


class LogFile:
    """One job's log. Several processes may append to it; each sees when another has rotated it."""

    __slots__ = (
        "_base",
        "_descriptor",
        "_generations",
        "_identity",
        "_is_torn",
        "_limit",
        "_lost",
        "_reason",
        "path",
        "users",
    )

    def __init__(self, path: str, limit: int, generations: int) -> None:
        """Take a path; nothing is opened yet. `limit` is in bytes, 0 for none."""
        self.path = path
        self.users = 0
        self._limit = limit
        self._generations = generations
        self._descriptor: int | None = None
        self._identity = (0, 0)
        self._base = 0  # where in the log the file begins
        self._lost = 0  # bytes that could not be written
        self._is_torn = False  # the last line is there in part
        self._reason = ""

    def append(self, data: bytes) -> tuple[int, int] | None:
        """Append whole lines; return the places where they begin and end, None if they are lost."""
        try:
            descriptor = self._ready()
            if self._lost:
                os.write(descriptor, self._confession())
                self._lost, self._is_torn = 0, False
            written = os.write(descriptor, data)
            end = self._base + os.lseek(descriptor, 0, os.SEEK_CUR)
        except OSError as error:
            self._lose(len(data), error.strerror or str(error))
            return None
        if written < len(data):
            self._is_torn = self._is_torn or not data[:written].endswith(b"\n")
            self._lose(len(data) - written, "no space left")
        return end - written, end

    def _ready(self) -> int:
        for _ in range(2):  # open, perhaps find it full and rotate, open again
            if self._descriptor is None:
                self._open()
            if self._descriptor is not None and self._is_current(self._descriptor):
                return self._descriptor
            self.close()
        return self._open()

    def _open(self) -> int:
        descriptor = self._descriptor = os.open(self.path, _FLAGS, 0o640)
        opened = os.fstat(descriptor)
        self._identity = (opened.st_dev, opened.st_ino)
        self._base = base_in(os.pread(descriptor, _HEADER_SIZE, 0)) if opened.st_size else 0
        return descriptor

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
        """Make `log` the file `log.1`, that one `log.2` and so on, unless another writer just did.

        The fresh file takes the place of the full one in one step: no writer ever finds none.
        """
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # closing it lets go
        here, ours = os.stat(self.path, follow_symlinks=False), os.fstat(descriptor)
        if (here.st_dev, here.st_ino) != (ours.st_dev, ours.st_ino):
            return
        fresh = f"{self.path}.fresh"
        file = os.open(fresh, _FLAGS | os.O_TRUNC, 0o640)
        try:
            os.write(file, header(self._base + ours.st_size))
        finally:
            os.close(file)
        for number in range(self._generations - 1, 0, -1):
            try:
                os.rename(f"{self.path}.{number}", f"{self.path}.{number + 1}")
            except FileNotFoundError:
                continue
        if self._generations:
            self._keep_as(f"{self.path}.1")
        os.rename(fresh, self.path)

    def _keep_as(self, older: str) -> None:
        """Give the full file its second name; the oldest file goes where none is to be kept."""
        try:
            os.unlink(older)
        except FileNotFoundError:
            pass
        try:
            os.link(self.path, older)
        except OSError:  # a file system without hard links, each kind of which says so in its way
            os.rename(self.path, older)

    def _lose(self, size: int, reason: str) -> None:
        self._lost += size
        self._reason = reason
        self.close()

    def _confession(self) -> bytes:
        text = f"WARN  {self._lost} bytes of this log could not be written: {self._reason}\n"
        return b"\n" * self._is_torn + stamp() + text.encode()

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
