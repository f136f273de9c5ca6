"""A text to read: definitions, tracebacks, explanations. Scrolls, searches, wraps, copies."""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter

from textual.geometry import Size

from app.cells import window, wrap, wrap_words
from app.overlays.overlay import Overlay
from app.presentation.pieces import Piece, plain
from app.sanitize import SafeText, safe
from app.widgets.key_names import written
from app.widgets.line_editor import LineEditor
from app.widgets.paint import own
from app.widgets.prompt import selected_pieces
from app.widgets.text_panel import Line

_HANGS = 4  # cells by which the rest of a broken line stands in


class TextView(Overlay):
    """Lines that may be longer and more than the box."""

    note = "/ search  w wrap  y copy  esc close"

    def __init__(
        self,
        title: str,
        lines: Sequence[Line],
        *,
        copy: Callable[[str], None] | None = None,
        keys: dict[str, Callable[[], None]] | None = None,
        note: str = "",
        words: bool = False,
        needle: str = "",
    ) -> None:
        super().__init__()
        self.title = title
        self.note = note or self.note
        self._source = list(lines)
        self._copy = copy
        self._keys = keys or {}
        self._wrapped: list[Line] = self._source
        self._wrap = True
        self._break = wrap_words if words else wrap  # sentences break between words
        self._width = 0
        self._top = 0
        self._left = 0
        self._page = 10
        self._search: LineEditor | None = None
        self._needle = needle.lower()
        self._is_looked_for = bool(needle)  # it is gone to as soon as the lines are broken
        longest = max((len(plain(line)) for line in lines), default=20)
        self.wanted = Size(max(40, min(longest + 2, 116)), max(6, min(len(lines) + 1, 60)))

    def replace(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self._source = list(lines)
        self._width = 0
        self.refresh()

    def key(self, key: str, character: str | None) -> None:
        """Move, search, wrap, copy, or close."""
        if self._search is not None:
            self._type(self._search, key, character)
        else:
            self._move(key, character)
        self.refresh()

    def _move(self, key: str, character: str | None) -> None:
        steps = {
            "down": 1, "j": 1, "up": -1, "k": -1, "pagedown": self._page, "space": self._page,
            "pageup": -self._page, "ctrl+d": self._page // 2, "ctrl+u": -(self._page // 2),
            "home": -len(self._wrapped), "g": -len(self._wrapped), "end": len(self._wrapped),
            "G": len(self._wrapped),
        }  # fmt: skip
        name = written(key, character)
        if name in steps:
            self._scroll(steps[name])
        elif name in {"h", "left"}:
            self._left = max(0, self._left - 8)
        elif name in {"l", "right"}:
            self._left += 8
        elif name == "/":
            self._search = LineEditor(self._needle, selected=True)
        elif name in {"n", "N"}:
            self._find(1 if name == "n" else -1)
        elif name == "w":
            self._wrap = not self._wrap
            self._width, self._left = 0, 0
        elif name == "y" and self._copy is not None:
            self._copy("\n".join(plain(line) for line in self._source))
        elif name in self._keys:
            self._keys[name]()
        else:
            super().key(name, character)

    def _type(self, editor: LineEditor, key: str, character: str | None) -> None:
        if key in {"escape", "ctrl+c"}:
            self._search = None
        elif key == "enter":
            self._search = None
            self._needle = editor.text.lower()
            self._find(1, from_here=True)
        else:
            editor.key(key, character)

    def _find(self, step: int, *, from_here: bool = False) -> None:
        count = len(self._wrapped)
        for distance in range(0 if from_here else 1, count + 1):
            index = (self._top + step * distance) % max(1, count)
            if self._needle and self._begins_in(index):
                self._top = min(index, max(0, count - self._page))
                return

    def _begins_in(self, index: int) -> bool:
        """Whether a match begins in a row: it may end in the next one, where a line is broken."""
        row: str = plain(self._wrapped[index])
        if self._wrap and len(row) >= self._width - 1 and index + 1 < len(self._wrapped):
            row += plain(self._wrapped[index + 1])[: len(self._needle) - 1]
        return self._needle in row.lower()

    def _scroll(self, step: int) -> None:
        self._top = max(0, min(self._top + step, len(self._wrapped) - self._page))

    def wants(self, width: int) -> Size:
        """Return room for every line, also where long ones are broken."""
        lines = len(self._rewrap(min(width, self.wanted.width)))
        return Size(self.wanted.width, max(6, min(lines + 1, 60)))

    def lines(self, size: Size) -> Sequence[Line]:
        """Return the lines in sight."""
        if size.width != self._width:
            self._width = size.width
            self._wrapped = self._rewrap(size.width)
        self._page = max(1, size.height - (self._search is not None))
        if self._is_looked_for:
            self._is_looked_for = False
            self._find(1, from_here=True)
        self._top = max(0, min(self._top, len(self._wrapped) - self._page))
        shown = [self._shown(line, size.width) for line in self._wrapped[self._top :][: self._page]]
        if self._search is not None:
            shown += [()] * (self._page - len(shown))
            typed = [Piece(safe(self._search.text)), own(" ", "caret")]
            if self._search.is_selected:
                typed = selected_pieces(self._search.text)
            shown.append([own(" /", "prompt"), *typed])
        return shown

    def _rewrap(self, width: int) -> list[Line]:
        if not self._wrap:
            return self._source
        wrapped: list[Line] = []
        for line in self._source:
            if sum(len(piece.text) for piece in line) < width:
                wrapped.append(line)
            else:
                wrapped += _wrapped(line, width - 1, self._break)
        return wrapped

    def _shown(self, line: Line, width: int) -> Line:
        needle = self._needle
        if needle and needle in plain(line).lower():
            line = [Piece(text, f"{role} match".strip()) for text, role in line]
        if not self._left:
            return [own(" "), *line]
        return [own(" "), Piece(window(plain(line), self._left, width))]


def _wrapped(line: Line, width: int, wrap: Callable[[SafeText, int], list[SafeText]]) -> list[Line]:
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
