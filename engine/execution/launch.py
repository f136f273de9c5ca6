"""Start a supervisor: a process of its own session, with one socket of the engine's."""

import fcntl
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.errors import EngineError
from engine.execution.runtime.kernel import MARK, MARK_SIZE
from engine.execution.supervisor_link import listen

_START = Path(__file__).parent / "runtime" / "start.py"
_LISTENER = 3  # the descriptor under which the supervisor finds its socket
_INHERITED = re.compile(r"PATH|HOME|LANG|LC_\w+|TZ|USER|LOGNAME|SHELL|TMPDIR")


def launch(address: str, environment: Mapping[str, str]) -> int:
    """Start the supervisor that listens at `address`; return its pid. Jobs inherit `environment`.

    Raises:
        EngineError: no process could be started.
    """
    try:
        listener = listen(address)
        with listener:
            high = fcntl.fcntl(listener.fileno(), fcntl.F_DUPFD_CLOEXEC, 10)
            try:
                return os.posix_spawn(
                    sys.executable,
                    [sys.executable, "-I", "-S", str(_START), "supervisor", Path(address).stem],
                    {**job_environment(os.environ), **environment, MARK: "-" * MARK_SIZE},
                    file_actions=[
                        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                        (os.POSIX_SPAWN_OPEN, 1, str(error_log_path(address)), _APPENDING, 0o600),
                        (os.POSIX_SPAWN_DUP2, 1, 2),
                        (os.POSIX_SPAWN_DUP2, high, _LISTENER),
                    ],
                    setsid=True,
                    setsigmask=[],
                )
            finally:
                os.close(high)
    except OSError as error:
        raise EngineError(f"The supervisor cannot be started: {error}") from None


_APPENDING = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW


def error_log_path(address: str) -> Path:
    """Return where a supervisor's own errors go; a file without any is removed at its end."""
    return Path(address).with_suffix(".errors")


def job_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what jobs may inherit of the engine's environment: never its secrets."""
    return {name: value for name, value in environment.items() if _INHERITED.fullmatch(name)}
