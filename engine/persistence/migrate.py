"""Bring a store to this program's version: create it, upgrade an older one, refuse every other.

The version is one row; Alembic, slow to import, is loaded only where there is something to upgrade.
"""

import os
import uuid
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from engine.clock import Instant, SystemClock
from engine.domain.group import DEFAULT_GROUP
from engine.errors import StoreError, StoreVersionError
from engine.persistence import tables
from engine.persistence.failures import translated
from engine.persistence.port import Store

HEAD = "0006"  # the revision that this program's tables are
REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
)  # every revision there has been, oldest first
APPLICATION_ID = 0x746F6373  # "tocs" in the SQLite header, so that `file` and we know our own

_VERSION = text("SELECT version_num FROM alembic_version")
_PREPARE_LOCK = text("SELECT pg_advisory_xact_lock(1953456995, -1)")


def upgrade(database: Store) -> None:
    """Create the store where there is none; bring an older one to `HEAD` after a copy was made.

    Raises:
        StoreError: the store is newer or foreign, or cannot be written.
    """
    if database.path is not None and not database.path.exists():
        _refuse_leftovers(database.path)
        _create_file(database.path)
    version = _version(database)
    if version is None:
        _create_on_server(database)
    elif version != HEAD:
        from engine.persistence.migrations.run import upgrade_from

        upgrade_from(database, version, HEAD)


def check(database: Store) -> None:
    """Refuse a store that this program cannot use as it is.

    Raises:
        StoreError: there is none, or it is older, newer or foreign.
    """
    version = _version(database)
    if version is None:
        raise StoreError(f"There is no store in {database.where}. `tocsin engine` makes one.")
    if version != HEAD:
        raise StoreVersionError(
            f"The store {database.where} has revision {version}; this program needs {HEAD}. "
            "`tocsin engine` upgrades it."
        )


def create_tables(connection: Connection, now: Instant) -> None:
    """Create every table, and the rows that a new store has, in the transaction of `connection`."""
    tables.metadata.create_all(connection, checkfirst=False)
    version = text(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(version)
    connection.execute(text(f"INSERT INTO alembic_version VALUES ('{HEAD}')"))
    first_rows(connection, now)


def first_rows(connection: Connection, now: Instant) -> None:
    """Write what a new store holds: its identity and the group DEFAULT."""
    info = {
        "id": 1,
        "storeid": str(uuid.uuid4()),
        "created": now,
        "change_seq": 1,
        "last_job_instanceid": 0,
    }
    connection.execute(tables.store_info.insert(), info)
    group = {"name": DEFAULT_GROUP, "description": "Every job", "enabled": True, "change_seq": 1}
    connection.execute(tables.groups.insert(), group)
    if connection.dialect.name == "postgresql":
        connection.execute(select(tables.change_numbers.next_value()))  # number 1 is used up


def _version(database: Store) -> str | None:
    """Return the store's revision, None where the server has no store yet."""
    with database.read() as tx:
        connection = tx.connection()
        try:
            if database.dialect == "sqlite":
                _check_ours(database.where, connection)
            elif not _has_store(database.where, connection):
                return None
            version = connection.execute(_VERSION).scalar()
        except SQLAlchemyError as error:
            raise translated(error, database.where) from error
    if version not in REVISIONS:
        raise StoreVersionError(
            f"A newer program wrote the store {database.where}: this one does not know its "
            f"revision {version}. Update tocsin, or use another store."
        )
    return str(version)


def _check_ours(where: str, connection: Connection) -> None:
    if connection.exec_driver_sql("PRAGMA application_id").scalar() != APPLICATION_ID:
        raise StoreError(f"{where} is a SQLite database, but not a tocsin store.")


def _has_store(where: str, connection: Connection) -> bool:
    present = set(inspect(connection).get_table_names())
    if {"alembic_version", "store_info"} <= present:
        return True
    taken = sorted(present & {*tables.metadata.tables, "alembic_version"})
    if taken:
        raise StoreError(
            f"The database {where} has a table '{taken[0]}' of another program. "
            "Give tocsin a database or a schema of its own."
        )
    return False


def _create_on_server(database: Store) -> None:
    """Create the tables; of several programs that try at once one does it and the others wait."""
    with database.begin() as tx:
        tx.execute(_PREPARE_LOCK)
        connection = tx.connection()
        if not _has_store(database.where, connection):
            create_tables(connection, SystemClock().now())


def _refuse_leftovers(path: Path) -> None:
    """Refuse to make a store beside the log of one that is gone: it would be read into the new."""
    left = [path.with_name(path.name + each) for each in ("-wal", "-journal")]
    found = [each.name for each in left if each.exists()]
    if found and not path.exists():  # else another process has just made it
        raise StoreError(
            f"There is no store {path}, but {' and '.join(found)} of one that was there: bring it "
            "back beside them, or move them away to begin with an empty one."
        )


def _create_file(path: Path) -> None:
    """Build the store beside its place and link it there, so that nobody ever sees half of one."""
    from sqlalchemy import NullPool, create_engine

    new = path.with_name(f".{path.name}.new-{uuid.uuid4().hex[:8]}")
    engine = create_engine(f"sqlite:///{new}", poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        with engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            create_tables(connection, SystemClock().now())
            connection.exec_driver_sql("COMMIT")
        with suppress(FileExistsError):  # another process was first: its store is as good
            os.link(new, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"The store {path} cannot be made: {error.strerror}.") from error
    except SQLAlchemyError as error:
        raise translated(error, str(path)) from error
    finally:
        new.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
