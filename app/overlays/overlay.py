"""What every overlay is: a title, lines, and what keys do to it. Drawn in one box over the pane."""

from collections.abc import Callable, Sequence
from typing import Any

from textual.geometry import Offset, Size
from textual.strip import Strip

from app.boundary import guarded
from app.presentation.pieces import Piece
from app.sanitize import SafeText, safe
from app.widgets.paint import own
from app.widgets.panel import Panel
from app.widgets.text_panel import Line

_MARGIN = 4


class Overlay:
    """Something that covers the pane. It takes every key until it is closed."""

    title = ""
    note = "esc close"
    wanted = Size(76, 20)
    takes_letters = False  # each does something: it is no text that is typed
    is_text = False  # a line is being typed
    cursor_sign = SafeText(">")  # given by the box: the sign of the theme's set

    def __init__(self) -> None:
        self.refresh: Callable[[], None] = lambda: None  # given by the box when it is opened
        self.refit: Callable[[], None] = lambda: None  # the same, in the size that is wanted by now
        self.close: Callable[[], None] = lambda: None

    def wants(self, width: int) -> Size:
        """Return the size that it would like, in a box of at most `width` cells inside."""
        del width
        return self.wanted

    def lines(self, size: Size) -> Sequence[Line]:
        """Return the lines to show in `size` cells."""
        del size
        return ()

    def key(self, key: str, character: str | None) -> None:
        """Take a key."""
        del character
        if key in {"escape", "q", "ctrl+c"}:
            self.leave()

    def changed(self) -> None:
        """The rows that it tells about may be others now."""

    def second(self) -> None:
        """A second passed."""

    def paste(self, text: str) -> None:
        """Take pasted text."""

    def click(self, y: int, *, twice: bool) -> None:
        """Take a click on a line."""

    def wheel(self, step: int) -> None:
        """Take a turn of the mouse wheel."""
        self.key("down" if step > 0 else "up", None)

    def leave(self) -> None:
        """Close without doing anything."""
        self.close()


class OverlayBox(Panel):
    """Shows the topmost of the open overlays."""

    DEFAULT_CSS = "OverlayBox { layer: overlay; position: absolute; display: none; }"

    def __init__(self) -> None:
        super().__init__(id="overlay", frame="box")
        self.is_active = True
        self._stack: list[Overlay] = []
        self._lines: Sequence[Line] = ()
        self._room = Size(0, 0)  # inside the frame

    @property
    def top(self) -> Overlay | None:
        """The overlay that takes the keys."""
        return self._stack[-1] if self._stack else None

    def open(self, overlay: Overlay) -> None:
        """Show an overlay above those that are open."""
        overlay.refresh, overlay.refit = self.redraw, self.refit
        overlay.cursor_sign = self.paint.symbols.cursor
        overlay.close = lambda: self.shut(overlay)
        self._stack.append(overlay)
        self.fit()

    def shut(self, overlay: Overlay) -> None:
        """Close an overlay and those above it."""
        if overlay in self._stack:
            del self._stack[self._stack.index(overlay) :]
        self.fit()

    def fit(self, screen: Size | None = None) -> None:
        """Take the size that the topmost overlay wants, as far as there is room on `screen`."""
        overlay = self.top
        if overlay is None:
            self.display = False
            return
        screen = screen or self.app.size
        self._room = _room(overlay, screen)
        width, height = self._room.width + 2, self._room.height + 2
        self.styles.width, self.styles.height = width, height
        self.styles.offset = Offset((screen.width - width) // 2, (screen.height - height) // 2)
        self.display = True
        self._lines = overlay.lines(self._room)
        self.refresh()

    def refit(self) -> None:
        """Take the size that is wanted by now; where that is the same, repaint what differs."""
        if self.top is not None and _room(self.top, self.app.size) != self._room:
            self.fit()
        else:
            self.redraw()

    def covers(self, place: Offset) -> bool:
        """Whether the mouse reaches nothing at `place`: all but the open overlay waits for it.

        A menu goes on about the rows that were chosen when it was opened, so the cursor must stay.
        """
        return self.top is not None and not self.region.contains_point(place)

    def changed(self) -> None:
        """Have the topmost overlay tell what is so now."""
        if self.top is not None:
            self.top.changed()

    def second(self) -> None:
        """Have the topmost overlay tell what goes on with time."""
        if self.top is not None:
            self.top.second()

    def redraw(self) -> None:
        """Repaint the lines that differ."""
        overlay = self.top
        if overlay is None:
            return
        before = self._lines
        self._lines = overlay.lines(self._room)  # a key may come before the box is laid out
        for y in range(self._room.height):
            if line_at(before, y) != line_at(self._lines, y):
                self.refresh_line(y)
        self.refresh_frame()

    def title_pieces(self) -> Sequence[Piece]:
        """Return the overlay's title."""
        return [Piece(safe(self.top.title))] if self.top else ()

    def note_pieces(self) -> Sequence[Piece]:
        """Return the overlay's note."""
        return [own(self.top.note, "muted")] if self.top and self.top.note else ()

    def body_line(self, y: int, width: int) -> Strip:
        """Return a line of the overlay."""
        return self.paint.strip(line_at(self._lines, y), width)

    @guarded("a click")
    def on_click(self, event: Any) -> None:
        """Hand the click over."""
        if self.top is not None:
            self.top.click(event.y - self.body.y, twice=event.chain > 1)

    @guarded("the wheel")
    def on_mouse_scroll_down(self) -> None:
        """Hand the wheel over."""
        if self.top is not None:
            self.top.wheel(1)

    @guarded("the wheel")
    def on_mouse_scroll_up(self) -> None:
        """Hand the wheel over."""
        if self.top is not None:
            self.top.wheel(-1)


def _room(overlay: Overlay, screen: Size) -> Size:
    """Return the cells inside the frame of what covers a pane on `screen`."""
    most = max(20, screen.width - _MARGIN) - 2
    wanted = overlay.wants(most)
    height = min(wanted.height, max(6, screen.height - _MARGIN) - 2)
    return Size(min(wanted.width, most), height)


def line_at(lines: Sequence[Line], y: int) -> Line:
    """Return a line, or an empty one."""
    return lines[y] if 0 <= y < len(lines) else ()
