"""The supervisor: one thread that starts runs, keeps their output, ends them in time, and tells the engine.

It outlives its engine. While none is connected, runs go on until the deadline that the last one set, calls of
jobs wait, and what ended is kept in the file of exit records for the engine that comes next.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from collections import deque
from typing import Any

from . import child, kernel
from .capture import Capture
from .exit_file import ExitFile
from .frames import LineSocket
from .log_file import LogFile
from .reactor import Reactor, boottime
from .run import ProcessRun
from .stock import Stock

LISTENER = 3


class Supervisor:
    """Runs under supervision, and the engine that asked for them."""

    def __init__(self, listener: socket.socket) -> None:
        self.reactor = Reactor()
        self.runs: dict[int, ProcessRun] = {}
        self._waiting: deque[ProcessRun] = deque()  # for a process
        self._busy = 0
        self._settings: dict[str, Any] = {}
        self._logs: dict[str, LogFile] = {}
        self._exits: ExitFile | None = None
        self._stock: Stock | None = None
        self._listener = listener
        self._engine: LineSocket | None = None
        self._started: list[list[Any]] = []
        self._deadline: float | None = None
        self._payload: list[bytes] = []  # a submit whose lines have not all come
        self._closing = False
        self._done = False
        listener.setblocking(False)
        self.reactor.watch(listener.fileno(), lambda _: self._accept())

    # -- the loop

    def serve(self) -> None:
        """Work until nobody needs it."""
        while not self._done:
            idle = self._stock is not None and not self._stock.is_full and not self._waiting
            self.reactor.turn(0.0 if idle else 1.0)
            if self._deadline is not None and boottime() >= self._deadline:
                self._end_all("lease-lost", "no engine renewed the lease in time")
            self._start_waiting()
            self._tell_ends()
            if idle and self._stock is not None:
                with contextlib.suppress(OSError):
                    self._stock.refill()
            if self._engine is not None:
                self._engine.flush()
            self._done = self._is_done()

    def _is_done(self) -> bool:
        if self.runs or (self._exits is not None and self._exits.kept and not self._closing):
            return False
        return self._closing or (self._engine is None and self._exits is not None)

    def _start_waiting(self) -> None:
        while self._waiting and self._busy < self._settings["max_processes"]:
            run = self._waiting.popleft()
            if run.number not in self.runs:
                continue
            try:
                child_process = self._stock.take() if self._stock else None
            except OSError as error:
                run.fail(f"no process could be made: {error.strerror}")
                continue
            if child_process is not None:
                self._busy += 1
                run.begin(child_process)
                self._started.append(run.describe())

    def _tell_ends(self) -> None:
        if self._started:
            self.tell(["started", *self._started])
            self._started = []
        if self._exits is not None:
            records = self._exits.sync()
            if records and self._engine is not None:
                self._engine.queue(b'["exited",' + b",".join(records) + b"]\n")

    def _end_all(self, why: str, detail: str) -> None:
        for run in list(self.runs.values()):
            self._end(run, why, detail)

    def _end(self, run: ProcessRun, why: str, detail: str) -> None:
        run.end_now(why, detail)
        if run.child is None:
            run.fail(detail)

    # -- for runs

    def capture_for(self, number: int, facts: dict[str, Any]) -> Capture:
        """Return where a run's output goes."""
        settings = self._settings
        log = self._logs.get(facts["log"])
        if log is None:
            log = LogFile(facts["log"], settings["log_size"], settings["log_generations"])
            self._logs[facts["log"]] = log
        log.users += 1
        return Capture(number, log, settings["log_head"], settings["log_tail"])

    def ended(self, run: ProcessRun, record: dict[str, Any]) -> None:
        """Take the record of a run's end."""
        self.runs.pop(run.number, None)
        if run.child is not None:
            self._busy -= 1
        log = self._logs[run.facts["log"]]
        log.users -= 1
        if not log.users:
            log.close()
            del self._logs[run.facts["log"]]
        if self._exits is not None:
            self._exits.add(run.number, json.dumps(record, separators=(",", ":")).encode())

    def tell(self, message: list[Any]) -> None:
        """Tell the engine, if one is there; what must not be lost is told again to the next."""
        if self._engine is not None:
            self._engine.queue(json.dumps(message, separators=(",", ":")).encode() + b"\n")

    # -- the engine

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        uid = int.from_bytes(credentials[4:8], sys.byteorder)
        if uid not in {os.geteuid(), 0}:
            connection.close()
            return
        if self._engine is not None:
            self._engine.close()
        self._engine = LineSocket(self.reactor, connection, self._on_lines, self._on_engine_gone)
        self._payload = []

    def _on_engine_gone(self) -> None:
        self._engine = None

    def _on_lines(self, lines: list[bytes]) -> None:
        pending, self._payload = self._payload + lines, []
        index = 0
        while index < len(pending):
            message = json.loads(pending[index])
            if message[0] == "submit":
                if index + 3 > len(pending):
                    self._payload = pending[index:]
                    return
                self._submit(message[1], message[2], pending[index + 1 : index + 3])
                index += 3
                continue
            self._command(message)
            index += 1

    def _submit(self, number: int, facts: dict[str, Any], lines: list[bytes]) -> None:
        run = ProcessRun(self, number, facts, lines)
        self.runs[number] = run
        self._waiting.append(run)

    def _command(self, message: list[Any]) -> None:
        verb, *rest = message
        run = self.runs.get(rest[0]) if rest and isinstance(rest[0], int) else None
        if verb == "reply" and run is not None:
            run.reply(rest[1], rest[2], rest[3])
        elif verb == "ask" and run is not None:
            run.ask()
        elif verb == "cancel" and run is not None:
            if run.child is None:
                self._end(run, rest[2], "cancelled before it began")
            else:
                run.end_after(rest[1], rest[2], "asked to stop")
        elif verb == "kill" and run is not None:
            self._end(run, rest[1], "killed by an operator")
        elif verb == "deadline":
            self._deadline = rest[0]
        elif verb == "ack" and self._exits is not None:
            self._exits.acknowledge(rest[0])
        elif verb == "configure":
            self._configure(rest[0])
        elif verb == "detach" and self._engine is not None:
            self._engine.close()
            self._engine = None
        elif verb == "close":
            self._closing = True
            self._end_all("engine-stopped", "still running when the engine stopped")

    def _configure(self, settings: dict[str, Any]) -> None:
        if self._exits is None:
            self._settings = settings
            self._exits = ExitFile(settings["exits"])
            sys.path += settings["site"]
            self._stock = Stock(settings["stock"], child.live)
        runs = self.runs.values()
        hello = {
            "pid": os.getpid(),
            "running": [run.describe() for run in runs if run.child is not None],
            "waiting": [run.number for run in runs if run.child is None],
            "exits": [json.loads(record) for record in self._exits.kept.values()],
            "calls": [call for run in runs for call in run.calls.values()],
        }
        self._exits.sync()
        self.tell(["hello", hello])

    def close(self) -> None:
        """Say good-bye and leave nothing behind that is not needed."""
        if self._stock is not None:
            self._stock.close()
        if self._exits is not None:
            self._exits.remove()
        if self._engine is not None:
            self._engine.socket.setblocking(True)
            self.tell(["bye"])
            self._engine.flush()
        with contextlib.suppress(OSError, KeyError):
            os.unlink(self._settings["socket"])


def main(arguments: list[str]) -> None:
    """Serve the engine that connects to the socket under descriptor 3."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.umask(0o077)
    kernel.name_process("tocsin-super")
    kernel.become_subreaper()
    del arguments
    supervisor = Supervisor(socket.socket(fileno=LISTENER))
    supervisor.serve()
    supervisor.close()
