"""The Textual app: one resident screen, seven panes, and the life of what feeds them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path, PurePath
from typing import Any, ClassVar, TypeVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType

from app.actions.confirm import Question
from app.actions.perform import perform, why_not
from app.actions.registry import Action, Registry
from app.actions.scene import Scene, Selection
from app.bridge import Bridge
from app.client.desk import Desk
from app.client.events import Inbox
from app.client.port import EngineClient
from app.keys import KeyRouter
from app.overlays.overlay import Overlay, OverlayBox
from app.panes.pane import Pane
from app.panes.switcher import Switcher
from app.panes.viewpoint import Viewpoint
from app.presentation.symbols import SYMBOLS, Symbols
from app.pump import Pump, writes_waiting
from app.store.model import InstanceRow
from app.store.store import Changes, ConsoleStore
from app.theming.theme import PLAIN, Theme
from app.theming.toolkit import rich_styles, textual_theme
from app.undo import Undo
from app.widgets.bars import key_pieces, tab_pieces
from app.widgets.grid import Grid
from app.widgets.header_line import HeaderFacts, header_pieces
from app.widgets.one_line import OneLine
from app.widgets.paint import Paint, fill_tab
from app.widgets.panel import Panel
from app.widgets.prompt import Prompt
from app.widgets.status_line import StatusLine
from engine.clock import Clock, SystemClock
from engine.errors import TocsinError

T = TypeVar("T")

_STYLES = Path(__file__).parent / "styles"


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """What the console is told at its start."""

    environment: str = ""
    is_read_only: bool = False
    symbols: Symbols = SYMBOLS["unicode"]
    zone: tzinfo = UTC
    theme: Theme = PLAIN
    first_pane: str = "jobs"


class ConsoleApp(App[int], inherit_bindings=False):
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
        self.options = options or ConsoleOptions()
        # Chosen before Textual is built: its filter for NO_COLOR is made once and for all.
        super().__init__(ansi_color=not self.options.theme.uses_rgb)
        self.clock: Clock = clock or SystemClock()
        self.client = client
        self.registry = registry
        self.store = ConsoleStore()
        self.paint = Paint(rich_styles(self.options.theme), self.options.symbols)
        self.viewpoint = Viewpoint(self.clock, self.options.zone, self.options.symbols)
        self.zone = self.options.zone
        self.environment = self.options.environment
        self.is_read_only = self.options.is_read_only
        self.bridge = Bridge(self)
        self.inbox = Inbox()
        self.pump = Pump(self, self.inbox, self.store, self.clock, self.show_changes)
        self.pump.on_overflow = client.resync
        self.router = KeyRouter(self)
        self.undo_journal = Undo(self.clock)
        self.theme_name = self.options.theme.name
        self.messages: list[tuple[int, str, str]] = []
        self.header_line = OneLine(id="header", under="header")
        self.tab_line = OneLine(id="tabs")
        self.info_line = OneLine(id="info")
        self.status_line = StatusLine()
        self.key_line = OneLine(id="keys", under="bar")
        self.panes = Switcher(self, self.viewpoint)
        self.overlays = OverlayBox()

    # -- life ------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Lay the resident screen out."""
        yield self.header_line
        yield self.tab_line
        yield self.info_line
        yield self.panes
        yield self.status_line
        yield self.key_line
        yield self.overlays

    def on_mount(self) -> None:
        """Begin to read, and to tell time."""
        self.use_theme(self.options.theme)
        self.inbox.wake = lambda: self.bridge.call(self.pump.wake)
        self.panes.show(self.options.first_pane)
        self.client.start(self.inbox)
        self.set_interval(1.0, self.second)
        self.show_frame()

    def use_theme(self, theme: Theme) -> None:
        """Paint with `theme` from now on."""
        look = textual_theme(theme)
        self.register_theme(look)
        self.ansi_color = not theme.uses_rgb
        self.paint = Paint(rich_styles(theme), self.options.symbols)
        self.theme = look.name
        self.theme_name = theme.name
        self.refresh_css()

    def on_unmount(self) -> None:
        """Let go of the client; an engine elsewhere is not touched."""
        self.bridge.close()
        self.client.close()

    def on_app_blur(self) -> None:
        """Nobody looks: paint less often."""
        self.pump.has_focus = False

    def on_app_focus(self) -> None:
        """Somebody looks again."""
        self.pump.has_focus = True
        self.pump.wake()

    def later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call back on this thread after `seconds`."""
        self.set_timer(seconds, callback)

    def writes_waiting(self) -> int:
        """How many frames the terminal has not taken yet."""
        return writes_waiting(self)

    # -- keys ------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Take keys before any widget: where they go is decided in one place."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.router.key(event.key, event.character)
            return
        if isinstance(event, events.Paste) and not event.is_forwarded:
            self.router.paste(event.text)
            return
        await super().on_event(event)

    def scene(self, *, key: str = "", argument: str = "") -> Scene:
        """Return the selection as it is now, for an action that was asked for now."""
        pane = self.panes.current
        selection = pane.selection() if pane is not None else Selection()
        return Scene(self, self.panes.current_name, selection, argument, key)

    def perform(self, action_id: str, argument: str = "", key: str = "") -> None:
        """Perform an action on the present selection."""
        self.perform_in(self.registry[action_id], self.scene(key=key, argument=argument))

    def perform_in(self, action: Action, scene: Scene) -> None:
        """Perform an action on a given selection, with the confirmation that it needs."""
        perform(action, scene)
        self.show_frame()

    def ask(self, question: Question) -> None:
        """Ask on the status line; only `y` agrees."""
        self.router.ask(question)

    def open(self, overlay: Overlay) -> None:
        """Cover the pane with an overlay."""
        self.overlays.open(overlay)

    def prompt(self, prompt: Prompt | None) -> None:
        """Let a line be typed on the status line."""
        self.router.prompt = prompt
        self.status_line.type(prompt)

    def type_filter(self) -> None:
        """Let a filter be typed; the rows follow each key."""
        self.panes.type_filter()

    # -- speaking --------------------------------------------------------------------------------

    def say(self, text: str, role: str = "") -> None:
        """Show a message and keep it."""
        self.messages.append((self.clock.now(), text, role))
        del self.messages[:-500]
        self.status_line.say(text, role, self.undo_journal.hint)

    def request(
        self,
        question: Callable[[Desk], T],
        done: Callable[[T], None],
        *,
        about: str = "",
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Ask the engine away from the screen."""
        del about
        self.bridge.request(self.client, question, done, failed or self.refused)

    def refused(self, error: BaseException) -> None:
        """Show why something was refused."""
        text = (
            error.message if isinstance(error, TocsinError) else f"{type(error).__name__}: {error}"
        )
        self.say(text, "error")

    @property
    def undo_text(self) -> str:
        """What `undo` would take back."""
        return self.undo_journal.text

    def can_undo(self, text: str, undo: Callable[[], None]) -> None:
        """Offer to take the last action back."""
        self.undo_journal.offer(text, undo)

    def undo(self) -> None:
        """Take the last reversible action back."""
        self.undo_journal.undo()

    # -- panes -----------------------------------------------------------------------------------

    def go(self, pane: str) -> None:
        """Show a pane and remember where we came from."""
        self.panes.go(pane)
        self.show_frame()

    def pane_named(self, pane: str) -> Pane:
        """Return a pane, made if need be."""
        return self.panes.pane(pane)

    def move(self, motion: str) -> None:
        """Do a motion where the keys go."""
        pane = self.panes.current
        if pane is not None:
            pane.move(motion)

    def leave(self) -> None:
        """Leave what is topmost."""
        pane = self.panes.current
        if pane is not None and not pane.leave():
            self.panes.walk(-1)
        self.show_frame()

    def walk_history(self, step: int) -> None:
        """Go back or forward through the views."""
        self.panes.walk(step)
        self.show_frame()

    def toggle_frozen(self) -> None:
        """Freeze the view, or let it follow again."""
        is_frozen = self.viewpoint.frozen_at is not None
        self.viewpoint.frozen_at = None if is_frozen else self.clock.now()
        if is_frozen:
            self.panes.catch_up()
        self.show_frame()

    def redraw(self) -> None:
        """Draw the whole screen anew."""
        self.refresh(layout=True)

    def resync(self) -> None:
        """Read everything from the store anew."""
        self.client.resync()
        self.say("reading everything anew")

    def go_to(self, pane: str, name: str) -> None:
        """Show a pane with the cursor on the row called `name`."""
        self.panes.go(pane)
        self.call_after_refresh(self.panes.pane(pane).point_at, name)

    def take_in(self, rows: Sequence[InstanceRow]) -> None:
        """Add instances that were asked for to those that are shown."""
        self.show_changes(self.store.apply(rows))

    # -- painting --------------------------------------------------------------------------------

    def show_changes(self, changes: Changes) -> None:
        """Repaint what a batch of events touched."""
        if self.viewpoint.frozen_at is None:
            self.panes.changed(changes)
        self.show_frame()

    def second(self) -> None:
        """A second passed."""
        self.router.second()
        if self.viewpoint.frozen_at is None:
            self.panes.tick()
        self.undo_journal.expire()
        self.show_frame()

    def show_frame(self) -> None:
        """Repaint the lines around the pane, where they differ."""
        width = self.size.width
        facts = HeaderFacts(
            self.clock.now(),
            self.environment,
            self.is_read_only,
            self.viewpoint.frozen_at is not None,
        )
        dot = self.viewpoint.symbols.live
        self.header_line.set(header_pieces(self.store, facts, width, dot))
        self.tab_line.set(*tab_pieces(self.panes.current_name, self.viewpoint.symbols.separator))
        pane = self.panes.current
        if pane is not None:
            self.info_line.set(fill_tab(pane.info_pieces(), width))
        self.show_keys()

    def show_keys(self) -> None:
        """Repaint the key bar: what can be done with the selection, and what can not."""
        scene = self.scene()
        actions = [action for action in self.registry.in_pane(scene.pane) if action.bar]
        actions.sort(key=lambda action: action.bar)
        self.key_line.set(
            *key_pieces([(action, why_not(action, scene)) for action in actions], self.size.width)
        )

    def on_resize(self) -> None:
        """Follow the new size."""
        self.call_after_refresh(self.show_frame)
        self.overlays.fit()

    def on_grid_cursor_moved(self, message: Grid.CursorMoved) -> None:
        """Tell about the row under the cursor, and what can be done with it."""
        self.panes.cursor_moved(message.grid)
        self.show_frame()

    def on_one_line_clicked(self, message: OneLine.Clicked) -> None:
        """Do what was clicked."""
        self.perform(message.action)

    def get_system_commands(self, screen: Any) -> Sequence[Any]:
        """Offer nothing of Textual's own palette."""
        del screen
        return ()

    def on_panel_pressed(self, message: Panel.Pressed) -> None:
        """Give the keys to the panel that was clicked."""
        pane = self.panes.current
        if pane is not None:
            pane.activate(message.panel)
