"""The Textual app: one resident screen, seven panes, and the life of what feeds them."""

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any, ClassVar, Literal, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.driver import Driver
from textual.timer import Timer

from app.actions.registry import Registry
from app.boundary import guarded
from app.client.port import EngineClient
from app.cockpit import Cockpit
from app.garbage import Garbage
from app.options import ConsoleOptions
from app.panes.table_pane import TablePane
from app.pump import Pump
from app.store.changes import Changes
from app.widgets.grid import Grid
from app.widgets.one_line import OneLine
from app.widgets.panel import Panel
from engine.clock import Clock

T = TypeVar("T")

_LEAST_WIDTH, _LEAST_HEIGHT = 60, 15
_REST_SECONDS = 0.04  # a cursor that stays this long has arrived


_STYLES = Path(__file__).parent / "styles"


class ConsoleApp(Cockpit, inherit_bindings=False):
    """The console. Keys go to the router, data come from the pump, panes do the rest."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [*sorted(_STYLES.glob("*.tcss"))]
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    ALLOW_SELECT = False
    TITLE = "tocsin"

    def __init__(
        self,
        client: EngineClient,
        registry: Registry,
        options: ConsoleOptions | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(client, registry, options, clock)
        self.pump = Pump(self, self.inbox, self.live_store, self.clock, self.show_changes)
        self.pump.on_overflow = client.resync
        self.pump.on_fault = self.panes.after_fault
        self.pump.frames_per_second = self.options.frames_per_second
        self._told_problem = ""
        self._told_size = ""
        self._engine: Literal["not seen", "there", "gone"] = "not seen"
        self._was_read = False
        self._is_cursor_moving = False
        self._rest_timer: Timer | None = None
        self._garbage = Garbage()

    def get_driver_class(self) -> type[Driver]:
        """Return the driver for a terminal of ours: one that costs nothing while no key comes."""
        chosen = super().get_driver_class()
        from app.driver import PatientDriver

        return PatientDriver if issubclass(PatientDriver, chosen) else chosen

    # -- life ------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Lay the resident screen out, with the first pane in it and what was read already."""
        self.inbox.wake = lambda: self.bridge.call(self.pump.wake)
        self.client.start(self.inbox)
        self.pump.wake()
        self.panes.filters = self.memory.strings("console", "filters")
        self.panes.show(self.memory.first_pane() or "jobs")
        yield self.frame.header
        yield self.frame.tabs
        yield self.frame.info
        yield self.panes
        yield self.frame.status
        yield self.frame.keys
        yield self.overlays

    def on_mount(self) -> None:
        """Say what is wrong with the settings, and begin to tell time."""
        for problem in (*self.options.problems, self.memory.problem):
            if problem:
                self.say(problem, "error")
        if self.ticks_by_itself:
            self.second_hand.start(self.second)
        self.show_frame()

    def on_unmount(self) -> None:
        """Keep the view, let go of the client; an engine elsewhere is not touched."""
        self.second_hand.stop()
        self.keep_view()
        self.bridge.close()
        self.client.close()

    def keep_view(self) -> None:
        """Write down where everything stands, for the next start: of now, not of the past."""
        self.look_at(self.travel.home)
        self.memory.keep(self)

    @guarded("the focus")
    def on_app_blur(self) -> None:
        """Nobody looks: paint less often."""
        self.pump.has_focus = False

    @guarded("the focus")
    def on_app_focus(self) -> None:
        """Somebody looks again."""
        self.pump.has_focus = True
        self.pump.wake()

    # -- keys ------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Take keys before any widget: where they go is decided in one place."""
        self.second_hand.hurry()
        if isinstance(event, events.Key) and not event.is_forwarded:
            # Typed before the screen is up, Enter comes as the line feed that it then was.
            key = "enter" if event.key == "ctrl+j" else event.key
            character = event.character
            self.news.key()
            with self.news.answering():
                self.boundary.run(f"key {key}", lambda: self.router.key(key, character))
            return
        if isinstance(event, events.Paste) and not event.is_forwarded:
            text = event.text
            self.boundary.run("a paste", lambda: self.router.paste(text))
            return
        if isinstance(event, events.MouseEvent) and not event.is_forwarded:
            if isinstance(event, events.MouseDown):
                self.news.key()
            if self.overlays.covers(event.screen_offset):
                return
        await super().on_event(event)

    # -- painting --------------------------------------------------------------------------------

    def refresh_css(self, animate: bool = True) -> None:
        """Read the style sheets anew; before there is a screen they are read once, for it."""
        if self.screen_stack:
            super().refresh_css(animate)

    def show_changes(self, changes: Changes) -> None:
        """Repaint what a batch of events touched."""
        self.boundary.run("new rows", lambda: self._show_changes(changes))

    def _show_changes(self, changes: Changes) -> None:
        self.second_hand.hurry()
        if self.live_store.jobs:
            self._begin_to_collect()
        if not self.inbox.is_on_screen.is_set():
            self.call_after_refresh(self.inbox.is_on_screen.set)
        self._tell_problem()
        self._tell_return()
        self.followed.look(changes.instances, self.live_store.instances)
        self.overlays.changed()
        if self.travel.at is not None:  # of which nothing that comes now is a part
            self.viewpoint.missed += len(changes.jobs) + len(changes.instances)
            self.frame.show_header()
            return
        if self.store.was_read and not self._was_read:
            self._was_read = True
            if not (self.store.jobs and self.store.instances):
                self.panes.catch_up()  # what is empty says so now
        if changes.is_health_alone:
            self.panes.health_changed()
            self.frame.show_header()
            return
        if self.viewpoint.frozen_at is None:
            self.panes.changed(changes)
        else:
            self.viewpoint.missed += len(changes.jobs) + len(changes.instances)
        self.show_frame()

    def _begin_to_collect(self) -> None:
        if self.live_store.expected_jobs is None:
            self._garbage.may_be_collected()

    def _tell_problem(self) -> None:
        """Say once what keeps the store or the engine away, whatever pane is in sight."""
        problem = self.live_store.health.problem
        if problem != self._told_problem:
            self.news.is_over(self._told_problem)
            self._told_problem = problem
            self.panes.catch_up()
            if problem:
                self.say(problem, "error")

    def _tell_return(self) -> None:
        """Say that an engine is alive again: what was refused without it can be asked now."""
        health = self.live_store.health
        if health.link == "none":
            if self._engine == "there":
                self._engine = "gone"
            return
        if self._engine == "gone":
            session = f", session {health.session.sessionid}" if health.session else ""
            self.say(f"the engine is back{session}")
        self._engine = "there"

    def second(self) -> None:
        """A second passed, or a rest in which nothing moved."""
        self.boundary.run("the clock", self._second)

    def _second(self) -> None:
        self._begin_to_collect()
        self.router.second()
        if len(self.inbox):
            self.pump.wake()
        self.live_store.seen_at = self.inbox.seen_at or self.live_store.seen_at
        if pending := self.waiting.describe():
            self.frame.status.say(pending, "warning")
        else:
            self.news.second()
        self.panes.tick()
        self.overlays.second()
        if self.undo_journal.expire():
            self.news.show_hint()
            self.overlays.changed()
        self.wardrobe.look_for_changes()
        self.frame.tick()

    @guarded("a new size")
    def on_resize(self, event: events.Resize) -> None:
        """Follow the new size."""
        width, height = event.size  # our own is still the last one
        self.news.is_over(self._told_size)
        self._told_size = ""
        if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
            more = f"{_LEAST_WIDTH}x{_LEAST_HEIGHT} shows more"
            self._told_size = f"{width}x{height} is small: {more}"
            self.say(self._told_size)
        self.call_after_refresh(self.boundary.run, "a new size", self.show_frame)
        self.overlays.fit(event.size)

    @guarded("the cursor")
    def on_grid_cursor_moved(self, message: Grid.CursorMoved) -> None:
        """Paint the cursor now; tell about its row when it rests: a held key stays quick."""
        del message
        self._is_cursor_moving = True
        if self._rest_timer is not None:
            self._rest_timer.stop()
        self._rest_timer = self.set_timer(_REST_SECONDS, self.cursor_rests)

    @guarded("a click")
    def on_grid_row_opened(self, message: Grid.RowOpened) -> None:
        """Open what was double-clicked."""
        del message
        self.perform("open")

    @guarded("a click")
    def on_grid_header_clicked(self, message: Grid.HeaderClicked) -> None:
        """Sort by the title that was clicked."""
        pane = self.panes.current
        if isinstance(pane, TablePane) and message.grid is pane.grid:
            pane.sort_by(message.column)
            self.show_frame()

    def cursor_rests(self) -> None:
        """Tell about the row under the cursor, and what can be done with it."""
        if self._is_cursor_moving:
            self._is_cursor_moving = False
            self.boundary.run("the cursor", self._tell_about_cursor)

    def _tell_about_cursor(self) -> None:
        self.panes.cursor_rests()
        self.show_frame()

    @guarded("a click")
    def on_one_line_clicked(self, message: OneLine.Clicked) -> None:
        """Do what was clicked."""
        self.perform(message.action)

    def get_system_commands(self, screen: Any) -> Sequence[Any]:
        """Offer nothing of Textual's own palette."""
        del screen
        return ()

    @guarded("a click")
    def on_panel_pressed(self, message: Panel.Pressed) -> None:
        """Give the keys to the panel that was clicked."""
        pane = self.panes.current
        if pane is not None:
            pane.activate(message.panel)
