"""What a table says in the place of its rows while it has none."""

from collections.abc import Callable, Sequence

from app.presentation.pieces import Piece
from engine.clock import SECOND, Instant

_AT = 2  # the line of the table where it begins


class EmptyWords:
    """Asks why there is no row once for each paint: the answer may have to look at every row.

    Where rows change and none of them is shown, it is asked once a second whether other words are
    due by now: only these are worth a paint.
    """

    def __init__(self) -> None:
        self.ask: Callable[[], Sequence[Sequence[Piece]]] = list
        self._found: Sequence[Sequence[Piece]] | None = None  # None: this paint did not ask
        self._painted: dict[int, Sequence[Piece]] = {}  # by line
        self._looked_at: Instant = 0
        self._is_doubtful = False  # something changed since then

    def begin_paint(self) -> None:
        """Ask anew for the first line that is wanted."""
        self._found = None

    def at(self, y: int) -> Sequence[Piece]:
        """Return what stands at line `y` of a table without rows."""
        if self._found is None:
            self._found = self.ask()
        self._painted[y] = words = _line(self._found, y)
        return words

    def doubt(self, now: Instant) -> bool:
        """Return whether other words are due; what comes too soon is told by `second_passed`."""
        self._is_doubtful = True
        return not 0 <= now - self._looked_at < SECOND and self.second_passed(now)

    def second_passed(self, now: Instant) -> bool:
        """Return whether other words are due than those that are painted, if that is in doubt."""
        if not self._is_doubtful:
            return False
        self._is_doubtful, self._looked_at = False, now
        found = self.ask()
        return any(_line(found, y) != words for y, words in self._painted.items())


def _line(words: Sequence[Sequence[Piece]], y: int) -> Sequence[Piece]:
    return words[y - _AT] if _AT <= y < len(words) + _AT else ()
