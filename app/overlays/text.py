"""A text to read: definitions, tracebacks, explanations. Scrolls, searches, wraps, copies."""

from collections.abc import Callable, Sequence

from textual.geometry import Size

from app.cells import cut, window, wrap, wrap_words
from app.overlays.overlay import Overlay
from app.overlays.text_rows import TextRows
from app.presentation.pieces import Piece, plain
from app.sanitize import SafeText, safe
from app.widgets.key_names import written
from app.widgets.line_editor import LineEditor
from app.widgets.paint import own
from app.widgets.prompt import selected_pieces
from app.widgets.text_panel import Line

_NOT_FOUND = SafeText(": not found")


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
        self._rows = TextRows(self._source, 0, None)
        self._wrap = True
        self._break = wrap_words if words else wrap  # sentences break between words
        self._width = 0
        self._top = 0
        self._left = 0
        self._page = 10
        self._search: LineEditor | None = None
        self._needle = needle.lower()
        self._found: Sequence[int] = ()  # the rows in which it begins
        self._is_looked_for = bool(needle)  # it is gone to as soon as the lines are broken
        self.wanted = _size_of(self._source)

    def replace(self, lines: Sequence[Line], now_at: Callable[[int], int]) -> None:
        """Show other lines; `now_at` tells which one is read in the place of one that was."""
        at = self._rows.place(self._top)
        self._source = list(lines)
        self.wanted = _size_of(self._source)
        self._break_at(self._width, (now_at(at[0]), at[1]) if self._top else at)
        self.refit()

    def key(self, key: str, character: str | None) -> None:
        """Move, search, wrap, copy, or close."""
        if self._search is not None:
            self._type(self._search, key, character)
        else:
            self._move(key, character)
        self.is_text = self._search is not None
        self.refresh()

    def _move(self, key: str, character: str | None) -> None:
        steps = {
            "down": 1, "j": 1, "up": -1, "k": -1, "pagedown": self._page, "space": self._page,
            "pageup": -self._page, "ctrl+d": self._page // 2, "ctrl+u": -(self._page // 2),
            "home": -len(self._rows), "g": -len(self._rows), "end": len(self._rows),
            "G": len(self._rows),
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
            self._found = self._rows.matching(self._needle)
            self._find(1, from_here=True)
        else:
            editor.key(key, character)

    def _find(self, step: int, *, from_here: bool = False) -> None:
        """Go to the next or the previous match, and from the last one to the first."""
        if not self._found:
            return
        if step > 0:
            least = self._top if from_here else self._top + 1
            row = next((row for row in self._found if row >= least), self._found[0])
        else:
            before = [row for row in self._found if row < self._top]
            row = before[-1] if before else self._found[-1]
        self._top = min(row, max(0, len(self._rows) - self._page))

    @property
    def _finds_nothing(self) -> bool:
        """Whether what is searched for stands nowhere in the text."""
        return bool(self._needle) and not self._found

    def _scroll(self, step: int) -> None:
        self._top = max(0, min(self._top + step, len(self._rows) - self._page))

    def wants(self, width: int) -> Size:
        """Return room for every line, also where long ones are broken."""
        lines = len(self._broken(min(width, self.wanted.width)))
        return Size(self.wanted.width, max(6, min(lines + 1, 60)))

    def lines(self, size: Size) -> Sequence[Line]:
        """Return the lines in sight."""
        if size.width != self._width:
            self._break_at(size.width, self._rows.place(self._top))
        foot = self._foot(size.width)
        self._page = max(1, size.height - len(foot))
        if self._is_looked_for:
            self._is_looked_for = False
            self._find(1, from_here=True)
        self._top = max(0, min(self._top, len(self._rows) - self._page))
        in_sight = range(self._top, min(self._top + self._page, len(self._rows)))
        found = set(self._found).intersection(in_sight)
        shown = [
            self._shown(self._rows.rows[row], size.width, is_found=row in found) for row in in_sight
        ]
        if foot:
            shown += [()] * (self._page - len(shown))
        return [*shown, *foot]

    def _foot(self, width: int) -> Sequence[Line]:
        """Return what is searched for while it is typed, and that it was not found."""
        if self._search is not None:
            typed = [Piece(safe(self._search.text)), own(" ", "caret")]
            if self._search.is_selected:
                typed = selected_pieces(self._search.text)
            return [[own(" /", "prompt"), *typed]]
        if self._finds_nothing:
            needle = cut(safe(self._needle), width - len(_NOT_FOUND) - 1)
            return [[own(" "), Piece(SafeText(needle + _NOT_FOUND), "warning")]]
        return ()

    def _break_at(self, width: int, at: tuple[int, int]) -> None:
        """Break the lines anew, and stand at a place of them."""
        self._width = width
        self._rows = self._broken(width)
        self._found = self._rows.matching(self._needle)
        self._top = self._rows.row(*at)

    def _broken(self, width: int) -> TextRows:
        return TextRows(self._source, width, self._break if self._wrap else None)

    def _shown(self, line: Line, width: int, *, is_found: bool) -> Line:
        if is_found:
            line = [Piece(text, f"{role} match".strip()) for text, role in line]
        if not self._left:
            return [own(" "), *line]
        return [own(" "), Piece(window(plain(line), self._left, width))]


def _size_of(lines: Sequence[Line]) -> Size:
    """Return the size that lines take where there is room for all of them."""
    longest = max((len(plain(line)) for line in lines), default=20)
    return Size(max(40, min(longest + 2, 116)), max(6, min(len(lines) + 1, 60)))
