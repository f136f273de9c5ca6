"""Connections of a store: begun for a transaction, and kept for the next one while they work.

Any thread may ask for one. What is kept may have died with the server meanwhile, which shows when
the next transaction begins on it: that one gets a new connection.
"""

from collections import deque
from contextlib import suppress

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from engine.persistence.backend import Backend
from engine.persistence.failures import translated

_MOST_IDLE = 8  # kept for the next transactions


class Connections:
    """The connections of one `Database`, in use and idle."""

    def __init__(self, backend: Backend, engine: Engine) -> None:
        self._backend = backend
        self._engine = engine
        self._idle: deque[Connection] = deque()
        self._closed = False

    def new(self) -> Connection:
        """Return a connection outside of any transaction, for the caller to close.

        Raises:
            StoreError: the database is out of reach.
        """
        try:
            return self._engine.connect()
        except SQLAlchemyError as error:
            raise translated(error, self._backend.where) from error

    def begun(self, sql: str) -> Connection:
        """Return a connection on which `sql` has begun a transaction.

        Raises:
            StoreError: the database refused it, or is out of reach.
        """
        backend = self._backend
        with suppress(IndexError):
            connection = self._idle.pop()
            try:
                backend.say(connection, sql)
            except SQLAlchemyError as error:
                discard(connection)
                if is_lost(error):
                    self.drop_idle()  # the server restarted: none of them lives
                if not is_lost(error) or backend.is_silent(error):
                    raise translated(error, backend.where) from error
            else:
                return connection
        connection = self.new()
        try:
            backend.say(connection, sql)
        except SQLAlchemyError as error:
            discard(connection)
            raise translated(error, backend.where) from error
        return connection

    def undo(self, connection: Connection, sql: str = "ROLLBACK") -> None:
        """Keep nothing of a transaction; a connection that cannot even do that is thrown away."""
        try:
            self._backend.say(connection, sql)
        except SQLAlchemyError as error:
            if "no transaction is active" not in str(error):  # SQLite had to undo it by itself
                discard(connection)
                return
        self.keep(connection)

    def keep(self, connection: Connection) -> None:
        """Keep a connection whose transaction is over for the next one."""
        if self._closed or len(self._idle) >= _MOST_IDLE:
            discard(connection)
        else:
            self._idle.append(connection)

    def drop_idle(self) -> None:
        """Close what is kept."""
        with suppress(IndexError):
            while True:
                discard(self._idle.pop())

    def close(self) -> None:
        """Close what is kept, and each connection in use when its transaction ends."""
        self._closed = True
        self.drop_idle()


def is_lost(error: SQLAlchemyError) -> bool:
    """Whether the connection broke."""
    return bool(getattr(error, "connection_invalidated", False))


def discard(connection: Connection) -> None:
    """Close a connection that nobody is to use again, whatever state it is in."""
    with suppress(SQLAlchemyError, OSError):
        connection.invalidate()
    with suppress(SQLAlchemyError, OSError):
        connection.close()
