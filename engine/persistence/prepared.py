"""A small statement of every turn, which SQLite gets as text, past SQLAlchemy.

SQLAlchemy needs 30 to 130 µs for what takes SQLite one, and several times that in an engine that
has slept since the last run: a due job waits for it. So its text is made once, and handed to the
driver as it is. On PostgreSQL, where the way to the server costs more, nothing is special.
"""

from functools import cached_property
from typing import cast

from sqlalchemy import Executable
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.elements import CompilerElement


class Prepared:
    """A statement whose values and columns are numbers and text: no type converts them."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement

    @cached_property
    def text(self) -> str:
        """The statement as SQLite's driver takes it, with `:name` for each value."""
        dialect = sqlite.dialect(paramstyle="named")
        return str(cast(CompilerElement, self.statement).compile(dialect=dialect))
