"""Which process of which boot of which host this is: enough to tell a reused process id apart.

Whether a process is gone can only be told from where its number means something: in the same boot
and the same PID namespace. Hosts that were cloned have one name, and so have containers that share
their host's; a process of theirs is as far away as one of another host.
"""

import os
from pathlib import Path
from socket import gethostname

from msgspec import Struct

_START_TIME = 19  # of the fields after the command's name in /proc/PID/stat: field 22 of all


class Identity(Struct, frozen=True):
    """One process."""

    host: str
    boot_id: str  # of the machine's boot and the PID namespace
    pid: int
    pid_started: int  # clock ticks after the boot


def own_identity() -> Identity:
    """Return who this process is."""
    return Identity(gethostname(), boot_id(), os.getpid(), started_at(os.getpid()) or 0)


def boot_id() -> str:
    """Return this boot of the machine and our PID namespace; empty where the kernel hides one."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return ""
    return f"{boot}/{namespace}"


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
    """Return whether a process is gone; None: nobody here can tell, it would be out of sight."""
    if not here.boot_id or (process.host, process.boot_id) != (here.host, here.boot_id):
        return None
    return started_at(process.pid) != process.pid_started
