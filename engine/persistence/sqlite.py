"""The SQLite store: one file, write-ahead log, every commit on the disk before it is acted on."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import StoreError
from engine.persistence.failures import Ticket, as_sqlalchemy
from engine.persistence.file_systems import network_file_system
from engine.persistence.transaction import Dialect, sqlite_of

LONGEST_BUSY_SECONDS = 5.0
_COMMITS = "PRAGMA data_version"
_MODES = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA wal_autocheckpoint=4000",  # 16 MB: pages that many commits touch are moved once
    "PRAGMA journal_size_limit=67108864",
)


class SqliteBackend:
    """Opens connections to one file. A missing file is made by `migrate`, whole or not at all."""

    dialect: Dialect = "sqlite"
    begin_write = "BEGIN IMMEDIATE"
    begin_claims = begin_write
    begin_read = "BEGIN"
    end_read = "ROLLBACK"

    def __init__(
        self, url: URL, *, create: bool, patience_seconds: float, cache_mebibytes: int
    ) -> None:
        if not url.database or url.database == ":memory:":
            raise StoreError("A store is a file: give the path of one.")
        path = Path(url.database).expanduser().absolute()
        self.path: Path | None = path
        self.where = str(path)
        self._patience = min(patience_seconds, LONGEST_BUSY_SECONDS)
        self._uri = f"{path.as_uri()}?mode=rw"
        self._modes = (*_MODES, f"PRAGMA cache_size=-{cache_mebibytes * 1024}")
        _check_place(path, create=create)

    def create_engine(self) -> Engine:
        """Return an engine without a pool: `Database` keeps the connections."""
        return create_engine(
            "sqlite://", creator=self.connect, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )

    def say(self, connection: Connection, sql: str) -> None:
        """Run BEGIN, COMMIT or ROLLBACK, past SQLAlchemy: see `prepared`."""
        try:
            sqlite_of(connection).execute(sql)
        except sqlite3.Error as error:
            raise as_sqlalchemy(error) from error

    def seen_change(self, connection: Connection) -> int:
        """SQLite counts the commits of other connections; asked several times a second."""
        try:
            return int(sqlite_of(connection).execute(_COMMITS).fetchone()[0])
        except sqlite3.Error as error:
            raise as_sqlalchemy(error) from error

    def is_silent(self, error: SQLAlchemyError) -> bool:
        """A file is never silent."""
        del error
        return False

    def process(self, connection: Connection) -> int:
        """A file has no server."""
        del connection
        return 0

    def outcome(self, connection: Connection, ticket: Ticket) -> bool | None:
        """Not needed: a COMMIT on a file fails or succeeds, and says which."""
        del connection, ticket
        return False

    def connect(self) -> sqlite3.Connection:
        """Open the file; never create it, so that a deleted store is noticed."""
        connection = sqlite3.connect(
            self._uri,
            uri=True,
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode=WAL")
            for mode in self._modes:
                connection.execute(mode)
            connection.create_function("mentions", 2, _mentions, deterministic=True)
        except BaseException:
            connection.close()
            raise
        return connection


def _mentions(text: str | None, folded: str) -> bool:
    """Whether `folded` stands in a text, in any case: SQLite's own `lower` knows ASCII alone."""
    return text is not None and folded in text.casefold()


def _check_place(path: Path, *, create: bool) -> None:
    folder = path.parent
    if path.is_dir():
        raise StoreError(f"{path} is a folder; a store is a file.")
    if not path.exists() and not create:
        raise StoreError(f"There is no store at {path}. `tocsin engine` makes one.")
    if not folder.exists():
        _make_private(folder)
    kind = network_file_system(folder)
    if kind:
        raise StoreError(
            f"{path} is on a network file system ({kind}), where SQLite loses data. "
            "Use a local disk, or a PostgreSQL store."
        )
    if path.exists():
        _check_file(path)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The folder {folder} cannot be made: {error.strerror}.") from error


def _check_file(path: Path) -> None:
    if path.stat().st_size == 0:
        raise StoreError(
            f"The store {path} is empty: it has been cut off. Restore it from a backup."
        )
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StoreError(
            f"The store {path} cannot be written: the file or its folder is read-only."
        )
