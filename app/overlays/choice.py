"""A list to choose from: menus, help, the palette. What is impossible stays, with its reason."""

from collections.abc import Callable, Sequence

from textual.geometry import Size

from app.cells import fit
from app.overlays.entries import WIDEST_TEXT, Entry, broken, matching, nothing
from app.overlays.overlay import Overlay
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.widgets.key_names import written
from app.widgets.line_editor import LineEditor
from app.widgets.paint import fill_tab, fitted, own
from app.widgets.text_panel import Line

_MOST_LINES = 40


class Choice(Overlay):
    """Entries, a filter that is typed, and a cursor."""

    note = "enter choose  esc close"

    def __init__(
        self,
        title: str,
        entries: Sequence[Entry] | Callable[[], Sequence[Entry]],
        *,
        can_type: bool = True,
        width: int = 76,
        key_width: int = 10,
        more_entries: Callable[[str], Sequence[Entry]] | None = None,
        explains: bool = False,  # all that an entry does, also where it is impossible
        left: Callable[[], None] = nothing,  # called where nothing was chosen
    ) -> None:
        super().__init__()
        self.title = title
        self._renew = entries if callable(entries) else None  # the same entries as they are now
        self._entries = list(entries() if callable(entries) else entries)
        self._can_type = can_type
        self.is_text = can_type
        self.takes_letters = not can_type
        self._key_width = key_width
        self._more_entries = more_entries
        self._explains = explains
        self._left = left
        self._editor = LineEditor()
        self._found: list[Entry] = self._entries
        self._shown: list[Entry] = self._entries  # the same, broken into lines
        self._broken_at = 0  # cells; 0: not at all
        self._cursor = 0
        self._top = 0
        self._page = 10
        self._message = ""
        self._text_width = 0
        self.wanted = Size(
            width, min(len(self._entries) + 1 + can_type, _MOST_LINES) if not more_entries else 22
        )
        self._to_first()

    # -- keys ------------------------------------------------------------------------------------

    def key(self, key: str, character: str | None) -> None:
        """Move, choose, type, or close."""
        steps = {
            "down": 1, "up": -1, "ctrl+n": 1, "ctrl+p": -1, "tab": 1, "shift+tab": -1,
            "pagedown": self._page, "pageup": -self._page,
        }  # fmt: skip
        if not self._can_type:
            steps |= {"j": 1, "k": -1}
        if key in steps:
            self._step(steps[key])
        elif key == "enter":
            self._choose()
        elif key in {"escape", "ctrl+c"}:
            self.leave()
        elif self._can_type and self._editor.key(key, character):
            self._narrow()
        elif not self._can_type:
            self._press(written(key, character))
        self.refresh()

    def _press(self, key: str) -> None:
        """Choose the entry that shows `key`."""
        for index, entry in enumerate(self._shown):
            if entry.key == key and not entry.is_heading:
                self._cursor = index
                self._choose()
                return
        if key == "q":
            self.leave()

    def changed(self) -> None:
        """Tell of each entry whether it is possible now; the cursor stays on its entry."""
        if self._renew is not None:
            self._entries = list(self._renew())
            self._found = self._matching()
            self._lay_out()
            self._message = ""
            self.refresh()

    def paste(self, text: str) -> None:
        """Take pasted text as typed."""
        if self._can_type:
            self._editor.insert(text)
            self._narrow()
            self.refresh()

    def click(self, y: int, *, twice: bool) -> None:
        """Put the cursor on the entry in sight, by any of its lines; choose on a second click."""
        row = y - self._can_type
        if not 0 <= row < min(self._page, len(self._shown) - self._top):
            return
        index = self._top + row
        while index and self._shown[index].is_rest:
            index -= 1
        if not self._shown[index].is_heading:
            self._cursor = index
            if twice:
                self._choose()
        self.refresh()

    def _choose(self) -> None:
        if not self._shown:
            return
        entry = self._shown[self._cursor]
        if entry.is_heading:
            return
        if entry.reason:
            self._message = entry.reason
            return
        self.close()
        entry.run()

    def _step(self, step: int) -> None:
        self._message = ""
        count = len(self._shown)
        if not count:
            return
        index = max(0, min(count - 1, self._cursor + step))
        direction = 1 if step > 0 else -1
        while 0 <= index < count and self._shown[index].is_heading:
            index += direction
        if 0 <= index < count:
            self._cursor = index

    def _to_first(self) -> None:
        choices = [index for index, entry in enumerate(self._shown) if not entry.is_heading]
        safest = [index for index in choices if self._shown[index].is_safest]
        self._cursor = next(iter([*safest, *choices]), 0)
        self._top = 0

    def _narrow(self) -> None:
        self._message = ""
        self._found = self._matching()
        self._lay_out()
        self._to_first()

    def _matching(self) -> list[Entry]:
        typed = self._editor.text
        more = self._more_entries(typed) if self._more_entries is not None and typed.strip() else ()
        return [*matching(self._entries, typed), *more]

    def leave(self) -> None:
        """Close without a choice."""
        super().leave()
        self._left()

    # -- lines -----------------------------------------------------------------------------------

    def wants(self, width: int) -> Size:
        """Return room for every line, also where long ones are broken."""
        if not self._explains:
            return self.wanted
        self._broken_at = min(width, self.wanted.width)
        self._lay_out()
        lines = len(self._shown) + 1 + self._can_type
        return Size(self.wanted.width, max(self.wanted.height, min(lines, _MOST_LINES)))

    def lines(self, size: Size) -> Sequence[Line]:
        """Return what is typed, then the entries in sight."""
        lines: list[Line] = []
        if self._can_type:
            lines.append(self._typed())
        self._page = page = max(1, size.height - len(lines) - 1)
        if self._explains and self._broken_at != size.width:
            self._broken_at = size.width
            self._lay_out()
        last = self._cursor
        while last + 1 < len(self._shown) and self._shown[last + 1].is_rest:
            last += 1
        self._top = min(max(self._top, last - page + 1), self._cursor)
        shown = self._shown[self._top : self._top + page]
        texts = [len(entry.text) for entry in shown if entry.more and not entry.is_heading]
        self._text_width = min(max(texts, default=0), WIDEST_TEXT)
        lines += [
            self._line(entry, size.width, is_chosen=self._top + index == self._cursor)
            for index, entry in enumerate(shown)
        ]
        if not self._shown:
            lines.append([own(" nothing matches", "muted")])
        lines += [()] * (size.height - 1 - len(lines))
        lines.append(fill_tab([*self._foot(), own("\t"), *self._position(page)], size.width))
        return lines

    def _lay_out(self) -> None:
        """Break what explains an entry into lines, so that nothing of it is lost in few cells."""
        chosen = self._shown[self._cursor] if self._shown else None
        self._shown = self._found
        if self._broken_at:
            widest = max((len(each.text) for each in self._found if each.more), default=0)
            text_width = min(widest, WIDEST_TEXT)
            lines = [
                broken(each, self._key_width + 1, text_width, self._broken_at)
                for each in self._found
            ]
            self._shown = [line for several in lines for line in several]
        if chosen is not None:
            same = (index for index, each in enumerate(self._shown) if each.is_same(chosen))
            self._cursor = next(same, min(self._cursor, max(0, len(self._shown) - 1)))

    def _typed(self) -> Line:
        editor = self._editor
        at = editor.position
        return [
            own(" > ", "prompt"),
            Piece(safe(editor.text[:at])),
            Piece(safe(editor.text[at : at + 1]) or SafeText(" "), "caret"),
            Piece(safe(editor.text[at + 1 :])),
        ]

    def _foot(self) -> Line:
        if self._message:
            return [Piece(SafeText(f" {safe(self._message)}"), "warning")]
        entry = self._shown[self._cursor] if self._shown else None
        if entry is not None and entry.reason:
            return [Piece(SafeText(f" {safe(entry.reason)}"), "warning")]
        return () if entry is None else [Piece(SafeText(f" {safe(entry.note)}"), "muted")]

    def _position(self, page: int) -> Line:
        """Tell where the cursor is in a list that is longer than the box."""
        entries = [entry for entry in self._shown if not entry.is_heading]
        if len(self._shown) <= page:
            return ()
        before = sum(not entry.is_heading for entry in self._shown[: self._cursor])
        return [own(f"{before + 1}/{len(entries)}", "muted")]

    def _line(self, entry: Entry, width: int, *, is_chosen: bool) -> Line:
        if entry.is_heading:
            return [Piece(safe(f" {entry.text}"), "muted" if entry.is_rest else "title")]
        role = "muted" if entry.reason else ""
        cursor = "cursor" if is_chosen else ""
        mark = own(self.cursor_sign if is_chosen else " ", cursor)
        pieces = [mark, Piece(safe(f"{entry.key:<{self._key_width}}"), f"key {cursor}".strip())]
        if not self._key_width:
            pieces = [mark]
        more = f"({entry.reason})" if entry.reason else entry.more
        if self._explains and entry.reason:
            more = f"{entry.more} {more}"
        more = entry.said or more
        text = fit(safe(entry.text), max(self._text_width, len(entry.text))) if more else entry.text
        pieces.append(Piece(safe(text), f"{role} {cursor}".strip()))
        if more:
            pieces.append(Piece(safe(f"  {more}"), f"muted {cursor}".strip()))
        if is_chosen:
            return fitted([Piece(text, "cursor") for text, _ in fitted(pieces, width)], width)
        return fitted(pieces, width)
