"""A worker of the pool, from the supervisor's side: what it is given, and what it says.

A run belongs to a worker once that has taken the run's permit, a packet of which there is exactly
one: so a run that has not begun can be taken back for sure, whatever the worker is doing, and no
run is ever done twice.
"""

from __future__ import annotations

import os
import sys

from . import pool_worker, signals
from .bare import AF_UNIX, MSG_DONTWAIT, SOCK_SEQPACKET, deque, socketpair
from .frames import LineSocket
from .plain import dumps, heard
from .pool_run import Place, PoolRun
from .reactor import boottime
from .said import end_of, error_of
from .stock import Child, fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .house import House

PATIENCE = 0.005  # seconds that a run may keep others waiting behind it
ANNOUNCED_AFTER = 0.05  # seconds: a run that ends sooner is told by its end alone
RUNS_PER_WORKER = 20_000
CHUNK = 1 << 16


class Worker(Place):
    """One process of the pool, and the runs it was given, of which the first may have begun."""

    def __init__(
        self,
        house: House,
        name: str,
        retire: Callable[[Worker], None],
        gone: Callable[[Worker, list[PoolRun]], None],
    ) -> None:
        """Fork it; `retire` hears that it wants no more runs, `gone` that it ended.

        Raises:
            OSError: the machine refuses.
        """
        self.runs: deque[PoolRun] = deque()
        self.idle_since = boottime()
        self.first_since = 0.0  # since when the first run is the first
        self.retired = False  # gets no more runs
        self.done = 0
        self._sent = 0
        self.name = name
        self._house = house
        self._retire = retire
        self._gone = gone
        self._permits, self._permits_end = socketpair(AF_UNIX, SOCK_SEQPACKET)
        mark, lease = house.mark(name), house.lease
        self.child: Child = fork(
            lambda control: pool_worker.live(control, mark, lease), self._permits_end.fileno()
        )
        reactor = house.reactor
        self.control = LineSocket(reactor, self.child.control, self._on_lines, lambda: None)
        reactor.watch(self.child.handle, lambda _: self._on_exit())

    def give(self, runs: list[PoolRun]) -> None:
        """Send runs, and the permit for each."""
        if not self.runs:
            self.first_since = boottime()
        first = self._sent + 1
        for run in runs:
            run.worker = self
            self.runs.append(run)
            self._sent += 1
            run.ticket = self._sent
            self.control.queue(b"\n".join([b"%d %d" % (self._sent, run.number), *run.lines, b""]))
        self.control.flush()
        for permit in range(first, self._sent + 1):
            self._permits.send(b"%d" % permit)

    def take_back(self) -> list[PoolRun]:
        """Return the runs that it has not begun, oldest first; it will not do them.

        It may take permits while we do, so that what we get need not be the last ones in a row.
        """
        tickets: set[int] = set()
        while len(tickets) < len(self.runs):
            try:
                tickets.add(int(self._permits_end.recv(32, MSG_DONTWAIT)))
            except (OSError, ValueError):  # none is left, or it was let go
                break
        taken = [run for run in self.runs if run.ticket in tickets]
        if taken:
            self.runs = deque([run for run in self.runs if run.ticket not in tickets])
        for run in taken:
            run.worker = None
        return taken

    def _on_lines(self, lines: list[bytes]) -> None:
        for line in lines:
            try:
                self._hear(heard(line))
            except (ValueError, TypeError, LookupError, AttributeError):
                self._complain()

    def _hear(self, message: list[Any]) -> None:
        verb = message[0]
        if verb == "end":
            self._on_end(message)
        elif verb in ("log", "out"):
            self.runs[0].hear(message)
        elif verb == "call":
            own = message[1]
            self.runs[0].take_call(message[2], message[3], self._answer(own))
        elif verb == "failed" and self._is_first(message[1]):
            self.runs[0].facts.failure = error_of(message[2])
            self._next()

    def _is_first(self, number: int) -> bool:
        """Whether the worker did the run that we think it did; one that did not is ended."""
        if self.runs and self.runs[0].number == number:
            return True
        sys.stderr.write(f"worker {self.name} tells of run {number}, which it was not to do now\n")
        self.kill()
        return False

    def _answer(self, own: int) -> Callable[[bool, Any], None]:
        return lambda ok, value: self.control.send(dumps(["reply", own, ok, value]) + b"\n")

    def _complain(self) -> None:
        if self.runs:
            self.runs[0].log().note("WARN", "its process sent something that is no message")

    def _on_end(self, message: list[Any]) -> None:
        """Take the end of the first run; `raw` says that output came by the pipes as well."""
        _, number, *said, raw, dirty = message
        said = end_of(said)
        if not self._is_first(number):
            return
        run = self.runs[0]
        if raw:
            self.drain()
            self.control.send(b'["drained"]\n')
        run.facts.began = True
        run.facts.said, run.facts.code = said, said[1]
        self._next()
        if dirty or self.done >= RUNS_PER_WORKER:
            self._retire(self)

    def _next(self) -> None:
        run = self.runs.popleft()
        self.done += 1
        self.first_since = self.idle_since = boottime()
        run.conclude()
        run.worker = None
        if self.retired and not self.runs:
            self.let_go()

    def drain(self) -> None:
        """Take all output that is there for the first run.

        The pipes are not watched: what is in them is known to be that run's only when it says at
        its end that it wrote there (and waits for this), or when it has been the first for a while.
        """
        if self.runs:
            while self._read("OUT"):
                pass
            while self._read("ERR"):
                pass

    def _read(self, level: str) -> bool:
        """Take a chunk of what was written past Python's own streams; False: there was none."""
        try:
            data = os.read(self.child.out if level == "OUT" else self.child.err, CHUNK)
        except BlockingIOError:
            return False
        log = self.runs[0].log()
        log.output(level, data)
        log.release()
        return bool(data)

    def look_after(self, now: float) -> None:
        """Look after the first run, if it has been that for longer than its turn."""
        self.control.read()
        going_on = now - self.first_since
        if self.runs and going_on > PATIENCE:
            self.drain()
            self.runs[0].watch(going_on, announce=going_on > ANNOUNCED_AFTER)

    def kill(self) -> None:
        """Kill it whole; its exit is handled like any other."""
        signals.group(self.child.pid, signals.SIGKILL)

    def let_go(self) -> None:
        """Let it end by itself: it has no runs."""
        self.control.close()
        self._permits.close()
        self._permits_end.close()

    def _on_exit(self) -> None:
        """Give back what it had not begun; the run that it was doing ends with it."""
        reactor = self._house.reactor
        while self.control.read():
            pass
        reactor.unwatch(self.child.handle)
        self.drain()
        signals.group(self.child.pid, signals.SIGKILL)
        spared = self.take_back()
        status = os.waitpid(self.child.pid, 0)[1]
        os.close(self.child.handle)
        self.child.close_pipes()
        self.control.close()
        self._permits.close()
        self._permits_end.close()
        if self.runs:  # one at most: it does one after the other, and tells each end
            run = self.runs.popleft()
            run.facts.began = True
            run.facts.code = os.waitstatus_to_exitcode(status)
            run.conclude()
            run.worker = None
        self._gone(self, spared)
