"""Upgrade an older store, in one transaction, after a copy of the file was made."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import StoreError, StoreVersionError
from engine.persistence import engine_lock
from engine.persistence.copies import copy_file
from engine.persistence.failures import translated
from engine.persistence.port import Store

SCRIPTS = Path(__file__).parent
_VERSION = text("SELECT version_num FROM alembic_version")


def upgrade_from(database: Store, old: str, new: str) -> Path | None:
    """Bring `database` from revision `old` to `new`; return the copy of what it was (SQLite).

    Raises:
        StoreError: an engine is using it, or the upgrade failed; then nothing was changed.
    """
    _check_unused(database)
    try:
        with _transaction(database) as connection:
            if connection.execute(_VERSION).scalar() != old:
                return None  # another program has upgraded it in the meantime
            copied = _copy(database.path, new) if database.path else None
            run(connection, new)
            _check_references(database, connection)
    except SQLAlchemyError as error:
        raise translated(error, database.where) from error
    return copied


def run(connection: Connection, revision: str = "head", scripts: Path | None = None) -> None:
    """Run every revision up to `revision` in the transaction of `connection`."""
    config = Config()
    config.set_main_option("script_location", str(scripts or SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    directory = ScriptDirectory.from_config(config)

    def steps(now_at: Any, _context: Any) -> Any:
        upgrades = directory._upgrade_revs  # noqa: SLF001 - as its own command does
        return upgrades(revision, now_at)

    with EnvironmentContext(config, directory, fn=steps) as environment:
        environment.configure(connection=connection, render_as_batch=True)
        environment.run_migrations()


@contextmanager
def _transaction(database: Store) -> Iterator[Connection]:
    """One transaction that changes tables; SQLite rebuilds them, references are checked after."""
    connection = database.connect()
    try:
        if database.dialect == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            driver = connection.connection.driver_connection
            driver.reply_seconds = None  # type: ignore[union-attr] # as long as it takes
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("LOCK TABLE alembic_version")
        yield connection
        connection.exec_driver_sql("COMMIT")
    finally:
        connection.invalidate()  # undoes what was not committed
        connection.close()


def _check_unused(database: Store) -> None:
    if database.path is None:
        return
    holder = engine_lock.holder(database.path)
    if holder is not None and holder.get("pid") != os.getpid():
        raise StoreVersionError(
            f"Engine pid {holder.get('pid')} is using the store {database.path}, which is of an "
            "older revision: stop it first, then the store is upgraded."
        )


def _check_references(database: Store, connection: Connection) -> None:
    if database.dialect == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise StoreError(
                f"The upgrade of {database.where} would break a row of '{broken[0]}'; "
                "it was undone."
            )


def _copy(path: Path, revision: str) -> Path:
    """Copy the file to the first free name: `<db>.before-0002`, `<db>.before-0002.2` ..."""
    target = path.with_name(f"{path.name}.before-{revision}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.before-{revision}.{number}")
    copy_file(path, target)
    return target
