"""Logs in memory."""


class MemoryLog:
    """One log, whose bytes a test may change."""

    title = "memory"
    base = 0
    begins_at = 0
    ends_at: int | None = None
    needle = b""
    has_lost = False

    def __init__(self, data: bytes) -> None:
        self.data = data

    def size(self) -> int:
        """Return the number of bytes."""
        return len(self.data)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`."""
        return self.data[offset : offset + size]
