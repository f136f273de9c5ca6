"""From roles to styles, and from pieces of text to strips of merged segments.

Every segment costs its own colour codes on the wire, so neighbours of one style become one segment.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from app.cells import cell_width, cut, window
from app.presentation.pieces import Piece
from app.presentation.symbols import SYMBOLS, Symbols
from app.sanitize import SafeText, ellipsis


def own(text: str, role: str = "") -> Piece:
    """Return our own words as a piece (never of data, which come from `app.sanitize`)."""
    return Piece(SafeText(text), role)


BLANK = own(" ")
_SHORTEST = 10  # cells that are left of a piece that gives way to the others


class Paint:
    """One theme's styles by role, and one set of signs."""

    def __init__(self, styles: Mapping[str, Style], symbols: Symbols = SYMBOLS["unicode"]) -> None:
        self.symbols = symbols
        self._styles = dict(styles)
        self.style = lru_cache(maxsize=512)(self._style)

    def _style(self, role: str, under: str = "") -> Style:
        base = self._styles.get("text", Style.null())
        if under == "cursor":
            return base + self._styles.get("cursor", Style(reverse=True))
        if under:
            base += self._styles.get(under, Style.null())
        for part in role.split():
            base += self._styles.get(part, Style.null())
        return base

    def strip(self, pieces: Sequence[Piece], width: int, under: str = "") -> Strip:
        """Return the pieces as exactly `width` cells, filled with `under`'s background.

        What does not fit ends in a sign that more is there.
        """
        segments: list[Segment] = []
        pending: list[str] = []
        last: Style | None = None
        left = width
        for text, role in pieces:
            cells = len(text) if text.isascii() else cell_width(text)
            if cells > left:
                return self.strip(shortened(pieces, width), width, under)
            shown: str = text
            left -= cells
            style = self.style(role, under)
            if style is last or (not role and last is not None and self._is_blank_like(text, last)):
                pending.append(shown)
                continue
            if pending and last is not None:
                segments.append(Segment("".join(pending), last))
            pending, last = [shown], style
        if left > 0:
            style = self.style("", under)
            if style is not last and last is not None:
                segments.append(Segment("".join(pending), last))
                pending = []
            pending.append(" " * left)
            last = style
        if pending and last is not None:
            segments.append(Segment("".join(pending), last))
        return Strip(segments, width)

    def _is_blank_like(self, text: str, style: Style) -> bool:
        """Whether blanks look the same in `style` as in ordinary text: then no colour changes."""
        if not text.isspace():
            return False
        base = self.style("")
        return style.bgcolor == base.bgcolor and not (style.underline or style.reverse)


def paint_of(widget: Widget) -> Paint:
    """Return the paint of the app that `widget` lives in."""
    paint = getattr(widget.app, "paint", None)
    return paint if isinstance(paint, Paint) else PLAIN


PLAIN = Paint({})


def width_of(pieces: Sequence[Piece]) -> int:
    """Return the cells that the pieces take together."""
    return sum(cell_width(piece.text) for piece in pieces)


def shortened(pieces: Sequence[Piece], width: int) -> Sequence[Piece]:
    """Return the start of a line that is wider than `width`; blanks at its end are no loss."""
    words = [piece.text for piece in pieces]
    is_blank = cell_width("".join(words).rstrip()) <= width
    mark = SafeText("") if is_blank else ellipsis()
    kept, left = [], max(0, width - len(mark))
    for text, role in pieces:
        kept.append(Piece(window(text, 0, left), role))
        left -= cell_width(kept[-1].text)
        if left <= 0:
            break
    return [*kept, Piece(window(mark, 0, width), kept[-1].role)]


def in_width(pieces: Sequence[Piece], elastic: Sequence[int], width: int) -> list[Piece]:
    """Return pieces that fit: what does not is taken from those at `elastic`, from the first on."""
    shown = list(pieces)
    for index in elastic:
        over = width_of(shown) - width
        if over <= 0:
            break
        text, role = shown[index]
        room = max(_SHORTEST, cell_width(text) - over)
        shown[index] = Piece(cut(SafeText(text), room), role)
    return shown


def fitted(
    cell: Sequence[Piece], width: int, align: Literal["left", "right"] = "left"
) -> list[Piece]:
    """Return the pieces of one cell, cut or padded to exactly `width` cells."""
    if len(cell) == 1:
        shown = cut(cell[0].text, width)
        padding = own(" " * (width - cell_width(shown)))  # without the role: it may be reversed
        piece = Piece(shown, cell[0].role)
        return [padding, piece] if align == "right" else [piece, padding]
    pieces, left = [], width
    for text, role in cell:
        part = cut(text, left)
        pieces.append(Piece(part, role))
        left -= cell_width(part)
    if left > 0:
        padding = own(" " * left)
        return [padding, *pieces] if align == "right" else [*pieces, padding]
    return pieces


def fill_tab(pieces: Sequence[Piece], width: int) -> list[Piece]:
    """Return the pieces with the one that is a tab stretched: the rest ends at the right."""
    room = width - width_of([piece for piece in pieces if piece.text != "\t"]) - 1
    return [own(" " * max(1, room)) if piece.text == "\t" else piece for piece in pieces]
