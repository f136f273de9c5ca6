"""A proxy before a PostgreSQL server's socket that can swallow, cut and refuse."""

import contextlib
import selectors
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL

_SOCKET = ".s.PGSQL.5432"
_LOOK_SECONDS = 0.05


@dataclass
class Proxy:
    """Passes bytes on between clients and the server, as long as it is told nothing else.

    `swallow_requests` and `swallow_answers` read and drop; the connection stays up. `cut_on` is
    asked about what a client sends; where it says yes, the connection is cut, after the words were
    passed on when `passes_last_words`.
    """

    address: URL  # of the server, through the proxy
    swallow_requests: bool = False
    swallow_answers: bool = False
    cut_on: Callable[[bytes], bool] | None = None
    passes_last_words: bool = True
    refuses: bool = False
    _pairs: list[tuple[socket.socket, socket.socket]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cut_all(self) -> None:
        """Cut every connection that is up."""
        with self._lock:
            for pair in self._pairs:
                for end in pair:
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

    def heal(self) -> None:
        """Pass everything on again, for new connections; the old ones are cut."""
        self.swallow_requests = self.swallow_answers = self.refuses = False
        self.cut_on = None
        self.cut_all()


@contextlib.contextmanager
def proxied(server: URL) -> Iterator[Proxy]:
    """Put a proxy before `server`, which listens on a socket in a folder."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-proxy-"))
    name = server.drivername, server.username, server.password
    query = {**server.query, "host": str(folder)}
    proxy = Proxy(URL.create(*name, database=server.database, query=query))
    closing = threading.Event()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / _SOCKET))
        listener.listen()
        listener.settimeout(_LOOK_SECONDS)
        thread = threading.Thread(target=_accept, args=(proxy, listener, server, closing))
        thread.start()
        try:
            yield proxy
        finally:
            closing.set()
            proxy.cut_all()
            thread.join()
            shutil.rmtree(folder)


def _accept(proxy: Proxy, listener: socket.socket, target: URL, closing: threading.Event) -> None:
    threads = []
    while not closing.is_set():
        try:
            client, _ = listener.accept()
        except TimeoutError:
            continue
        if proxy.refuses:
            client.close()
            continue
        try:
            server = _connected(target)
        except OSError:  # it is down, or starts
            client.close()
            continue
        with proxy._lock:
            proxy._pairs.append((client, server))
        thread = threading.Thread(target=_pass_on, args=(proxy, client, server, closing))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


def _connected(server: URL) -> socket.socket:
    """Connect to the server's socket, or to its port."""
    place = str(server.query.get("host") or server.host or "localhost")
    if not place.startswith("/"):
        return socket.create_connection((place, server.port or 5432))
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(Path(place) / _SOCKET))
    except OSError:
        connection.close()
        raise
    return connection


def _pass_on(
    proxy: Proxy, client: socket.socket, server: socket.socket, closing: threading.Event
) -> None:
    with client, server, selectors.DefaultSelector() as selector:
        selector.register(client, selectors.EVENT_READ)
        selector.register(server, selectors.EVENT_READ)
        while not closing.is_set():
            for key, _ in selector.select(_LOOK_SECONDS):
                came_from = client if key.fileobj is client else server
                with contextlib.suppress(OSError):
                    if _step(proxy, came_from, client, server):
                        continue
                return


def _step(
    proxy: Proxy, came_from: socket.socket, client: socket.socket, server: socket.socket
) -> bool:
    """Pass one portion on; False: the connection is over."""
    data = came_from.recv(65_536)
    if not data:
        return False
    if came_from is server:
        if not proxy.swallow_answers:
            client.sendall(data)
        return True
    is_last = proxy.cut_on is not None and proxy.cut_on(data)
    if not proxy.swallow_requests and (proxy.passes_last_words or not is_last):
        server.sendall(data)
    return not is_last
