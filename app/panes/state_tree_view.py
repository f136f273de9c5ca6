"""State data as a tree: which branches are unfolded, how a line looks, what stands on it."""

from typing import Any

from app.presentation.pieces import Piece
from app.presentation.secrets import masked
from app.presentation.state_raw import to_yaml
from app.presentation.state_tree import Path, StateLine, path_text, tree_lines, value_at
from app.presentation.symbols import Symbols
from app.sanitize import SafeText
from app.widgets.paint import own
from app.widgets.text_panel import Line


class StateTreeView:
    """The tree as it was drawn last. Empty while something else is shown."""

    def __init__(self) -> None:
        self._expanded: set[Path] = set()
        self._lines: list[StateLine] = []

    def fold_all(self) -> None:
        """Fold every branch."""
        self._expanded.clear()

    def clear(self) -> None:
        """Have no lines."""
        self._lines = []

    def lines(self, data: Any, symbols: Symbols, *, reveal: bool) -> list[Line]:
        """Return the tree of `data`."""
        self._lines = tree_lines(data, frozenset(self._expanded), reveal=reveal)
        return [_drawn(line, symbols) for line in self._lines]

    def line(self, index: int) -> StateLine | None:
        """Return what stands on a line; None where there is none."""
        return self._lines[index] if index < len(self._lines) else None

    def fold(self, index: int, *, open_it: bool) -> int:
        """Unfold a branch, or fold it or go to its parent; return where the cursor goes."""
        line = self.line(index)
        if line is None:
            return index
        if open_it and line.is_branch:
            self._expanded.add(line.path)
        elif not open_it and line.path in self._expanded:
            self._expanded.discard(line.path)
        elif not open_it and line.path:
            above = range(index - 1, -1, -1)
            return next((each for each in above if self._lines[each].depth < line.depth), index)
        return index

    def path(self, index: int) -> SafeText:
        """Return the path of a line."""
        line = self.line(index)
        return path_text(line.path) if line is not None else SafeText("")

    def value(self, index: int, data: Any, *, reveal: bool) -> str:
        """Return the value of a line as it is stored; nothing of what is masked."""
        line = self.line(index)
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
