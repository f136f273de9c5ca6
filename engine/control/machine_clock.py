"""Whether a time service disciplines this machine's clock, as the kernel says (man 2 adjtimex)."""

import ctypes

_TIME_ERROR = 5
_SIZE = 512  # struct timex has 208 bytes; the kernel never writes more than it is


def is_synchronised() -> bool | None:
    """Return what the kernel says; None where it does not tell."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        state = libc.adjtimex(ctypes.create_string_buffer(_SIZE))  # modes 0: only ask
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
