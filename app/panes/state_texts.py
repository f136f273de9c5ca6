"""State data as text, and what a save changed: lines that take long to make, made off the screen.

Of the largest state data YAML takes more than a second. So it is made in the client's thread, once
for the same data, while what is on the screen stays there and takes keys.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from app.actions.scene import Console
from app.client.views import SavedState
from app.panes.state_saves import difference_lines
from app.presentation.pieces import Piece
from app.presentation.reasons import reason_of
from app.presentation.state_raw import json_lines, yaml_lines
from app.sanitize import safe
from app.widgets.list_panel import ListPanel
from app.widgets.paint import own
from app.widgets.text_panel import Line

_TEXTS = {"yaml": yaml_lines, "json": json_lines}
_MAKING = {"yaml": "writing YAML ...", "json": "writing JSON ..."}


class _Text(Struct, frozen=True, eq=False):
    """One text. Data that did not change are the same objects, however often they are read."""

    form: str
    place: tuple[object, ...]  # of whom, and which save: a newer text of it replaces an older one
    data: tuple[Any, ...]
    reveal: bool

    def is_as(self, other: "_Text") -> bool:
        """Whether it reads the same."""
        return (
            (self.form, self.place, self.reveal) == (other.form, other.place, other.reveal)
            and len(self.data) == len(other.data)
            and all(mine is its for mine, its in zip(self.data, other.data, strict=True))
        )

    def may_stand_for(self, newer: "_Text") -> bool:
        """Whether it may stay until the newer one is made: never with secrets that are masked."""
        is_of_it = (self.form, self.place) == (newer.form, newer.place)
        return is_of_it and self.reveal <= newer.reveal


class StateTexts:
    """Shows one text at a time in a panel.

    Args:
        console: is asked.
        panel: shows the lines.
        made: called when a text was made: what is wanted by then is to be shown again.
    """

    def __init__(self, console: Console, panel: ListPanel, made: Callable[[], None]) -> None:
        self._console = console
        self._panel = panel
        self._was_made = made
        self._made: tuple[_Text, Sequence[Line]] | None = None
        self._is_making = False
        self._top: int | None = None  # how far the panel was scrolled before it had to wait

    def forget(self) -> None:
        """Keep nothing."""
        self._made = self._top = None

    def show_data(self, form: str, place: tuple[object, ...], data: Any, *, reveal: bool) -> None:
        """Show data as "yaml" or "json"."""
        self._show(_Text(form, place, (data,), reveal), partial(_lines, form, data, reveal=reveal))

    def show_difference(
        self,
        place: tuple[object, ...],
        history: Sequence[SavedState],
        index: int,
        *,
        reveal: bool,
    ) -> None:
        """Show what the save at `index` changed against the one before it."""
        data = tuple(each.data for each in history[index : index + 2])
        make = partial(difference_lines, history, index, reveal=reveal)
        self._show(_Text("difference", place, data, reveal), make)

    def _show(self, text: _Text, make: Callable[[], Sequence[Line]]) -> None:
        made = self._made
        is_there = made is not None and made[0].is_as(text)
        if not is_there:
            self._make(text, make)
        if made is not None and (is_there or made[0].may_stand_for(text)):
            if self._top is not None:
                self._panel.top, self._top = self._top, None
            self._panel.show(made[1])
            return
        if self._top is None:
            self._top = self._panel.top
        self._panel.show([[own("   "), own(_MAKING.get(text.form, "comparing ..."), "muted")]])

    def _make(self, text: _Text, make: Callable[[], Sequence[Line]]) -> None:
        """Make it in the client's thread, after the one that is being made."""
        if self._is_making:
            return
        self._is_making = True

        def came(lines: Sequence[Line]) -> None:
            self._is_making, self._made = False, (text, lines)
            self._was_made()

        def failed(error: BaseException) -> None:
            why = Piece(safe(f"   cannot be written: {reason_of(error)}"), "error")
            came([[why]])

        self._console.request(lambda _desk: make(), came, failed=failed)


def _lines(form: str, data: Any, *, reveal: bool) -> Sequence[Line]:
    return [[Piece(text)] for text in _TEXTS[form](data, reveal=reveal)]
