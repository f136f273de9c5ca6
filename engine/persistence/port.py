"""What the making, upgrading and copying of a store need of it."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from engine.persistence.transaction import Dialect, Transaction


class Store(Protocol):
    """An open database."""

    @property
    def dialect(self) -> Dialect:
        """`sqlite` or `postgresql`."""
        ...

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on a server."""
        ...

    @property
    def where(self) -> str:
        """The store as messages name it: the file, or the server without a password."""
        ...

    def begin(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction that writes: kept when the block ends, undone when it raises."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction that only reads."""
        ...

    def connect(self) -> Connection:
        """Return a connection of its own, outside of any transaction, for the caller to close."""
        ...
