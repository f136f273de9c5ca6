"""The left column of a wide screen: groups to narrow the table by, saved filters, the signs."""

from collections.abc import Hashable, Mapping

from app.panes.line_anchor import LineAnchor
from app.panes.viewpoint import Viewpoint
from app.presentation.pieces import Piece
from app.presentation.saved_filters import SHIPPED_FILTERS, FilterCounts
from app.presentation.status import LOOKS, sign_of
from app.sanitize import safe
from app.store.conditions import Condition
from app.store.store import ConsoleStore, has_failed
from app.store.turns import NEVER
from app.widgets.list_panel import ListPanel
from app.widgets.paint import fitted, own
from app.widgets.text_panel import Line
from engine.clock import Instant

_LEGEND = (
    Condition.COMPLETE, Condition.ERROR, Condition.CRASH, Condition.RUNNING, Condition.DISABLED,
    Condition.GROUP_DISABLED, Condition.EXPIRED, Condition.INACTIVE,
)  # fmt: skip


class GroupList:
    """A list whose lines stand for filters."""

    def __init__(self, viewpoint: Viewpoint) -> None:
        self.panel = ListPanel(id="jobs-groups", frame="box", title="Groups")
        self._viewpoint = viewpoint
        self._anchor = LineAnchor(self.panel)
        self._filters: dict[Hashable, str | None] = {}  # of the lines, by what they are known by
        self._counted_at: Instant = 0
        self.until: Instant = NEVER  # when its counts need another look, if no job changes before

    @property
    def chosen(self) -> str | None:
        """The filter of the line under the cursor; None: the line stands for none."""
        return self._filters.get(self._anchor.key)

    def holds(self, now: Instant) -> bool:
        """Whether its counts are still right; not where the clock was set back."""
        return self._counted_at <= now < self.until

    def show(self, store: ConsoleStore, saved: Mapping[str, str]) -> None:
        """Count anew and draw."""
        counts: dict[str, list[int]] = {}
        self._counted_at = self._viewpoint.now
        standing = FilterCounts(self._counted_at)
        for row in store.jobs.values():
            standing.add(row)
            for name in row.groups:
                count = counts.setdefault(name, [0, 0, 0])
                count[0] += 1
                count[1] += has_failed(row)
                count[2] += len(row.running)
        self.until = NEVER if standing.until is None else standing.until
        width = self.panel.body.width
        lines: list[Line] = []
        self._filters = filters = {}

        def add(part: str, name: str, line: Line, text: str | None = None) -> None:
            lines.append(line)
            filters[part, name] = text

        add("all", "", _line("all", [len(store.jobs), 0, 0], "", width), "")
        for name in sorted((name for name in store.groups if name != "DEFAULT"), key=str.lower):
            group = store.groups[name]
            off = "" if group.enabled else "off"
            line = _line(name, counts.get(name, [0, 0, 0]), off, width)
            add("group", name, line, f'group:"{name}"')
        add("gap", "filters", ())
        add("title", "filters", [own("FILTERS", "title")])
        known = {
            "failing now": store.failing, "overdue": standing.overdue, "running": len(store.live),
            "never ran": standing.never, "held": store.held,
        }  # fmt: skip
        for name, text in {**SHIPPED_FILTERS, **saved}.items():
            number = None if name in saved else known.get(name)
            add("filter", name, _filter_line(name, number, width), text)
        add("gap", "signs", ())
        add("title", "signs", [own("SIGNS", "title")])
        for condition in _LEGEND:
            look = LOOKS[condition]
            sign = sign_of(condition, self._viewpoint.symbols.name)
            gap = own(" " * (5 - len(sign)))
            line = [own("  "), Piece(sign, look.role), gap, Piece(look.word, "muted")]
            add("sign", look.word, line)
        self._anchor.show(tuple(filters), lines, ())


def _filter_line(name: str, count: int | None, width: int) -> Line:
    number = own("" if count is None else f" {count:>6,}", "muted")
    return [*fitted((Piece(safe(f"  {name}")),), max(4, width - len(number.text))), number]


def _line(name: str, counts: list[int], off: str, width: int) -> Line:
    total, failing, running = counts
    marks = []
    if failing:
        marks.append(own(f" !{failing}", "error"))
    if running:
        marks.append(own(f" >{running}", "running"))
    if off:
        marks.append(own(f" {off}", "warning"))
    number = own(f" {total:>6,}", "muted")
    used = sum(len(piece.text) for piece in marks) + len(number.text)
    return [*fitted((Piece(safe(name)),), max(4, width - used)), *marks, number]
