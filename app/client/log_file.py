"""A log on this host's disk, read by pages from any thread: its file and the rotated ones.

The rotated files come before it, so that a time, a search or an instance is found in them like
anywhere else. Places are counted from the oldest byte that was there when the log was opened.
"""

import os
from pathlib import Path

from engine.control.logs import Logs, Part

_TRIES = 3  # a rotation may come between a look and a read


class FileLog:
    """One log. It may not be there yet, grow, be rotated, or be begun anew."""

    def __init__(
        self,
        title: str,
        path: Path,
        *,
        begins_at: int | None = None,
        ends_at: int | None = None,
        needle: bytes = b"",
    ) -> None:
        """Take the places of an instance's own part, as they are recorded; None: all of the log."""
        self.title = title
        self.path = path
        self._parts = Logs.parts(path)
        self._origin = self._parts[0].base if self._parts else 0
        self._seen_size = 0  # of the file that is written
        self._first = begins_at
        if begins_at is not None and self.has_lost:
            self.title += ", its beginning was rotated away"
        self.ends_at = None if ends_at is None else max(0, ends_at - self._origin)
        self.needle = needle

    @property
    def _oldest(self) -> int:
        """Where in the log the oldest byte is that is left; with a rotation the ones before go."""
        parts = self._parts
        return parts[0].base if parts else self._origin

    @property
    def base(self) -> int:
        """At which place of the whole log, which no rotation changes, place 0 is."""
        return self._origin

    @property
    def begins_at(self) -> int:
        """The first byte of interest that is left."""
        oldest = self._oldest
        first = oldest if self._first is None else max(self._first, oldest)
        return max(0, first - self._origin)

    @property
    def has_lost(self) -> bool:
        """Whether older lines were there, and were rotated away."""
        return self._oldest > (self._first or 0)

    def size(self) -> int:
        """Return the number of bytes it has now; 0 while it is not there."""
        try:
            seen = self.path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return 0
        parts = self._parts
        is_same = bool(parts) and parts[-1].identity == (seen.st_dev, seen.st_ino)
        if not is_same or seen.st_size < self._seen_size:  # a new file may have the inode of an old
            parts = self._look()
        self._seen_size = seen.st_size
        size = max(0, (parts[-1].base if parts else 0) + seen.st_size - self._origin)
        return size if self.ends_at is None else min(size, self.ends_at)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`.

        Raises:
            OSError: it cannot be read, or what stood there was removed by a rotation.
        """
        found = b""
        while len(found) < size:
            data = self._read(self._origin + offset + len(found), size - len(found))
            if not data:
                break
            found += data
        return found

    def _read(self, place: int, size: int) -> bytes:
        """Return what one of the files has from a place of the log on."""
        for _ in range(_TRIES):
            part = next((each for each in reversed(self._parts) if each.base <= place), None)
            if part is not None:
                data = _read(part, place - part.base, size)
                if data is not None:
                    return data
            if not self._look():
                return b""
        message = "its older lines were removed by the rotation of the log"
        raise OSError(message)

    def _look(self) -> list[Part]:
        """Look which files there are now; what was begun anew has its first byte at its start."""
        before, self._parts = self._parts, Logs.parts(self.path)
        if before and self._parts:
            was, now = before[-1], self._parts[-1]
            is_other = now.base < was.base or now.identity != was.identity
            if is_other and now.base <= was.base:
                self._origin = self._parts[0].base
        return self._parts


def _read(part: Part, offset: int, size: int) -> bytes | None:
    """Return bytes of a file; None: it has another name now, or none."""
    try:
        file = os.open(part.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        seen = os.fstat(file)
        is_it = (seen.st_dev, seen.st_ino) == part.identity
        return os.pread(file, size, offset) if is_it else None
    finally:
        os.close(file)
