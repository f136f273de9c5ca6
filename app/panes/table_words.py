"""What a table says of itself: its filter and what is wrong with it, its counts and its order."""

from collections.abc import Sequence
from typing import Any, Protocol

from app.panes.marking import Marking
from app.panes.viewpoint import Viewpoint
from app.presentation.pieces import Piece
from app.presentation.quantities import count
from app.sanitize import SafeText, safe
from app.store.query import Query
from app.store.view import TableView
from app.widgets.grid import Grid
from app.widgets.paint import in_width, own, width_of
from app.widgets.typed_text import Part, typed_pieces


class _Table(Protocol):
    """The pane as its words need it."""

    view: TableView[Any, Any]
    viewpoint: Viewpoint
    marking: Marking

    @property
    def table(self) -> tuple[TableView[Any, Any], Grid[Any, Any]]:
        """The table that has the keys."""
        ...

    def parsed_filter(self) -> Query:
        """Return the filter in force."""
        ...

    def wrong_parts(self, text: str) -> Sequence[Part]:
        """Return which parts of a filter mean nothing."""
        ...

    def reach_words(self) -> str:
        """Return how far back the rows go."""
        ...


class TableWords:
    """Makes the line above a table, and what stands in the place of its rows."""

    def __init__(self, pane: _Table) -> None:
        self._pane = pane

    def line(self, width: int) -> Sequence[Piece]:
        """Return filter, counts and order, which give way to what is wrong with the filter."""
        text = self._pane.view.filter_text
        pieces, right = [own(" ")], self._counts()
        if text:
            pieces.append(Piece(SafeText(f"/{safe(text)}"), "match"))
            problems = self._pane.parsed_filter().problems
            if problems:
                pieces.append(Piece(SafeText(f"  {safe(problems[0].message)}"), "error"))
                room = width - 2
                while right and width_of(pieces) + len("  ".join(right)) > room:
                    right.pop()
                pieces = in_width(pieces, (1, 2), room)
                pieces[1:2] = self._underlined(pieces[1])
        return [*pieces, own("\t"), own("  ".join(right), "muted")]

    def nothing_matches(self) -> Sequence[Sequence[Piece]]:
        """Say which term of the filter let nothing through."""
        pane = self._pane
        blame = pane.parsed_filter().blame(pane.view.rows.values(), pane.viewpoint.now)
        lines = [[own("   Nothing matches "), Piece(safe(pane.view.filter_text), "match")]]
        if blame is not None:
            why = "lets nothing through" if blame.alone else "leaves nothing of the rest"
            lines.append([own("   "), Piece(safe(blame.term.text), "match"), own(f" {why}")])
        key = safe(pane.viewpoint.key_of("leave"))
        lines.append([Piece(SafeText(f"   {key} clears the filter"), "muted")])
        return lines

    def _underlined(self, shown: Piece) -> Sequence[Piece]:
        """Return the filter, as it is `shown` behind its sign, with what is wrong as such."""
        text = self._pane.view.filter_text
        if safe(text) != text:  # its characters stand elsewhere than in the text
            return [shown]
        wrong = [(start + 1, end + 1) for start, end in self._pane.wrong_parts(text)]
        return list(typed_pieces(shown.text, wrong, shown.role))

    def _counts(self) -> list[str]:
        """Return what is marked where the keys go, how many rows are in sight, and their order."""
        view, symbols = self._pane.view, self._pane.viewpoint.symbols
        marks = len(self._pane.table[0].standing_marks())
        marked = ["range begun"] if self._pane.marking.has_range else []
        marked += [f"marked {marks:,}"] if marks else []
        shown, total = len(view), view.total
        counts = f"{count(shown)} of {count(total)}" if shown != total else count(total)
        arrow = symbols.descending if view.order.reverse else symbols.ascending
        return [*marked, counts + self._pane.reach_words(), f"sort: {view.order.column} {arrow}"]
