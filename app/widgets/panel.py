"""A widget that draws its own frame and lines: a new title or a moved cursor costs one line.

Textual's borders repaint the whole widget when their title changes, and its scroll bars lay the
screen out anew when the number of lines does; a panel does neither.
"""

from collections.abc import Sequence
from typing import Literal

from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from app.boundary import guarded
from app.presentation.pieces import Piece
from app.widgets.paint import BLANK, Paint, own, paint_of, shortened, width_of

Frame = Literal["none", "rule", "box"]

_LIGHT = "┌┐└┘─│"
_HEAVY = "┏┓┗┛━┃"
_ASCII = "++++-|"


class Panel(Widget, can_focus=False, inherit_bindings=False):
    """Lines inside an optional frame: a box, or a rule above, or nothing."""

    class Pressed(Message):
        """The mouse went down on the panel."""

        def __init__(self, panel: "Panel") -> None:
            super().__init__()
            self.panel = panel

    DEFAULT_CSS = "Panel { height: 1fr; width: 1fr; }"

    def __init__(self, *, id: str | None = None, frame: Frame = "none") -> None:  # noqa: A002
        super().__init__(id=id)
        self._frame: Frame = frame
        self._is_active = False

    # -- for those who fill a panel --------------------------------------------------------------

    def body_line(self, y: int, width: int) -> Strip:
        """Return line `y` of the body, exactly `width` cells."""
        raise NotImplementedError  # pragma: no cover

    def title_pieces(self) -> Sequence[Piece]:
        """Return what stands in the frame's upper edge."""
        return ()

    def note_pieces(self) -> Sequence[Piece]:
        """Return what stands at the right of the frame's lower edge (upper one for a rule)."""
        return ()

    @property
    def paint(self) -> Paint:
        """The styles and signs in force."""
        return paint_of(self)

    @property
    def body(self) -> Region:
        """Where the body is, in the widget's own coordinates."""
        width, height = self.size
        if self._frame == "box":
            return Region(1, 1, max(0, width - 2), max(0, height - 2))
        if self._frame == "rule":
            return Region(0, 1, width, max(0, height - 1))
        return Region(0, 0, width, height)

    @property
    def is_out_of_sight(self) -> bool:
        """Whether it has no size now: all of it is to be drawn when it comes back."""
        return not self.body

    def refresh_cells(self, x: int, y: int, width: int) -> None:
        """Repaint `width` cells of one line of the body."""
        body = self.body
        if self.is_out_of_sight:
            self.refresh()
            return
        region = Region(body.x + x, body.y + y, width, 1).intersection(body)
        if region:
            self.refresh(region)

    def refresh_line(self, y: int) -> None:
        """Repaint one line of the body."""
        self.refresh_cells(0, y, self.body.width)

    def refresh_body(self) -> None:
        """Repaint all lines of the body."""
        self.refresh(self.body)

    def refresh_frame(self) -> None:
        """Repaint the title and the note."""
        width, height = self.size
        if self._frame != "none":
            self.refresh(Region(0, 0, width, 1))
        if self._frame == "box":
            self.refresh(Region(0, height - 1, width, 1))

    # -- for the pane that owns it ---------------------------------------------------------------

    @property
    def frame(self) -> Frame:
        """How the panel is framed."""
        return self._frame

    @frame.setter
    def frame(self, frame: Frame) -> None:
        if frame != self._frame:
            self._frame = frame
            self.refresh()

    @property
    def is_active(self) -> bool:
        """Whether keys go to this panel."""
        return self._is_active

    @is_active.setter
    def is_active(self, active: bool) -> None:
        if active != self._is_active:
            self._is_active = active
            self.refresh()

    @guarded("a click")
    def on_mouse_down(self) -> None:
        """Ask for the keys."""
        self.post_message(self.Pressed(self))

    # -- drawing ---------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return line `y`, frame included; a fault costs the line, not the console."""
        try:
            return self._render_line(y)
        except Exception as error:  # noqa: BLE001 - the edge: Textual would end the app
            text = f" cannot be drawn: {type(error).__name__} (ctrl+r) "
            return self.paint.strip([own(text, "error")], self.size.width)

    def _render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._frame == "none":
            return self.body_line(y, width)
        edge = "active" if self._is_active else "border"
        corners = self._corners()
        if y == 0:
            return self._upper_edge(width, corners, edge)
        if self._frame == "rule":
            return self.body_line(y - 1, width)
        if y == height - 1:
            return self._lower_edge(width, corners, edge)
        side = self.paint.strip([own(corners[5], edge)], 1)
        return Strip.join([side, self.body_line(y - 1, width - 2), side])

    def _corners(self) -> str:
        if self.paint.symbols.name == "ascii":
            return _ASCII
        return _HEAVY if self._is_active and self.paint.symbols.name == "unicode" else _LIGHT

    def _upper_edge(self, width: int, corners: str, edge: str) -> Strip:
        note = [*self.note_pieces()] if self._frame == "rule" else []
        # Between corners and blanks; beside a note it has half of the line at the least.
        room = max(width - 5 - width_of(note), width // 2 if note else 0)
        title = _within(self.title_pieces(), room)
        if title:
            role = "active" if self._is_active else "title"
            title = [BLANK, *(Piece(text, span_role or role) for text, span_role in title), BLANK]
            if self._is_active and self.paint.symbols.name == "ascii":
                title = [own("[", edge), *title[1:-1], own("]", edge)]
        if self._frame == "box":
            rest = max(0, width - 3 - width_of(title))
            line = [own(corners[0] + corners[4], edge), *title, own(corners[4] * rest, edge)]
            return self.paint.strip([*line, own(corners[1], edge)], width)
        rest = max(0, width - width_of(title) - width_of(note) - 1)
        return self.paint.strip(
            [own(corners[4], edge), *title, own(corners[4] * rest, edge), *note], width
        )

    def _lower_edge(self, width: int, corners: str, edge: str) -> Strip:
        note = _within(self.note_pieces(), width - 5)
        if note:
            note = [BLANK, *note, BLANK]
        rest = max(0, width - 3 - width_of(note))
        line = [
            own(corners[2] + corners[4] * rest, edge),
            *note,
            own(corners[4] + corners[3], edge),
        ]
        return self.paint.strip(line, width)


def _within(pieces: Sequence[Piece], room: int) -> Sequence[Piece]:
    """Return the pieces, cut where they take more than `room` cells."""
    return pieces if width_of(pieces) <= room else shortened(pieces, max(0, room))
