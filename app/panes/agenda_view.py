"""The agenda of the schedule pane: what is due next, a line for each minute, and whose it is."""

from collections.abc import Hashable, Sequence

from app.panes.viewpoint import Viewpoint
from app.presentation.agenda import AgendaLine, agenda
from app.presentation.pieces import Piece
from app.widgets.paint import own
from app.widgets.text_panel import Line
from engine.clock import Instant

_MOST_LINES = 2_000


class AgendaView:
    """The lines as they were drawn last."""

    def __init__(self, viewpoint: Viewpoint) -> None:
        self._viewpoint = viewpoint
        self._lines: list[AgendaLine] = []

    def lines(self, coming: Sequence[tuple[Instant, str]], width: int) -> list[Line]:
        """Return what is to come, `width` cells wide."""
        view = self._viewpoint
        self._lines = agenda(coming, view.now, view.zone, width - 2, view.symbols)
        del self._lines[_MOST_LINES:]
        return [
            [own(" "), Piece(line.text, "" if line.at is not None else "title")]
            for line in self._lines
        ]

    def keys(self) -> Sequence[Hashable]:
        """Return what each of them is known by, whatever comes before it or joins it."""
        return [line.key for line in self._lines]

    def names(self, index: int) -> Sequence[str]:
        """Return the jobs of a line."""
        return self._lines[index].names if index < len(self._lines) else ()

    def index_from(self, start: Instant) -> int:
        """Return the first line at or after `start`, or the last one there is."""
        later = (
            index
            for index, line in enumerate(self._lines)
            if line.at is not None and line.at >= start
        )
        return next(later, len(self._lines) - 1)
