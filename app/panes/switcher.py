"""The seven panes in one place: made when first shown, kept for good, with a history of views."""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any, Protocol

from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size

from app.actions.scene import Console
from app.boundary import Boundary, guarded
from app.panes.pane import Pane, layout_of
from app.panes.table_pane import TablePane
from app.panes.viewpoint import Viewpoint
from app.sanitize import SafeText
from app.store.changes import Changes
from app.widgets.line_editor import LineEditor
from app.widgets.prompt import Prompt

_MOST_PLACES = 100

# Loaded when first shown: the console opens sooner without the code of six panes.
_PANE_CLASSES = {
    "jobs": "JobsPane",
    "groups": "GroupsPane",
    "instances": "InstancesPane",
    "logs": "LogsPane",
    "state": "StatePane",
    "schedule": "SchedulePane",
    "engine": "EnginePane",
}


class Home(Console, Protocol):
    """The console as the panes' place needs it."""

    boundary: Boundary

    @property
    def size(self) -> Size:
        """The cells of the terminal."""
        ...

    def remembered(self, pane: Pane) -> None:
        """Bring a pane that was just made to where it stood when the console was left."""
        ...


def _pane_class(name: str) -> Any:
    return getattr(import_module(f"app.panes.{name}"), _PANE_CLASSES[name])


class Switcher(Container, can_focus=False, inherit_bindings=False):
    """Shows one pane; the others do nothing until they are shown again."""

    def __init__(self, console: Home, viewpoint: Viewpoint, number: int = 0) -> None:
        super().__init__(id=f"panes-{number}")
        self.console = console
        self._viewpoint = viewpoint
        self._panes: dict[str, Pane] = {}
        self._past: list[tuple[str, Any]] = []
        self._future: list[tuple[str, Any]] = []
        self.current_name = ""
        self.filters: list[str] = []

    def compose(self) -> ComposeResult:
        """Begin with what was shown before there was a screen: it is part of the first frame."""
        yield from self._panes.values()

    @property
    def current(self) -> Pane | None:
        """The pane in sight."""
        return self._panes.get(self.current_name)

    def pane(self, name: str) -> Pane:
        """Return a pane, made if need be."""
        if name not in self._panes:
            self._panes[name] = pane = _pane_class(name)(self.console, self._viewpoint)
            pane.display = False
            if self.is_attached:
                self.mount(pane)
            self.console.remembered(pane)
        return self._panes[name]

    def made(self) -> Sequence[Pane]:
        """Return the panes that were made already."""
        return tuple(self._panes.values())

    def known(self, name: str) -> Pane | None:
        """Return a pane that was made already."""
        return self._panes.get(name)

    def show(self, name: str) -> None:
        """Show a pane without a trace in the history."""
        shown = self.current
        pane = self.pane(name)
        if shown is pane:
            return
        if shown is not None:
            shown.display = False
            shown.is_dirty = True
        self.current_name = name
        self.console.boundary.run(name, pane.ready)
        pane.display = True
        if self.is_attached:
            self.call_after_refresh(self._settle, pane)
        else:
            self._settle(pane)

    def come_back(self) -> None:
        """Bring the pane in sight up to date: others had its place."""
        if self.current is not None:
            self.call_after_refresh(self._settle, self.current)

    def _settle(self, pane: Pane) -> None:
        self.console.boundary.run(pane.name_of_pane, lambda: self._arrange(pane))

    def _arrange(self, pane: Pane) -> None:
        pane.lay_out(layout_of(self.console.size))
        pane.is_dirty = False
        self._catch_up(pane)

    def _catch_up(self, pane: Pane) -> None:
        """Rebuild a pane, and the lines that tell of its rows and of what can be done with them."""
        pane.catch_up()
        self.console.caught_up()
        self.console.show_frame()

    def go(self, name: str) -> None:
        """Show a pane and remember where we came from."""
        shown = self.current
        if name == self.current_name or name not in _PANE_CLASSES:
            return
        if shown is not None:
            self._past.append((self.current_name, shown.place()))
            del self._past[:-_MOST_PLACES]
            self._future.clear()
        self.show(name)

    def walk(self, step: int) -> bool:
        """Go back or forward through the views, with their filter and cursor; False: no more."""
        source, target = (self._past, self._future) if step < 0 else (self._future, self._past)
        shown = self.current
        if not source or shown is None:
            return False
        target.append((self.current_name, shown.place()))
        name, place = source.pop()
        self.show(name)
        pane = self.pane(name)
        if place is not None:
            pane.restore(place)
        return True

    # -- data ------------------------------------------------------------------------------------

    def changed(self, changes: Changes) -> None:
        """Let the pane in sight repaint; the hidden ones catch up when they are shown."""
        if self.current is not None:
            self.current.changed(changes)

    def health_changed(self) -> None:
        """Let the pane in sight repaint what it shows of it."""
        if self.current is not None:
            self.current.health_changed()

    def catch_up(self) -> None:
        """Rebuild the pane in sight."""
        if self.current is not None:
            self.current.catch_up()
            self.console.caught_up()

    def after_fault(self, error: BaseException) -> None:
        """Tell a fault in new rows; those that were taken in beside it are shown anyhow."""
        self.console.boundary.took("new rows", error)
        self.console.boundary.run("new rows", self.catch_up)

    def toggle_frozen(self) -> None:
        """Freeze the view, or let it follow again."""
        follows = self._viewpoint.toggle_frozen(self.console.store)
        if follows:
            self.catch_up()
        elif self.current is not None:
            self.current.stand_still()

    def relook(self) -> None:
        """Draw everything with other signs, or in another zone."""
        for pane in self._panes.values():
            pane.relook()
        self.on_resize()

    def tick(self) -> None:
        """Let ages go on, and logs; in a frozen view alone what could not be read yet."""
        if self.current is None:
            return
        if self._viewpoint.frozen_at is not None:
            self.current.read_again()
            return
        if self.console.ticks_by_itself:  # else a test moves time
            self._look(self.current)
        self.current.tick()

    def _look(self, pane: Pane) -> None:
        """Let a pane look for what nobody tells of, more often where it moves."""
        for seconds, look in pane.looks:
            again = partial(self.console.boundary.run, "a look", look)
            for number in range(1, round(1 / seconds) if look() else 1):
                self.set_timer(number * seconds, again)

    def cursor_rests(self) -> None:
        """Tell about the row under the cursor."""
        if self.current is not None:
            self.current.cursor_rests()

    def keep_up(self) -> None:
        """Bring what the next key may be about up to date."""
        if self.current is not None:
            self.current.keep_up()

    @guarded("a new size")
    def on_resize(self) -> None:
        """Rearrange the pane in sight for the new size."""
        pane = self.current
        if pane is not None:
            pane.lay_out(layout_of(self.console.size))
            catch_up = partial(self._catch_up, pane)
            self.call_after_refresh(self.console.boundary.run, pane.name_of_pane, catch_up)

    # -- filter ----------------------------------------------------------------------------------

    def type_filter(self) -> None:
        """Let a filter be typed; the rows follow each key, escape brings the old one back."""
        pane = self.current
        if not isinstance(pane, TablePane):
            return
        view, before = pane.view, pane.view.filter_text
        if view.returns_to is None:
            view.returns_to = view.cursor  # whatever is typed on the way

        def entered(text: str) -> None:
            if not view.keys:  # nothing is looked at now
                view.cursor = view.returns_to
            view.returns_to = None  # what is looked at stays looked at
            if text and text not in self.filters[-1:]:
                self.filters.append(text)

        def left() -> None:
            pane.set_filter(before)
            view.returns_to = None

        self.console.prompt(
            Prompt(
                SafeText("/"),
                LineEditor(before, self.filters, selected=True),
                changed=pane.set_filter,
                entered=entered,
                left=left,
                complete=pane.complete,
                wrong=pane.wrong_parts,
            )
        )
