"""Commands of jobs that reach us over a socket (`tocsin-job`), with the token of their run.

The socket's name is abstract: jobs of other users cannot enter the folders of the engine's user. So
anybody on the machine can connect: who names no run soon and briefly is let go.
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

_TOKEN_SECONDS = 5.0
_TOKEN_BYTES = 512  # of the line with the token
_LINE_BYTES = 64 * 1024 * 1024  # of any other: far above what the engine takes in one call
_MOST_STRANGERS = 64  # connections that have not named a run; one more, and the oldest goes
_MOST_OF_A_RUN = 128  # commands of one run at a time
_TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin")


class Callers:
    """Accepts commands; tells jobs by their environment how to find us."""

    def __init__(self, house: House) -> None:
        name = f"tocsin-{house.settings['mark']}-{os.urandom(8).hex()}"
        self._house = house
        self._strangers: list[Caller] = []  # oldest first
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
        if len(self._strangers) >= _MOST_STRANGERS:
            self._strangers[0].hang_up()
        self._strangers.append(Caller(self._house, connection, self._strangers))


class Caller:
    """One command, which first names its run; until then it is one of `strangers`."""

    def __init__(self, house: House, connection: Socket, strangers: list[Caller]) -> None:
        self._house = house
        self._run: ProcessRun | None = None
        self._strangers = strangers
        self._line = LineSocket(
            house.reactor, connection, self._on_lines, self._on_end, _TOKEN_BYTES
        )
        self._timer = house.reactor.after(_TOKEN_SECONDS, self.hang_up)

    def hang_up(self) -> None:
        """End the connection."""
        self._line.close()
        self._on_end()

    def _on_lines(self, lines: list[bytes]) -> None:
        for line in lines:
            try:
                self._hear(heard(line))
            except (ValueError, TypeError, LookupError, AttributeError):
                self.hang_up()

    def _hear(self, message: list[Any]) -> None:
        verb = message[0]
        if verb == "token":
            self._take_token(message[1])
        elif self._run is None:
            self.hang_up()
        elif verb == "call":
            self._run.take_call(message[1], message[2], self._answer)
        elif verb == "facts":
            self._answer(True, self._run.known())
        elif verb == "log":
            self._run.hear(message)
            self._answer(True, None)
        elif verb == "sleep":
            self._run.wait_for_stop(float(message[1]), self._answer)

    def _take_token(self, token: Any) -> None:
        if self._run is not None:
            return
        runs = [each for each in self._house.runs.values() if isinstance(each, ProcessRun)]
        run = next((each for each in runs if each.token == token), None)
        if run is None:
            self._answer(False, "this run is over")
        elif run.callers >= _MOST_OF_A_RUN:
            self._answer(False, f"{_MOST_OF_A_RUN} commands of this run are at work already")
        else:
            self._run = run
            run.callers += 1
            self._line.longest = _LINE_BYTES
            self._be_known()

    def _be_known(self) -> None:
        self._timer.cancel()
        if self in self._strangers:
            self._strangers.remove(self)

    def _answer(self, ok: bool, value: Any) -> None:
        self._line.send(dumps([ok, value]) + b"\n")

    def _on_end(self) -> None:
        self._be_known()
        if self._run is not None:
            self._run.callers -= 1
            self._run = None
