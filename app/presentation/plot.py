"""How long the runs of a job took, as a plot: a column each, p50 and p95 as lines across them.

A run that took far longer than the 95th percentile would press all others flat: it is cut off at
the top and marked as an outlier there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from app.presentation.instants import duration
from app.presentation.pieces import Piece, merged
from app.presentation.status import LOOKS
from app.presentation.strips import FinishedRun, failure_sign
from app.presentation.symbols import Symbols
from app.sanitize import SafeText
from app.store.conditions import of_status

LABEL = 12  # cells of the scale at the left
_FAR = 3  # times p95: what is longer is an outlier
_TOP = 2  # times p95: where the plot ends above outliers


class Scale(NamedTuple):
    """What the heights of a plot mean, in seconds."""

    top: float
    p50: float
    p95: float

    def is_outlier(self, seconds: float) -> bool:
        """Whether a run is cut off at the top."""
        return seconds > self.top


def scale_of(runs: Sequence[FinishedRun]) -> Scale:
    """Return the scale that shows most of the runs: all of them unless some are far out."""
    ordered = sorted(run.seconds for run in runs)
    if not ordered:
        return Scale(1.0, 0.0, 0.0)
    p50, p95 = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95))
    longest = ordered[-1]
    top = _TOP * p95 if p95 and longest > _FAR * p95 else longest
    return Scale(top or 1.0, p50, p95)


def plot_lines(
    runs: Sequence[FinishedRun], scale: Scale, height: int, symbols: Symbols, cursor: int | None
) -> list[tuple[Piece, ...]]:
    """Return the plot of `runs`, a cell wide each, `height` lines high, and a line of failures.

    The run at index `cursor` is set off in the line of failures.
    """
    rows = {_row(scale.p95, scale, height): "p95", _row(scale.p50, scale, height): "p50"}
    rows[_row(scale.p95, scale, height)] = "p95"  # it wins where both fall into one line
    lines = []
    for row in range(height - 1, -1, -1):
        name = rows.get(row, "")
        cells = [_cell(run.seconds, run, row, (scale, height), symbols, name) for run in runs]
        lines.append(merged((_label(row, name, scale, height), *cells)))
    signs = [_below(run, symbols, is_here=index == cursor) for index, run in enumerate(runs)]
    return [*lines, merged((Piece(SafeText(" " * LABEL)), *signs))]


def _row(seconds: float, scale: Scale, height: int) -> int:
    return min(height - 1, int(seconds / scale.top * height))


def _label(row: int, name: str, scale: Scale, height: int) -> Piece:
    if name:
        value = scale.p95 if name == "p95" else scale.p50
        return Piece(SafeText(f" {name} {duration(value):>6} "[:LABEL].ljust(LABEL)), "title")
    text = duration(scale.top) if row == height - 1 else ""
    return Piece(SafeText(f"{text:>{LABEL - 1}} "), "muted")


def _cell(
    seconds: float,
    run: FinishedRun,
    row: int,
    at: tuple[Scale, int],
    symbols: Symbols,
    name: str,
) -> Piece:
    scale, height = at
    role = LOOKS[of_status(run.status)].role
    if scale.is_outlier(seconds) and row == height - 1:
        return Piece(SafeText("^"), "warning")
    steps = len(symbols.bars)
    filled = round(min(seconds / scale.top, 1.0) * height * steps)
    filled = max(filled, 1) - row * steps
    if filled > 0:
        return Piece(symbols.bars[min(filled, steps) - 1], role)
    return Piece(symbols.horizontal, "muted") if name else Piece(SafeText(" "))


def _below(run: FinishedRun, symbols: Symbols, *, is_here: bool) -> Piece:
    sign = failure_sign(run, symbols)
    if is_here:
        return Piece(sign.text if sign is not None else SafeText("^"), "cursor")
    return sign if sign is not None else Piece(SafeText(" "))
