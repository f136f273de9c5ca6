"""The heat map of starts to come: a row for each local day, a cell for each local hour."""

from collections.abc import Sequence
from datetime import date, tzinfo

from msgspec import Struct

from app.presentation.instants import local, weekday
from app.presentation.pieces import Piece, merged
from app.presentation.status import Role
from app.presentation.symbols import Symbols
from app.sanitize import SafeText
from engine.clock import HOUR, Instant

HOURS = 24
_CELL, _NARROW_CELL = 2, 1  # terminal cells of one hour
_LABEL = 7  # terminal cells of "Mon 05 "
_ROOMY = 70  # terminal cells that the map takes with wide hours
_STEPS = (0.25, 0.5, 0.75)  # shares of the scale where the shade gets darker
_ROLES = ("", Role.MUTED, "", "accent", Role.WARNING)  # where it piles up deserves a look
_EVEN = 2  # the shade of hours that hardly differ
_UNEVEN = 0.2  # share of the busiest hour by which the quietest one has to stay below it


class HeatRow(Struct, frozen=True):
    """One local day.

    How many starts in each hour; None where the window or the day has no such hour.
    """

    day: date
    counts: tuple[int | None, ...]  # 24 of them
    starts: tuple[Instant | None, ...]  # when each hour begins

    @property
    def label(self) -> SafeText:
        """Return "Mon 05"."""
        return SafeText(f"{weekday_of(self.day)} {self.day:%d}")

    @property
    def total(self) -> int:
        """All starts of the day."""
        return sum(count or 0 for count in self.counts)

    @property
    def peak(self) -> int | None:
        """The hour with most starts; None on a day without any."""
        known = [count or 0 for count in self.counts]
        return known.index(max(known)) if any(known) else None


def weekday_of(day: date) -> SafeText:
    """Return "Mon"."""
    from datetime import datetime

    return weekday(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - a calendar day


def heat_rows(hours: Sequence[int], since: Instant, zone: tzinfo) -> list[HeatRow]:
    """Return the days that `hours` cover; `hours[i]` starts fall into the i-th hour after `since`.

    An hour that a clock change repeats is added to the first one; one that it skips stays None.
    """
    counts: dict[date, list[int | None]] = {}
    starts: dict[date, list[Instant | None]] = {}
    for index, number in enumerate(hours):
        begins = since + index * HOUR
        moment = local(begins, zone)
        day = moment.date()
        row = counts.setdefault(day, [None] * HOURS)
        row[moment.hour] = (row[moment.hour] or 0) + number
        times = starts.setdefault(day, [None] * HOURS)
        if times[moment.hour] is None:
            times[moment.hour] = begins
    return [HeatRow(day, tuple(row), tuple(starts[day])) for day, row in counts.items()]


def _cell(width: int) -> int:
    """Return the terminal cells of one hour where the map has `width` of them."""
    return _CELL if width >= _ROOMY else _NARROW_CELL


def hour_at(cell: int, width: int) -> int | None:
    """Return the hour that stands at a terminal cell of a day's line; None: no hour does."""
    hour = (cell - _LABEL) // _cell(width)
    return hour if 0 <= hour < HOURS else None


def shade(number: int | None, most: int, symbols: Symbols, least: int = 0, cell: int = 2) -> Piece:
    """Return the `cell` cells for `number` starts, on a scale from `least` to `most`."""
    if number is None:
        return Piece(SafeText(" " * cell))
    level = 0
    if number > 0 and most - least < most * _UNEVEN:
        level = _EVEN
    elif number > 0:
        level = 1 + sum(number - least > (most - least) * step for step in _STEPS)
    return Piece(SafeText(symbols.shades[level] * cell), _ROLES[level])


def heat_line(
    row: HeatRow,
    most: int,
    symbols: Symbols,
    cursor: int | None = None,
    least: int = 0,
    width: int = _ROOMY,
) -> tuple[Piece, ...]:
    """Return the line of one day; the cell of the hour `cursor` has the cursor's role.

    Hours are narrow where `width` has no room for wide ones: what is counted stays whole.

    `most` and `least` are the starts of the busiest and the quietest hour of the window.
    """
    cells = [Piece(SafeText(f"{row.label} "))]
    for hour, number in enumerate(row.counts):
        cell = shade(number, most, symbols, least, _cell(width))
        cells.append(Piece(cell.text, "cursor") if hour == cursor else cell)
    peak = "" if row.peak is None else f"  {row.peak:02}:00"
    cells.append(Piece(SafeText(f"  {row.total:>6,}{peak}")))
    return merged(cells)


def heat_heading(width: int = _ROOMY) -> SafeText:
    """Return the line of hours above the days."""
    hours = "".join(f"{hour:02}  " for hour in range(0, HOURS, 4 // _cell(width)))
    return SafeText(f"{' ' * _LABEL}{hours}  starts  peak")


def busiest(rows: Sequence[HeatRow]) -> int:
    """Return the most starts in one hour: what the shades are measured against."""
    return max((count for row in rows for count in row.counts if count), default=0)


def quietest(rows: Sequence[HeatRow]) -> int:
    """Return the starts of the quietest hour that is whole: not that of now, nor the last one."""
    known = [number for row in rows for number in row.counts if number is not None]
    return min(known[1:-1], default=0)


def quiet_hours(rows: Sequence[HeatRow]) -> SafeText:
    """Return the hours in which nothing starts on any day.

    "quiet: 04-06, 22"; "" if there are none.
    """
    quiet = [hour for hour in range(HOURS) if rows and all(not row.counts[hour] for row in rows)]
    if not quiet:
        return SafeText("")
    ranges: list[list[int]] = []
    for hour in quiet:
        if ranges and hour == ranges[-1][1] + 1:
            ranges[-1][1] = hour
        else:
            ranges.append([hour, hour])
    texts = [f"{a:02}" if a == b else f"{a:02}-{b:02}" for a, b in ranges]
    return SafeText(f"quiet: {', '.join(texts)}")
