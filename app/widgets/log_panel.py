"""A virtual log: draws the lines in sight, taken apart and coloured; never the file."""

from collections.abc import Callable, Sequence

from textual.strip import Strip

from app.ansi import coloured_line
from app.cells import window as cut_window, wrap
from app.presentation.pieces import Piece, plain
from app.presentation.quantities import size as byte_size
from app.sanitize import SafeText, safe, safe_line
from app.store.log_lines import Parsed
from app.store.log_scan import LogLine
from app.store.log_window import LogWindow
from app.widgets.paint import own
from app.widgets.panel import Frame, Panel
from app.widgets.text_panel import Line

_LEVEL_ROLES = {
    "ERROR": "error", "MAJOR": "error", "FATAL": "crash", "CRITICAL": "crash", "MINOR": "error",
    "WARN": "warning", "WARNING": "warning", "DEBUG": "muted", "TRACE": "muted",
    "ERR": "warning", "ERR~": "warning",
}  # fmt: skip
_TIME = slice(11, 23)
_WHEEL = 3


class LogPanel(Panel):
    """Shows a `LogWindow`."""

    def __init__(self, *, id: str | None = None, frame: Frame = "none", title: str = "") -> None:  # noqa: A002
        super().__init__(id=id, frame=frame)
        self.title = title
        self.log_window = LogWindow()
        self.needle = ""
        self.is_wrapped = False
        self.shows_instance = True
        self.busy = ""
        self.level = 0
        self.empty_text = "nothing logged yet"
        self.moved: Callable[[], None] = lambda: None
        self._rows: list[Line] = []

    # -- frame -----------------------------------------------------------------------------------

    def title_pieces(self) -> Sequence[Piece]:
        """Return the name of the log."""
        return [Piece(safe(self.title))]

    def note_pieces(self) -> Sequence[Piece]:
        """Return whether it follows, and how much is new."""
        window = self.log_window
        if self.busy:
            return [Piece(safe(self.busy), "warning")]
        if window.is_following:
            return [Piece(self.paint.symbols.live, "success"), own(" follow", "muted")]
        if window.new_lines:
            return [own(f"+{window.new_lines:,} new, G to follow", "warning")]
        end = self.log_window.size
        at = window.lines[window.top].offset if window.top < len(window.lines) else end
        return [own(f"{at / max(1, end):.0%} of {byte_size(end)}", "muted")]

    # -- lines -----------------------------------------------------------------------------------

    def show(self) -> None:
        """Draw the lines that differ from what is drawn."""
        before, self._rows = self._rows, self._fill()
        for y in range(self.body.height):
            if _at(before, y) != _at(self._rows, y):
                self.refresh_line(y)
        self.refresh_frame()

    def _fill(self) -> list[Line]:
        body = self.body
        height, width = body.height, body.width
        window = self.log_window
        if not self.is_wrapped:
            rows: list[Line] = []
            for line in window.shown(height):
                rows.append(self._row(line, width))
                rows += [_mark_row(mark.text, width) for mark in window.marks_before(line)]
            return rows[-height:] if window.is_following else rows[:height]
        rows = []
        if window.is_following:
            for line in reversed(window.shown(height)):
                rows = self._wrapped(line, width) + rows
                if len(rows) >= height:
                    break
            return rows[-height:]
        for line in window.shown(height):
            rows += self._wrapped(line, width)
            if len(rows) >= height:
                break
        return rows[:height]

    def _row(self, line: LogLine, width: int) -> Line:
        pieces = self._pieces(line)
        left = self.log_window.left
        if not left:
            return self._highlit(pieces)
        head = pieces[:-1] if len(pieces) > 1 else []
        rest = cut_window(SafeText(pieces[-1].text), left, width)
        return self._highlit([*head, Piece(rest, pieces[-1].role)])

    def _wrapped(self, line: LogLine, width: int) -> list[Line]:
        pieces = self._pieces(line)
        head = plain(pieces[:-1])
        parts = wrap(SafeText(pieces[-1].text), max(10, width - len(head)))
        role = pieces[-1].role
        first = self._highlit([*pieces[:-1], Piece(parts[0], role)])
        indent = own(" " * len(head))
        return [first, *(self._highlit([indent, Piece(part, role)]) for part in parts[1:])]

    def _pieces(self, line: LogLine) -> list[Piece]:
        parsed = self.log_window.parsed(line)
        if not parsed.stamp:
            return [Piece(_text(parsed))]
        role = _LEVEL_ROLES.get(parsed.level, "")
        pieces = [
            Piece(safe(f"{parsed.stamp[_TIME]} "), "muted"),
            Piece(safe(f"{parsed.level:<5} "), role or "muted"),
        ]
        if parsed.job_instanceid is not None and self.shows_instance:
            pieces.append(own(f"#{parsed.job_instanceid} ", "muted"))
        return [*pieces, Piece(_text(parsed), role if role != "muted" else "")]

    def _highlit(self, pieces: list[Piece]) -> Line:
        """Return the pieces with every match of the search set off."""
        needle = self.needle
        if not needle:
            return pieces
        shown: list[Piece] = []
        for text, role in pieces:
            haystack = text if needle != needle.lower() else text.lower()
            at = 0
            while True:
                found = haystack.find(needle, at)
                if found < 0:
                    break
                if found > at:
                    shown.append(Piece(SafeText(text[at:found]), role))
                shown.append(Piece(SafeText(text[found : found + len(needle)]), "match"))
                at = found + len(needle)
            if at < len(text):
                shown.append(Piece(SafeText(text[at:]), role))
        return shown

    # -- drawing ---------------------------------------------------------------------------------

    def body_line(self, y: int, width: int) -> Strip:
        """Return one line."""
        if not self.log_window.lines:
            return self.paint.strip([own(f" {self.empty_text}", "muted")] if y == 0 else (), width)
        return self.paint.strip(_at(self._rows, y), width)

    def on_resize(self) -> None:
        """Fill the new size."""
        self.moved()

    def on_mouse_scroll_down(self) -> None:
        """Scroll down."""
        self.log_window.scroll(_WHEEL)
        self.moved()

    def on_mouse_scroll_up(self) -> None:
        """Scroll up."""
        self.log_window.scroll(-_WHEEL)
        self.moved()


def _at(rows: Sequence[Line], y: int) -> Line:
    return rows[y] if y < len(rows) else ()


def _text(parsed: Parsed) -> SafeText:
    """Return the text of a line: escape sequences of output dropped, everything else visible."""
    text = parsed.text.decode("utf-8", "replace")
    shown = coloured_line(text)[0] if "\x1b" in text else safe_line(text)
    if parsed.left_out:
        return SafeText(f"{shown}{SafeText(' ')}+{byte_size(parsed.left_out)}")
    return shown


def _mark_row(text: str, width: int) -> Line:
    line = f"---- {text} "
    return [Piece(safe(line + "-" * max(0, width - len(line))), "mark")]
