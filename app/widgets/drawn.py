"""What stands on the screen of each row of a table, and until when it reads the same."""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct

from app.widgets.columns import Cell, Placed
from engine.clock import SECOND, Instant

K = TypeVar("K", bound=Hashable)

_LONGEST_STILL = 3600 * SECOND


class Look(Struct, Generic[K], frozen=True):
    """How a row looks on its line."""

    key: K
    cells: tuple[Cell, ...]
    under: str  # the shade of the cursor; "": it is elsewhere
    is_marked: bool


class Place(NamedTuple):
    """Cells of a line."""

    x: int
    y: int
    width: int


class Drawn(Generic[K]):
    """Remembers how each line was drawn last; line 0 is the header's."""

    def __init__(self) -> None:
        self._looks: dict[int, Look[K]] = {}
        self._ticked_at: Instant = 0
        self._still_until: Instant = 0

    @property
    def still_until(self) -> Instant:
        """Until when no cell in sight changes with time alone; 0: not known."""
        return self._still_until

    def keep(self, y: int, look: Look[K] | None) -> None:
        """Take it that line `y` was drawn like that; None: no row stands there."""
        if look is None:
            self._looks.pop(y, None)
        else:
            self._looks[y] = look
            self._still_until = 0

    def shrink(self, height: int) -> None:
        """Forget the lines from `height` on."""
        self._looks = {y: look for y, look in self._looks.items() if y < height}

    def lines_of(self, keys: Collection[K]) -> list[int]:
        """Return the lines on which these rows stand."""
        return [y for y, look in self._looks.items() if look.key in keys]

    def changed(
        self, y: int, now: Look[K] | None, placed: Sequence[Placed[Any]]
    ) -> list[Place] | None:
        """Return which cells of line `y` look otherwise `now`; None: the whole line does."""
        self._still_until = 0
        before = self._looks.get(y)
        if before == now:
            return []
        if before is None or now is None:
            return None
        if (before.under, before.is_marked) != (now.under, now.is_marked):
            return None
        cells = zip(placed, before.cells, now.cells, strict=False)
        return [Place(each.x, y, each.width) for each, old, new in cells if old != new]

    def aged(
        self, rows: Mapping[K, Any], placed: Sequence[Placed[Any]], now: Instant
    ) -> Iterator[Place]:
        """Yield the cells whose text changed with time alone, once any of them can."""
        if self._ticked_at <= now < self._still_until:
            return
        timed = [(index, each) for index, each in enumerate(placed) if each.column.until]
        still_until = now + _LONGEST_STILL
        for y, look in self._looks.items():
            row = rows.get(look.key)
            if row is None:
                continue
            for index, each in timed:
                until = each.column.until(row) if each.column.until is not None else None
                if until is None:
                    continue
                still_until = min(still_until, until)
                if (
                    index < len(look.cells)
                    and each.column.draw(row, each.width) != look.cells[index]
                ):
                    yield Place(each.x, y, each.width)
        self._ticked_at, self._still_until = now, still_until
