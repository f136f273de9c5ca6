"""Which of several engines goes first for a job that they share.

All of them know when it is due, and would ask the store for it at the same moment. So one goes
first, another one for each job, and the others leave it a moment. The store alone decides who runs
the job: an order that engines see differently costs time, and nothing else.
"""

from collections.abc import Iterable
from hashlib import blake2b

from engine.clock import Instant


class Turns:
    """The order of the engines that live, job by job."""

    def __init__(self, pause: Instant = 0) -> None:
        self.pause = pause  # microseconds that each leaves to the one before it; 0: none waits
        self._own = ""
        self._others: tuple[str, ...] = ()

    def see(self, own: str, others: Iterable[str]) -> None:
        """Take the keys of this engine, and of the peers that are working at this moment."""
        self._own, self._others = own, tuple(others)

    def delay(self, jobid: int) -> Instant:
        """Return for how many microseconds a due job is left to others."""
        if not self.pause or not self._others:
            return 0
        mine = _place(self._own, jobid)
        return self.pause * sum(_place(key, jobid) < mine for key in self._others)


def _place(key: str, jobid: int) -> bytes:
    return blake2b(f"{jobid} {key}".encode(), digest_size=8).digest()
