"""Run one Python job in this process: a forked child, or another interpreter."""

from __future__ import annotations

import builtins
import os
import sys

from . import own_modules
from .conditions import StartError
from .program import Program, start_failure

TYPE_CHECKING = False
if not TYPE_CHECKING:
    import jobapi
else:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from .channel import Channel
    from .lib import jobapi


def execute(channel: Channel, program: Program, run: dict[str, Any]) -> int:
    """Run a job, tell its end, and return the exit code for the process."""
    if program.folder:
        sys.path.insert(0, program.folder)
    channel.say("began")
    kind, code, error_told = attempt(channel, program, lambda: run, load=True)
    if kind == "failed":
        channel.say("failed", error_told)
    else:
        channel.say("end", kind, code, error_told, channel.stop_seen)
    finish_process()
    return code


def attempt(
    channel: Channel, program: Program, run: Callable[[], dict[str, Any]], *, load: bool
) -> tuple[str, int, Any]:
    """Run a job's code once; return how it ended, the exit code that it means, and its error.

    What it forks, and what comes back from its code as well, ends here: the run is not its own.
    """
    jobapi._begin(channel, run)
    kind, code, error_told = _outcome(program, load=load)
    if not channel.is_own:
        _end_fork(code, error_told)
    return kind, code, error_told


def _outcome(program: Program, *, load: bool) -> tuple[str, int, Any]:
    try:
        if load:
            program.load()
        program.run()
    except StartError as error:
        return "failed", 1, start_failure(error)
    except SystemExit as error:
        return "exit", _exit_code(error), None
    except BaseException as error:
        return "exception", 1, program.told(error)
    return "returned", 0, None


def _end_fork(code: int, error_told: list[str] | None) -> NoReturn:
    """End a process that a job forked as Python would; nobody but the log hears of its error."""
    if error_told is not None:
        _, description, details = error_told
        try:
            sys.stderr.write(f"{(details or description).rstrip()}\n")
        except BaseException:  # a closed stream, or whatever the job put in its place
            pass
    finish_process()
    os._exit(code)


def _exit_code(error: SystemExit) -> int:
    """Return what a process exits with on `sys.exit(...)`; a text goes to standard error."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    sys.stderr.write(f"{error.code}\n")
    return 1


def prepare(site: list[str]) -> None:
    """Make this interpreter ready for jobs: once, for all that are forked from it."""
    open_output()
    sys.path += site
    own_modules.hide(site)
    for name in ("exit", "quit"):  # which `site` would have defined
        if not hasattr(builtins, name):
            setattr(builtins, name, sys.exit)


def open_output() -> None:
    """Let standard output pass on each line at once, in UTF-8, whatever it holds.

    The supervisor does it once for all its children, whose pipes get the same descriptors; so what
    the streams learn of their descriptors when they are made must hold for a pipe.
    """
    kept = os.dup(1), os.dup(2)
    pipe = os.pipe()
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(pipe[1], descriptor)
        stream = open(  # noqa: SIM115 it lives as long as the process
            descriptor, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.dup2(kept[0], 1)
    os.dup2(kept[1], 2)
    for descriptor in (*kept, *pipe):
        os.close(descriptor)


def finish_process() -> None:
    """Do what an interpreter does at its end and os._exit does not."""
    threading = sys.modules.get("threading")
    steps = [threading._shutdown] if threading is not None else []
    if "atexit" in sys.modules:
        steps.append(sys.modules["atexit"]._run_exitfuncs)
    for step in [*steps, flush_output]:
        try:
            step()
        except BaseException as error:
            sys.excepthook(type(error), error, error.__traceback__)


def flush_output() -> None:
    """Pass on what was printed; a job may have put anything, also None, in a stream's place."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
