"""The life of a child from the stock: wait for one run, set up its conditions, become it."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import sys
from typing import Any, NoReturn

from . import conditions, kernel, python_job
from .channel import Channel
from .conditions import StartError

_PAYLOAD = 4  # descriptor under which another interpreter finds the run's lines
_START = os.path.join(os.path.dirname(os.path.abspath(__file__)), "start.py")
_NOT_STARTED = 126


def live(control: socket.socket) -> NoReturn:
    """Serve one run and end with it. Never returns."""
    channel = Channel(control)
    try:
        lines = [channel.line(), channel.line()]
    except (EOFError, OSError):
        os._exit(0)  # the supervisor needs us no more
    program, run = (json.loads(each) for each in lines)
    try:
        kernel.name_process(f"job {program['name']}")
        conditions.apply(program, run)
        if program["lang"] == "shell":
            _become_shell(program)
        elif program["interpreter"]:
            _become_python(program["interpreter"], lines)
    except StartError as error:
        channel.say("failed", str(error))
        os._exit(_NOT_STARTED)
    os._exit(python_job.execute(channel, program, run))


def _become_shell(program: dict[str, Any]) -> NoReturn:
    shell = program["interpreter"] or "/bin/sh"
    text = program["code"]
    if "\0" in text:
        message = "the script holds a NUL character"
        raise StartError(message)
    name = program["code_path"] or program["name"]
    _exec(shell, [shell, "-c", text, name])


def _become_python(interpreter: str, lines: list[bytes]) -> NoReturn:
    payload = os.memfd_create("tocsin-run", 0)
    os.write(payload, b"\n".join(lines) + b"\n")
    os.lseek(payload, 0, os.SEEK_SET)
    if payload != _PAYLOAD:
        os.dup2(payload, _PAYLOAD)
        os.close(payload)
    os.set_inheritable(3, True)
    _exec(interpreter, [interpreter, _START, "interpreter_job"])


def _exec(program: str, arguments: list[str]) -> NoReturn:
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    sys.stdout.flush()
    try:
        os.execve(program, arguments, dict(os.environ))
    except (OSError, ValueError) as error:
        text = f"interpreter '{program}': {conditions.cause(error)}"
        if isinstance(error, OSError) and error.errno == errno.ENOENT and os.path.exists(program):
            text += " (the interpreter named in its first line)"
        raise StartError(text) from None
