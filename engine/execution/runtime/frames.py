"""Lines over a socket that never blocks: what a peer does not take yet is kept, half lines wait for the rest."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from .reactor import Reactor

CHUNK = 1 << 18


class LineSocket:
    """A watched socket. `on_lines` gets whole lines, `on_end` is called once when the peer is gone."""

    __slots__ = ("_in", "_on_end", "_on_lines", "_out", "_reactor", "_wants_write", "open", "socket")

    def __init__(
        self,
        reactor: Reactor,
        connection: socket.socket,
        on_lines: Callable[[list[bytes]], None],
        on_end: Callable[[], None],
    ) -> None:
        connection.setblocking(False)
        self.socket = connection
        self.open = True
        self._reactor = reactor
        self._on_lines = on_lines
        self._on_end = on_end
        self._in = b""
        self._out = bytearray()
        self._wants_write = False
        reactor.watch(connection.fileno(), self._on_event)

    def send(self, data: bytes) -> None:
        """Send whole lines, now or when the peer takes them."""
        if not self.open:
            return
        self._out += data
        if not self._wants_write:
            self.flush()

    def queue(self, data: bytes) -> None:
        """Keep lines until `flush`, so that many share one system call."""
        if self.open:
            self._out += data

    def flush(self) -> None:
        """Send what is kept, as far as the peer takes it."""
        while self._out and self.open:
            try:
                sent = self.socket.send(memoryview(self._out)[:CHUNK])
            except BlockingIOError:
                break
            except OSError:
                self._out.clear()  # its end is noticed by reading
                break
            del self._out[:sent]
        if bool(self._out) is not self._wants_write and self.open:
            self._wants_write = bool(self._out)
            events = select.EPOLLIN | (select.EPOLLOUT if self._wants_write else 0)
            self._reactor.change(self.socket.fileno(), events)

    def _on_event(self, events: int) -> None:
        if events & select.EPOLLOUT:
            self.flush()
        if events & ~select.EPOLLOUT:
            self.read()

    def read(self) -> None:
        """Take what has come; several calls in a row do no harm."""
        if not self.open:
            return
        try:
            data = self.socket.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            self._on_end()
            return
        lines = (self._in + data).split(b"\n") if self._in else data.split(b"\n")
        self._in = lines.pop()
        if lines:
            self._on_lines(lines)

    def close(self) -> None:
        """Stop watching and close; `on_end` is not called."""
        if self.open:
            self.open = False
            self._reactor.unwatch(self.socket.fileno())
            self.socket.close()
