"""A terminal's memory: the screen as it was painted, one partial update after the other.

The console repaints only the cells that changed. A place that it forgets to repaint looks right as
soon as the whole screen is drawn anew, which reading the toolkit's own picture of the screen does;
an operator's terminal goes on showing what was there before. So tests read this instead.
"""

import re

from rich.cells import cell_len
from rich.console import Console, RenderableType
from textual._compositor import CompositorUpdate

_MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")
_STYLE = re.compile(r"(\x1b\[[0-9;:]*m|\x1b\]8;[^\x1b]*\x1b\\)")
ONE_CELL = re.compile("[ -~·•…←-⇿─-◼✓✗]*")  # what the console draws its frames and signs with


class Painted:
    """The cells of a screen, by line; the second cell of a wide character is empty."""

    def __init__(self) -> None:
        self._rows: list[list[str]] = []
        self._styles: list[list[str]] = []  # of each cell, as the terminal was told it
        self.updates = 0  # so far

    def resize(self, width: int, height: int) -> None:
        """Begin with blank lines in another size; the same size changes nothing."""
        if [len(row) for row in self._rows] != [width] * height:
            self._rows = [[" "] * width for _ in range(height)]
            self._styles = [[""] * width for _ in range(height)]

    def apply(self, update: RenderableType, console: Console) -> None:
        """Paint what the toolkit would write to the terminal."""
        if not isinstance(update, CompositorUpdate):
            raise TypeError(f"a terminal's memory knows no {type(update).__name__}")
        self.updates += 1
        pieces = _MOVE.split(update.render_segments(console))
        for y, x, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
            self._write_styled(int(x) - 1, int(y) - 1, text.rstrip("\n"))

    def _write_styled(self, x: int, y: int, text: str) -> None:
        words = _STYLE.split(text)
        for style, word in zip(["", *words[1::2]], words[::2], strict=True):
            if word:
                x = self.write(x, y, word, style)

    def write(self, x: int, y: int, text: str, style: str = "") -> int:
        """Put `text` at a place; what does not fit in the line is lost. Return where it ends."""
        row = self._rows[y] if y < len(self._rows) else []
        styles = self._styles[y] if row else []
        if ONE_CELL.fullmatch(text):  # mostly; each as wide as the other
            room = text[: max(0, len(row) - x)]
            row[x : x + len(room)] = room
            styles[x : x + len(room)] = [style] * len(room)
            return x + len(text)
        for character in text:
            width = cell_len(character)
            if width == 0 and 0 < x <= len(row):
                row[x - 1] += character
            for offset in range(width):
                if x + offset < len(row):
                    row[x + offset] = "" if offset else character
                    styles[x + offset] = style
            x += width
        return x

    @property
    def looks(self) -> list[list[tuple[str, str]]]:
        """The screen, line by line: each cell, and what the terminal was told of its look."""
        rows = zip(self._rows, self._styles, strict=True)
        return [list(zip(row, styles, strict=True)) for row, styles in rows]

    @property
    def lines(self) -> list[str]:
        """The screen, line by line, without the blanks at their ends."""
        return ["".join(row).rstrip() for row in self._rows]
