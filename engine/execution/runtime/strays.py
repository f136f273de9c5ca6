"""End processes that outlive the run which started them, whatever group they moved to.

We are their subreaper: whoever loses its parent becomes our child. Its mark (an environment
variable, which forks inherit) tells which run it came from. A process that has cleared its
environment is ended when no run is left that could have started it.
"""

from __future__ import annotations

import os
import select

from . import kernel, signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

ROUNDS = 20  # a process that forks faster than it can be killed is met again at the next look
_DYING_SECONDS = 0.002  # between two rounds: what is killed may have to wait for a processor to die


class Strays:
    """The orphans among our children."""

    def __init__(self, mark: str) -> None:
        self._mark = mark + ":"
        self.present = False  # at the last look somebody was there that is not ours by name

    def tidy(self, known: Collection[int], living: Collection[str], *, at_work: bool) -> set[str]:
        """End every orphan whose run is over, reap what died, and tell where the others come from.

        `known`: pids that somebody else waits for. `living`: what follows our mark in the marks of
        what may still have processes. `at_work`: code of jobs is being run somewhere. Returned are
        those of `living` that have orphans.
        """
        origins: dict[int, str | None] = {}
        for _ in range(ROUNDS):
            orphans = [pid for pid in kernel.own_children() if pid not in known]
            self.present = bool(orphans)
            origins = {pid: self._origin(pid) for pid in orphans if not _reaped(pid)}
            doomed = [
                pid
                for pid, origin in origins.items()
                if (not at_work if origin is None else origin not in living)
            ]
            if not doomed:
                break
            for pid in doomed:
                end_tree(pid)
            select.select([], [], [], _DYING_SECONDS)
        return {origin for origin in origins.values() if origin is not None and origin in living}

    def _origin(self, pid: int) -> str | None:
        """Return what follows our mark in a process's mark; None: it does not tell."""
        mark = kernel.mark_of(pid)
        if mark is None or not mark.startswith(self._mark):
            return None
        return mark[len(self._mark) :]


def end_tree(pid: int) -> None:
    """Kill a process that we are to reap, and everything below it."""
    for each in [pid, *kernel.descendants_of(pid)]:
        signals.process(each, signals.SIGKILL)


def _reaped(pid: int) -> bool:
    """Reap a child if it is dead; True: nothing is left of it."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
