"""One row of a Gantt chart: past runs solid, the running one growing, next ones hollow."""

from collections.abc import Iterable
from datetime import timedelta, tzinfo
from enum import IntEnum
from typing import NamedTuple

from app.presentation.instants import local
from app.presentation.pieces import Piece, merged
from app.presentation.status import LOOKS, Role
from app.presentation.symbols import Symbols
from app.sanitize import SafeText
from app.store.conditions import Condition, of_status
from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime
from engine.domain.instance import Status

# What one chart can span: from five minutes to seven days.
ZOOMS: tuple[Instant, ...] = (
    *(5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR),
    *(12 * HOUR, DAY, 3 * DAY, 7 * DAY),
)
_TICKS: tuple[Instant, ...] = (
    *(10 * SECOND, MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY),
)
CURSOR = SafeText(":")  # the time cursor where nothing runs
_LABEL = 6  # cells of "12:30 "


class Kind(IntEnum):
    """What a bar stands for; where two meet in a cell the higher one shows."""

    COMING = 1  # a due instant to come, as long as the job usually takes
    PAST = 2
    RUNNING = 3


class Bar(NamedTuple):
    """One run on the time axis, `start` to `end` (exclusive)."""

    start: Instant
    end: Instant
    kind: Kind
    status: Status | None = None  # of a past run


class Axis(NamedTuple):
    """The stretch of time that a chart of `width` cells shows."""

    start: Instant
    end: Instant
    width: int

    def cell(self, at: Instant) -> int:
        """Return the cell of `at`; it may lie outside the chart."""
        return (at - self.start) * self.width // max(1, self.end - self.start)

    def instant(self, cell: int) -> Instant:
        """Return the instant at which `cell` begins."""
        return self.start + (self.end - self.start) * cell // max(1, self.width)


def around(now: Instant, span: Instant, width: int, past: float = 2 / 3) -> Axis:
    """Return the axis of `span` microseconds with `now` after the share `past` of it."""
    start = now - round(span * past)
    return Axis(start, start + span, width)


def gantt_line(
    bars: Iterable[Bar], axis: Axis, now: Instant, symbols: Symbols, cursor: int | None = None
) -> tuple[Piece, ...]:
    """Return one row. Every bar in the window takes at least one cell, a failure its sign.

    `cursor` is the cell of the time cursor.
    """
    cells = [Piece(SafeText(" "))] * axis.width
    at_now = axis.cell(now)
    if 0 <= at_now < axis.width:
        cells[at_now] = Piece(symbols.now, Role.MUTED)
    taken = [0] * axis.width
    for bar in bars:
        if bar.end < axis.start or bar.start >= axis.end:
            continue
        first = max(0, axis.cell(bar.start))
        last = min(axis.width - 1, max(first, axis.cell(bar.end - 1)))
        piece = _look(bar, symbols)
        for cell in range(first, last + 1):
            if bar.kind >= taken[cell]:
                taken[cell], cells[cell] = bar.kind, piece
        failure = _failure(bar, symbols)
        if failure is not None and taken[last] <= bar.kind:
            cells[last] = failure
    if cursor is not None:
        cells[cursor] = Piece(cells[cursor].text if taken[cursor] else CURSOR, "match")
    return merged(cells)


def _look(bar: Bar, symbols: Symbols) -> Piece:
    if bar.kind is Kind.RUNNING:
        return Piece(symbols.growing, Role.RUNNING)
    if bar.kind is Kind.COMING:
        return Piece(symbols.hollow, Role.MUTED)
    role = LOOKS[of_status(bar.status)].role if bar.status is not None else Role.SUCCESS
    return Piece(symbols.solid, role)


def _failure(bar: Bar, symbols: Symbols) -> Piece | None:
    if bar.kind is not Kind.PAST or bar.status not in {Status.ERROR, Status.CRASH}:
        return None
    condition = of_status(bar.status)
    look = LOOKS[condition]
    if symbols.name == "unicode":
        return Piece(look.glyph, look.role)
    return Piece(SafeText("!" if condition is Condition.CRASH else "x"), look.role)


def axis_pieces(axis: Axis, zone: tzinfo, at: Instant | None) -> tuple[Piece, ...]:
    """Return the labels of the axis, and over them, at its place, the time of the cursor `at`."""
    line = axis_line(axis, zone)
    cursor = -1 if at is None else axis.cell(at)
    if at is None or not 0 <= cursor < axis.width:
        return (Piece(line, "header"),)
    moment = local(at, zone)
    is_coarse = axis.end - axis.start >= DAY
    label = f" {moment:%a %H:%M} " if is_coarse else f" {moment:%H:%M:%S} "
    first = max(0, min(cursor - len(label) // 2, axis.width - len(label)))
    before, rest = line[:first], line[first + len(label) :]
    if not line[first].isspace():  # half a time would be a wrong one
        before = before.rstrip("0123456789:.").ljust(first)
    if rest and not line[first + len(label) - 1].isspace():
        rest = rest.lstrip("0123456789:.").rjust(len(rest))
    return (
        Piece(SafeText(before), "header"),
        Piece(SafeText(label), "match"),
        Piece(SafeText(rest), "header"),
    )


def axis_line(axis: Axis, zone: tzinfo) -> SafeText:
    """Return the labels of the axis: local times at round distances, "12:30", or days."""
    step = _tick(axis)
    line = [" "] * axis.width
    at = _first_tick(axis.start, step, zone)
    while at < axis.end:
        moment = local(at, zone)
        label = f"{moment:%d}." if step >= DAY else f"{moment:%H:%M}"
        if step < MINUTE:
            label = f"{moment:%M:%S}"
        cell = axis.cell(at)
        if cell + len(label) <= axis.width:
            line[cell : cell + len(label)] = label
        at += step
    return SafeText("".join(line))


def _tick(axis: Axis) -> Instant:
    """Return the distance of the labels: the least that leaves room for them."""
    span = axis.end - axis.start
    most = max(1, axis.width // (2 * _LABEL))
    return next((tick for tick in _TICKS if span // tick <= most), _TICKS[-1])


def _first_tick(start: Instant, step: Instant, zone: tzinfo) -> Instant:
    """Return the first multiple of `step` since local midnight at or after `start`."""
    midnight = local(start, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    origin = from_datetime(midnight)
    if step > DAY:
        origin = from_datetime(midnight - timedelta(days=midnight.toordinal() % (step // DAY)))
    return origin + -((origin - start) // step) * step


def zoomed(span: Instant, steps: int) -> Instant:
    """Return the span `steps` further in (negative: out), within what a chart can show."""
    nearest = min(range(len(ZOOMS)), key=lambda index: abs(ZOOMS[index] - span))
    return ZOOMS[min(max(nearest - steps, 0), len(ZOOMS) - 1)]
