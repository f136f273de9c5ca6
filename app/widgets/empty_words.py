"""What a table says in the place of its rows while it has none."""

from collections.abc import Callable, Sequence

from app.presentation.pieces import Piece

_AT = 2  # the line of the table where it begins


class EmptyWords:
    """Asks why there is no row once for each paint: the answer may have to look at every row."""

    def __init__(self) -> None:
        self.ask: Callable[[], Sequence[Sequence[Piece]]] = list
        self._found: Sequence[Sequence[Piece]] | None = None  # None: this paint did not ask

    def begin_paint(self) -> None:
        """Ask anew for the first line that is wanted."""
        self._found = None

    def at(self, y: int) -> Sequence[Piece]:
        """Return what stands at line `y` of a table without rows."""
        if self._found is None:
            self._found = self.ask()
        return self._found[y - _AT] if _AT <= y < len(self._found) + _AT else ()
