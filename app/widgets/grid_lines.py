"""The lines of a table in pieces: its titles, and a row with the signs of cursor and mark."""

from collections.abc import Sequence
from typing import Any

from app.cells import fit
from app.presentation.pieces import Piece
from app.presentation.symbols import Symbols
from app.sanitize import SafeText
from app.store.view import Order
from app.widgets.columns import Placed
from app.widgets.drawn import Look
from app.widgets.paint import BLANK, fitted, own

INDENT = 3  # cursor sign, mark sign, space


def row_pieces(placed: Sequence[Placed[Any]], look: Look[Any], symbols: Symbols) -> list[Piece]:
    """Return a row: its signs, then each cell where its column stands."""
    pieces = [
        Piece(symbols.cursor, "active") if look.under else BLANK,
        Piece(symbols.mark, "mark") if look.is_marked else BLANK,
        BLANK,
    ]
    at = INDENT
    for each, cell in zip(placed, look.cells, strict=True):
        if each.x > at:
            pieces.append(own(" " * (each.x - at)))
        pieces += fitted(cell, each.width, each.column.align)
        at = each.x + each.width
    return pieces


def heading_pieces(
    placed: Sequence[Placed[Any]], order: Order[Any], symbols: Symbols
) -> list[Piece]:
    """Return the titles of the columns, with an arrow at the one that the rows are sorted by."""
    arrow = symbols.descending if order.reverse else symbols.ascending
    pieces = [own(" " * INDENT, "header")]
    at = INDENT
    for each in placed:
        pieces.append(own(" " * (each.x - at), "header"))
        title = each.column.title
        if each.column.id == order.column:
            title = title[: max(1, each.width - 1)] + arrow
        pieces.append(Piece(fit(SafeText(title), each.width, each.column.align), "header"))
        at = each.x + each.width
    return pieces
