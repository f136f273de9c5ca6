"""The lines of a text as rows of a box: how they are broken, and in which rows a match begins."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter

from app.presentation.pieces import Piece, plain
from app.sanitize import SafeText
from app.widgets.paint import own
from app.widgets.text_panel import Line

_HANGS = 4  # cells by which the rest of a broken line stands in

Break = Callable[[SafeText, int], list[SafeText]]


class TextRows:
    """The rows of `lines` in `width` cells; without a `wrap` each line is one row."""

    def __init__(self, lines: Sequence[Line], width: int, wrap: Break | None) -> None:
        self.rows: list[Line] = []
        self._lines = lines
        self._begins: list[int] = []  # the first row of each line
        for line in lines:
            self._begins.append(len(self.rows))
            if wrap is None or sum(len(piece.text) for piece in line) < width:
                self.rows.append(line)
            else:
                self.rows += _wrapped(line, width - 1, wrap)

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, row: int) -> tuple[int, int]:
        """Return which line a row is of, and how many of its rows stand above."""
        line = max(0, bisect_right(self._begins, row) - 1)
        return line, row - self._begins[line] if self._begins else 0

    def row(self, line: int, above: int) -> int:
        """Return the row at a place; the last one of the line where it has fewer."""
        if line >= len(self._begins):
            return max(0, len(self.rows) - 1)
        ends = [*self._begins[line + 1 : line + 2], len(self.rows)]
        return min(self._begins[line] + above, ends[0] - 1)

    def matching(self, needle: str) -> list[int]:
        """Return the rows in which `needle` begins, in small letters: it may end in another row."""
        found: list[int] = []
        if not needle:
            return found
        ends = [*self._begins[1:], len(self.rows)]
        for line, begin, end in zip(self._lines, self._begins, ends, strict=True):
            text = plain(line).lower()
            if needle in text:
                rows = [plain(row).lower() for row in self.rows[begin:end]]
                found += [begin + row for row in _rows_with(needle, text, rows)]
        return found


def _rows_with(needle: str, text: str, rows: Sequence[str]) -> list[int]:
    """Return in which of the rows of a line `needle` begins; they have other blanks than it."""
    letters = [at for at, letter in enumerate(text) if letter != " "]
    starts, passed = [0], 0
    for row in rows[:-1]:
        passed += len(row) - row.count(" ")
        starts.append(letters[passed] if passed < len(letters) else len(text))
    ends = [*starts[1:], len(text) + 1]
    return [
        row
        for row, (start, end) in enumerate(zip(starts, ends, strict=True))
        if text.find(needle, start, end - 1 + len(needle)) >= 0
    ]


def _wrapped(line: Line, width: int, wrap: Break) -> list[Line]:
    """Break a line of pieces; a line of one role keeps it, a mixed one breaks piece by piece."""
    if len(line) == 1:
        return [[Piece(part, line[0].role)] for part in wrap(line[0].text, width)]
    role = line[-1].role
    text = plain(line)
    head = sum(len(piece.text) for piece in line[:-1])
    if head > width // 2:  # what is left beside it is too narrow to read
        indent = len(text) - len(text.lstrip(" "))
        words = SafeText(text.lstrip(" "))
        return _flowed(line, wrap(words, width - indent - _HANGS), indent)
    rest = wrap(SafeText(line[-1].text), width - head)
    first: Line = [*line[:-1], Piece(rest[0], role)]
    under = own(" " * head)
    return [first, *([under, Piece(part, role)] for part in rest[1:])]


def _flowed(line: Line, parts: Sequence[SafeText], indent: int) -> list[Line]:
    """Return `parts` of a line as lines, with the roles that they have in it."""
    letters = [(letter, piece.role) for piece in line for letter in piece.text]
    flowed: list[Line] = []
    at = 0
    for part in parts:
        while at < len(letters) and letters[at][0] == " " and not part.startswith(" "):
            at += 1  # a break between words leaves the space out
        pieces = [own(" " * (indent + (_HANGS if flowed else 0)))]
        for role, group in groupby(letters[at : at + len(part)], key=itemgetter(1)):
            pieces.append(Piece(SafeText("".join(letter for letter, _ in group)), role))
        at += len(part)
        flowed.append(pieces)
    return flowed
