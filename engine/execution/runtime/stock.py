"""Fresh processes kept ready: forked, with their pipes, waiting to be told what to run. Each runs once."""

from __future__ import annotations

import os
import signal
import socket
import sys
import traceback
from collections import deque
from typing import TYPE_CHECKING, NoReturn

from . import kernel

if TYPE_CHECKING:
    from collections.abc import Callable

CONTROL = 3  # the descriptor under which a child finds its line to the supervisor


class Child:
    """A forked process and our ends of what connects us."""

    __slots__ = ("control", "err", "handle", "out", "pid")

    def __init__(self, pid: int, control: socket.socket, out: int, err: int) -> None:
        self.pid = pid
        self.control = control
        self.out = out
        self.err = err
        self.handle = os.pidfd_open(pid)

    def close_pipes(self) -> None:
        """Close our ends of its output."""
        os.close(self.out)
        os.close(self.err)


def fork(live: Callable[[socket.socket], NoReturn]) -> Child:
    """Fork a process, leader of its own session and group, that runs `live` with its control socket.

    Raises:
        OSError: the machine refuses another process or descriptor.
    """
    ends: list[int] = []
    try:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        ends += [ours.detach(), theirs.detach()]
        ends += os.pipe()
        ends += os.pipe()
        parent = os.getpid()
        pid = os.fork()
    except OSError:
        for end in ends:
            os.close(end)
        raise
    ours_fd, theirs_fd, out, out_write, err, err_write = ends
    if pid == 0:
        _begin(parent, theirs_fd, out_write, err_write, live)
    for end in (theirs_fd, out_write, err_write):
        os.close(end)
    os.set_blocking(out, False)
    os.set_blocking(err, False)
    return Child(pid, socket.socket(fileno=ours_fd), out, err)


def _begin(
    parent: int,
    control: int,
    out: int,
    err: int,
    live: Callable[[socket.socket], NoReturn],
) -> NoReturn:
    """Arrange a forked child's descriptors and signals; it keeps nothing else of its parent."""
    try:
        os.setsid()
        kernel.die_with_parent()
        if os.getppid() != parent:
            os._exit(0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        if control != CONTROL:
            os.dup2(control, CONTROL, inheritable=False)
        os.closerange(CONTROL + 1, 1 << 20)
        os.umask(0o022)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        kernel.name_process("tocsin-ready")
        live(socket.socket(fileno=CONTROL))
    except BaseException:  # an error of ours: let it be seen in the run's log
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(70)


class Stock:
    """Children in store; `take` hands one out, `refill` makes one more."""

    def __init__(self, target: int, live: Callable[[socket.socket], NoReturn]) -> None:
        self._target = target
        self._live = live
        self._ready: deque[Child] = deque()

    def take(self) -> Child:
        """Return a child that waits for work, made now if none is in store.

        Raises:
            OSError: none could be made.
        """
        return self._ready.popleft() if self._ready else fork(self._live)

    @property
    def is_full(self) -> bool:
        """Whether as many are ready as are wanted."""
        return len(self._ready) >= self._target

    def refill(self) -> None:
        """Make one child more.

        Raises:
            OSError: none could be made.
        """
        self._ready.append(fork(self._live))

    def pids(self) -> set[int]:
        """Return who is in store."""
        return {child.pid for child in self._ready}

    def close(self) -> None:
        """Let go of the children in store: they end when their line to us does."""
        while self._ready:
            child = self._ready.popleft()
            child.control.close()
            child.close_pipes()
            os.waitpid(child.pid, 0)
            os.close(child.handle)
