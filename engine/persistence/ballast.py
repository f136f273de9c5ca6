"""Room kept in reserve beside a SQLite store, to be given up when its disk is full.

The write-ahead log may have filled the disk by itself; moving it into the file, which makes it
empty, needs room for the pages by which the file grows.
"""

import os
from contextlib import suppress
from pathlib import Path

_SIZE = 4 << 20  # bytes
_PART = 16  # at most this part of a small disk


def keep(store: Path) -> None:
    """Have some room in reserve, if there is any."""
    path = _beside(store)
    if path.exists():
        return
    with suppress(OSError):
        disk = os.statvfs(store.parent)
        size = min(_SIZE, disk.f_blocks * disk.f_frsize // _PART)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, size)
        except OSError:
            path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def give_up(store: Path) -> None:
    """Let the store have the room that was in reserve."""
    with suppress(OSError):
        _beside(store).unlink(missing_ok=True)


def _beside(store: Path) -> Path:
    return store.with_name(f"{store.name}.ballast")
