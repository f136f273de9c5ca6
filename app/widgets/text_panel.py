"""A panel of lines of text: details, errors, explanations. Repaints the lines that differ."""

from collections.abc import Sequence

from textual.strip import Strip

from app.boundary import guarded
from app.presentation.pieces import Piece
from app.sanitize import safe
from app.widgets.panel import Frame, Panel

Line = Sequence[Piece]


class TextPanel(Panel):
    """Lines that may be scrolled."""

    def __init__(self, *, id: str | None = None, frame: Frame = "none", title: str = "") -> None:  # noqa: A002
        super().__init__(id=id, frame=frame)
        self.title = title
        self.note = ""
        self.lines: Sequence[Line] = ()
        self.top = 0

    def title_pieces(self) -> Sequence[Piece]:
        """Return the title."""
        return [Piece(safe(self.title))] if self.title else ()

    def note_pieces(self) -> Sequence[Piece]:
        """Return the note."""
        return [Piece(safe(self.note), "muted")] if self.note else ()

    def show(self, lines: Sequence[Line], *, keep_place: bool = True) -> None:
        """Show `lines`; what stays the same is not painted again."""
        before, self.lines = self.lines, lines
        if self.is_out_of_sight:
            self.top = self.top if keep_place else 0
            self.refresh()
            return
        top = max(0, min(self.top, len(lines) - self.body.height)) if keep_place else 0
        if top != self.top:
            self.top = top
            self.refresh_body()
            return
        for y in range(self.body.height):
            index = top + y
            old = before[index] if index < len(before) else ()
            new = lines[index] if index < len(lines) else ()
            if old != new:
                self.refresh_line(y)

    def scroll(self, lines: int) -> None:
        """Move the text by `lines`."""
        top = max(0, min(self.top + lines, len(self.lines) - self.body.height))
        if top != self.top:
            self.top = top
            self.refresh_body()

    def move(self, motion: str) -> bool:
        """Scroll; False for a motion that means nothing here."""
        page = max(1, self.body.height - 1)
        steps = {
            "down": 1,
            "up": -1,
            "page_down": page,
            "page_up": -page,
            "half_down": page // 2,
            "half_up": -(page // 2),
            "home": -len(self.lines),
            "end": len(self.lines),
        }
        if motion not in steps:
            return False
        self.scroll(steps[motion])
        return True

    def body_line(self, y: int, width: int) -> Strip:
        """Return one line of the text."""
        index = self.top + y
        line = self.lines[index] if index < len(self.lines) else ()
        return self.paint.strip(line, width)

    @guarded("the wheel")
    def on_mouse_scroll_down(self) -> None:
        """Scroll down."""
        self.scroll(3)

    @guarded("the wheel")
    def on_mouse_scroll_up(self) -> None:
        """Scroll up."""
        self.scroll(-3)
