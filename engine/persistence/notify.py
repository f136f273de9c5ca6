"""Wake engines over PostgreSQL: NOTIFY, and a thread of its own that listens.

The listener needs a connection that may hang or break at any time, which must never stop the
engine: so it has a thread, and the engine waits on a descriptor that the thread makes readable.
"""

import contextlib
import os
import threading
from typing import TYPE_CHECKING

import psycopg

from engine.errors import StoreError
from engine.persistence.database import Database

if TYPE_CHECKING:
    from engine.persistence.postgresql import BoundedConnection

_CHANNEL = "tocsin"
_LOOK_SECONDS = 0.5  # how soon `close` is noticed
_AGAIN_SECONDS = 1.0  # between two attempts to connect


def notify(database: Database) -> bool:
    """Wake all engines of the database; False: it is out of reach."""
    try:
        with database.begin() as tx:
            tx.run_sql(f"NOTIFY {_CHANNEL}")
    except StoreError:
        return False
    return True


class NotifyListener:
    """Becomes readable when somebody notified."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._closing = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="tocsin-listen", daemon=True)
        self._thread.start()
        self._listening.wait(_AGAIN_SECONDS)

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._descriptor

    def drain(self) -> None:
        """Forget the notifications so far."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._descriptor)

    def close(self) -> None:
        """Listen no more; returns within a second."""
        self._closing.set()
        self._thread.join()
        os.close(self._descriptor)

    def _listen(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(psycopg.Error, StoreError):
                connection = self._database.connect_apart()
                with contextlib.closing(connection):
                    self._hear(connection)
            self._closing.wait(_AGAIN_SECONDS)

    def _hear(self, connection: "BoundedConnection") -> None:
        connection.execute(f"LISTEN {_CHANNEL}")
        os.eventfd_write(self._descriptor, 1)  # what happened before we listened is unknown
        self._listening.set()
        while not self._closing.is_set():
            for _ in connection.notifies(timeout=_LOOK_SECONDS, stop_after=1):
                os.eventfd_write(self._descriptor, 1)
