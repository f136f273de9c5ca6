"""What actions ask of the console: a selection, words on the status line, answers, panes.

The half of the app that knows no event of Textual's: `app.console` adds the screen and its life.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace
from textual.app import App

from app.actions.perform import perform
from app.actions.question import Question
from app.actions.registry import Action, Registry
from app.actions.scene import Scene, Selection
from app.boundary import Boundary
from app.bridge import Bridge
from app.client.desk import Desk
from app.client.port import EngineClient
from app.followed import Followed
from app.frame import Frame
from app.keys import KeyRouter
from app.leaving import ask_to_quit
from app.live_settings import LiveSettings
from app.memory import Memory
from app.news import News
from app.options import ConsoleOptions
from app.outside import Outside
from app.overlays.overlay import Overlay, OverlayBox
from app.panes.pane import Pane
from app.panes.switcher import Switcher
from app.panes.viewpoint import Viewpoint
from app.presentation.console_words import console_words
from app.presentation.reasons import reason_of
from app.pump import Pump, writes_waiting
from app.second_hand import SecondHand
from app.store.events import Inbox
from app.store.model import InstanceRow
from app.store.store import ConsoleStore
from app.travel import Scenery, Travel
from app.undo import Undo
from app.waiting import Waiting
from app.wardrobe import Wardrobe
from app.widgets.paint import Paint
from app.widgets.prompt import Prompt
from engine.clock import Clock, SystemClock

T = TypeVar("T")


class Cockpit(App[int], inherit_bindings=False):
    """Everything that an action may use. It is always a `ConsoleApp`."""

    pump: Pump  # made by the app itself, which paints what it applies

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
        self.live_store = self.store = ConsoleStore()
        self.viewpoint = Viewpoint(
            self.clock,
            registry.key_of,
            self.options.zone,
            self.options.symbols,
            has_boxes=self.options.boxes is not False,
        )
        self.zone = self.options.zone
        self.environment = self.options.environment
        self.ticks_by_itself = True  # a test moves the second hand itself
        self.mode_before_drain = ""  # while it waits to be left: see `Leaving`
        self.is_read_only = self.options.is_read_only
        folder = self.options.memory_folder
        self.boundary = Boundary(self.clock, folder, self.say, registry.key_of("resync"))
        self.bridge = Bridge(self, self.boundary)
        self.inbox = Inbox()
        self.waiting = Waiting(self.bridge, client, self.clock)
        self.router = KeyRouter(self)
        self.undo_journal = Undo(self.clock, registry.key_of("undo"))
        self.followed = Followed(self, registry.key_of("logs.output"))
        self.outside = Outside(self, self.say)
        self.wardrobe = Wardrobe(
            self, self.options.theme, self.options.symbols, self.say, self.options.library
        )
        self.memory = Memory(folder)
        self.saved_filters = {**self.options.filters, **self.memory.filters()}
        self.note_filter = self.memory.note_filter
        self.keep_filter = self.memory.keep_filter
        self.frame = Frame(self)
        self.news = News(self.clock, self.frame.status, self.undo_journal)
        self.panes = Switcher(self, self.viewpoint)
        self.scenery = Scenery(self.store, self.viewpoint, self.panes)
        self.travel = Travel(self)
        self.overlays = OverlayBox()
        self.live_settings = LiveSettings(self)
        self.second_hand = SecondHand(self)

    def later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call back on this thread after `seconds`."""
        self.set_timer(seconds, lambda: self.boundary.run("a timer", callback))

    def writes_waiting(self) -> int:
        """How many frames the terminal has not taken yet."""
        return writes_waiting(self)

    @property
    def paint(self) -> Paint:
        """The styles and signs in force."""
        return self.wardrobe.paint

    @property
    def frames_per_second(self) -> float:
        """How often data are drawn at the most; 0: only when asked."""
        return self.pump.frames_per_second

    @frames_per_second.setter
    def frames_per_second(self, frames: float) -> None:
        self.pump.frames_per_second = frames
        self.pump.paint_soon()

    def use_mouse(self, *, on: bool) -> None:
        """Have the terminal tell of the mouse, or no more."""
        from app.driver import PatientDriver

        if isinstance(self._driver, PatientDriver):
            self._driver.use_mouse(on=on)

    def let_go_of_keys(self) -> bool:
        """Have the terminal read keys as before it was ours; False: another program has it now."""
        from app.driver import PatientDriver

        if isinstance(self._driver, PatientDriver):
            return self._driver.let_go_of_keys()
        return True

    def look_at(self, scenery: Scenery) -> None:
        """Let all that is shown and asked be of `scenery`."""
        self.scenery = scenery
        self.store, self.viewpoint, self.panes = scenery.store, scenery.viewpoint, scenery.panes

    def remembered(self, pane: Pane) -> None:
        """Bring a pane that was just made to where it stood when the console was left."""
        if self.travel.at is not None:
            self.travel.settle_in(pane)
        else:
            self.memory.bring_back(pane)

    def ask_to_quit(self, *, at_once: bool = False) -> None:
        """Leave, after the dialog that hosting an engine needs."""
        ask_to_quit(self, at_once=at_once)

    # -- acting ----------------------------------------------------------------------------------

    def scene(self, *, key: str = "", argument: str = "") -> Scene:
        """Return the selection as it is now, for an action that was asked for now."""
        pane = self.panes.current
        selection = pane.selection() if pane is not None else Selection()
        return Scene(self, self.panes.current_name, selection, argument, key)

    def perform(
        self,
        action_id: str,
        argument: str = "",
        key: str = "",
        selection: Selection | None = None,
    ) -> None:
        """Perform an action on a selection; None: on the present one."""
        self.panes.keep_up()
        scene = self.scene(key=key, argument=argument)
        if selection is not None:
            scene = replace(scene, selection=selection)
        self.perform_in(self.registry[action_id], scene)

    def perform_in(self, action: Action, scene: Scene) -> None:
        """Perform an action on a given selection, with the confirmation that it needs."""
        if not action.is_motion:
            self.news.acted()
        perform(action, scene)
        if not action.is_motion:
            self.show_frame()

    def ask(self, question: Question) -> None:
        """Ask on the status line; only `y` agrees."""
        self.router.ask(question)

    def open(self, overlay: Overlay) -> None:
        """Cover the pane with an overlay."""
        self.overlays.open(overlay)
        self.router.opened()

    def prompt(self, prompt: Prompt | None) -> None:
        """Let a line be typed on the status line."""
        self.router.prompt = prompt
        self.frame.status.type(prompt)

    def type_filter(self) -> None:
        """Let a filter be typed; the rows follow each key."""
        self.panes.type_filter()

    # -- speaking --------------------------------------------------------------------------------

    def say(self, text: str, role: str = "") -> None:
        """Show a message and keep it."""
        self.second_hand.hurry()
        self.news.say(text, role)

    def request(
        self,
        question: Callable[[Desk], T],
        done: Callable[[T], None],
        *,
        about: str = "",
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Ask the engine away from the screen."""
        answer = self.news.as_answer
        self.travel.ask(question, answer(done), answer(failed or self.refused), about)

    def refused(self, error: BaseException) -> None:
        """Show why something was refused."""
        self.say(console_words(reason_of(error), self.zone), "error")

    @property
    def why_no_undo(self) -> str:
        """Why `undo` would take nothing back."""
        return self.undo_journal.why_not

    def can_undo(self, text: str, undo: Callable[[], None], by_hand: str = "") -> None:
        """Offer to take the last action back."""
        self.undo_journal.offer(text, undo, by_hand)

    def undo(self) -> None:
        """Take the last reversible action back."""
        self.undo_journal.undo()

    def figures(self) -> Sequence[tuple[str, str]]:
        """Return counters of this console: events, frames, times."""
        return (
            ("size", f"{self.size.width}x{self.size.height}"),
            ("theme", self.wardrobe.theme.name),
            ("signs", self.viewpoint.symbols.name),
            *self.pump.figures.in_words(),
            ("waiting", f"{self.writes_waiting()} writes"),
        )  # fmt: skip

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
        if (pane := self.panes.current) is not None:
            pane.move(motion)

    def leave(self) -> None:
        """Leave what is topmost."""
        pane = self.panes.current
        if pane is not None and not pane.leave() and not self.panes.walk(-1):
            self.travel.leave()
        self.show_frame()

    def walk_history(self, step: int) -> None:
        """Go back or forward through the views."""
        self.panes.walk(step)
        self.show_frame()

    def toggle_frozen(self) -> None:
        """Freeze the view, or let it follow again."""
        if self.viewpoint.frozen_at is None:
            self.pump.paint_now()  # it is in what stands still: nothing that came since then
        self.panes.toggle_frozen()
        self.show_frame()

    def redraw(self) -> None:
        """Draw the whole screen anew, whatever is thought to be drawn already."""
        for widget in self.screen.query("*"):
            widget.refresh()
        self.refresh(layout=True)

    def resync(self) -> None:
        """Read everything from the store anew."""
        if self.travel.at is not None:
            self.travel.go(self.travel.at)
            return
        self.client.resync()
        self.pump.paint_soon()
        self.say("reading everything anew")

    def caught_up(self) -> None:
        """Tell the pump that the pane in sight shows what there is by now, if it does."""
        if self.viewpoint.frozen_at is None:
            self.pump.count_as_asked()

    def go_to(self, pane: str, name: str) -> None:
        """Show a pane with the cursor on the row called `name`, before the next key is taken."""
        self.panes.go(pane)
        self.panes.pane(pane).point_at(name)

    def follow_runs(self, numbers: Sequence[int]) -> None:
        """Say how these instances end, when they do."""
        self.followed.follow(numbers, self.live_store.instances)

    def take_in(self, rows: Sequence[InstanceRow]) -> None:
        """Add instances that were asked for to those that are shown."""
        if self.travel.at is None:
            self.pump.take_in(rows)
        else:
            self.panes.changed(self.store.apply(rows))

    def show_frame(self) -> None:
        """Repaint the lines around the pane, where they differ."""
        self.frame.show()
