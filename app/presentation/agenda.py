"""What is due next, grouped by minute.

One line each, with what does not fit folded into a number.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, tzinfo
from itertools import groupby, pairwise

from msgspec import Struct

from app.cells import cell_width, cut
from app.presentation.heat import weekday_of
from app.presentation.instants import duration, local
from app.presentation.symbols import Symbols
from app.sanitize import SafeText, safe
from engine.clock import MINUTE, SECOND, Instant

_SILENT = SafeText("")
OFTEN: Instant = 10 * MINUTE  # jobs that are due nearer together than this are folded
_OFTEN_DUES = 12  # dues that make a habit


class AgendaLine(Struct, frozen=True):
    """One minute; `at` is None on a line that begins a day, or tells what is due often."""

    text: SafeText
    at: Instant | None = None
    names: tuple[str, ...] = ()  # the jobs, as stored
    starts: int = 0
    spoken: SafeText = _SILENT  # as it is read out: "12:05: feed, mail x2"

    @property
    def is_date(self) -> bool:
        """Whether this begins a day."""
        return self.at is None and not self.names

    @property
    def key(self) -> Instant | str:
        """What it is known by in every agenda: its minute, its date, or that it is due often."""
        if self.at is not None:
            return self.at
        return self.text if self.is_date else "often"


def agenda(
    coming: Sequence[tuple[Instant, str]], now: Instant, zone: tzinfo, width: int, symbols: Symbols
) -> list[AgendaLine]:
    """Return the lines for `coming`, pairs of due instant and job name in order of time.

    A line with the date stands before the first minute of every day but today. Jobs that are due
    again and again within minutes stand in one line at the top, with how often.
    """
    often = _often(coming)
    lines: list[AgendaLine] = []
    if often:
        head = f"often {symbols.vertical} "
        labels = [f"{safe(name)} {how}" for name, how in often.items()]
        text = _fitting(labels, width - cell_width(head))
        lines.append(
            AgendaLine(SafeText(head + text), None, tuple(often), 0, _said("Often", labels))
        )
        coming = [due for due in coming if due[1] not in often]
    day: date = local(now, zone).date()
    for minute, group in groupby(coming, key=lambda due: due[0] // MINUTE):
        at = minute * MINUTE
        moment = local(at, zone)
        if moment.date() != day:
            day = moment.date()
            label = SafeText(f"{weekday_of(day)} {day.isoformat()}")
            lines.append(AgendaLine(label, spoken=label))
        starts = Counter(name for _, name in group)
        head = f"{moment:%H:%M} {symbols.vertical} "
        labels = _labels(starts)
        text = SafeText(head + _fitting(labels, width - cell_width(head)))
        spoken = _said(f"{moment:%H:%M}", labels)
        lines.append(AgendaLine(text, at, tuple(starts), sum(starts.values()), spoken))
    return lines


def _often(coming: Sequence[tuple[Instant, str]]) -> dict[str, str]:
    """Return the jobs that are due often, each with how often, the most frequent first."""
    dues: dict[str, list[Instant]] = {}
    for due, name in coming:
        dues.setdefault(name, []).append(due)
    gaps = {
        name: (each[-1] - each[0]) // (len(each) - 1)
        for name, each in dues.items()
        if len(each) >= _OFTEN_DUES
    }
    near = sorted((gap, name) for name, gap in gaps.items() if gap <= OFTEN)
    return {name: _every(dues[name]) for _, name in near}


def _every(dues: Sequence[Instant]) -> str:
    """Return "every 90s"; "about every 6m" where the distances differ."""
    gaps = {later - earlier for earlier, later in pairwise(dues)}
    if len(gaps) > 1:
        return f"about every {duration((dues[-1] - dues[0]) / SECOND / (len(dues) - 1))}"
    gap = gaps.pop()
    return f"every {gap // MINUTE}m" if gap % MINUTE == 0 else f"every {gap / SECOND:g}s"


def _labels(starts: Counter[str]) -> list[str]:
    """Return the names, with how often where it is more than once."""
    return [
        safe(name) if number == 1 else SafeText(f"{safe(name)} x{number}")
        for name, number in starts.items()
    ]


def _said(head: str, labels: Sequence[str]) -> SafeText:
    """Return a line as it is read out: nothing is left out, nothing drawn."""
    return SafeText(f"{head}: {', '.join(labels)}")


def _fitting(labels: Sequence[str], width: int) -> str:
    """Return as many labels as fit, two spaces apart, and "+41" for the others."""
    shown: list[str] = []
    used = 0
    rest = len(labels)
    for label in labels:
        more = f"  +{rest - 1}" if rest > 1 else ""
        room = width - used - len(more) - (2 if shown else 0)
        if cell_width(label) > room:
            if not shown and room > 0:
                shown.append(cut(SafeText(label), room))
                rest -= 1
            break
        shown.append(label)
        used += cell_width(label) + (2 if len(shown) > 1 else 0)
        rest -= 1
    return "  ".join([*shown, f"+{rest}"] if rest else shown)
