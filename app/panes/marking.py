"""Marks on the rows of a pane's table: one by one, in ranges, all at once, for bulk actions."""

from collections.abc import Hashable
from typing import Any, Protocol

from app.actions.scene import Console
from app.store.view import TableView
from app.widgets.grid import Grid


class _Marked(Protocol):
    """The pane as marking needs it."""

    console: Console

    @property
    def table(self) -> tuple[TableView[Any, Any], Grid[Any, Any]]:
        """The table that has the keys: its rows, and what shows them."""
        ...


class Marking:
    """Marks rows of the table that has the keys."""

    def __init__(self, pane: _Marked) -> None:
        self._pane = pane
        self._range_from: Hashable | None = None

    def toggle(self) -> None:
        """Mark the row under the cursor and go on to the next."""
        view, grid = self._pane.table
        key = view.current_key
        if key is not None:
            view.toggle_mark(key)
            grid.move(1)
            _repaint(grid)

    def all(self) -> None:
        """Mark every row in the filter; if they all are, take the marks away."""
        view, grid = self._pane.table
        shown = set(view.keys)
        if shown <= view.marks:
            view.marks -= shown
        else:
            view.marks |= shown
        _repaint(grid)

    def range(self) -> None:
        """Begin a range at the cursor; again ends it and marks what lies between."""
        view, grid = self._pane.table
        key = view.current_key
        start = view.index_of(self._range_from)
        if start is None or key is None:
            self._range_from = key
            if key is not None:
                self._pane.console.say("a range begins here: move, then V marks up to there")
            return
        low, high = sorted((start, view.cursor_index))
        view.marks |= set(view.keys[low : high + 1])
        self._range_from = None
        self._pane.console.say(f"marked {len(view.standing_marks()):,}")
        _repaint(grid)

    def along(self, step: int) -> None:
        """Mark the row under the cursor and the next one, up or down."""
        view, grid = self._pane.table
        for move in (0, step):
            grid.move(move)
            if view.current_key is not None:
                view.marks.add(view.current_key)
        _repaint(grid)

    def clear(self) -> bool:
        """Take all marks away; False: there was none."""
        return clear_marks(*self._pane.table)


def clear_marks(view: TableView[Any, Any], grid: Grid[Any, Any]) -> bool:
    """Take all marks of a table away; False: there was none."""
    had_marks = bool(view.standing_marks())
    view.marks.clear()
    if had_marks:
        _repaint(grid)
    return had_marks


def _repaint(grid: Grid[Any, Any]) -> None:
    grid.refresh_changed(range(grid.page))
