"""The second enforcer of the lease: a process that ends the runs when their supervisor is frozen.

It knows nothing but the lease and who its parent is. While the supervisor works, that ends the runs
itself a moment earlier, and the guard finds nothing to do. Killed, it is replaced; it dies with the
supervisor, and so do the runs.
"""

from __future__ import annotations

import os
import select
import sys

from . import kernel, signals
from .reactor import LONGEST_WAIT, boottime
from .stock import READY
from .strays import end_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from .lease import Lease
    from .reactor import Reactor, Timer

SLACK = 0.02  # seconds past the lease that are the supervisor's own, to end the runs as it should
SHORTEST_LOOK = 0.01  # seconds between two looks while there is somebody to end
REPLACED_AFTER = 0.05  # seconds after the last was made: one that cannot live keeps nobody busy
RETRY_SECONDS = 1.0


class Guard:
    """The guard of one supervisor, from the supervisor's side."""

    def __init__(self, reactor: Reactor, lease: Lease) -> None:
        self.pid: int | None = None
        self._handle = -1
        self._reactor = reactor
        self._lease = lease
        self._next: Timer | None = None
        self._made_at = 0.0
        self._fork()

    def _fork(self) -> None:
        parent = os.getpid()
        self._made_at = boottime()
        try:
            pid = os.fork()
        except OSError:
            self._next = self._reactor.after(RETRY_SECONDS, self._fork)
            return
        if pid == 0:
            _live(parent, self._lease)
        self.pid = pid
        self._handle = os.pidfd_open(pid)
        self._reactor.watch(self._handle, lambda _: self._replace())

    def _replace(self) -> None:
        """Make another one, at once if it can be: meanwhile nobody is there should we freeze."""
        self._reap()
        self._next = self._reactor.at(self._made_at + REPLACED_AFTER, self._fork)

    def _reap(self) -> None:
        if self.pid is not None:
            self._reactor.unwatch(self._handle)
            os.close(self._handle)
            os.waitpid(self.pid, 0)
            self.pid = None

    def close(self) -> None:
        """End it: there is nothing left to guard."""
        if self._next is not None:
            self._next.cancel()
        if self.pid is not None:
            signals.process(self.pid, signals.SIGKILL)
            self._reap()


def _live(supervisor: int, lease: Lease) -> NoReturn:
    """Be the guard until the supervisor is gone. Never returns."""
    try:
        os.setsid()  # what stops the supervisor's group must not stop us
        kernel.die_with_parent()
        for number in (signals.SIGTERM, signals.SIGINT, signals.SIGHUP):
            signals.handle(number, signals.IGNORED)
        os.closerange(3, 1 << 20)
        kernel.name_process(kernel.GUARD)
        _watch(supervisor, lease)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        sys.stderr.flush()
    finally:
        os._exit(0)


def _watch(supervisor: int, lease: Lease) -> None:
    pause = SHORTEST_LOOK
    waiting = select.poll()
    while os.getppid() == supervisor:
        until = lease.until
        left = until + SLACK - boottime() if until else LONGEST_WAIT
        if left > 0:
            pause = SHORTEST_LOOK
            waiting.poll(min(left, LONGEST_WAIT) * 1000)
            continue
        pause = SHORTEST_LOOK if _end_all_below(supervisor) else min(pause * 2, LONGEST_WAIT)
        waiting.poll(pause * 1000)


def _end_all_below(supervisor: int) -> bool:
    """Kill everything below the supervisor but what waits in its stock; True: there was something.

    Orphans move up to the supervisor, and are met at the next look.
    """
    doomed = [child for child in kernel.children_of(supervisor) if not _is_spared(child)]
    for child in doomed:
        end_tree(child)
    return bool(doomed)


def _is_spared(child: int) -> bool:
    """Whether a child of the supervisor is ourselves, dead already, or waits for its first run."""
    if child == os.getpid() or kernel.is_dead(child):
        return True
    mark = kernel.mark_of(child) or ""
    return kernel.name_of(child) == READY and mark == "-" * kernel.MARK_SIZE
