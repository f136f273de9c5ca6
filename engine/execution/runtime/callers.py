"""Commands of jobs that reach us over a socket (`tocsin-job`), with the token of their run.

The socket's name is abstract: jobs of other users cannot enter the folders of the engine's user.
"""

from __future__ import annotations

import os
import sys

from .bare import AF_UNIX, SOCK_STREAM, Socket, take_connection
from .frames import LineSocket
from .plain import dumps, heard
from .process_run import ProcessRun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .house import House

_TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin")


class Callers:
    """Accepts commands; tells jobs by their environment how to find us."""

    def __init__(self, house: House) -> None:
        name = f"tocsin-{house.settings['mark']}-{os.urandom(8).hex()}"
        self._house = house
        self._listener = Socket(AF_UNIX, SOCK_STREAM)
        self._listener.bind(f"\0{name}")
        self._listener.listen(64)
        self._listener.setblocking(False)
        house.reactor.watch(self._listener.fileno(), lambda _: self._accept())
        house.tools = {
            "TOCSIN_SOCKET": name,
            "TOCSIN_PYTHON": sys.executable,
            "folder": _TOOLS,
        }

    def _accept(self) -> None:
        try:
            connection = take_connection(self._listener)
        except OSError:
            return
        Caller(self._house, connection)


class Caller:
    """One command, which first names its run."""

    def __init__(self, house: House, connection: Socket) -> None:
        self._house = house
        self._run: ProcessRun | None = None
        self._line = LineSocket(house.reactor, connection, self._on_lines, self._on_end)

    def _on_lines(self, lines: list[bytes]) -> None:
        for line in lines:
            try:
                self._hear(heard(line))
            except (ValueError, TypeError, LookupError, AttributeError):
                self._line.close()

    def _hear(self, message: list[Any]) -> None:
        verb = message[0]
        if verb == "token":
            self._run = next(
                (
                    run
                    for run in self._house.runs.values()
                    if isinstance(run, ProcessRun) and run.token == message[1]
                ),
                None,
            )
            if self._run is None:
                self._answer(False, "this run is over")
        elif self._run is None:
            self._line.close()
        elif verb == "call":
            self._run.take_call(message[1], message[2], self._answer)
        elif verb == "facts":
            self._answer(True, self._run.known())
        elif verb == "log":
            self._run.hear(message)
            self._answer(True, None)
        elif verb == "sleep":
            self._run.wait_for_stop(float(message[1]), self._answer)

    def _answer(self, ok: bool, value: Any) -> None:
        self._line.send(dumps([ok, value]) + b"\n")

    def _on_end(self) -> None:
        self._run = None
