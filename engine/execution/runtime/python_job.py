"""Run one Python job in the current process: a forked child, or another interpreter started for it."""

from __future__ import annotations

import atexit
import builtins
import contextlib
import os
import sys
import threading
from typing import Any

import jobapi

from .conditions import StartError, folder_of
from .program import Program, told


def execute(channel: Any, program: dict[str, Any], run: dict[str, Any]) -> int:
    """Run the job, tell its end, and return the exit code for the process."""
    open_output()
    program.setdefault("folder", folder_of(program))
    if program["folder"]:
        sys.path.insert(0, program["folder"])
    jobapi._begin(channel, program, run)
    try:
        job = Program(program)
    except StartError as error:
        channel.say("failed", str(error))
        return 1
    channel.say("began")
    code = attempt(channel, job, load=True)
    finish_process()
    return code


def attempt(channel: Any, job: Program, *, load: bool) -> int:
    """Run a job's code once and tell its end; return the exit code that it means."""
    try:
        if load:
            job.load()
        job.run()
    except StartError as error:
        channel.say("failed", str(error))
        return 1
    except SystemExit as error:
        code = exit_code(error)
        channel.say("end", "exit", code, None, channel.stop_seen)
        return code
    except BaseException as error:
        channel.say("end", "exception", 1, told(error), channel.stop_seen)
        return 1
    channel.say("end", "returned", 0, None, channel.stop_seen)
    return 0


def exit_code(error: SystemExit) -> int:
    """Return what a process exits with on `sys.exit(...)`; a text goes to standard error."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1


def open_output() -> None:
    """Let standard output pass on each line at once, in UTF-8, whatever it holds."""
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        stream = open(  # noqa: SIM115 it lives as long as the process
            descriptor, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    for name in ("exit", "quit"):
        if not hasattr(builtins, name):
            setattr(builtins, name, sys.exit)


def finish_process() -> None:
    """Do what an interpreter does at its end and os._exit does not."""
    with contextlib.suppress(BaseException):
        threading._shutdown()
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()


def leave(code: int) -> None:
    """End the process at once."""
    os._exit(code)
