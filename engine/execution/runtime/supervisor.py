"""The supervisor: one thread that starts runs, keeps their output, and ends them in time.

It outlives its engine. While none is connected, runs go on until the deadline that the last one
set, calls of jobs wait, and what ended is kept in the file of exit records for the engine that
comes next. When there is nothing left to run, to tell or to wait for, it ends by itself.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import time

from . import child, kernel, python_job, signals, stock
from .bare import Socket, deque, peer_uid, take_connection
from .callers import Callers
from .ending import ENGINE_STOPPED, LEASE_LOST, START_FAILURE
from .frames import LineSocket
from .house import House
from .plain import loads
from .pool import Pool
from .pool_run import PoolRun
from .process_run import ProcessRun
from .reactor import LONGEST_WAIT, Reactor, boottime
from .stock import Stock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LISTENER = 3
VERSION = 1  # of what passes between the engine and us
STARTS_PER_TURN = 12
TIDY_SECONDS = 1.0
IDLE_WAIT = 30.0  # seconds: without runs no deadline matters


class Supervisor:
    """Runs under supervision, and the engine that asked for them."""

    def __init__(self, listener: Socket) -> None:
        self.reactor = Reactor()
        self._listener = listener
        self._engine: LineSocket | None = None
        self._payload: list[bytes] = []  # lines of a hand-over that has not come whole
        self._deadline: float | None = None
        self._closing = False
        self._workshop: Workshop | None = None  # once an engine has told us how to work
        listener.setblocking(False)
        self.reactor.watch(listener.fileno(), lambda _: self._accept())

    def serve(self) -> None:
        """Work until nobody needs it."""
        while not self._is_done():
            workshop = self._workshop
            patience = LONGEST_WAIT if workshop is None else workshop.patience()
            self.reactor.turn(self._before_deadline(patience))
            if workshop is None:
                continue
            if self._deadline is not None and boottime() >= self._deadline:
                workshop.end_all(LEASE_LOST, "no engine renewed the lease in time")
            workshop.turn()
        if self._workshop is not None:
            self._workshop.close()
        if self._engine is not None:
            self._engine.socket.setblocking(True)
            self._engine.send(b'["bye"]\n')

    def _before_deadline(self, patience: float) -> float:
        """Return how long a turn may wait: whoever rescues the runs counts on their end in time."""
        left = patience if self._deadline is None else self._deadline - boottime()
        return min(patience, left) if left > 0 else patience

    def _is_done(self) -> bool:
        workshop = self._workshop
        if workshop is None:
            return self._closing
        if workshop.house.runs:
            return False
        if self._closing:
            return True
        lease_is_over = self._deadline is not None and boottime() >= self._deadline
        return self._engine is None and (lease_is_over or not workshop.house.exits.kept)

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
        self._payload = []
        self._engine = LineSocket(self.reactor, connection, self._on_lines, self._on_engine_gone)
        if self._workshop is not None:
            self._workshop.house.engine = self._engine

    def _on_engine_gone(self) -> None:
        self._engine = None
        if self._workshop is not None:
            self._workshop.house.engine = None

    def _on_lines(self, lines: list[bytes]) -> None:
        pending, self._payload = self._payload + lines, []
        index = 0
        while index < len(pending):
            message = loads(pending[index])
            if message[0] != "submit":
                self._try(self._command, message)
                index += 1
            elif index + 3 > len(pending):
                self._payload = pending[index:]
                return
            else:
                lines = pending[index + 1 : index + 3]
                if self._workshop is not None:
                    self._try(self._workshop.submit, message[1], message[2], lines)
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
        elif verb == "deadline":
            self._deadline = rest[0]
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
            self._workshop = Workshop(self.reactor, settings)
        workshop = self._workshop
        workshop.house.engine = self._engine
        workshop.house.tell_ends()  # before the hello, which holds them again
        workshop.house.tell(
            ["hello", {"version": VERSION, "pid": os.getpid(), **workshop.report()}]
        )


class Workshop:
    """Where runs get their processes: the stock, the pool, and who waits for them."""

    def __init__(self, reactor: Reactor, settings: dict[str, Any]) -> None:
        python_job.prepare(settings["site"])
        self.house = House(reactor, settings)
        self._callers = Callers(self.house)
        child.warm_up()
        gc.collect()
        gc.freeze()
        self._stock = Stock(settings["stock"], child.live)
        self._pool = Pool(self.house)
        self._waiting: deque[ProcessRun] = deque()  # for a process
        self._busy = 0
        self._tidied_at = boottime()

    def patience(self) -> float:
        """Return how long the next turn may wait, in seconds."""
        if self._waiting_can_start() or not self._stock.is_full:
            return 0.0
        return LONGEST_WAIT if self.house.runs or self.house.strays.present else IDLE_WAIT

    def _waiting_can_start(self) -> bool:
        return bool(self._waiting) and self._busy < self.house.settings["max_processes"]

    def turn(self) -> None:
        """Start what can be started, tell what happened."""
        started = self._start_waiting()
        self._pool.work()
        house = self.house
        if started:
            house.tell(["started", *[run.describe() for run in started]])
        house.tell_ends()
        if house.engine is not None:
            house.engine.flush()
        if house.is_untidy or boottime() - self._tidied_at >= TIDY_SECONDS:
            self._tidy()
        if not started and not self._stock.is_full:
            self._stock.refill()

    def _start_waiting(self) -> list[ProcessRun]:
        room = self.house.settings["max_processes"] - self._busy
        runs: list[ProcessRun] = []
        while self._waiting and len(runs) < min(room, STARTS_PER_TURN):
            run = self._waiting.popleft()
            if run.number in self.house.runs:  # else it was ended meanwhile
                runs.append(run)
        if not runs:
            return runs
        children, refusal = self._stock.take(len(runs))
        now = time.time_ns() // 1000
        for run, process in zip(runs, children, strict=False):
            run.begin(process, now)
        self._busy += len(children)
        for run in runs[len(children) :]:
            cause = refusal.strerror if refusal is not None else "none was to be had"
            run.fail(START_FAILURE, f"no process could be made: {cause}")
        return runs[: len(children)]

    def _tidy(self) -> None:
        self._tidied_at = boottime()
        self.house.is_untidy = False
        runs = [run for run in self.house.runs.values() if isinstance(run, ProcessRun)]
        leaders = [run.pid for run in runs if run.pid is not None]
        self._busy = len(leaders)
        known = {*leaders, *self._stock.pids(), *self._pool.pids()}
        living = {*(str(run.number) for run in runs), *self._pool.names()}
        at_work = bool(runs) or self._pool.is_busy
        self.house.strays.tidy(known, living, at_work=at_work)

    def submit(self, number: int, header: dict[str, Any], lines: list[bytes]) -> None:
        """Take a run."""
        if header["pool"]:
            pooled = PoolRun(self.house, number, header, lines)
            self.house.runs[number] = pooled
            self._pool.submit(pooled)
        else:
            run = ProcessRun(self.house, number, header, lines)
            self.house.runs[number] = run
            self._waiting.append(run)

    def command(self, verb: str, rest: list[Any]) -> None:
        """Do what the engine wants done with runs."""
        if verb == "ack":
            self.house.exits.acknowledge(rest[0])
            return
        run = self.house.runs.get(rest[0])
        if run is None:
            return
        if verb == "reply":
            run.reply(rest[1], rest[2], rest[3])
        elif verb == "ask":
            run.ask()
        elif verb == "cancel":
            run.end_after(rest[1], rest[2], "asked to stop, and ended")
        elif verb == "kill":
            run.end_now(rest[1], "killed by an operator")

    def end_all(self, ending: str, detail: str) -> None:
        """End every run whole, at once."""
        for run in list(self.house.runs.values()):
            run.end_now(ending, detail)

    def report(self) -> dict[str, Any]:
        """Return all that an engine must know that finds us at work."""
        runs = self.house.runs.values()
        return {
            "running": [run.describe() for run in runs if run.pid is not None],
            "waiting": [run.number for run in runs if run.pid is None],
            "exits": [loads(record) for record in self.house.exits.kept.values()],
            "calls": [call for run in runs for call in run.waiting_calls()],
        }

    def close(self) -> None:
        """Leave no process behind; there are no runs any more."""
        self._stock.close()
        self._pool.close()
        self._tidy()
        self.house.close()


def main(arguments: list[str]) -> None:
    """Serve the engine that connects to the socket under descriptor 3."""
    del arguments
    os.umask(0o027)
    os.chdir("/")
    kernel.name_process("tocsin-super")
    kernel.find_mark()
    kernel.become_subreaper()
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    stock.hold_many_files()
    for number in (signals.SIGINT, signals.SIGHUP):
        signals.handle(number, signals.IGNORED)
    supervisor = Supervisor(Socket(fileno=LISTENER))
    signals.handle(signals.SIGTERM, lambda *_: supervisor.stop())
    supervisor.serve()
