"""A small statement of every turn, which the driver gets as text, past SQLAlchemy.

SQLAlchemy needs 30 to 130 µs for what takes SQLite one, and several times that in an engine that
has slept since the last run: a due job waits for it. So its text is made once for each database,
and handed to the driver as it is.
"""

from functools import cached_property
from typing import cast

from sqlalchemy import Executable
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import CompilerElement


class Prepared:
    """A statement whose values and columns are numbers and text: no type converts them."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement

    @cached_property
    def text(self) -> str:
        """The statement as SQLite's driver takes it, with `:name` for each value."""
        return self._compiled(sqlite.dialect(paramstyle="named"))

    @cached_property
    def postgresql(self) -> str:
        """The statement as psycopg takes it, with `%(name)s` and its type for each value."""
        from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

        return self._compiled(cast("Dialect", PGDialect_psycopg()))  # type: ignore[no-untyped-call]

    def _compiled(self, dialect: Dialect) -> str:
        return str(cast(CompilerElement, self.statement).compile(dialect=dialect))
