"""The conditions of a run, set up in its own process: limits, user, folder, environment.

Whatever cannot be met ends the run before a line of its code ran, in one form that names the cause.
"""

from __future__ import annotations

import os
import resource

from . import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .lease import Lease

LIMITS = {
    "memory": resource.RLIMIT_AS,
    "cpu": resource.RLIMIT_CPU,
    "files": resource.RLIMIT_NOFILE,
    "processes": resource.RLIMIT_NPROC,
}
CPU_RESERVE = 5  # seconds between SIGXCPU, which tells what it is, and SIGKILL


class StartError(Exception):
    """The run cannot be started; the text says in one line what failed and why."""

    def __init__(self, text: str, details: str = "", name: str = "START-FAILED") -> None:
        super().__init__(text)
        self.details = details
        self.name = name


def cause(error: BaseException) -> str:
    """Return why something failed, without Python's wrapping."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def require(lease: Lease) -> None:
    """Let nothing begin when the lease is over: we may have been frozen with the run in our hands.

    Raises:
        StartError: it is over.
    """
    if lease.is_over:
        message = "no engine renewed the lease in time"
        raise StartError(message)


def apply(program: dict[str, Any], environment: dict[str, str]) -> None:
    """Put this process under the job's conditions; `environment` is what the run is told.

    Raises:
        StartError: one of them cannot be met.
    """
    limit(program["limits"])
    who = _become(program["user"]) if program["user"] else {}
    _enter(program["cwd"] or folder_of(program) or "/")
    add_to_environment({**who, **environment})


def folder_of(program: dict[str, Any]) -> str | None:
    """Return the folder that the job's code lies in; None where it has none."""
    path: str | None = program["code_path"]
    folder: str | None = program["cwd"]
    return os.path.dirname(path) if path else folder


def limit(limits: dict[str, int | None]) -> None:
    """Set the limits that are given.

    Raises:
        StartError: the machine refuses one.
    """
    for name, number in LIMITS.items():
        value = limits[name]
        if value is None:
            continue
        hard = value + CPU_RESERVE if name == "cpu" else value
        most = resource.getrlimit(number)[1]
        if most != resource.RLIM_INFINITY:
            hard = min(hard, most)
        try:
            resource.setrlimit(number, (min(value, hard), hard))
        except (OSError, ValueError, OverflowError) as error:
            text = f"limit {name} {value}: {cause(error)}"
            raise StartError(text) from None


def _become(name: str) -> dict[str, str]:
    """Become another user, for good; return the environment that goes with it."""
    import pwd

    try:
        user = pwd.getpwnam(name)
    except (KeyError, ValueError):
        text = f"user '{name}': there is no such user"
        raise StartError(text) from None
    if os.geteuid() != 0 and user.pw_uid != os.geteuid():
        text = f"user '{name}': only an engine that runs as root can run jobs as another user"
        raise StartError(text)
    if user.pw_uid != os.geteuid():
        try:
            _change_ids(name, user.pw_uid, user.pw_gid)
        except OSError as error:
            text = f"user '{name}': {cause(error)}"
            raise StartError(text) from None
    if set(os.getresuid()) != {user.pw_uid}:
        text = f"user '{name}': the change of user did not take effect"
        raise StartError(text)
    shell = user.pw_shell or "/bin/sh"
    return {"HOME": user.pw_dir, "USER": name, "LOGNAME": name, "SHELL": shell}


def _change_ids(name: str, uid: int, gid: int) -> None:
    os.initgroups(name, gid)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    kernel.gain_no_privileges()
    kernel.die_with_parent()


def _enter(folder: str) -> None:
    try:
        os.chdir(folder)
    except (OSError, ValueError) as error:
        text = f"cwd '{folder}': {cause(error)}"
        raise StartError(text) from None


def set_environment(environment: dict[str, str]) -> None:
    """Let this process have exactly this environment; only differences cost anything.

    Raises:
        StartError: a name or value cannot be one.
    """
    for name in [name for name in os.environ if name not in environment]:
        del os.environ[name]
    add_to_environment(
        {name: value for name, value in environment.items() if os.environ.get(name) != value}
    )


def add_to_environment(environment: dict[str, str]) -> None:
    """Add variables to this process's environment.

    Raises:
        StartError: a name or value cannot be one.
    """
    for name, value in environment.items():
        try:
            os.environ[name] = value
        except (ValueError, OSError, TypeError) as error:
            text = f"env {name!r}: {cause(error)}"
            raise StartError(text) from None
