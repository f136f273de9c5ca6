"""What the driver says, in words of ours: every failure is a `StoreError` with one clear line."""

import sqlite3
from typing import cast

from msgspec import Struct
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InvalidRequestError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)

from engine.errors import StoreError

# What the database, or a value, can cause; anything else that SQLAlchemy raises is a bug of ours.
DATABASE_ERRORS = (StatementError, InvalidRequestError, sqlite3.Error)


class RefusedError(StoreError):
    """The database answers, and takes neither this value nor this statement: nor would it later."""


class ConflictError(RefusedError):
    """A key or a reference refused the row: somebody was first, or what it names is gone."""


class BusyError(StoreError):
    """Others held what the transaction needed for too long; nothing of it was kept. Try again."""


class DiskFullError(StoreError):
    """There was no room; nothing of the transaction was kept. What is there can still be read."""


class ConnectionLostError(StoreError):
    """The database went away, or did not answer in time; nothing of the transaction was kept."""


class Ticket(Struct, frozen=True):
    """What tells later whether a transaction goes on, and whether it was kept."""

    backend: int = 0  # the server's process that has the transaction; 0 on a file
    number: str = ""  # of the transaction (`pg_xact_status`), once it has drawn a change number


class OutcomeUnknownError(ConnectionLostError):
    """COMMIT was sent and no answer came: the transaction may have been kept.

    Pass the error to `Database.settle` before doing anything else with what the transaction wrote.
    """

    def __init__(self, message: str, *, ticket: Ticket) -> None:
        super().__init__(message)
        self.ticket = ticket


class SessionDeadError(StoreError):
    """A session that is not ACTIVE wants to claim: its engine was declared dead, and must stop."""

    def __init__(self, sessionid: int) -> None:
        super().__init__(f"Session {sessionid} is not alive any more; it claims nothing.")
        self.sessionid = sessionid


def as_sqlalchemy(error: sqlite3.Error) -> SQLAlchemyError:
    """Return an error of SQLite's driver as SQLAlchemy raises it, for what went past it."""
    wrapped = DBAPIError.instance(None, None, error, sqlite3.Error)
    return cast(SQLAlchemyError, wrapped)


_Meaning = tuple[type[StoreError], str]

# By the first words of `sqlite_errorname`.
_SQLITE: dict[str, _Meaning] = {
    "SQLITE_FULL": (
        DiskFullError,
        "The disk is full: nothing was written to {where}. Free some space and try again.",
    ),
    "SQLITE_BUSY": (
        BusyError,
        "The store {where} is busy: another process has been writing to it for too long.",
    ),
    "SQLITE_IOERR": (
        StoreError,
        "The disk of {where} failed to read or write ({text}); nothing was written.",
    ),
    "SQLITE_READONLY": (
        StoreError,
        "The store {where} cannot be written: the file or its folder is read-only.",
    ),
    "SQLITE_CANTOPEN": (
        StoreError,
        "The store {where} cannot be opened: it is gone, or its folder's rights forbid it.",
    ),
    "SQLITE_NOTADB": (
        StoreError,
        "{where} is not a tocsin store: it is no SQLite database.",
    ),
    "SQLITE_CORRUPT": (
        StoreError,
        "The store {where} is damaged ({text}). Restore it from a backup.",
    ),
}
_LOST: _Meaning = (ConnectionLostError, "The database {where} cannot be reached: {text}")
_BUSY: _Meaning = (BusyError, "The database {where} is busy: {text}")
_FULL: _Meaning = (DiskFullError, "The disk of {where} is full: nothing was written ({text}).")

# By the first characters of the five of an SQLSTATE (PostgreSQL manual, appendix A).
_POSTGRESQL: dict[str, _Meaning] = {
    "08": _LOST,  # connection exception
    "25P03": _LOST,  # idle in transaction for too long
    "40": _BUSY,  # serialization failure, deadlock
    "53100": _FULL,
    "53200": _FULL,  # out of memory
    "53300": _LOST,  # too many connections
    "55P03": _BUSY,  # lock not available
    "57014": _BUSY,  # statement time-out
    "57P": _LOST,  # the server goes down, or starts up
}


def translated(error: SQLAlchemyError | sqlite3.Error, where: str) -> StoreError:
    """Return `error` as a `StoreError`; `where` is the file or the server, without a password."""
    if isinstance(error, sqlite3.Error):
        error = as_sqlalchemy(error)
    if not isinstance(error, DBAPIError):
        kind = RefusedError if isinstance(error, StatementError) else StoreError
        return kind(f"The store {where} cannot be used: {_first_line(error)}")
    text = _first_line(error.orig or error)
    if isinstance(error, IntegrityError):
        return ConflictError(f"The store refused the row: {text}")
    kind, meaning = _meaning(error)
    return kind(meaning.format(where=where, text=text))


def _meaning(error: DBAPIError) -> _Meaning:
    name = str(getattr(error.orig, "sqlite_errorname", None) or "")
    state = str(getattr(error.orig, "sqlstate", None) or "")
    for known, word in ((_SQLITE, name), (_POSTGRESQL, state)):
        for beginning, meaning in known.items():
            if word.startswith(beginning):
                return meaning
    if error.connection_invalidated or (isinstance(error, OperationalError) and not name + state):
        return _LOST
    return RefusedError, "The store {where} refused: {text}"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
