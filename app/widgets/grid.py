"""A virtual table: draws the rows in sight, repaints the cells that changed, knows no data.

Rows come from a `TableView`, which owns cursor, marks, filter and order by key; the grid owns which
row stands at the top. `Drawn` knows what each line showed last, so that a change costs its own
cells alone.
"""

from collections.abc import Collection, Hashable, Sequence
from typing import Any, Generic, TypeVar

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from app.boundary import guarded
from app.presentation.pieces import Piece
from app.sanitize import safe
from app.store.view import TableView
from app.widgets.column_choice import ColumnChoice
from app.widgets.columns import GAP, Column, Placed, place
from app.widgets.drawn import Drawn, Look
from app.widgets.empty_words import EmptyWords
from app.widgets.grid_lines import INDENT, heading_pieces, row_pieces
from app.widgets.paint import own
from app.widgets.panel import Frame, Panel
from engine.clock import Instant

R = TypeVar("R")
K = TypeVar("K", bound=Hashable)

_MARGIN = 1  # lines kept in sight above and below the cursor
_WHEEL = 3


class Grid(Panel, Generic[K, R]):
    """The rows of a view in columns."""

    class CursorMoved(Message):
        """The cursor went to another row."""

        def __init__(self, grid: "Grid[Any, Any]") -> None:
            super().__init__()
            self.grid = grid

        @property
        def control(self) -> "Grid[Any, Any]":
            """The grid itself."""
            return self.grid

    class RowOpened(CursorMoved):
        """A row was double-clicked."""

    class HeaderClicked(CursorMoved):
        """A column's title was clicked."""

        def __init__(self, grid: "Grid[Any, Any]", column: str) -> None:
            super().__init__(grid)
            self.column = column

    def __init__(
        self,
        view: TableView[K, R],
        columns: Sequence[Column[R]],
        *,
        id: str | None = None,  # noqa: A002
        frame: Frame = "none",
        title: str = "",
    ) -> None:
        super().__init__(id=id, frame=frame)
        self.view = view
        self.columns = columns
        self.choice = ColumnChoice()
        self.title = title
        self.empty_words = EmptyWords()
        self.top = 0
        self.follows_top = False  # what comes at the top is seen while the cursor is there
        self.is_at_top = True  # the cursor was put on the first row, or nowhere yet
        self.has_moved = False  # the cursor is on a row of which nobody told yet
        self._placed: list[Placed[R]] = []
        self._placed_for: tuple[int, frozenset[str]] | None = None
        self._drawn: Drawn[K] = Drawn()
        self._last_cursor: K | None = None
        self._tells_why_empty = False  # the text of an empty table is on the screen

    # -- frame -----------------------------------------------------------------------------------

    def title_pieces(self) -> Sequence[Piece]:
        """Return the table's name."""
        return [Piece(safe(self.title))] if self.title else ()

    def note_pieces(self) -> Sequence[Piece]:
        """Return where the cursor is."""
        count = len(self.view)
        return [own(f"row {self.view.cursor_index + 1:,}/{count:,}", "muted")] if count else ()

    # -- geometry --------------------------------------------------------------------------------

    @property
    def placed(self) -> list[Placed[R]]:
        """The columns that fit, with their places."""
        key = (self.body.width, self.choice.hidden)
        if key != self._placed_for:
            self._placed = place(self.columns, *key, INDENT)
            self._placed_for = key
        return self._placed

    def use_columns(self, columns: Sequence[Column[R]]) -> None:
        """Show these columns from now on."""
        self.columns = columns
        self._placed_for = None

    @property
    def page(self) -> int:
        """How many rows are in sight."""
        return max(1, self.body.height - 1)

    def follow_cursor(self) -> bool:
        """Bring the cursor into sight; True when the lines moved."""
        cursor, page = self.view.cursor_index, self.page
        margin = _MARGIN if page > 2 * _MARGIN + 1 else 0
        top = min(self.top, cursor - margin)
        top = max(top, cursor + margin - page + 1)
        top = max(0, min(top, len(self.view) - page))
        moved = top != self.top
        self.top = top
        return moved

    # -- moving ----------------------------------------------------------------------------------

    def move(self, rows: int) -> None:
        """Move the cursor by `rows`."""
        self.move_to(self.view.cursor_index + rows)

    def move_to(self, index: int) -> None:
        """Put the cursor on the row at `index`."""
        before = self.view.cursor_index
        self.view.move_to(index)
        self.is_at_top = self.view.cursor_index == 0
        self.after_move(before)

    def after_move(self, before: int) -> None:
        """Repaint what a move from the row at `before` changed."""
        after = self.view.cursor_index
        if self.follow_cursor():
            self.refresh_body()
        else:
            for index in {before, after}:
                self._refresh_row(index)
        if after != before or self.view.cursor != self._last_cursor:
            self.refresh_frame()
            self._cursor_came(self.view.cursor)

    def _refresh_row(self, index: int) -> None:
        y = index - self.top + 1
        if 1 <= y < self.body.height:
            self.refresh_line(y)

    # -- data ------------------------------------------------------------------------------------

    def show(self) -> None:
        """Draw everything anew: another filter, another order, other rows."""
        self._placed_for = None
        self._hold_top()
        self.follow_cursor()
        self.refresh()
        self._tell_cursor()

    def restructured(self) -> None:
        """Rows came, went or moved: keep the cursor's line where it is, as far as possible."""
        index = self.view.index_of(self.view.current_key)
        if not self._hold_top() and index is not None:
            self.top = max(0, min(index - self._anchor_line(), len(self.view) - self.page))
        self.follow_cursor()
        if self._tells_why_empty or not len(self.view):
            self.refresh_body()
        else:
            self.refresh_changed(range(self.page))
        self.refresh_frame()
        self._tell_cursor()

    def _tell_cursor(self) -> None:
        if self.view.current_key != self._last_cursor:
            self._cursor_came(self.view.current_key)

    def _cursor_came(self, key: K | None) -> None:
        self._last_cursor = key
        self.has_moved = True  # the message comes behind the keys that are there already
        self.post_message(self.CursorMoved(self))

    def _hold_top(self) -> bool:
        """Stay at the top where it is followed; the cursor keeps its row while that is in sight."""
        if not (self.follows_top and self.is_at_top):
            return False
        if self.view.cursor_index >= self.page - _MARGIN:
            self.view.move_to(0)
        self.top = 0
        return True

    def _anchor_line(self) -> int:
        key = self.view.current_key
        lines = [] if key is None else self._drawn.lines_of((key,))
        return lines[0] - 1 if lines else self.view.cursor_index - self.top

    def refresh_keys(self, keys: Collection[K]) -> None:
        """Repaint the cells of these rows that look otherwise than before."""
        if keys:
            self.refresh_changed([y - 1 for y in self._drawn.lines_of(keys)])

    @property
    def still_until(self) -> Instant:
        """Until when no cell in sight changes with time alone; 0: not known."""
        return self._drawn.still_until

    def stayed_empty(self, now: Instant) -> None:
        """Rows changed, and none is shown: repaint what keeps them out, where that differs."""
        if self.empty_words.doubt(now):
            self.refresh_body()

    def tick(self, now: Instant) -> None:
        """Repaint the cells in sight whose text changed with time alone, once any of them can."""
        if not len(self.view) and self.empty_words.second_passed(now):
            self.refresh_body()
        for place_ in self._drawn.aged(self.view.rows, self.placed, now):
            self.refresh_cells(*place_)

    def refresh_changed(self, lines: Collection[int]) -> None:
        """Compare the rows at `lines` (0 is the first in sight) with what is drawn, and repaint."""
        height = self.body.height
        for line in lines:
            y = line + 1
            if y >= height:
                continue
            places = self._drawn.changed(y, self._look(self.top + line), self.placed)
            if places is None:
                self.refresh_line(y)
                continue
            for place_ in places:
                self.refresh_cells(*place_)

    def _look(self, index: int) -> Look[K] | None:
        if not 0 <= index < len(self.view):
            return None
        key, row = self.view.keys[index], self.view.at(index)
        # Of a row that is gone before the view was told nothing is left but the cursor on it.
        cells = tuple(
            () if row is None else each.column.draw(row, each.width) for each in self.placed
        )
        under = "cursor" if index == self.view.cursor_index else ""
        return Look(key, cells, under, key in self.view.marks)

    # -- drawing ---------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a repaint."""
        self.empty_words.begin_paint()
        return super().render_lines(crop)

    def body_line(self, y: int, width: int) -> Strip:
        """Return the header (line 0) or the row that stands at line `y`."""
        if y == 0:
            self._tells_why_empty = not len(self.view)
            pieces = heading_pieces(self.placed, self.view.order, self.paint.symbols)
            return self.paint.strip(pieces, width, "header")
        look = self._look(self.top + y - 1)
        self._drawn.keep(y, look)
        if look is None:
            return self.paint.strip(() if len(self.view) else self.empty_words.at(y), width)
        shade = "cursor" if look.under and self.is_active else "cursor-idle" if look.under else ""
        pieces = row_pieces(self.placed, look, self.paint.symbols)
        return self.paint.strip(pieces, width, shade or ("marked" if look.is_marked else ""))

    @guarded("a new size")
    def on_resize(self) -> None:
        """Keep the cursor in sight in the new size; the frame may have been painted already."""
        self._placed_for = None
        self._drawn.shrink(self.body.height)
        if self.follow_cursor():
            self.refresh_body()

    # -- mouse -----------------------------------------------------------------------------------

    @guarded("the wheel")
    def on_mouse_scroll_down(self) -> None:
        """Move the cursor down."""
        self.move(_WHEEL)

    @guarded("the wheel")
    def on_mouse_scroll_up(self) -> None:
        """Move the cursor up."""
        self.move(-_WHEEL)

    @guarded("a click")
    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the clicked row, open it on a double click; sort by a clicked title."""
        x, y = event.x - self.body.x, event.y - self.body.y
        if y == 0:
            for placed in self.placed:
                if placed.x <= x < placed.x + placed.width + GAP:
                    self.post_message(self.HeaderClicked(self, placed.column.id))
            return
        index = self.top + y - 1
        if y > 0 and index < len(self.view):
            self.move_to(index)
            if event.chain > 1:
                self.post_message(self.RowOpened(self))
