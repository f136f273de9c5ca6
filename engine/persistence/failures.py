"""What the driver says, in words of ours: every failure is a `StoreError` with one clear line."""

from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InvalidRequestError,
    SQLAlchemyError,
    StatementError,
)

from engine.errors import StoreError

# What the database, or a value, can cause; anything else that SQLAlchemy raises is a bug of ours.
DATABASE_ERRORS = (StatementError, InvalidRequestError)


class ConflictError(StoreError):
    """A key or a reference refused the row: somebody was first, or what it names is gone."""


class ConnectionLostError(StoreError):
    """The database went away, or did not answer in time; nothing of the transaction was kept."""


class OutcomeUnknownError(ConnectionLostError):
    """COMMIT was sent and no answer came: the transaction may have been kept.

    Pass the error to `Database.settle` before doing anything else with what the transaction wrote.
    """

    def __init__(self, message: str, *, ticket: str | None) -> None:
        super().__init__(message)
        self.ticket = ticket


class SessionDeadError(StoreError):
    """A session that is not ACTIVE wants to claim: its engine was declared dead, and must stop."""

    def __init__(self, sessionid: int) -> None:
        super().__init__(f"Session {sessionid} is not alive any more; it claims nothing.")
        self.sessionid = sessionid


_SQLITE_TEXTS = (
    (
        "database or disk is full",
        "The disk is full: nothing was written to {where}. Free some space and try again.",
    ),
    ("disk i/o error", "The disk of {where} failed to read or write; nothing was written."),
    (
        "database is locked",
        "The store {where} is busy: another process has been writing for more than 5 seconds.",
    ),
    (
        "readonly database",
        "The store {where} cannot be written: the file or its folder is read-only.",
    ),
    (
        "unable to open database file",
        "The store {where} cannot be opened: check its folder's rights.",
    ),
    ("file is not a database", "{where} is not a tocsin store: it is no SQLite database."),
    ("malformed", "The store {where} is damaged ({text}). Restore it from a backup."),
)


def translated(error: SQLAlchemyError, where: str) -> StoreError:
    """Return `error` as a `StoreError`; `where` is the file or the server, without a password."""
    if not isinstance(error, DBAPIError):
        return StoreError(f"The store {where} cannot be used: {_first_line(error)}")
    text = _first_line(error.orig or error)
    if isinstance(error, IntegrityError):
        return ConflictError(f"The store refused the row: {text}")
    for part, meaning in _SQLITE_TEXTS:
        if part in text.lower():
            return StoreError(meaning.format(where=where, text=text))
    if getattr(error.orig, "sqlstate", None) in {"53100", "53200"}:
        return StoreError(f"The disk or memory of {where} is full: nothing was written ({text}).")
    if error.connection_invalidated:
        return ConnectionLostError(f"The database {where} went away: {text}")
    return StoreError(f"The store {where} refused: {text}")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
