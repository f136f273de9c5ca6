"""The conditions of a run, set up in its own process: limits, user, folder, environment.

Whatever cannot be met ends the run before a line of its code ran, in one form that names the cause.
"""

from __future__ import annotations

import os
import pwd
import resource
from typing import Any

from . import kernel

_LIMITS = {
    "memory": resource.RLIMIT_AS,
    "cpu": resource.RLIMIT_CPU,
    "files": resource.RLIMIT_NOFILE,
    "processes": resource.RLIMIT_NPROC,
}


class StartError(Exception):
    """The run cannot be started; the text says what failed and why."""


def cause(error: BaseException) -> str:
    """Return why something failed, without Python's wrapping."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def apply(program: dict[str, Any], run: dict[str, Any]) -> None:
    """Put this process under the conditions that the job names.

    Raises:
        StartError: one of them cannot be met.
    """
    environment = {name: value for name, value in os.environ.items()}
    _limit(program["limits"])
    if program["user"]:
        _become(program["user"], environment)
    _enter(program["cwd"] or folder_of(program))
    environment.update(run_environment(program, run))
    environment.update(program["env"])
    _set_environment(environment)


def folder_of(program: dict[str, Any]) -> str | None:
    """Return the folder that the job's code lies in; None for code written in its definition."""
    return os.path.dirname(program["code_path"]) if program["code_path"] else None


def _limit(limits: dict[str, int | None]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    for name, number in _LIMITS.items():
        value = limits[name]
        if value is None:
            continue
        hard = value + 5 if name == "cpu" else value  # first SIGXCPU, which tells what it is
        most = resource.getrlimit(number)[1]
        if most != resource.RLIM_INFINITY:
            hard = min(hard, most)
        try:
            resource.setrlimit(number, (min(value, hard), hard))
        except (OSError, ValueError) as error:
            text = f"limit {name} {value}: {cause(error)}"
            raise StartError(text) from None


def _become(name: str, environment: dict[str, str]) -> None:
    try:
        user = pwd.getpwnam(name)
    except (KeyError, ValueError):
        text = f"user '{name}': there is no such user"
        raise StartError(text) from None
    if os.geteuid() != 0:
        if user.pw_uid == os.geteuid():
            return
        text = f"user '{name}': only an engine that runs as root can run jobs as another user"
        raise StartError(text)
    try:
        os.initgroups(name, user.pw_gid)
        os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
        os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
        kernel.gain_no_privileges()
        kernel.die_with_parent()
    except OSError as error:
        text = f"user '{name}': {cause(error)}"
        raise StartError(text) from None
    ids = {*os.getresuid(), user.pw_uid}
    if len(ids) != 1 or set(os.getresgid()) != {user.pw_gid}:
        text = f"user '{name}': the change of user did not take effect"
        raise StartError(text)
    environment.update(
        HOME=user.pw_dir, USER=name, LOGNAME=name, SHELL=user.pw_shell or "/bin/sh"
    )


def _enter(folder: str | None) -> None:
    try:
        os.chdir(folder or "/")
    except (OSError, ValueError) as error:
        text = f"cwd '{folder}': {cause(error)}"
        raise StartError(text) from None


def _set_environment(environment: dict[str, str]) -> None:
    os.environ.clear()
    for name, value in environment.items():
        try:
            os.environ[name] = value
        except (ValueError, OSError, TypeError) as error:
            text = f"env {name!r}: {cause(error)}"
            raise StartError(text) from None


def run_environment(program: dict[str, Any], run: dict[str, Any]) -> dict[str, str]:
    """Return the variables that tell a run what it is."""
    told = {
        "TOCSIN_JOB": program["name"],
        "TOCSIN_INSTANCE": str(run["id"]),
        "TOCSIN_FENCE": str(run["fence"]),
        "TOCSIN_CAUSE": run["cause"],
    }
    return told
