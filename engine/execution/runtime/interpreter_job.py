"""Run a Python job under an interpreter of the user's own: started by path, with the run's lines in a file."""

from __future__ import annotations

import json
import os
import socket
from typing import NoReturn

from . import python_job
from .channel import Channel

_CONTROL = 3
_PAYLOAD = 4


def main(arguments: list[str]) -> NoReturn:
    """Run the job whose lines lie under descriptor 4; descriptor 3 is the line to the supervisor."""
    del arguments
    with open(_PAYLOAD, "rb") as payload:
        program, run = (json.loads(each) for each in payload.read().splitlines())
    os.set_inheritable(_CONTROL, False)
    channel = Channel(socket.socket(fileno=_CONTROL))
    os._exit(python_job.execute(channel, program, run))
