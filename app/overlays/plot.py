"""A plot of how long the last runs of a job took, with a cursor that tells about each of them."""

from collections.abc import Callable, Sequence
from datetime import tzinfo

from textual.geometry import Size

from app.overlays.overlay import Overlay
from app.presentation.instants import duration, full_time
from app.presentation.pieces import Piece
from app.presentation.plot import LABEL, plot_lines, scale_of
from app.presentation.quantities import counted
from app.presentation.status import LOOKS
from app.presentation.symbols import Symbols
from app.sanitize import SafeText
from app.store.conditions import of_status
from app.store.model import InstanceRow, Run
from app.widgets.key_names import written
from app.widgets.paint import own
from app.widgets.text_panel import Line

_TOLD = 4  # lines below the plot
_HEIGHT = 14
_LEAST_WIDTH = 72


class PlotView(Overlay):
    """The finished runs of one job, oldest first; the last of them that there is room for."""

    note = "h l run  o output  esc close"

    def __init__(
        self,
        title: str,
        rows: Sequence[InstanceRow],
        symbols: Symbols,
        zone: tzinfo,
        opened: Callable[[InstanceRow], None],
    ) -> None:
        super().__init__()
        self.title = title
        self._rows = [row for row in rows if row.seconds is not None]
        self._runs = [Run(row.status, row.seconds or 0.0) for row in self._rows]
        self._symbols = symbols
        self._zone = zone
        self._opened = opened
        self._cursor = len(self._rows) - 1
        self._first = 0  # in sight

    def wants(self, width: int) -> Size:
        """Return room for all runs, as far as the screen has it."""
        return Size(min(width, max(_LEAST_WIDTH, LABEL + len(self._rows) + 2)), _HEIGHT + _TOLD)

    def lines(self, size: Size) -> Sequence[Line]:
        """Return the plot, and what is told about it."""
        if not self._rows:
            return [[own(" no run of it has ended yet")]]
        room = max(1, size.width - LABEL - 1)
        self._first = max(min(self._first, self._cursor), self._cursor - room + 1)
        self._first = max(0, min(self._first, len(self._rows) - room))
        shown = slice(self._first, self._first + room)
        scale = scale_of(self._runs)
        height = max(3, size.height - _TOLD)
        cursor = self._cursor - self._first
        plot = plot_lines(self._runs[shown], scale, height, self._symbols, cursor)
        far = sum(scale.is_outlier(run.seconds) for run in self._runs)
        failed = sum(row.has_failed for row in self._rows)
        outliers = f", {counted(far, 'outlier')} (^)" if far else ""
        longest = max(run.seconds for run in self._runs)
        words = (
            f" {counted(len(self._rows), 'run')}, {failed:,} failed{outliers}: "
            f"p50 {duration(scale.p50)}  p95 {duration(scale.p95)}  longest {duration(longest)}"
        )
        return [*plot, [], self._told(self._rows[self._cursor]), [own(words, "muted")]]

    def _told(self, row: InstanceRow) -> Line:
        look = LOOKS[of_status(row.status)]
        return [
            own(f" #{row.job_instanceid} "),
            Piece(look.word, look.role),
            Piece(SafeText(f"  {full_time(row.started, self._zone)}  took ")),
            Piece(duration(row.seconds), "title"),
        ]

    def key(self, key: str, character: str | None) -> None:
        """Move the cursor, open the output of a run, or close."""
        steps = {
            "h": -1, "left": -1, "l": 1, "right": 1, "k": -1, "up": -1, "j": 1, "down": 1,
            "pageup": -20, "pagedown": 20, "ctrl+u": -10, "ctrl+d": 10,
            "g": -len(self._rows), "home": -len(self._rows),
            "G": len(self._rows), "end": len(self._rows),
        }  # fmt: skip
        name = written(key, character)
        if name in steps:
            self._cursor = max(0, min(self._cursor + steps[name], len(self._rows) - 1))
            self.refresh()
        elif name in {"o", "enter"} and self._rows:
            self.close()
            self._opened(self._rows[self._cursor])
        else:
            super().key(key, character)
