"""One transaction, opaque to other packages: store modules run their statements on it."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from sqlalchemy import Connection, CursorResult, Executable, Result, text

from engine.persistence.change_numbers import draw
from engine.persistence.failures import DATABASE_ERRORS, Ticket, translated
from engine.persistence.prepared import Prepared

Dialect = Literal["sqlite", "postgresql"]
Values = Mapping[str, Any]

_NO_VALUES: Values = {}

_COUNT_UP = Prepared(text("UPDATE store_info SET change_seq = change_seq + 1"))
_COUNTED = Prepared(text("SELECT change_seq FROM store_info"))
_EXCLUDE_CLAIMS = text("SELECT pg_advisory_xact_lock(1953456996, 0)")
HOLD_CONFIGURATION = "SELECT pg_advisory_xact_lock_shared(1953456996, 0)"


class _Telling:
    """Errors of the database inside the block leave it as errors of the store.

    SQLite finds many only when rows are fetched, so that belongs into the block too.
    """

    __slots__ = ("_where",)

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DATABASE_ERRORS):
            raise translated(error, self._where) from error


class Transaction:
    """A transaction of one connection. Not for two threads, nor for use after its `with` block."""

    __slots__ = ("_backend", "_connection", "_file", "_number", "_seq", "dialect", "where")

    def __init__(
        self, connection: Connection, dialect: Dialect, where: str, backend: int = 0
    ) -> None:
        self._connection = connection
        self._file = sqlite_of(connection) if dialect == "sqlite" else None
        self.dialect: Dialect = dialect
        self.where = where
        self._seq: int | None = None
        self._backend = backend
        self._number = ""

    @property
    def seq(self) -> int:
        """The change number of this transaction, stamped on the rows it changes."""
        if self._seq is None:
            self._seq = self._draw()
        return self._seq

    def draw_ids(self, many: int) -> list[int]:
        """Return new instance ids, rising, on PostgreSQL; the change number comes along."""
        number, own, ids = draw(self, many)
        if self._seq is None:
            self._seq, self._number = number, own
        return ids

    @property
    def drawn(self) -> int | None:
        """The change number if one was drawn; None: nothing was changed so far."""
        return self._seq

    @property
    def ticket(self) -> Ticket:
        """What tells later what became of this transaction, when its COMMIT was not answered."""
        return Ticket(self._backend, self._number)

    def execute(self, statement: Executable, values: Values | None = None) -> CursorResult[Any]:
        """Run one statement that returns no rows.

        Raises:
            StoreError: the database refused, or cannot be reached.
        """
        with self._telling():
            return self._connection.execute(statement, values)

    def execute_many(self, statement: Executable, rows: Sequence[Values]) -> int:
        """Run one statement for each of `rows` and return the number of rows touched."""
        if not rows:
            return 0
        with self._telling():
            return self._connection.execute(statement, rows).rowcount

    def rows(self, statement: Executable, values: Values | None = None) -> Sequence[Any]:
        """Run a query and return all its rows."""
        with self._telling():
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: Executable, values: Values | None = None) -> Any:
        """Run a query and return its first row, or None."""
        with self._telling():
            return self._connection.execute(statement, values).first()

    def value(self, statement: Executable, values: Values | None = None) -> Any:
        """Run a query and return the first column of its first row, or None."""
        with self._telling():
            return self._connection.execute(statement, values).scalar()

    def stream(self, statement: Executable, values: Values | None = None) -> Iterator[Any]:
        """Run a query and yield its rows as they come: for those that are too many for a list."""
        with self._telling():
            yield from self._connection.execute(statement, values)

    def change(self, statement: Prepared, values: Values = _NO_VALUES) -> int:
        """Run a prepared statement and return the number of rows touched."""
        with self._telling():
            if self._file is not None:
                return self._file.execute(statement.text, values).rowcount
            return self._connection.exec_driver_sql(statement.postgresql, dict(values)).rowcount

    def tuples(self, statement: Prepared, values: Values = _NO_VALUES) -> Sequence[Any]:
        """Run a prepared query and return all its rows, as numbers and text."""
        with self._telling():
            if self._file is not None:
                return self._file.execute(statement.text, values).fetchall()
            return self._connection.exec_driver_sql(statement.postgresql, dict(values)).fetchall()

    def number(self, statement: Prepared, values: Values = _NO_VALUES) -> int:
        """Run a prepared query and return its one number."""
        return int(self.tuples(statement, values)[0][0])

    def run_sql(self, sql: str) -> Result[Any]:
        """Run a constant statement of the driver's own, such as a PRAGMA."""
        with self._telling():
            result = self._connection.exec_driver_sql(sql)
            return result.freeze()() if result.returns_rows else result

    def run_many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run SQLite's own statement for each row of values; return the rows touched."""
        with self._telling():
            assert self._file is not None  # noqa: S101 - its text is SQLite's
            return self._file.executemany(sql, rows).rowcount

    def run_arrays(self, sql: str, columns: Sequence[str]) -> int:
        """Run PostgreSQL's own statement on array literals; return the rows touched."""
        with self._telling():
            return self._connection.exec_driver_sql(sql, tuple(columns)).rowcount

    def driver_row(self, sql: str, values: Values) -> Any:
        """Run PostgreSQL's own statement and return its first row."""
        with self._telling():
            return self._connection.exec_driver_sql(sql, dict(values)).first()

    def connection(self) -> Connection:
        """The connection itself, for migrations and maintenance."""
        return self._connection

    def exclude_claims(self) -> None:
        """Wait until no engine is claiming, and let none claim before this transaction ends.

        Whoever changes what engines decide by takes it first, so that nothing starts after an
        acknowledged change. SQLite has one writer at a time and needs nothing.
        """
        if self.dialect == "postgresql":
            self.execute(_EXCLUDE_CLAIMS)

    def hold_configuration(self) -> None:
        """Let nobody change what engines decide by before this transaction ends: before a claim."""
        if self.dialect == "postgresql":
            self.run_sql(HOLD_CONFIGURATION)

    def _telling(self) -> "_Telling":
        return _Telling(self.where)

    def _draw(self) -> int:
        if self.dialect == "sqlite":
            self.change(_COUNT_UP)
            return self.number(_COUNTED)
        number, self._number, _ = draw(self)
        return number


def sqlite_of(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection to a file."""
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)
