"""The supervisor: one thread that starts runs, keeps their output, and ends them in time.

It outlives its engine. While none is connected, runs go on until the deadline that the last one
set, calls of jobs wait, and what ended is kept in the file of exit records for the engine that
comes next. When there is nothing left to run, to tell or to wait for, it ends by itself.
"""

from __future__ import annotations

import os
import resource
import sys

from . import kernel, signals, stock
from .bare import Socket, peer_uid, take_connection
from .ending import ENGINE_STOPPED, LEASE_LOST
from .frames import LineSocket
from .guard import Guard
from .lease import make_lease
from .plain import loads
from .reactor import LONGEST_WAIT, Reactor, boottime
from .workshop import Workshop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LISTENER = 3
ALONE_SECONDS = 30.0  # that the engine which started us may take to come
_HAND_OVERS = ("submit", "prepare")  # two lines follow them
VERSION = 1  # of what passes between the engine and us


class Supervisor:
    """Runs under supervision, and the engine that asked for them."""

    def __init__(self, listener: Socket) -> None:
        self.reactor = Reactor()
        self._listener = listener
        self._engine: LineSocket | None = None
        self._payload: list[bytes] = []  # lines of a hand-over that has not come whole
        self._lease = make_lease()
        self._guard = Guard(self.reactor, self._lease)
        self._alone_until = boottime() + ALONE_SECONDS
        self._closing = False
        self._workshop: Workshop | None = None  # once an engine has told us how to work
        listener.setblocking(False)
        self.reactor.watch(listener.fileno(), lambda _: self._accept())

    def serve(self) -> None:
        """Work until nobody needs it."""
        while not self._is_done():
            workshop = self._workshop
            patience = LONGEST_WAIT if workshop is None else workshop.patience()
            self._lease.sign()
            self.reactor.turn(self._before_deadline(patience), self._keep_lease)
            if workshop is None:
                continue
            self._keep_lease()
            workshop.turn()
        if self._workshop is not None:
            self._workshop.close()
        self._guard.close()
        if self._engine is not None:
            self._engine.socket.setblocking(True)
            self._engine.send(b'["bye"]\n')

    def _keep_lease(self) -> None:
        """End every run when the lease is over; before its end is handled, if it ended with it."""
        if self._workshop is not None and self._lease.is_over:
            self._workshop.end_all(LEASE_LOST, "no engine renewed the lease in time")

    def _before_deadline(self, patience: float) -> float:
        """Return how long a turn may wait: whoever rescues the runs counts on their end in time."""
        left = self._lease.until - boottime()
        return min(patience, left) if left > 0 else patience

    def _is_done(self) -> bool:
        workshop = self._workshop
        if workshop is None:
            is_alone = self._engine is None and boottime() >= self._alone_until
            return self._closing or is_alone
        if workshop.house.runs:
            return False
        if self._closing:
            return True
        if self._engine is not None or workshop.house.exits.owes:
            return False
        return self._lease.is_over or not workshop.house.exits.kept

    def stop(self) -> None:
        """End every run with its grace, and then ourselves: somebody sent us SIGTERM."""
        self._closing = True
        if self._workshop is not None:
            for run in list(self._workshop.house.runs.values()):
                grace = run.header["grace"]
                run.end_after(grace, ENGINE_STOPPED, "the supervisor was told to stop")

    # -- the engine

    def _accept(self) -> None:
        try:
            connection = take_connection(self._listener)
        except OSError:
            return
        if peer_uid(connection) not in {os.geteuid(), 0}:
            connection.close()
            return
        if self._engine is not None:
            self._engine.close()
            self._on_engine_gone()
        self._payload = []
        self._engine = LineSocket(self.reactor, connection, self._on_lines, self._on_engine_gone)
        if self._workshop is not None:
            self._workshop.house.engine = self._engine

    def _on_engine_gone(self) -> None:
        self._engine = None
        self._alone_until = 0.0
        if self._workshop is not None:
            self._workshop.house.engine = None
            self._workshop.drop_prepared()

    def _on_lines(self, lines: list[bytes]) -> None:
        pending, self._payload = self._payload + lines, []
        index = 0
        while index < len(pending):
            message = loads(pending[index])
            if message[0] not in _HAND_OVERS:
                self._try(self._command, message)
                index += 1
            elif index + 3 > len(pending):
                self._payload = pending[index:]
                return
            else:
                lines = pending[index + 1 : index + 3]
                if (shop := self._workshop) is not None:
                    take = shop.submit if message[0] == "submit" else shop.prepare
                    self._try(take, message[1], message[2], lines)
                index += 3

    @staticmethod
    def _try(action: Callable[..., None], *arguments: Any) -> None:
        """Let one message that we cannot handle cost no other one."""
        try:
            action(*arguments)
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)

    def _command(self, message: list[Any]) -> None:
        verb, *rest = message
        if verb == "configure":
            self._configure(rest[0])
        elif verb == "deadline":  # may have waited here while a later one was written
            self._lease.until = max(self._lease.until, rest[0])
        elif verb == "detach" and self._engine is not None:
            self._engine.close()
            self._on_engine_gone()
        elif verb == "close":
            self._closing = True
            if self._workshop is not None:
                self._workshop.end_all(ENGINE_STOPPED, "still running when the engine stopped")
        elif self._workshop is not None:
            self._workshop.command(verb, rest)

    def _configure(self, settings: dict[str, Any]) -> None:
        """Take the settings of the first engine, and tell each one how things stand."""
        if self._workshop is None:
            self._workshop = Workshop(self.reactor, settings, self._lease, self._guard)
        workshop = self._workshop
        workshop.house.engine = self._engine
        workshop.house.tell_ends()  # before the hello, which holds them again
        facts = {"version": VERSION, "pid": os.getpid(), "lease": self._lease.descriptor}
        workshop.house.tell(["hello", {**facts, **workshop.report()}])


def main(arguments: list[str]) -> None:
    """Serve the engine that connects to the socket under descriptor 3."""
    del arguments
    os.umask(0o027)
    os.chdir("/")
    kernel.name_process(kernel.SUPERVISOR)
    kernel.find_mark()
    kernel.become_subreaper()
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    stock.hold_many_files()
    for number in (signals.SIGINT, signals.SIGHUP):
        signals.handle(number, signals.IGNORED)
    supervisor = Supervisor(Socket(fileno=LISTENER))
    signals.handle(signals.SIGTERM, lambda *_: supervisor.stop())
    supervisor.serve()
