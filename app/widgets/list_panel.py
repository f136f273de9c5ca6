"""Lines with a cursor: trees, histories, charts. The pane that owns it knows what a line means."""

from collections.abc import Callable, Sequence
from typing import Any

from textual.strip import Strip

from app.boundary import guarded
from app.presentation.pieces import Piece
from app.sanitize import safe
from app.widgets.panel import Frame, Panel
from app.widgets.text_panel import Line

_WHEEL = 3


class ListPanel(Panel):
    """A list of lines; the one under the cursor is set off."""

    def __init__(self, *, id: str | None = None, frame: Frame = "none", title: str = "") -> None:  # noqa: A002
        super().__init__(id=id, frame=frame)
        self.title = title
        self.note = ""
        self._framed = ("", "")  # title and note as they were drawn last
        self.head: Sequence[Line] = ()  # stays above the list
        self.lines: Sequence[Line] = ()
        self.cursor = 0
        self.top = 0
        self.has_cursor = True
        self.moved: Callable[[], None] = lambda: None
        self.opened: Callable[[], None] = lambda: None
        # Which line and cell of it were clicked, -1: the last one of the head; whether it opens.
        self.clicked: Callable[[int, int], bool] = lambda line, _cell: line >= 0

    def title_pieces(self) -> Sequence[Piece]:
        """Return the title."""
        return [Piece(safe(self.title))] if self.title else ()

    def note_pieces(self) -> Sequence[Piece]:
        """Return the note."""
        return [Piece(safe(self.note), "muted")] if self.note else ()

    @property
    def page(self) -> int:
        """How many lines of the list are in sight."""
        return max(1, self.body.height - len(self.head))

    @property
    def below(self) -> int:
        """How many lines of the list stand below those in sight."""
        return max(0, len(self.lines) - self.top - self.page)

    def show(
        self, lines: Sequence[Line], head: Sequence[Line] = (), cursor: int | None = None
    ) -> None:
        """Show `lines`, below the fixed `head`; repaints what differs.

        `cursor` is where its line is now, if that is known. It keeps its place on the screen, but
        from where the list begins: there, what comes at the top is seen.
        """
        before = self._rows()
        self.lines, self.head = lines, head
        if cursor is not None:
            self.top = max(0, self.top + cursor - self.cursor) if self.top else 0
            self.cursor = cursor
        self.cursor = max(0, min(self.cursor, len(lines) - 1))
        if self.is_out_of_sight:
            self._framed = self.title, self.note
            self.refresh()
            return
        self._follow()
        for y, (old, new) in enumerate(zip(before, self._rows(), strict=False)):
            if old != new:
                self.refresh_line(y)
        if (self.title, self.note) != self._framed:
            self._framed = self.title, self.note
            self.refresh_frame()

    def _rows(self) -> list[tuple[Line, bool]]:
        rows: list[tuple[Line, bool]] = [(line, False) for line in self.head]
        for index in range(self.top, self.top + self.page):
            line = self.lines[index] if index < len(self.lines) else ()
            rows.append((line, index == self.cursor and self.has_cursor))
        return rows

    def _follow(self) -> None:
        self.top = max(0, min(self.top, len(self.lines) - self.page))
        if not self.has_cursor:
            return
        self.top = min(self.top, self.cursor)
        self.top = max(self.top, self.cursor - self.page + 1)

    def move_to(self, index: int) -> None:
        """Put the cursor on a line; without a cursor, scroll there."""
        if self.has_cursor:
            self.cursor = max(0, min(index, len(self.lines) - 1))
        else:
            self.top = index
        self._follow()
        self.refresh_body()
        self.moved()

    def move(self, motion: str) -> bool:
        """Move the cursor; False for a motion that means nothing here."""
        steps = {
            "down": 1,
            "up": -1,
            "page_down": self.page,
            "page_up": -self.page,
            "half_down": self.page // 2,
            "half_up": -(self.page // 2),
            "home": -len(self.lines),
            "end": len(self.lines),
        }
        if motion not in steps:
            return False
        self.move_to((self.cursor if self.has_cursor else self.top) + steps[motion])
        return True

    def body_line(self, y: int, width: int) -> Strip:
        """Return one line."""
        if y < len(self.head):
            return self.paint.strip(self.head[y], width)
        index = self.top + y - len(self.head)
        line = self.lines[index] if index < len(self.lines) else ()
        if index == self.cursor and self.has_cursor and self.lines:
            return self.paint.strip(line, width, "cursor" if self.is_active else "cursor-idle")
        return self.paint.strip(line, width)

    @guarded("the wheel")
    def on_mouse_scroll_down(self) -> None:
        """Move down."""
        self.move_to((self.cursor if self.has_cursor else self.top) + _WHEEL)

    @guarded("the wheel")
    def on_mouse_scroll_up(self) -> None:
        """Move up."""
        self.move_to((self.cursor if self.has_cursor else self.top) - _WHEEL)

    @guarded("a click")
    def on_click(self, event: Any) -> None:
        """Put the cursor on the clicked line; open it on a double click."""
        x, y = event.x - self.body.x, event.y - self.body.y - len(self.head)
        index = self.top + y if y >= 0 else y
        if y >= self.page or not -len(self.head) <= index < len(self.lines):
            return
        if self.has_cursor and y >= 0:
            self.move_to(index)
        if self.clicked(index, x) and event.chain > 1:
            self.opened()
