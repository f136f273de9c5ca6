"""The life of a child from the stock: wait for one run, set up its conditions, become it."""

from __future__ import annotations

import fcntl
import os
import sys

from . import conditions, kernel, python_job, signals
from .channel import Channel
from .conditions import StartError
from .plain import dumps, loads
from .program import Program, start_failure
from .run_environment import environment_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from .bare import Socket
    from .lease import Lease

_CONTROL, _PAYLOAD = 3, 4  # descriptors under which another interpreter finds its line and the run
_SCRIPT = 9  # where a shell finds its script
_START = os.path.join(os.path.dirname(os.path.abspath(__file__)), "start.py")
_NOT_STARTED = 126
_SAMPLE = "import os\ndef run():\n    for each in [1, 2.5]:\n        os.getpid()\n"
# The text comes by a descriptor: no `ps` shows it, and the script's processes do not inherit it.
# What could not be read, or in part, must not be run; without a pipe bash goes on with nothing.
_READ_SCRIPT = (
    f'_tocsin=$(command -p cat <&{_SCRIPT}) && [ "$_tocsin" ] || '
    '{ echo "tocsin: the script could not be read" >&2; exit 126; }; '
    f'eval "$_tocsin" {_SCRIPT}<&-'
)
_FIRST = (
    "unset _tocsin; "  # of the text: it is never empty, and the script finds no variable of ours
)


def live(control: Socket, lease: Lease) -> NoReturn:
    """Serve one run and end with it. Never returns."""
    channel = Channel(control)
    warm_up()
    try:
        setup, program_line, run_line = (channel.line() for _ in range(3))
    except (EOFError, OSError):
        os._exit(0)  # the supervisor needs us no more
    told, program, run = loads(setup), loads(program_line), loads(run_line)
    kernel.put_mark(told["mark"])
    kernel.name_process(program["name"])
    failure = None
    try:
        conditions.apply(program, environment_of(program, run, told))
        begin = _beginning(channel, told, program, [program_line, run_line], run)
    except StartError as error:
        failure = error
    try:
        channel.await_line(b'["go"]')  # it may never come: nothing was begun so far
    except (EOFError, OSError):
        os._exit(0)
    try:
        conditions.require(lease)
        if failure is not None:
            raise failure
        begin()
    except StartError as error:
        channel.say("failed", start_failure(error))
    os._exit(_NOT_STARTED)


def _beginning(
    channel: Channel,
    told: dict[str, Any],
    program: dict[str, Any],
    lines: list[bytes],
    run: dict[str, Any],
) -> Callable[[], NoReturn]:
    """Return what begins the run, for good, with all done that can be done before.

    Raises:
        StartError: the run cannot be started.
    """
    if program["lang"] == "shell":
        return _shell(program)
    if program["interpreter"]:
        _check_readable(program["user"], _START, "the files of tocsin")
        return _python([program["interpreter"]], lines, [])
    _check_readable(program["user"], os.__file__, "Python's library")
    if program["user"]:  # must not find what we remember of other jobs
        return _python([sys.executable, "-I", "-S"], lines, told["site"])
    compiled = Program(program)
    return lambda: os._exit(python_job.execute(channel, compiled, run))


def warm_up() -> None:
    """Do what a run will do, once.

    In the supervisor: what Python sets up at first use (a hundred classes for the first `compile`)
    is then there in every child. In a child: the pages that a run will touch are then its own.
    """
    sample = {"id": 0, "fence": 0, "cause": "", "started": 0, "due_at": 0, "options": {"a": 1}}
    facts: dict[str, Any] = {
        "name": "",
        "code": _SAMPLE,
        "code_path": None,
        "cwd": None,
        "library": [],
    }
    facts |= {"env": {}, "lang": "python"}
    told = loads(dumps({"mark": "", "tools": {}}))
    compile(_SAMPLE, "", "exec")
    program = Program(facts)
    program.load()
    program.run()
    before = dict(os.environ)
    conditions.set_environment({**before, **environment_of(facts, sample, told)})
    conditions.set_environment(before)


def _check_readable(user: str | None, file: str, what: str) -> None:
    if user and not os.access(file, os.R_OK):
        text = f"user '{user}' cannot read {what} ({os.path.dirname(file)})"
        raise StartError(text)


def _shell(program: dict[str, Any]) -> Callable[[], NoReturn]:
    shell = program["interpreter"] or "/bin/sh"
    if "\0" in program["code"]:
        message = "the script holds a NUL character"
        raise StartError(message)
    text = _FIRST + program["code"]
    _keep_open(_in_memory(text.encode("utf-8", "surrogateescape")), _SCRIPT)
    arguments = [shell, "-c", _READ_SCRIPT, program["code_path"] or program["name"]]
    return lambda: _exec(shell, arguments)


def _python(python: list[str], lines: list[bytes], site: list[str]) -> Callable[[], NoReturn]:
    _keep_open(_in_memory(b"\n".join(lines)), _PAYLOAD)
    os.set_inheritable(_CONTROL, True)
    return lambda: _exec(python[0], [*python, _START, "interpreter_job", *site])


def _in_memory(data: bytes) -> int:
    file = os.memfd_create("tocsin")
    os.write(file, data)
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _keep_open(descriptor: int, place: int) -> None:
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 16)
    os.close(descriptor)
    os.dup2(high, place)
    os.close(high)


def _exec(program: str, arguments: list[str]) -> NoReturn:
    signals.reset(signals.SIGPIPE, signals.SIGXFSZ, signals.SIGINT)
    sys.stdout.flush()
    try:
        os.execve(program, arguments, dict(os.environ))
    except (OSError, ValueError) as error:
        text = f"interpreter '{program}': {conditions.cause(error)}"
        raise StartError(text) from None
