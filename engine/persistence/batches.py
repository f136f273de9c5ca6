"""Write many rows at once, as fast as each database can.

On SQLite that is one statement run for each row (`executemany`), on PostgreSQL one statement for
all rows, handed over as one array per column. SQLAlchemy's own way converts and names every value
of every row, which costs more than the database does; here its tables and types are used once, to
build the statement.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, cast

from sqlalchemy import Boolean, Column, Float, Integer, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect as SqlDialect
from sqlalchemy.types import TypeEngine

from engine.persistence.transaction import Transaction
from engine.persistence.types import Json, UtcInstant, storable, to_json, to_text

_Convert = Callable[[Any], Any] | None
_Element = Callable[[Any], str]


class BatchInsert:
    """INSERT of many rows; one whose key is taken is passed over."""

    def __init__(self, table: Table, *columns: Column[Any]) -> None:
        self._table = table
        self._columns = columns

    def run(self, tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> int:
        """Insert `rows`, each a value per column, and return how many were new."""
        if not rows:
            return 0
        if tx.dialect == "sqlite":
            return tx.run_many(self._for_each, _converted(rows, self._on_sqlite))
        return tx.run_arrays(self._for_all, _arrays(rows, self._on_postgresql))

    @cached_property
    def _on_sqlite(self) -> list[_Convert]:
        return _converters(self._columns)

    @cached_property
    def _on_postgresql(self) -> list[_Element]:
        return _elements(self._columns)

    @property
    def _names(self) -> str:
        return ", ".join(column.name for column in self._columns)

    @cached_property
    def _for_each(self) -> str:
        places = ", ".join("?" for _ in self._columns)
        return (
            f"INSERT INTO {self._table.name} ({self._names}) VALUES ({places})"
            " ON CONFLICT DO NOTHING"
        )

    @cached_property
    def _for_all(self) -> str:
        return (
            f"INSERT INTO {self._table.name} ({self._names})"
            f" SELECT * FROM {_unnested(self._columns)} ON CONFLICT DO NOTHING"
        )


class BatchUpdate:
    """UPDATE of many rows, each found by its key.

    `only_forward` leaves a larger value alone. `is_locked` says that the caller has locked the rows
    in the order of their keys; otherwise PostgreSQL locks them so here.
    """

    def __init__(
        self,
        table: Table,
        keys: Sequence[Column[Any]],
        values: Sequence[Column[Any]],
        *,
        only_forward: bool = False,
        is_locked: bool = False,
    ) -> None:
        self._table = table
        self._keys = keys
        self._values = values
        self._only_forward = only_forward
        self._is_locked = is_locked

    def run(self, tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> int:
        """Update by `rows`, each the values and then the keys; return how many rows were changed.

        Rows are in the order of their keys, and each key is there once: writers that lock rows
        in one order never wait for each other in a circle.
        """
        if not rows:
            return 0
        if tx.dialect == "sqlite":
            rows = _converted(rows, self._on_sqlite)
            if self._only_forward:
                rows = [(*row, row[0]) for row in rows]
            return tx.run_many(self._for_each, rows)
        return tx.run_arrays(self._for_all, _arrays(rows, self._on_postgresql))

    @property
    def _columns(self) -> tuple[Column[Any], ...]:
        return (*self._values, *self._keys)

    @cached_property
    def _on_sqlite(self) -> list[_Convert]:
        return _converters(self._columns)

    @cached_property
    def _on_postgresql(self) -> list[_Element]:
        return _elements(self._columns)

    @cached_property
    def _for_each(self) -> str:
        changes = ", ".join(f"{column.name} = ?" for column in self._values)
        found = " AND ".join(f"{column.name} = ?" for column in self._keys)
        further = f" AND {self._values[0].name} < ?" if self._only_forward else ""
        return f"UPDATE {self._table.name} SET {changes} WHERE {found}{further}"

    @cached_property
    def _for_all(self) -> str:
        table = self._table.name
        names = ", ".join(column.name for column in self._columns)
        given = f"new({names}) AS (SELECT * FROM {_unnested(self._columns)})"
        same = " AND ".join(f"old.{column.name} = new.{column.name}" for column in self._keys)
        if self._only_forward:
            same += f" AND old.{self._values[0].name} < new.{self._values[0].name}"
        changes = ", ".join(f"{column.name} = new.{column.name}" for column in self._values)
        change = f"UPDATE {table} AS old SET {changes} FROM new WHERE {same}"
        if self._is_locked:
            return f"WITH {given} {change}"
        order = ", ".join(f"old.{column.name}" for column in self._keys)
        return (
            f"WITH {given}, mine AS MATERIALIZED (SELECT new.* FROM {table} AS old"
            f" JOIN new ON {same} ORDER BY {order} FOR NO KEY UPDATE OF old)"
            f" {change.replace('FROM new', 'FROM mine AS new')}"
        )


def _converters(columns: Sequence[Column[Any]]) -> list[_Convert]:
    return [column.type.bind_processor(sqlite.dialect()) for column in columns]


def _converted(
    rows: Sequence[tuple[Any, ...]], converters: Sequence[_Convert]
) -> list[tuple[Any, ...]]:
    """Turn values into SQLite's form, column by column."""
    columns = (
        column if convert is None else [convert(value) for value in column]
        for convert, column in zip(converters, zip(*rows, strict=True), strict=True)
    )
    return list(zip(*columns, strict=True))


def _arrays(rows: Sequence[tuple[Any, ...]], elements: Sequence[_Element]) -> list[str]:
    """Turn rows into one PostgreSQL array literal per column."""
    return [
        "{" + ",".join(["NULL" if value is None else element(value) for value in column]) + "}"
        for element, column in zip(elements, zip(*rows, strict=True), strict=True)
    ]


def _elements(columns: Sequence[Column[Any]]) -> list[_Element]:
    return [_element(column.type) for column in columns]


def _element(kind: TypeEngine[Any]) -> _Element:
    """Return what writes a value of that type into an array literal."""
    if isinstance(kind, UtcInstant):
        return lambda instant: f"{to_text(instant)}+00"
    if isinstance(kind, Integer | Float | Boolean):
        return str
    if isinstance(kind, Json):
        return lambda value: _quoted(to_json(value))
    return lambda value: _quoted(storable(str(value)))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unnested(columns: Sequence[Column[Any]]) -> str:
    from sqlalchemy.dialects.postgresql.base import PGDialect

    dialect = cast("SqlDialect", PGDialect())  # type: ignore[no-untyped-call]
    kinds = (column.type.compile(dialect) for column in columns)
    return f"unnest({', '.join(f'%s::{kind}[]' for kind in kinds)})"
