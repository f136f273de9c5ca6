"""End processes that outlive the run which started them, whatever group they moved to.

We are their subreaper: whoever loses its parent becomes our child. Its mark (an environment
variable, which forks inherit) tells which run it came from. A process that has cleared its
environment is ended when no run is left that could have started it.
"""

from __future__ import annotations

import os

from . import kernel, signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

ROUNDS = 20  # a process that forks faster than it can be killed is met again at the next look


class Strays:
    """The orphans among our children."""

    def __init__(self, mark: str) -> None:
        self._mark = mark + ":"
        self.present = False  # at the last look somebody was there that is not ours by name

    def tidy(self, known: Collection[int], living: Collection[str], *, at_work: bool) -> None:
        """End every orphan whose run is over, and reap what died.

        `known`: pids that somebody else waits for. `living`: what follows our mark in the marks of
        what may still have processes. `at_work`: code of jobs is being run somewhere.
        """
        for _ in range(ROUNDS):
            orphans = [pid for pid in kernel.own_children() if pid not in known]
            self.present = bool(orphans)
            left = [pid for pid in orphans if not _reaped(pid)]
            doomed = [pid for pid in left if self._is_over(pid, living, at_work)]
            if not doomed:
                return
            for pid in doomed:
                end_tree(pid)

    def _is_over(self, pid: int, living: Collection[str], at_work: bool) -> bool:
        mark = kernel.mark_of(pid)
        if mark is not None and mark.startswith(self._mark):
            return mark[len(self._mark) :] not in living
        return not at_work


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
