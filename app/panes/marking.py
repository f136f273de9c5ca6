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
        self._range_from: tuple[TableView[Any, Any], Hashable] | None = None  # a row of a table

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
        console, key = self._pane.console, view.current_key
        if key is None:
            return
        start = self._range_start(view)
        if start is None:
            self._range_from = (view, key)
            again = console.registry.key_of("mark.range")
            console.say(f"a range begins here: move, then {again} marks up to there")
            return
        low, high = sorted((start, view.cursor_index))
        view.marks |= set(view.keys[low : high + 1])
        self._range_from = None
        console.say(f"marked {len(view.standing_marks()):,}")
        _repaint(grid)

    @property
    def has_range(self) -> bool:
        """Whether a range was begun, at a row that is in its table."""
        return self._range_from is not None and self._range_start(self._range_from[0]) is not None

    def drop_range(self) -> bool:
        """Forget the range that was begun, and mark nothing; False: there was none."""
        if not self.has_range:
            return False
        self._range_from = None
        self._pane.console.say("nothing marked: the range is dropped")
        return True

    def _range_start(self, view: TableView[Any, Any]) -> int | None:
        """Return where in `view` a range was begun; None: it was not, or the filter hides it."""
        if self._range_from is None or self._range_from[0] is not view:
            return None
        return view.index_of(self._range_from[1])

    def along(self, step: int) -> None:
        """Mark the row under the cursor and the next one, up or down."""
        view, grid = self._pane.table
        for move in (0, step):
            grid.move(move)
            if view.current_key is not None:
                view.marks.add(view.current_key)
        _repaint(grid)

    def clear(self) -> bool:
        """Drop the range that was begun, else take all marks away; False: there was neither."""
        return self.drop_range() or clear_marks(*self._pane.table)


def clear_marks(view: TableView[Any, Any], grid: Grid[Any, Any]) -> bool:
    """Take all marks of a table away; False: there was none."""
    had_marks = bool(view.standing_marks())
    view.marks.clear()
    if had_marks:
        _repaint(grid)
    return had_marks


def _repaint(grid: Grid[Any, Any]) -> None:
    grid.refresh_changed(range(grid.page))
