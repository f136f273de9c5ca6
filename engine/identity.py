"""Which process of which boot of which host this is: enough to tell a reused process id apart."""

import os
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname

_START_TIME = 19  # of the fields after the command's name in /proc/PID/stat: field 22 of all


@dataclass(frozen=True, slots=True)
class Identity:
    """One process."""

    host: str
    boot_id: str
    pid: int
    pid_started: int  # clock ticks after the boot


def own_identity() -> Identity:
    """Return who this process is."""
    return Identity(gethostname(), boot_id(), os.getpid(), started_at(os.getpid()) or 0)


def boot_id() -> str:
    """Return the id of this boot of the machine; empty where the kernel does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def started_at(pid: int) -> int | None:
    """Return when a process of this machine started, in clock ticks after the boot; None: gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    after_name = text.rpartition(")")[2].split()
    if after_name[0] in {"Z", "X"}:
        return None
    return int(after_name[_START_TIME])


def is_gone(process: Identity, here: Identity) -> bool | None:
    """Return whether a process is gone for certain; None: it is on another host, out of sight."""
    if process.host != here.host:
        return None
    if process.boot_id != here.boot_id:
        return True
    return started_at(process.pid) != process.pid_started
