"""A log as bytes: what the walks through it read, whoever keeps it."""

from typing import Protocol


class LogSource(Protocol):
    """A log file that may be gigabytes long and may grow; read by pages, from any thread."""

    title: str
    ends_at: int | None  # None: it may grow
    needle: bytes  # only lines with it are of interest; b"": all

    @property
    def base(self) -> int:
        """At which place of the whole log, which no rotation changes, place 0 is."""
        ...

    @property
    def begins_at(self) -> int:
        """The first byte of interest: an instance's own part, or what rotations left of it."""
        ...

    @property
    def has_lost(self) -> bool:
        """Whether older lines were there, and were rotated away."""
        ...

    def size(self) -> int:
        """Return the number of bytes it has now."""
        ...

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`."""
        ...
