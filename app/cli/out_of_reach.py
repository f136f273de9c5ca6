"""What the system said of a file that a command was pointed at: no fault of tocsin."""

import errno
import os

_REASONS = frozenset(
    {
        errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR,
        errno.ENAMETOOLONG, errno.ELOOP,
    }
)  # fmt: skip


def out_of_reach(error: OSError) -> str:
    """Return which file or folder cannot be used, and why; "" where the error is of another kind.

    Looking whether a path is there raises, too, where a folder above may not be looked into.
    """
    if error.errno not in _REASONS:
        return ""
    if error.filename is not None:
        return f"{os.fsdecode(error.filename)}: cannot be used: {error.strerror}"
    try:
        os.getcwd()  # noqa: PTH109 - nothing but whether there is one
    except OSError as gone:
        return f"the working directory cannot be used: {gone.strerror}"
    return ""
