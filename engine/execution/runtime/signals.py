"""Signals without `signal`, which would load `enum` (see __init__)."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os

SIGHUP, SIGINT, SIGKILL, SIGTERM = 1, 2, 9, 15
SIGPIPE, SIGCONT, SIGXCPU, SIGXFSZ = 13, 18, 24, 25

IGNORED = _signal.SIG_IGN
handle = _signal.signal

_NAMES = {
    number: name
    for name, number in sorted(vars(_signal).items(), reverse=True)
    if name.startswith("SIG") and not name.startswith("SIG_") and isinstance(number, int)
}


def reset(*numbers: int) -> None:
    """Let these signals do what they do by default."""
    for number in numbers:
        handle(number, _signal.SIG_DFL)


def reset_interrupt() -> None:
    """Let SIGINT raise KeyboardInterrupt, as in any Python program."""
    handle(SIGINT, _signal.default_int_handler)


def name(number: int) -> str:
    """Return a signal's name, as `SIGKILL`."""
    return str(_NAMES.get(number, f"signal {number}"))


def group(leader: int, number: int) -> None:
    """Send a signal to a whole process group; no matter if none is left of it."""
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        pass


def process(pid: int, number: int) -> None:
    """Send a signal to one process that cannot have been reaped; no matter if it is gone."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass
