"""Lines over a socket that never blocks: unsent ones are kept, half ones wait for the rest."""

from __future__ import annotations

from .reactor import READ, WRITE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .bare import Socket
    from .reactor import Reactor

CHUNK = 1 << 18


class LineSocket:
    """A watched socket: `on_lines` gets whole lines, `on_end` is called when the peer is gone.

    One that sends more than `longest` bytes without ending a line is as good as gone; 0: none is.
    """

    __slots__ = (
        "_in",
        "_in_bytes",
        "_on_end",
        "_on_lines",
        "_out",
        "_reactor",
        "_wants_write",
        "longest",
        "open",
        "socket",
    )

    def __init__(
        self,
        reactor: Reactor,
        connection: Socket,
        on_lines: Callable[[list[bytes]], None],
        on_end: Callable[[], None],
        longest: int = 0,
    ) -> None:
        connection.setblocking(False)
        self.longest = longest
        self.socket = connection
        self.open = True
        self._reactor = reactor
        self._on_lines = on_lines
        self._on_end = on_end
        self._in: list[bytes] = []  # of a line that is not whole yet: joined once, when it is
        self._in_bytes = 0
        self._out = bytearray()
        self._wants_write = False
        reactor.watch(connection.fileno(), self._on_event)

    def send(self, data: bytes) -> None:
        """Send whole lines, now or when the peer takes them."""
        self.queue(data)
        if not self._wants_write:
            self.flush()

    def queue(self, data: bytes) -> None:
        """Keep lines until `flush`, so that many share one system call."""
        if self.open:
            self._out += data

    def flush(self) -> None:
        """Send what is kept, as far as the peer takes it."""
        if not self.open:
            return
        while self._out:
            try:
                sent = self.socket.send(bytes(self._out[:CHUNK]))
            except BlockingIOError:
                break
            except OSError:
                self._out.clear()  # its end is noticed by reading
                break
            del self._out[:sent]
        if bool(self._out) is not self._wants_write:
            self._wants_write = bool(self._out)
            self._reactor.change(self.socket.fileno(), READ | WRITE if self._wants_write else READ)

    def _on_event(self, events: int) -> None:
        if events & WRITE:
            self.flush()
        if events & ~WRITE:
            self.read()

    def read(self) -> bool:
        """Take what has come; False: nothing had, or the peer is gone."""
        if not self.open:
            return False
        try:
            data = self.socket.recv(CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.close()
            self._on_end()
            return False
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*self._in, lines[0]])
            self._in, self._in_bytes = [], 0
        if rest:
            self._in.append(rest)
            self._in_bytes += len(rest)
        if lines:
            self._on_lines(lines)
        if self.longest and self._in_bytes > self.longest:
            self.close()
            self._on_end()
            return False
        return True

    def close(self) -> None:
        """Stop watching and close; `on_end` is not called."""
        if self.open:
            self.open = False
            self._reactor.unwatch(self.socket.fileno())
            self.socket.close()
