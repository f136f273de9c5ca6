"""Open a store, and hand out its transactions. Two databases, one behaviour.

Every thread may call `begin` and `read`: each transaction has a connection of its own, kept for the
next one.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import StoreError
from engine.persistence import ballast
from engine.persistence.backend import Backend, address_of, backend_for
from engine.persistence.connections import Connections, discard, is_lost
from engine.persistence.failures import OutcomeUnknownError, translated
from engine.persistence.migrate import check, upgrade
from engine.persistence.transaction import Dialect, Transaction

__all__ = ["Database", "Transaction"]

_TWIN_CACHE = 1  # MiB: it writes one row


class Database:
    """One store. Safe to share between threads; not across fork."""

    def __init__(self, url: URL, backend: Backend) -> None:
        self.url = url
        self._backend = backend
        self._engine = backend.create_engine()
        self._connections = Connections(backend, self._engine)
        self._watch: Connection | None = None
        self._watching = threading.Lock()

    @classmethod
    def open(
        cls,
        url: str | URL | Path,
        *,
        migrate: bool = True,
        patience_seconds: float = 10.0,
        idle_seconds: float = 5.0,
        cache_mebibytes: int = 16,
    ) -> "Database":
        """Open the store at `url`: a file's path, `sqlite:///PATH` or `postgresql://...`.

        Where there is none it is created, and an older one is upgraded after a copy was made,
        unless `migrate` is False.

        Nothing waits longer than `patience_seconds` (on a file: 5). On PostgreSQL a transaction
        that pauses for `idle_seconds` is undone by the server: less than the lease, for an engine
        that freezes must not keep its locks. Each connection keeps up to `cache_mebibytes` of a
        file in memory, which the machine's own cache makes up for where it is little.

        Raises:
            StoreError: it is newer, foreign, damaged, read-only, on a network file system, or out
                of reach.
        """
        address = address_of(url)
        backend = backend_for(address, migrate, patience_seconds, idle_seconds, cache_mebibytes)
        database = cls(address, backend)
        try:
            if migrate:
                upgrade(database)
            else:
                check(database)
        except BaseException:
            database.close()
            raise
        return database

    def twin(self, *, patience_seconds: float) -> "Database":
        """Return the same store with connections of its own and another patience.

        For what must not wait as long as others may, such as a heartbeat. The caller closes it.
        """
        backend = backend_for(self.url, False, patience_seconds, patience_seconds, _TWIN_CACHE)
        return Database(self.url, backend)

    @property
    def dialect(self) -> Dialect:
        """`sqlite` or `postgresql`."""
        return self._backend.dialect

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on a server."""
        return self._backend.path

    @property
    def where(self) -> str:
        """The store as messages name it: the file, or the server without a password."""
        return self._backend.where

    @contextmanager
    def begin(self, *, claims: bool = False) -> Iterator[Transaction]:
        """Begin a transaction that writes: kept when the block ends, undone when it raises.

        One that `claims` holds the configuration from its beginning, as
        `Transaction.hold_configuration` does, at no further way to the server.

        Raises:
            StoreError: the database is busy, full, read-only or out of reach.
            OutcomeUnknownError: the connection broke while committing; see `settle`.
        """
        connection = self._connections.begun(
            self._backend.begin_claims if claims else self._backend.begin_write
        )
        backend = self._backend.process(connection)
        tx = Transaction(connection, self.dialect, self.where, backend)
        try:
            yield tx
        except BaseException:
            self._connections.undo(connection)
            raise
        self._commit(connection, tx)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Begin a transaction that only reads.

        It is one snapshot on SQLite; on PostgreSQL each statement has its own.
        """
        connection = self._connections.begun(self._backend.begin_read)
        try:
            yield Transaction(connection, self.dialect, self.where)
        except BaseException:
            self._connections.undo(connection)
            raise
        self._connections.undo(connection, self._backend.end_read)

    def seen_change(self) -> int:
        """Return a number that moves when any other connection wrote; cheap to ask for.

        Raises:
            StoreError: the database is out of reach.
        """
        with self._watching:
            try:
                return self._backend.seen_change(self._watched())
            except SQLAlchemyError as error:
                self._forget_watch()
                raise translated(error, self.where) from error
            except StoreError:
                self._forget_watch()
                raise

    @contextmanager
    def glance(self) -> Iterator[Transaction]:
        """Only read, and each statement for itself: for a look that must be cheap.

        It begins and ends nothing, which on PostgreSQL are two ways to the server.

        Raises:
            StoreError: the database is out of reach.
        """
        with self._watching:
            try:
                yield Transaction(self._watched(), self.dialect, self.where)
            except StoreError:
                self._forget_watch()
                raise

    def settle(self, error: OutcomeUnknownError) -> bool | None:
        """Return whether the transaction that ended with `error` was kept; None: it still goes on.

        False is also the answer where the transaction is over and nothing tells how it ended, for
        instance because another server has taken over: then its rows are there, or they are not.

        Raises:
            StoreError: the database is still out of reach.
        """
        connection = self.connect()
        try:
            return self._backend.outcome(connection, error.ticket)
        except SQLAlchemyError as failure:
            raise translated(failure, self.where) from failure
        finally:
            discard(connection)

    def keep_room(self) -> None:
        """Have some room in reserve for `make_room`, beside a file."""
        if self.path is not None:
            ballast.keep(self.path)

    def make_room(self) -> None:
        """Cut off a file's write-ahead log, which may have filled the disk by itself.

        What it holds fits into the file as a rule: most of its pages are newer forms of the same
        ones. Nobody is waited for.
        """
        if self.path is None:
            return  # the server's disk is its own affair
        ballast.give_up(self.path)
        with suppress(StoreError, SQLAlchemyError):
            connection = self.connect()
            try:
                connection.exec_driver_sql("PRAGMA busy_timeout=0")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                discard(connection)

    def connect_apart(self) -> Any:
        """Return a new connection of the driver's own, for the caller to close."""
        return self._backend.connect()

    def close(self) -> None:
        """Close every idle connection. A connection in use is closed when its transaction ends."""
        with self._watching:
            self._forget_watch()
        self._connections.close()
        self._engine.dispose()

    def connect(self) -> Connection:
        """Return a connection of its own, outside of any transaction, for the caller to close.

        Raises:
            StoreError: the database is out of reach.
        """
        return self._connections.new()

    def _commit(self, connection: Connection, tx: Transaction) -> None:
        try:
            self._backend.say(connection, "COMMIT")
        except SQLAlchemyError as error:
            if is_lost(error):
                discard(connection)
                message = f"The database {self.where} went away while it was committing."
                raise OutcomeUnknownError(message, ticket=tx.ticket) from error
            self._connections.undo(connection)
            raise translated(error, self.where) from error
        self._connections.keep(connection)

    def _watched(self) -> Connection:
        if self._watch is None:
            self._watch = self.connect()
        return self._watch

    def _forget_watch(self) -> None:
        if self._watch is not None:
            discard(self._watch)
            self._watch = None
