"""What a table's columns are, and which of them fit: widths come from here, never from data."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic, Literal, TypeVar

from msgspec import Struct

from app.presentation.pieces import Piece
from engine.clock import Instant

R = TypeVar("R")

Cell = tuple[Piece, ...]


class Column(Struct, Generic[R], frozen=True):
    """One column. `priority` 0 never goes; the highest number drops out first as it gets narrow."""

    id: str
    title: str
    width: int  # the least number of cells
    priority: int
    cell: Callable[[R], Cell]
    sort_value: Callable[[R], Any] | None = None
    sized_cell: Callable[[R, int], Cell] | None = None  # drawn for the width it has, if given
    widest: int = 0  # it may grow up to here; 0: it never grows
    align: Literal["left", "right"] = "left"
    changes_often: bool = False
    until: Callable[[R], Instant | None] | None = None  # when its cell changes with time alone
    help: str = ""

    def draw(self, row: R, width: int) -> Cell:
        """Return the cell of `row`."""
        return self.cell(row) if self.sized_cell is None else self.sized_cell(row, width)


class Placed(Struct, Generic[R], frozen=True):
    """A column at its place."""

    column: Column[R]
    x: int
    width: int


GAP = 1


def place(
    columns: Sequence[Column[R]], width: int, hidden: Collection[str] = (), indent: int = 0
) -> list[Placed[R]]:
    """Return the columns that fit into `width` cells, left to right, with what is left given away.

    Columns drop out by priority; what remains goes to those that may grow, the first ones first.
    """
    chosen = [column for column in columns if column.id not in hidden]
    room = width - indent

    def needed() -> int:
        return sum(column.width + GAP for column in chosen) - GAP

    while len(chosen) > 1 and needed() > room:
        worst = max(chosen, key=lambda column: column.priority)
        if worst.priority == 0:
            break
        chosen.remove(worst)
    left = room - needed()
    widths = {column.id: column.width for column in chosen}
    for column in sorted(chosen, key=lambda column: column.priority):
        extra = max(0, min(left, column.widest - column.width))
        widths[column.id] += extra
        left -= extra
    placed, x = [], indent
    for column in chosen:
        placed.append(Placed(column, x, max(1, min(widths[column.id], width - x))))
        x += widths[column.id] + GAP
    return placed
