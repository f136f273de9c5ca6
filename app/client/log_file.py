"""A log on this host's disk, read by pages from any thread."""

import os
from pathlib import Path


class FileLog:
    """One log file. It may not be there yet, grow, or be begun anew when it is rotated."""

    def __init__(
        self,
        title: str,
        path: Path,
        *,
        begins_at: int = 0,
        ends_at: int | None = None,
        needle: bytes = b"",
    ) -> None:
        self.title = title
        self.path = path
        self.begins_at = begins_at
        self.ends_at = ends_at
        self.needle = needle

    def size(self) -> int:
        """Return the number of bytes it has now; 0 while it is not there."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return 0
        return size if self.ends_at is None else min(size, self.ends_at)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`.

        Raises:
            OSError: it cannot be read.
        """
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            file = os.open(self.path, flags)
        except FileNotFoundError:
            return b""
        try:
            return os.pread(file, size, offset)
        finally:
            os.close(file)
