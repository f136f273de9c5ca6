"""INSERT where a row of the same key may stand: both databases have it, each in its own words."""

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Insert, Table

from engine.persistence.transaction import Dialect

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


@cache
def insert_new(dialect: Dialect, table: Table) -> Insert:
    """Return an INSERT into `table` that passes over rows whose key is taken."""
    return insert_into(dialect, table).on_conflict_do_nothing()


@cache
def insert_or_replace(dialect: Dialect, table: Table, counter: str) -> Insert:
    """Return an INSERT into `table` that replaces the row of the same key, whoever wrote it.

    It is for rows that give every column but `counter`, which counts how often that was done.
    """
    insert, key = insert_into(dialect, table), list(table.primary_key)
    given = [each.name for each in table.c if not each.primary_key and each.name != counter]
    taken = {name: insert.excluded[name] for name in given}
    counted = {counter: table.c[counter] + 1}
    return insert.on_conflict_do_update(index_elements=key, set_={**taken, **counted})


def insert_into(dialect: Dialect, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Return the INSERT of a database, which knows more than that of all of them."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite(table)
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql

    return insert_postgresql(table)
