"""INSERT that leaves a row of the same key alone: both databases have it, each in its own words."""

from functools import cache

from sqlalchemy import Insert, Table

from engine.persistence.transaction import Dialect


@cache
def insert_new(dialect: Dialect, table: Table) -> Insert:
    """Return an INSERT into `table` that passes over rows whose key is taken."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql

    return insert_postgresql(table).on_conflict_do_nothing()
