"""State data as a tree: which branches are unfolded, how a line looks, what stands on it."""

from typing import Any

from app.panes.line_anchor import LineAnchor
from app.presentation.pieces import Piece
from app.presentation.secrets import masked
from app.presentation.state_raw import to_yaml
from app.presentation.state_tree import Path, StateLine, path_text, tree_lines, value_at
from app.presentation.symbols import Symbols
from app.sanitize import SafeText
from app.widgets.list_panel import ListPanel
from app.widgets.paint import own
from app.widgets.text_panel import Line


class StateTreeView:
    """The tree as it was drawn last in a list. Empty while something else is shown there.

    The cursor stays on its node, whatever is saved above it.
    """

    def __init__(self, panel: ListPanel) -> None:
        self._panel = panel
        self._anchor = LineAnchor(panel)
        self._expanded: set[Path] = set()
        self._lines: list[StateLine] = []

    def begin_anew(self) -> None:
        """Fold every branch, and go to the first line: other data are shown next."""
        self._expanded.clear()
        self._anchor.forget()

    def clear(self) -> None:
        """Have no lines."""
        self._lines = []
        self._anchor.pause()

    def show(self, data: Any, symbols: Symbols, *, reveal: bool) -> None:
        """Show the tree of `data`."""
        self._lines = tree_lines(data, frozenset(self._expanded), reveal=reveal)
        drawn = [_drawn(line, symbols) for line in self._lines]
        self._anchor.show([line.path for line in self._lines], drawn, ())

    @property
    def line(self) -> StateLine | None:
        """What the cursor is on; None where that is nothing."""
        index = self._panel.cursor
        return self._lines[index] if index < len(self._lines) else None

    def fold(self, *, open_it: bool) -> None:
        """Unfold the branch under the cursor, or fold it or go to its parent."""
        line, index = self.line, self._panel.cursor
        if line is None:
            return
        if open_it and line.is_branch:
            self._expanded.add(line.path)
        elif not open_it and line.path in self._expanded:
            self._expanded.discard(line.path)
        elif not open_it and line.path:
            above = range(index - 1, -1, -1)
            parents = (each for each in above if self._lines[each].depth < line.depth)
            self._panel.cursor = next(parents, index)

    @property
    def path(self) -> SafeText:
        """The path of what the cursor is on."""
        line = self.line
        return path_text(line.path) if line is not None else SafeText("")

    def value(self, data: Any, *, reveal: bool) -> str:
        """Return the value under the cursor as it is stored; nothing of what is masked."""
        line = self.line
        if line is None or line.is_masked or line.is_range:
            return ""
        try:
            value = value_at(data, line.path)
        except LookupError:  # changed since it was drawn
            return ""
        return value if isinstance(value, str) else to_yaml(value if reveal else masked(value))


def _drawn(line: StateLine, symbols: Symbols) -> Line:
    sign = symbols.expanded if line.is_expanded else symbols.collapsed
    return [
        own("  " * line.depth),
        Piece(SafeText(f"{sign} "), "accent") if line.is_branch else own("  "),
        Piece(line.key, "title"),
        own("  "),
        Piece(line.value, "muted" if line.is_branch or line.is_masked else ""),
        Piece(SafeText(f"  {line.kind}"), "muted"),
    ]
