"""Run a Python job in a fresh interpreter, the user's own or ours, started by path."""

from __future__ import annotations

import os

from . import python_job
from .bare import Socket
from .channel import Channel
from .conditions import StartError
from .plain import loads
from .program import Program, start_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_CONTROL, _PAYLOAD = 3, 4


def main(arguments: list[str]) -> NoReturn:
    """Run the job that lies under descriptor 4; descriptor 3 is the line to the supervisor.

    `arguments` are folders of libraries that jobs may use beside what the interpreter brings.
    """
    os.set_inheritable(_CONTROL, False)
    with open(_PAYLOAD, "rb") as payload:
        program, run = payload.read().split(b"\n")
    python_job.prepare(arguments)
    channel = Channel(Socket(fileno=_CONTROL))
    try:
        compiled = Program(loads(program))
    except StartError as error:
        channel.say("failed", start_failure(error))
        os._exit(1)
    os._exit(python_job.execute(channel, compiled, loads(run)))
