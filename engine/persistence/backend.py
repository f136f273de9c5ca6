"""What differs between the databases, and which of them an address means."""

import re
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from engine.errors import StoreError
from engine.persistence.failures import Ticket
from engine.persistence.transaction import Dialect

_HOST = r"[\w.-]+(?::\d+)?"
_SEVERAL_HOSTS = re.compile(
    rf"(?P<start>postgres(?:ql)?(?:\+\w+)?://(?:[^@/?]*@)?)(?P<hosts>{_HOST}(?:,{_HOST})+)"
    r"(?P<rest>[/?].*)?"
)


class Backend(Protocol):
    """What differs between the databases."""

    dialect: Dialect
    begin_write: str
    begin_claims: str
    begin_read: str
    end_read: str
    where: str  # for messages
    path: Path | None

    def connect(self) -> Any:
        """Return a new connection of the driver's own."""
        ...

    def create_engine(self) -> Engine:
        """Return an engine with plain connections: `Database` says BEGIN and COMMIT."""
        ...

    def say(self, connection: Connection, sql: str) -> None:
        """Run BEGIN, COMMIT or ROLLBACK.

        Raises:
            SQLAlchemyError: the database refused, or is out of reach.
        """
        ...

    def seen_change(self, connection: Connection) -> int:
        """Return a number that moves when any other connection wrote."""
        ...

    def is_silent(self, error: SQLAlchemyError) -> bool:
        """Whether the connection was given up because nothing came, and a new one is no help."""
        ...

    def process(self, connection: Connection) -> int:
        """Return the server's process behind a connection; 0 on a file."""
        ...

    def outcome(self, connection: Connection, ticket: Ticket) -> bool | None:
        """Return whether the transaction of `ticket` was kept; None: it still goes on."""
        ...


def address_of(url: str | URL | Path) -> URL:
    """Return the address of a store that was named by a file's path or by a URL.

    Raises:
        StoreError: it is neither.
    """
    if isinstance(url, URL):
        return url
    if isinstance(url, Path) or "://" not in url:
        return URL.create("sqlite", database=str(url))
    try:
        return make_url(_of_one_form(url))
    except (ArgumentError, ValueError) as error:  # a port that is no number, brackets
        raise StoreError(
            f"The store's URL is no address of a database ({error}): give sqlite:////PATH or "
            "postgresql://USER@HOST:PORT/NAME."
        ) from error


def _of_one_form(url: str) -> str:
    """Return an address of several hosts with their ports as parameters.

    libpq takes `//USER@A:1,B:2/NAME` and `//USER@/NAME?host=A,B&port=1,2` for the same; SQLAlchemy
    knows the latter.
    """
    found = _SEVERAL_HOSTS.fullmatch(url)
    if found is None:
        return url
    pairs = [each.partition(":") for each in found["hosts"].split(",")]
    hosts = ",".join(host for host, _, _ in pairs)
    ports = ",".join(port or "5432" for _, _, port in pairs)
    rest = found["rest"] or "/"
    return f"{found['start']}{rest}{'&' if '?' in rest else '?'}host={hosts}&port={ports}"


def backend_for(url: URL, create: bool, patience: float, idle: float, cache: int) -> Backend:
    """Return what opens connections to the database at `url`; its driver is loaded only now.

    `cache` is how many MiB of a file each connection may keep in memory.

    Raises:
        StoreError: it is no database that tocsin knows, or its place cannot hold a store.
    """
    name = url.get_backend_name()
    if name == "sqlite":
        from engine.persistence.sqlite import SqliteBackend

        return SqliteBackend(url, create=create, patience_seconds=patience, cache_mebibytes=cache)
    if name in {"postgresql", "postgres"}:
        from engine.persistence.postgresql import PostgresqlBackend

        return PostgresqlBackend(url, patience_seconds=patience, idle_seconds=idle)
    raise StoreError(
        f"'{name}' is no database that tocsin knows: use a SQLite file or postgresql://…"
    )
