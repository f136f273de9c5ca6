"""A line of the screen's frame: drawn from pieces, repainted only when they differ."""

from collections.abc import Callable, Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from app.boundary import guarded
from app.presentation.pieces import Piece
from app.widgets.paint import paint_of, width_of


class OneLine(Widget, can_focus=False, inherit_bindings=False):
    """One line of pieces. A piece may carry the id of what a click on it does."""

    DEFAULT_CSS = "OneLine { height: 1; width: 1fr; }"

    class Clicked(Message):
        """A piece with an action was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, under: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._under = under
        self._pieces: tuple[Piece, ...] = ()
        self._actions: tuple[str, ...] = ()
        self.compose_line: Callable[[int], Sequence[Piece]] | None = None

    def set(self, pieces: Sequence[Piece], actions: Sequence[str] = ()) -> None:
        """Show `pieces`; `actions` name what a click on each does ("" for nothing)."""
        fresh = tuple(pieces)
        self._actions = tuple(actions)
        if fresh != self._pieces:
            self._pieces = fresh
            self.refresh()

    @property
    def text(self) -> str:
        """What the line says."""
        return "".join(piece.text for piece in self._pieces)

    def repaint(self) -> None:
        """Draw it anew, with other styles or signs."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        del y
        return paint_of(self).strip(self._pieces, self.size.width, self._under)

    @guarded("a click")
    def on_click(self, event: events.Click) -> None:
        """Tell which action was clicked."""
        x = 0
        for piece, action in zip(self._pieces, self._actions, strict=False):
            width = width_of([piece])
            if action and x <= event.x < x + width:
                self.post_message(self.Clicked(action))
                return
            x += width
