"""Bars in one line: the last runs of a job, a series of numbers, progress."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Protocol

from app.presentation.pieces import Piece, merged
from app.presentation.status import LOOKS, Role, sign_of
from app.presentation.symbols import Symbols
from app.sanitize import SafeText
from app.store.conditions import Condition, of_status
from engine.domain.instance import Status

_AT_P95 = 5  # of eight heights: what lies above the 95th percentile still has room to stand out
_FAILED_SIGNS = {Condition.ERROR: SafeText("x"), Condition.CRASH: SafeText("!")}


class FinishedRun(Protocol):
    """One run of a job's strip."""

    @property
    def status(self) -> Status:
        """Its final status."""
        ...

    @property
    def seconds(self) -> float:
        """How long it took."""
        ...


def run_strip(
    runs: Sequence[FinishedRun],
    p95: float | None,
    width: int,
    symbols: Symbols,
    *,
    is_running: bool = False,
) -> tuple[Piece, ...]:
    """Return the last `width` runs, oldest first: a bar by duration, or the sign of a failure.

    A run that goes on comes last. Fewer runs make a shorter strip.
    """
    room = width - is_running
    pieces = [_run(run, p95, symbols) for run in runs[-room:]] if room > 0 else []
    if is_running and width > 0:
        sign = sign_of(Condition.RUNNING, symbols.name)[:1]
        shown = sign if symbols.name == "unicode" else ">"
        pieces.append(Piece(SafeText(shown), Role.RUNNING))
    return merged(pieces)


def failure_sign(run: FinishedRun, symbols: Symbols) -> Piece | None:
    """Return the sign, one cell wide, of a run that failed; None for one that did not."""
    condition = of_status(run.status)
    if condition not in _FAILED_SIGNS:
        return None
    look = LOOKS[condition]
    sign = look.glyph if symbols.name == "unicode" else _FAILED_SIGNS[condition]
    return Piece(sign, look.role)


def _run(run: FinishedRun, p95: float | None, symbols: Symbols) -> Piece:
    sign = failure_sign(run, symbols)
    if sign is not None:
        return sign
    share = run.seconds / p95 if p95 else 0.0
    level = max(1, round(min(share * _AT_P95, len(symbols.bars))))
    return Piece(symbols.bars[level - 1], LOOKS[of_status(run.status)].role)


def bar(share: float, width: int, symbols: Symbols) -> SafeText:
    """Return a bar of `width` cells filled to `share` (0..1); a share above nothing shows."""
    if width <= 0:
        return SafeText("")
    halves = min(max(round(share * width * 2), 1 if share > 0 else 0), width * 2)
    full, half = divmod(halves, 2)
    rest = width - full - half
    return SafeText(symbols.full * full + symbols.part * half + symbols.empty * rest)


def elapsed_bar(elapsed: float, expected: float | None, width: int, symbols: Symbols) -> Piece:
    """Return how far a run has come of the time that it usually takes (its p95, in seconds).

    Beyond that time the bar is full and takes the overdue role. Without one there is no bar.
    """
    if not expected or expected <= 0:
        return Piece(SafeText(""))
    share = elapsed / expected
    role = Role.OVERDUE if share > 1 else Role.RUNNING
    return Piece(bar(min(share, 1.0), width, symbols), role)


_LAG_STEPS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # seconds from one height to the next
_LAG_LATE, _LAG_BAD = 1.0, 10.0


def lag_strip(lags: Sequence[float], symbols: Symbols) -> tuple[Piece, ...]:
    """Return how late runs started, a bar each: the heights mean the same at any time."""
    heights = len(symbols.bars)
    return merged(
        [
            Piece(symbols.bars[min(bisect_right(_LAG_STEPS, lag), heights - 1)], lag_role(lag))
            for lag in lags
        ]
    )


def lag_role(lag: float) -> str:
    """Return how bad a lag is, in seconds."""
    if lag >= _LAG_BAD:
        return "error"
    return "warning" if lag >= _LAG_LATE else "muted"
