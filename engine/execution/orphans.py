"""End what a supervisor that is gone, or as good as gone, left behind.

A supervisor's children die with it by the kernel's doing; their own children do not, and carry its
mark. One that is frozen is ended as well: it would go on with what it was told before.
"""

import os
import select
import signal
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from engine.execution.runtime.kernel import SUPERVISOR, is_dead, mark_of as process_mark, name_of

_ROUNDS = 20  # what forks faster than it is killed is met again
_QUIET_LOOKS = 2
_PAUSE = 0.02  # seconds


def mark_of(address: str) -> str:
    """Return the mark of the processes below the supervisor that listens at `address`."""
    return blake2b(address.encode(), digest_size=8).hexdigest()


def end_orphans(address: str) -> int:
    """Kill the supervisor at `address` and all that it started; return how many there were.

    Processes whose environment is not ours to read (another user's, where we are not root) are not
    found.
    """
    mark, stem = f"{mark_of(address)}:", Path(address).stem
    ended: set[int] = set()
    quiet = 0
    for _ in range(_ROUNDS):
        found = [pid for pid in _processes() if _belongs(pid, mark, stem)]
        for pid in found:
            _end(pid, mark, stem)
        ended.update(found)
        quiet = 0 if found else quiet + 1
        if quiet == _QUIET_LOOKS:
            break
        select.select(
            [], [], [], _PAUSE
        )  # a process shows no mark while it becomes another program
    return len(ended)


def _processes() -> list[int]:
    me = os.getpid()
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and int(entry.name) != me
    ]


def _belongs(pid: int, mark: str, stem: str) -> bool:
    if (process_mark(pid) or "").startswith(mark):
        return True
    return name_of(pid) == SUPERVISOR and _last_word(pid) == stem and not is_dead(pid)


def _last_word(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[-2].decode()
    except (OSError, IndexError, UnicodeDecodeError):
        return ""


def _end(pid: int, mark: str, stem: str) -> None:
    """Kill a process, unless its number belongs to another one by now."""
    with suppress(ProcessLookupError, PermissionError):
        handle = os.pidfd_open(pid)
        try:
            if _belongs(pid, mark, stem):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)
