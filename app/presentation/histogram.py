"""Failures over time, in one line: a bar for each slot, as high as it has failures."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from app.presentation.instants import duration
from app.presentation.pieces import Piece, merged
from app.presentation.symbols import Symbols
from app.sanitize import SafeText, safe
from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant

_STEPS = (
    *(each * SECOND for each in (10, 15, 20, 30, 45)),
    *(each * MINUTE for each in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(each * HOUR for each in (1, 2, 3, 4, 6, 8, 12)),
    *(each * DAY for each in (1, 2, 3, 7, 14, 30)),
)


class StartedRun(Protocol):
    """One run, as the histogram counts it."""

    @property
    def started(self) -> Instant:
        """When it started."""
        ...

    @property
    def has_failed(self) -> bool:
        """Whether it ended as ERROR or CRASH."""
        ...


class Slots(NamedTuple):
    """Runs and failures in slots of one length, the last of which is that of now."""

    since: Instant
    step: int  # microseconds
    runs: tuple[int, ...]
    failures: tuple[int, ...]

    @property
    def until(self) -> Instant:
        """When the last slot ends."""
        return self.since + self.step * len(self.runs)


def slots_of(runs: Iterable[StartedRun], now: Instant, number: int) -> Slots | None:
    """Return the runs in `number` slots, wide enough to hold all of them; None without runs."""
    known = [(run.started, run.has_failed) for run in runs]
    if not known or number <= 0:
        return None
    oldest = min(started for started, _ in known)
    step = next((each for each in _STEPS if now - oldest < each * (number - 1)), _STEPS[-1])
    since = (now // step + 1 - number) * step
    ran, failed = [0] * number, [0] * number
    for started, has_failed in known:
        slot = (started - since) // step
        if 0 <= slot < number:
            ran[slot] += 1
            failed[slot] += has_failed
    return Slots(since, step, tuple(ran), tuple(failed))


def histogram_pieces(slots: Slots, symbols: Symbols) -> tuple[Piece, ...]:
    """Return a bar for each slot with failures, a dot for one where all went well."""
    most = max(slots.failures, default=0)
    heights = len(symbols.bars)
    cells = []
    for ran, failed in zip(slots.runs, slots.failures, strict=True):
        if failed:
            level = max(1, round(failed / most * heights))
            cells.append(Piece(symbols.bars[level - 1], "error"))
        else:
            cells.append(Piece(symbols.shades[0], "muted") if ran else Piece(SafeText(" ")))
    return merged(cells)


def histogram_words(slots: Slots, end: str = "now") -> tuple[SafeText, SafeText]:
    """Return what stands before and after the bars: how far they reach back, and how many.

    `end` names the moment that they reach to.
    """
    back = duration(slots.step * len(slots.runs) // SECOND)
    failed, ran = sum(slots.failures), sum(slots.runs)
    slot = duration(slots.step // SECOND)
    words = f"{failed:,} of {ran:,} failed, {slot} each"
    return SafeText(f"{back} ago "), SafeText(f" {safe(end)}  {words}")
