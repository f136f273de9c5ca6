"""Whether there is room left where the engine writes."""

import os
from pathlib import Path

_ENOUGH = 64 << 20  # bytes
_PART = 50  # of the file system: a small one is not full because it is small


def lack_of_room(folder: Path) -> str:
    """Return what is lacking on the disk of `folder`, "" where nothing is or nobody can tell."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return ""
    blocks = found.f_bfree if os.geteuid() == 0 else found.f_bavail
    free, total = blocks * found.f_frsize, found.f_blocks * found.f_frsize
    if free < min(_ENOUGH, total // _PART):
        return f"{_size(free)} of {_size(total)} are free at {folder}"
    if found.f_files and not found.f_favail:
        return f"no more files can be made at {folder}"
    return ""


def _size(number: int) -> str:
    return f"{number / 2**20:,.1f} MiB"
