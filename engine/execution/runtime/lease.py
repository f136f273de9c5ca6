"""Until when runs may go on, and a sign of life: a page of memory that all share who need it.

The engine writes until when, so that one which lives keeps its runs though their supervisor is
frozen. The supervisor, its guard and the processes of runs read it. The supervisor writes when it
turned last, so that its engine knows that it works.
"""

from __future__ import annotations

import os
from mmap import mmap

from .reactor import boottime

_SIZE = 16  # bytes: two floats, aligned, so that each is read and written whole
_NAME = "tocsin-lease"


class Lease:
    """Moments on CLOCK_BOOTTIME; 0.0: nobody has named one yet."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._page = mmap(descriptor, _SIZE)
        self._moments = memoryview(self._page).cast("d")

    @property
    def until(self) -> float:
        """The moment at which runs must be over."""
        return self._moments[0]

    @until.setter
    def until(self, boottime_seconds: float) -> None:
        self._moments[0] = boottime_seconds

    @property
    def turned(self) -> float:
        """When the supervisor showed that it works; 0.0: not yet."""
        return self._moments[1]

    def sign(self) -> None:
        """Show that we work."""
        self._moments[1] = boottime()

    @property
    def is_over(self) -> bool:
        """Whether that moment has passed."""
        return 0.0 < self._moments[0] <= boottime()

    def close(self) -> None:
        """Give the page back. Whoever reads or writes it after that gets a ValueError."""
        self._moments.release()
        self._page.close()
        os.close(self.descriptor)


def make_lease() -> Lease:
    """Return a new page, for a supervisor."""
    descriptor = os.memfd_create(_NAME)
    os.ftruncate(descriptor, _SIZE)
    return Lease(descriptor)


def lease_of(pid: int, descriptor: int) -> Lease:
    """Return the page that another process holds under `descriptor`.

    Raises:
        OSError: it holds none there, or the kernel does not show it to us.
    """
    place = f"/proc/{pid}/fd/{descriptor}"
    if not os.readlink(place).startswith(f"/memfd:{_NAME}"):
        raise OSError(2, "No lease there", place)
    return Lease(os.open(place, os.O_RDWR | os.O_CLOEXEC))
