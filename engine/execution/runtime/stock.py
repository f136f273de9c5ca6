"""Fresh processes kept ready: forked, with their pipes, each to run once."""

from __future__ import annotations

import fcntl
import os
import resource
import sys

from . import kernel, signals
from .bare import AF_UNIX, SOCK_STREAM, Socket, deque, socketpair
from .reactor import boottime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

READY = "tocsin-ready"  # the name of a process that waits for a run
CONTROL = 3  # the descriptor under which a child finds its line to the supervisor
REFUSED_SECONDS = 1.0  # for which a machine that refused a process is not asked for the store


_usual_files = resource.getrlimit(resource.RLIMIT_NOFILE)


def hold_many_files() -> None:
    """Let us hold as many descriptors as the machine allows; what we fork gets the usual number."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Child:
    """A forked process and our ends of what connects us."""

    __slots__ = ("control", "err", "handle", "out", "pid")

    def __init__(self, pid: int, control: Socket, out: int, err: int) -> None:
        self.pid = pid
        self.control = control
        self.out = out
        self.err = err
        self.handle = os.pidfd_open(pid)

    def close_pipes(self) -> None:
        """Close our ends of its output."""
        os.close(self.out)
        os.close(self.err)

    def is_dead(self) -> bool:
        """Whether its process has ended, and was reaped by this look."""
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] == self.pid
        except ChildProcessError:
            return True

    def end(self) -> None:
        """End it, whatever it does, and leave nothing of it."""
        signals.process(self.pid, signals.SIGKILL)
        os.waitpid(self.pid, 0)
        self.forget()

    def forget(self) -> None:
        """Close our ends of what connected us to a process that is gone."""
        self.control.close()
        self.close_pipes()
        os.close(self.handle)


def fork(live: Callable[[Socket], NoReturn], keep: int | None = None) -> Child:
    """Fork a process, leader of its own session and group, that runs `live`.

    It inherits no other descriptor but `keep`, which it finds behind the control socket's.

    Raises:
        OSError: the machine refuses another process or descriptor.
    """
    ends: list[int] = []
    try:
        ours, theirs = socketpair(AF_UNIX, SOCK_STREAM)
        ends += [ours.detach(), theirs.detach()]
        ends += os.pipe()
        ends += os.pipe()
        parent = os.getpid()
        pid = os.fork()
    except OSError:
        for end in ends:
            os.close(end)
        raise
    ours_end, control, out, out_write, err, err_write = ends
    if pid == 0:
        _begin(parent, [control, out_write, err_write, keep], live)
    for end in (control, out_write, err_write):
        os.close(end)
    os.set_blocking(out, False)
    os.set_blocking(err, False)
    return Child(pid, Socket(AF_UNIX, SOCK_STREAM, 0, ours_end), out, err)


def _begin(parent: int, ends: list[int | None], live: Callable[[Socket], NoReturn]) -> NoReturn:
    """Arrange a forked child's descriptors and signals; it keeps nothing else of its parent."""
    try:
        os.setsid()
        kernel.die_with_parent()
        if os.getppid() != parent:
            os._exit(0)
        control, out, err, keep = ends
        os.dup2(out or 0, 1)
        os.dup2(err or 0, 2)
        high = [fcntl.fcntl(end, fcntl.F_DUPFD, 16) for end in (control, keep) if end is not None]
        for place, end in enumerate(high, CONTROL):
            os.dup2(end, place, inheritable=False)
        os.closerange(CONTROL + len(high), 1 << 20)
        resource.setrlimit(resource.RLIMIT_NOFILE, _usual_files)
        os.umask(0o022)
        signals.reset(signals.SIGTERM, signals.SIGHUP)
        signals.reset_interrupt()
        kernel.name_process(READY)
        live(Socket(AF_UNIX, SOCK_STREAM, 0, CONTROL))
    except BaseException as error:  # an error of ours: let it be seen in the run's log
        sys.excepthook(type(error), error, error.__traceback__)
        sys.stderr.flush()
    finally:
        os._exit(70)


class Stock:
    """Children in store; `take` hands one out, `refill` makes one more."""

    def __init__(self, target: int, live: Callable[[Socket], NoReturn]) -> None:
        self._target = target
        self._live = live
        self._ready: deque[Child] = deque()
        self._refused_until = 0.0

    def take(self, count: int) -> tuple[list[Child], OSError | None]:
        """Return up to `count` children that wait for work, and why there are not so many.

        What is not in store is made now, one right after the other: each fork makes us pay anew for
        every page that we write to between two of them. One that somebody has killed is no use.
        """
        for child in [child for child in self._ready if child.is_dead()]:
            self._ready.remove(child)
            child.forget()
        refusal = self._make(count - len(self._ready))
        return [self._ready.popleft() for _ in range(min(count, len(self._ready)))], refusal

    @property
    def is_full(self) -> bool:
        """Whether as many are ready as are wanted."""
        return len(self._ready) >= self._target

    def refused_for(self) -> float:
        """Return for how long the machine is not to be asked again, in seconds."""
        return max(0.0, self._refused_until - boottime())

    def refill(self) -> None:
        """Make as many as are wanted, unless the machine has just refused."""
        if not self.refused_for():
            self._make(self._target - len(self._ready))

    def _make(self, count: int) -> OSError | None:
        made: list[Child] = []
        refusal = None
        for _ in range(count):
            try:
                made.append(fork(self._live))
            except OSError as error:
                refusal = error
                self._refused_until = boottime() + REFUSED_SECONDS
                break
        self._ready += made
        return refusal

    def pids(self) -> list[int]:
        """Return who is in store."""
        return [child.pid for child in self._ready]

    def close(self) -> None:
        """End the children in store."""
        while self._ready:
            self._ready.popleft().end()
