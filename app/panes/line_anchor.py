"""Keeps the cursor of a list on its line, in lists whose lines come, go and move by themselves."""

from collections.abc import Hashable, Sequence

from app.widgets.list_panel import ListPanel
from app.widgets.text_panel import Line


class LineAnchor:
    """Knows the lines of a list by keys, and so the one under the cursor wherever it goes."""

    def __init__(self, panel: ListPanel) -> None:
        self._panel = panel
        self._keys: Sequence[Hashable] = ()  # of the lines that were shown last
        self._key: Hashable | None = None
        panel.moved = self._moved

    @property
    def key(self) -> Hashable | None:
        """What is under the cursor; while no line has a key, what was. None: nothing yet."""
        if self._keys:
            self._key = self._keys[self._panel.cursor]
        return self._key

    def _moved(self) -> None:
        """Somebody put the cursor elsewhere: what it was on counts no more. Scrolling leaves it."""
        if self._panel.has_cursor:
            self._key = None

    def show(self, keys: Sequence[Hashable], lines: Sequence[Line], head: Sequence[Line]) -> None:
        """Show lines with a key each; without keys those that nothing is to be kept of."""
        cursor = self._index_in(keys)
        self._keys = keys
        self._panel.show(lines, head, cursor)

    def _index_in(self, keys: Sequence[Hashable]) -> int:
        """Return where the cursor's line is now, or the next that stood below it and is there."""
        here = self._panel.cursor
        places = {key: index for index, key in enumerate(keys)}
        below = self._keys[here + 1 :]
        return next((places[each] for each in (self.key, *below) if each in places), here)

    def pause(self) -> None:
        """The list shows something else, without keys: keep what the cursor is on meanwhile."""
        self._key, self._keys = self.key, ()

    def stand_on(self, key: Hashable | None) -> None:
        """Put the cursor on the line of `key` if it is there, or else once lines have keys."""
        if key in self._keys:
            self._panel.move_to(self._keys.index(key))
        self._key = key

    def forget(self) -> None:
        """Begin with the first line: what is shown next are other lines."""
        self._keys, self._key = (), None
        self._panel.cursor = self._panel.top = 0
