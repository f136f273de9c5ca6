"""Care for a store: what is wrong with it, and how large it is."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import func, select

from engine.errors import StoreError
from engine.persistence import invariants
from engine.persistence.database import Database
from engine.persistence.tables import metadata
from engine.persistence.transaction import Transaction

_MOST = 20  # problems of one kind that are told
_DATABASE_BYTES = "SELECT pg_database_size(current_database())"


class StoreSize(Struct, frozen=True):
    """How large a store is."""

    bytes: int  # of the file, or of the server's database
    wal_bytes: int  # of SQLite's write-ahead log, not in `bytes`; 0 on a server
    free_bytes: int  # inside the file, for new rows; 0 on a server
    rows: dict[str, int]  # by table


def problems(tx: Transaction) -> list[str]:
    """Return what is wrong: with the file (SQLite), with references, with what rows say."""
    found: list[str] = []
    for look in (_damage, invariants.broken):
        try:
            found += look(tx, _MOST)
        except StoreError as error:  # so damaged that it cannot even be read
            found.append(error.message)
    return found


def size(database: Database) -> StoreSize:
    """Return how large the store is; counts every row, so not for every second."""
    with database.read() as tx:
        rows = {
            table.name: int(tx.value(select(func.count()).select_from(table)))
            for table in metadata.sorted_tables
        }
        if database.path is None:
            return StoreSize(int(tx.run_sql(_DATABASE_BYTES).scalar_one()), 0, 0, rows)
        page = int(tx.run_sql("PRAGMA page_size").scalar_one())
        pages = int(tx.run_sql("PRAGMA page_count").scalar_one())
        free = int(tx.run_sql("PRAGMA freelist_count").scalar_one())
    wal = database.path.with_name(f"{database.path.name}-wal")
    return StoreSize(pages * page, wal.stat().st_size if wal.exists() else 0, free * page, rows)


def _damage(tx: Transaction, most: int) -> list[str]:
    if tx.dialect != "sqlite":
        return []
    rows = tx.run_sql(f"PRAGMA integrity_check({most})")
    found = [" ".join(str(row[0]).split()) for row in rows]
    wrong = [] if found == ["ok"] else found
    orphans: Sequence[Any] = tx.run_sql("PRAGMA foreign_key_check").fetchmany(most)
    return wrong + [
        f"row {orphan[1]} of {orphan[0]} refers to a row of {orphan[2]} that is gone"
        for orphan in orphans
    ]
