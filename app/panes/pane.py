"""What every pane has: parts that take the keys in turn, a selection, a place to return to."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from textual.containers import Vertical
from textual.geometry import Size

from app.actions.scene import Console, Selection
from app.presentation.pieces import Piece
from app.store.changes import Changes
from app.widgets.grid import Grid
from app.widgets.panel import Panel
from engine.clock import Instant

COMPACT, STACKED, WIDE = "compact", "stacked", "wide"
_LEAST_HEIGHT = 15  # below it the list alone is shown
_STACKED_WIDTH, _WIDE_WIDTH, _LOWER_PANES_HEIGHT = 100, 160, 30


def layout_of(size: Size) -> str:
    """Return the layout for a terminal of `size`: the design's breakpoints."""
    if size.width < _STACKED_WIDTH or size.height < _LOWER_PANES_HEIGHT:
        return COMPACT
    return STACKED if size.width < _WIDE_WIDTH else WIDE


class Pane(Vertical, can_focus=False, inherit_bindings=False):
    """One of the seven. Keys come as motions and actions, never as raw keys."""

    DEFAULT_CSS = "Pane { height: 1fr; width: 1fr; }"
    name_of_pane: ClassVar[str] = ""
    info_tells_time: ClassVar[bool] = True  # `info_pieces` changes with time alone

    def __init__(self, console: Console) -> None:
        super().__init__(id=f"pane-{self.name_of_pane}")
        self.console = console
        self.layout_name = COMPACT
        self.is_dirty = True
        self._active: Panel | None = None  # the one that was given the keys, in sight or not
        self._is_zoomed = False
        self.looks: list[tuple[float, Callable[[], bool]]] = []

    def look_every(self, seconds: float, look: Callable[[], bool]) -> None:
        """Call `look` with each second while the pane is in sight and follows.

        Where it returns True things move: then it is called every so many `seconds` until the next.
        """
        self.looks.append((seconds, look))

    # -- parts -----------------------------------------------------------------------------------

    @property
    def parts(self) -> Sequence[Panel]:
        """The panels in sight that may take the keys, in the order of `tab`."""
        return ()

    @property
    def active_part(self) -> Panel | None:
        """The panel that takes the keys: the first while that which was given them is not there."""
        parts = self.parts
        if self._active in parts:
            return self._active
        return parts[0] if parts else None

    def activate_part(self, step: int) -> None:
        """Give the keys to the next part (or, with -1, to the previous one)."""
        parts, active = self.parts, self.active_part
        if active is not None:
            self._active = parts[(parts.index(active) + step) % len(parts)]
            self.mark_active()

    def activate(self, panel: Panel) -> None:
        """Give the keys to `panel`."""
        if panel in self.parts and panel is not self.active_part:
            self._active = panel
            self.mark_active()
            self.console.show_frame()  # an action means other rows now

    def mark_active(self) -> None:
        """Show which part takes the keys."""
        active = self.active_part
        for part in self.parts:
            part.is_active = part is active
        if self._is_zoomed:
            self.zoom(on=True)

    def zoom(self, *, on: bool) -> None:
        """Give the whole pane to the active part, or share it again."""
        self._is_zoomed = on
        for part in self.query(Panel):
            part.set_class(on and part is not self.active_part, "-away")

    @property
    def is_zoomed(self) -> bool:
        """Whether one part has the whole pane."""
        return self._is_zoomed

    # -- cursors ---------------------------------------------------------------------------------

    def cursor_rests(self) -> None:
        """Tell about the rows that cursors went to."""
        self._tell_moves(self.parts)

    def keep_up(self) -> None:
        """Bring what the next key may be about up to date, before it is taken.

        What depends on the table that has the keys may wait: they reach it when they go there.
        """
        active = self.active_part
        self._tell_moves([part for part in self.parts if part is not active])

    def _tell_moves(self, parts: Iterable[Panel]) -> None:
        for part in parts:
            if isinstance(part, Grid) and part.has_moved:
                part.has_moved = False
                self.cursor_moved(part)

    # -- what a pane fills in --------------------------------------------------------------------

    def selection(self) -> Selection:
        """Return the rows that an action would mean now."""
        return Selection()

    def ready(self) -> None:
        """Get the rows ready before anything is drawn: the next key may come at once."""

    def changed(self, changes: Changes) -> None:
        """Take changes in and repaint what they touch; called for the pane in sight alone."""

    def health_changed(self) -> None:
        """Repaint what tells how the engine and the store are: nothing, in most panes."""

    def catch_up(self) -> None:
        """Rebuild everything: the pane was hidden, or the rows came anew."""

    def stand_still(self) -> None:
        """Go on showing what is shown now, whatever comes: the view was frozen."""

    def relook(self) -> None:
        """Make anew what was made for the signs and the zone that were in force."""

    def point_at(self, name: str) -> None:
        """Put the cursor on the row called `name`."""

    def cursor_moved(self, grid: Grid[Any, Any]) -> None:
        """The cursor of one of the tables went to another row."""

    def tick(self) -> None:
        """A second passed: repaint what tells time."""

    def read_again(self) -> None:
        """A second passed in a frozen view: read again what could not be read yet, if anything."""

    def still_until(self) -> Instant:
        """Return until when nothing here changes with time alone; 0: it may at any second."""
        return 0

    def move(self, motion: str) -> bool:
        """Do a motion (`up`, `page_down`, `home`, `left`); False where it means nothing."""
        del motion
        return False

    def open(self) -> None:
        """Enter was pressed."""

    def leave(self) -> bool:
        """Escape was pressed; False when there was nothing left to leave."""
        return False

    def info_pieces(self) -> Sequence[Piece]:
        """Return the line below the tabs: filter, counts, order."""
        return ()

    def info_actions(self) -> Sequence[str]:
        """Return the ids of what a click on each piece of that line does; "": nothing."""
        return ()

    def place(self) -> Any:
        """Return what `restore` needs to bring the pane back to where it is."""
        return None

    def restore(self, place: Any) -> None:
        """Go back to `place`."""

    def as_of(self, at: Instant) -> None:
        """Show what stood at `at`: the pane was made for that moment."""

    def lay_out(self, layout: str) -> None:
        """Arrange the parts for a breakpoint."""
        self.layout_name = layout
        is_low = self.app.size.height < _LEAST_HEIGHT
        shown = self.is_attached  # else its styles are found when it comes on the screen
        for name in (COMPACT, STACKED, WIDE):
            self.set_class(name == layout, f"-{name}", update=shown)
        self.set_class(is_low, "-low", update=shown)
        self.arranged()
        self.mark_active()

    def arranged(self) -> None:
        """Frame the parts for `layout_name`."""
