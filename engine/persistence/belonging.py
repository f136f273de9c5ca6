"""Whose a store is: what takes its place, or is made beside it, must be theirs as well.

Who restores a backup as root is seldom the user whose engine uses the store.
"""

import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from msgspec import Struct

_OWN = 0o600
_SHARED = 0o066  # what others may be allowed besides; nothing of a store is a program
_OF_GROUP = 0o070
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Belonging(Struct, frozen=True):
    """The owner of a file, its group, and who may read and write it."""

    uid: int
    gid: int
    mode: int

    def hand_over(self, path: Path, *, alone: bool = False) -> None:
        """Make a file theirs that we just made, as far as we may give it away.

        `alone`: nobody but the owner is to use it, whoever else may use the store.
        """
        file = os.open(path, _FLAGS)  # the file itself: its folder may be another user's
        try:
            made = os.fstat(file)
            if not S_ISREG(made.st_mode) or made.st_uid != os.geteuid() or made.st_nlink != 1:
                return  # somebody put it there, to be given what is not theirs
            with suppress(OSError):  # a group that we are not in, or a root without that right
                os.fchown(file, self.uid if os.geteuid() == 0 else -1, self.gid)
            is_their_group = os.fstat(file).st_gid == self.gid
            mode = _OWN if alone else self.mode if is_their_group else self.mode & ~_OF_GROUP
            with suppress(OSError):  # a file system that knows no modes
                os.fchmod(file, mode)
            os.fsync(file)
        finally:
            os.close(file)


def belonging_of(store: Path) -> Belonging:
    """Return whose a store is; where there is none: whose its folder is, and nobody else's."""
    try:
        found = store.stat()
    except FileNotFoundError:
        found = store.parent.stat()
        return Belonging(found.st_uid, found.st_gid, _OWN)
    return Belonging(found.st_uid, found.st_gid, _OWN | found.st_mode & _SHARED)
