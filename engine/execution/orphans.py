"""End what a dead supervisor left behind: processes that carry its mark.

A supervisor's children die with it by the kernel's doing; their own children do not.
"""

import os
import select
import signal
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from engine.execution.runtime.kernel import mark_of as process_mark

_ROUNDS = 20  # what forks faster than it is killed is met again
_QUIET_LOOKS = 2
_PAUSE = 0.02  # seconds


def mark_of(address: str) -> str:
    """Return the mark of the processes below the supervisor that listens at `address`."""
    return blake2b(address.encode(), digest_size=8).hexdigest()


def end_orphans(address: str) -> int:
    """Kill every process that the supervisor at `address` started; return how many there were.

    Processes whose environment is not ours to read (another user's, where we are not root) are not
    found.
    """
    mark = f"{mark_of(address)}:"
    ended: set[int] = set()
    quiet = 0
    for _ in range(_ROUNDS):
        found = [pid for pid in _processes() if (process_mark(pid) or "").startswith(mark)]
        for pid in found:
            _end(pid, mark)
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


def _end(pid: int, mark: str) -> None:
    """Kill a process, unless its number belongs to another one by now."""
    with suppress(ProcessLookupError, PermissionError):
        handle = os.pidfd_open(pid)
        try:
            if (process_mark(pid) or "").startswith(mark):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)
