"""What is due next, grouped by minute.

One line each, with what does not fit folded into a number.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import groupby

from app.cells import cell_width, cut
from app.presentation.heat import weekday_of
from app.presentation.instants import local
from app.presentation.symbols import Symbols
from app.sanitize import SafeText, safe
from engine.clock import MINUTE, Instant


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One minute; `at` is None on the line that begins a day."""

    text: SafeText
    at: Instant | None = None
    names: tuple[str, ...] = ()  # the jobs, as stored
    starts: int = 0


def agenda(
    coming: Iterable[tuple[Instant, str]], now: Instant, zone: tzinfo, width: int, symbols: Symbols
) -> list[AgendaLine]:
    """Return the lines for `coming`, pairs of due instant and job name in order of time.

    A line with the date stands before the first minute of every day but today.
    """
    lines: list[AgendaLine] = []
    day: date = local(now, zone).date()
    for minute, group in groupby(coming, key=lambda due: due[0] // MINUTE):
        at = minute * MINUTE
        moment = local(at, zone)
        if moment.date() != day:
            day = moment.date()
            lines.append(AgendaLine(SafeText(f"{weekday_of(day)} {day.isoformat()}")))
        starts = Counter(name for _, name in group)
        head = f"{moment:%H:%M} {symbols.vertical} "
        text = _names(starts, width - cell_width(head))
        lines.append(AgendaLine(SafeText(head + text), at, tuple(starts), sum(starts.values())))
    return lines


def _names(starts: Counter[str], width: int) -> str:
    """Return as many names as fit, and "+41" for the others."""
    shown: list[str] = []
    used = 0
    rest = len(starts)
    for name, number in starts.items():
        label = safe(name) if number == 1 else SafeText(f"{safe(name)} x{number}")
        more = f"  +{rest - 1}" if rest > 1 else ""
        room = width - used - len(more) - (2 if shown else 0)
        if cell_width(label) > room:
            if not shown and room > 0:
                shown.append(cut(label, room))
                rest -= 1
            break
        shown.append(label)
        used += cell_width(label) + (2 if len(shown) > 1 else 0)
        rest -= 1
    return "  ".join([*shown, f"+{rest}"] if rest else shown)
