"""The PostgreSQL store: READ COMMITTED, unique keys, and no wait without an end.

Three bounds on every wait: the server's own time-outs, the operating system's on a silent peer, and
ours, after which a connection is abandoned (its socket closed), never cancelled: cancelling needs
the very server that does not answer.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import errors
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from engine.persistence.change_numbers import being_written
from engine.persistence.failures import Ticket
from engine.persistence.transaction import HOLD_CONFIGURATION, Dialect, Transaction

_STATUS = "SELECT pg_xact_status(%(number)s::xid8)"
_GOES_ON = (
    "SELECT count(*) FROM pg_stat_activity WHERE pid = %(process)s AND backend_xid IS NOT NULL"
)

if TYPE_CHECKING:
    from psycopg.abc import PQGen

_Value = TypeVar("_Value")
_POLL_SECONDS = 0.1  # how often a wait looks whether its socket was closed
_MARGIN = 1.5  # of the patience: the server's own time-out should speak first


class NoAnswerError(psycopg.OperationalError):
    """The server took too long; it makes no sense to ask the same of it at once again."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when an answer takes longer than `reply_seconds`; None: never."""

    reply_seconds: float | None = 10.0

    def wait(
        self, gen: "PQGen[_Value]", interval: float = _POLL_SECONDS, timeout: float | None = None
    ) -> _Value:
        """Wait for `gen`; with no `timeout` given, abandon the connection when ours is over."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.reply_seconds)
        except errors._WaitTimeout as error:  # noqa: SLF001 - psycopg has no other name for it
            self.pgconn.finish()
            message = f"no answer within {self.reply_seconds:g} seconds: connection abandoned"
            raise NoAnswerError(message) from error


class _Cursor(psycopg.Cursor[Any]):
    """Statements that are run again and again are prepared; a COMMIT goes as the word that it is.

    Who stands between engine and server, and wants to cut there, can find it.
    """

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        if query == "COMMIT":
            how["prepare"] = False
        return super().execute(query, params, **how)


class PostgresqlBackend:
    """Opens connections to one database of a server."""

    dialect: Dialect = "postgresql"
    begin_write = "BEGIN ISOLATION LEVEL READ COMMITTED"
    begin_claims = f"{begin_write}; {HOLD_CONFIGURATION}"
    begin_read = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
    end_read = "END"  # after a ROLLBACK the driver forgets every statement that it had prepared
    path: Path | None = None

    def __init__(self, url: URL, *, patience_seconds: float, idle_seconds: float) -> None:
        told = url.set(drivername="postgresql").render_as_string(hide_password=True)
        self.where = told.replace("%2C", ",")  # between several hosts
        self._target = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._patience = patience_seconds
        self._idle = idle_seconds

    def create_engine(self) -> Engine:
        """Return an engine without a pool: `Database` keeps the connections."""
        return create_engine(
            "postgresql+psycopg://",
            creator=self.connect,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            use_native_hstore=False,
        )

    def connect(self) -> BoundedConnection:
        """Open a connection with all its bounds.

        Raises:
            psycopg.OperationalError: the server is out of reach, or refuses.
        """
        connection = BoundedConnection.connect(
            self._target,
            autocommit=True,
            cursor_factory=_Cursor,
            application_name="tocsin",
            client_encoding="utf8",
            connect_timeout=max(2, round(self._patience / 2)),
            keepalives=1,
            keepalives_idle=max(1, round(self._patience / 2)),
            keepalives_interval=1,
            keepalives_count=3,
            tcp_user_timeout=round(self._patience * 1000),
            target_session_attrs="read-write",
            options=self._options(),
        )
        connection.reply_seconds = self._patience * _MARGIN
        return connection

    def say(self, connection: Connection, sql: str) -> None:
        """Run BEGIN, COMMIT or ROLLBACK."""
        connection.exec_driver_sql(sql)

    def seen_change(self, connection: Connection) -> int:
        """Return a number made of the last change drawn and of those still being written."""
        last, held = being_written(Transaction(connection, self.dialect, self.where))
        return hash((last, *held))

    def is_silent(self, error: SQLAlchemyError) -> bool:
        """Whether the connection was abandoned."""
        return isinstance(error, DBAPIError) and isinstance(error.orig, NoAnswerError)

    def process(self, connection: Connection) -> int:
        """Return the process id of the server's end of a connection."""
        driver: Any = connection.connection.driver_connection
        return int(driver.pgconn.backend_pid)

    def outcome(self, connection: Connection, ticket: Ticket) -> bool | None:
        """Ask the server what became of a transaction.

        Its number tells best. Where it has none, or another server has taken over that does not
        know it, the transaction is over when its process is.
        """
        known = self._status(connection, ticket.number) if ticket.number else None
        if known == "committed":
            return True
        if known == "aborted":
            return False
        goes_on = connection.exec_driver_sql(_GOES_ON, {"process": ticket.backend}).scalar()
        return None if goes_on or known == "in progress" else False

    def _status(self, connection: Connection, number: str) -> str | None:
        try:
            return connection.exec_driver_sql(_STATUS, {"number": number}).scalar()
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            return None

    def _options(self) -> str:
        milliseconds = round(self._patience * 1000)
        settings = {
            "TimeZone": "UTC",
            "statement_timeout": milliseconds,
            "lock_timeout": milliseconds // 2,
            "idle_in_transaction_session_timeout": round(self._idle * 1000),
        }
        return " ".join(f"-c {name}={value}" for name, value in settings.items())
