"""What the kernel offers and Python does not wrap: prctl. And what /proc tells of processes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

_SET_PDEATHSIG = 1
_SET_DUMPABLE = 4
_SET_NAME = 15
_SET_CHILD_SUBREAPER = 36
_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def become_subreaper() -> None:
    """Let orphans among our descendants become our children, so that they can be found and ended."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Have the kernel kill us when our parent dies. Lost with a change of user: set it again after one."""
    _prctl(_SET_PDEATHSIG, signal.SIGKILL)


def gain_no_privileges() -> None:
    """Let no program that we run gain privileges that we lack (setuid programs among them)."""
    _prctl(_SET_NO_NEW_PRIVS, 1)


def name_process(name: str) -> None:
    """Set the name that `ps` and `top` show, up to 15 bytes."""
    buffer = ctypes.create_string_buffer(name.encode()[:15])
    _libc.prctl(_SET_NAME, buffer, 0, 0, 0)


def children() -> list[int]:
    """Return the pids of our children, adopted orphans and zombies among them."""
    return children_of(os.getpid())


def children_of(pid: int) -> list[int]:
    """Return the pids of a process's children; none where it is gone."""
    found: list[int] = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for task in tasks:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/children", "rb") as file:
            found += [int(each) for each in file.read().split()]
    return found


def descendants_of(pid: int) -> list[int]:
    """Return the pids of everything below a process, nearest first."""
    found: list[int] = []
    level = [pid]
    while level:
        level = [child for parent in level for child in children_of(parent)]
        found += level
    return found


def environment_of(pid: int) -> bytes:
    """Return a process's initial environment, NUL-separated; empty where it is gone or not ours to read."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""


def out_of_memory_kills() -> int:
    """Return how often the kernel's out-of-memory killer struck since the machine started; 0 if untold."""
    try:
        with open("/proc/vmstat", "rb") as file:
            for line in file:
                if line.startswith(b"oom_kill "):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0
