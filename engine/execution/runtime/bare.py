"""The parts of the standard library that are written in C, without what is wrapped around them.

See `__init__` for why. They are CPython's own, and the same in all of its versions.
"""

from __future__ import annotations

from _collections import OrderedDict, deque  # type: ignore[import-not-found]
from _heapq import heappop, heappush
from _socket import (
    AF_UNIX,
    MSG_DONTWAIT,
    SO_PEERCRED,
    SOCK_SEQPACKET,
    SOCK_STREAM,
    SOL_SOCKET,
    socket as Socket,  # noqa: N812 a class
    socketpair,
)
from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import OrderedDict, deque

__all__ = [
    "AF_UNIX",
    "MSG_DONTWAIT",
    "SOCK_SEQPACKET",
    "SOCK_STREAM",
    "SOL_SOCKET",
    "SO_PEERCRED",
    "OrderedDict",
    "Socket",
    "allocate_lock",
    "deque",
    "heappop",
    "heappush",
    "peer_uid",
    "socketpair",
    "take_connection",
]

_CREDENTIALS = 12  # bytes of struct ucred: pid, uid, gid


def take_connection(listener: Socket) -> Socket:
    """Return the connection that waits at a listening socket.

    Raises:
        OSError: none does.
    """
    descriptor, _ = listener._accept()  # type: ignore[attr-defined]
    return Socket(AF_UNIX, SOCK_STREAM, 0, descriptor)


def peer_uid(connection: Socket) -> int:
    """Return the user who runs the process at the other end."""
    credentials = connection.getsockopt(SOL_SOCKET, SO_PEERCRED, _CREDENTIALS)
    return memoryview(credentials).cast("I")[1]
