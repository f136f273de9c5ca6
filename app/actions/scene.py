"""What an action gets to see: the selection as it was when the key was pressed, and the console."""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from app.actions.question import Question
from app.client.desk import Desk
from app.sanitize import SafeText
from app.store.model import GroupRow, InstanceRow, JobRow
from app.store.store import ConsoleStore
from app.widgets.prompt import Prompt
from engine.clock import Clock, Instant

if TYPE_CHECKING:
    from app.live_settings import LiveSettings
    from app.news import News
    from app.options import ConsoleOptions
    from app.outside import Outside
    from app.overlays.overlay import Overlay
    from app.wardrobe import Wardrobe

T = TypeVar("T")

TYPED = ":"  # the key of what was typed as a command, and names what it is about


class Selection(Struct, frozen=True):
    """Rows by kind. Actions go by their names and numbers, never by where the cursor is later."""

    jobs: tuple[JobRow, ...] = ()
    instances: tuple[InstanceRow, ...] = ()
    groups: tuple[GroupRow, ...] = ()
    hidden: int = 0  # marked rows among them that the filter hides: the last ones
    is_gone: bool = False  # there is none, because what was chosen is not there any more

    def missing(self, what: str) -> str:
        """Return why `what` ("no job") is selected."""
        return "what was chosen is gone" if self.is_gone else f"{what} is selected"


class TimeTravel(Protocol):
    """Shows moments of the past."""

    @property
    def at(self) -> Instant | None:
        """The instant of the past that is shown; None: now."""
        ...

    @property
    def now(self) -> Instant:
        """The instant that is shown as now: what is typed is so long before it."""
        ...

    @property
    def as_of(self) -> SafeText:
        """The same in words: "03:12 UTC"; "": now."""
        ...

    def go(self, at: Instant) -> None:
        """Show how everything stood at an instant of the past."""
        ...

    def step(self, by: Instant) -> None:
        """Show a moment so much later, or earlier, than the one that is shown."""
        ...

    def leave(self) -> None:
        """Show what is now again."""
        ...


class Keys(Protocol):
    """Knows which key does what."""

    def key_of(self, action_id: str) -> str:
        """Return what does it: its first key, else `:verb`, else its title."""
        ...


class Console(Protocol):
    """What actions ask of the console."""

    store: ConsoleStore  # what is shown
    live_store: ConsoleStore  # what is now
    clock: Clock
    is_read_only: bool
    zone: tzinfo  # of the viewer
    environment: str  # "prod", "stage", "dev" or ""
    frames_per_second: float  # of data, at the most; 0: only when asked
    ticks_by_itself: bool  # else a test moves time

    @property
    def registry(self) -> Keys:
        """The keys in force."""
        ...

    @property
    def why_no_undo(self) -> str:
        """Why `undo` would take nothing back; "": it would take something back."""
        ...

    def say(self, text: str, role: str = "") -> None:
        """Show a message on the status line and keep it in the message log."""
        ...

    def request(
        self,
        question: Callable[[Desk], T],
        done: Callable[[T], None],
        *,
        about: str = "",
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Ask the engine away from the screen; `done` runs on the screen's thread."""
        ...

    def refused(self, error: BaseException) -> None:
        """Show why something was refused."""
        ...

    def ask(self, question: Question) -> None:
        """Ask on the status line; only `y` agrees."""
        ...

    def open(self, overlay: "Overlay") -> None:
        """Cover the pane with an overlay."""
        ...

    def scene(self, *, key: str = "", argument: str = "") -> "Scene":
        """Return the selection as it is now, for an action that was asked for now."""
        ...

    def perform_in(self, action: Any, scene: "Scene") -> None:
        """Perform an action on a given selection, with the confirmation that it needs."""
        ...

    def perform(
        self,
        action_id: str,
        argument: str = "",
        key: str = "",
        selection: Selection | None = None,
    ) -> None:
        """Perform an action on a selection; None: on the present one."""
        ...

    def follow_runs(self, numbers: Sequence[int]) -> None:
        """Say how these instances end, when they do."""
        ...

    def take_in(self, rows: Sequence[InstanceRow]) -> None:
        """Add instances that were asked for to those that are shown."""
        ...

    def go_to(self, pane: str, name: str) -> None:
        """Show a pane with the cursor on the row called `name`."""
        ...

    def prompt(self, prompt: Prompt | None) -> None:
        """Let a line be typed on the status line."""
        ...

    def can_undo(self, text: str, undo: Callable[[], None], by_hand: str = "") -> None:
        """Offer to take the last action back; `by_hand` says how once that is over."""
        ...

    saved_filters: dict[str, str]
    outside: "Outside"
    wardrobe: "Wardrobe"
    options: "ConsoleOptions"
    live_settings: "LiveSettings"
    news: "News"

    def note_filter(self, name: str, text: str) -> None:
        """Take note of a saved filter, to be written when the console is left if not before."""
        ...

    def keep_filter(self, name: str, text: str) -> str:
        """Write a saved filter down; return what went wrong, or "". Any thread."""
        ...

    def ask_to_quit(self, *, at_once: bool = False) -> None:
        """Leave, after the dialog that hosting an engine needs."""
        ...

    def figures(self) -> Sequence[tuple[str, str]]:
        """Return what is known of this console itself: names and values."""
        ...

    def undo(self) -> None:
        """Take the last reversible action back."""
        ...

    def go(self, pane: str) -> None:
        """Show a pane."""
        ...

    def pane_named(self, pane: str) -> Any:
        """Return the pane, made if need be."""
        ...

    def show_frame(self) -> None:
        """Repaint the lines around the pane, where they differ."""
        ...

    def move(self, motion: str) -> None:
        """Do a motion where the keys go."""
        ...

    def leave(self) -> None:
        """Leave what is topmost: prompt, overlay, filter, marks, then the view itself."""
        ...

    @property
    def travel(self) -> TimeTravel:
        """Which moment is shown, and the way to others."""
        ...

    def walk_history(self, step: int) -> None:
        """Go back (-1) or forward (1) through the views."""
        ...

    def toggle_frozen(self) -> None:
        """Freeze the view, or let it follow again."""
        ...

    def type_filter(self) -> None:
        """Let a filter be typed."""
        ...

    def redraw(self) -> None:
        """Draw the whole screen anew."""
        ...

    def caught_up(self) -> None:
        """Take note that the pane in sight was built anew."""
        ...

    def resync(self) -> None:
        """Read everything from the store anew."""
        ...


class Scene(Struct, frozen=True):
    """One press of a key: who asks for what, on which rows."""

    console: Console
    pane: str
    selection: Selection = Selection()
    argument: str = ""  # what was typed after the verb
    key: str = ""  # the key that asked for it
    options: Mapping[str, Any] = field(default_factory=dict)

    def renewed(self) -> "Scene":
        """Return it with the same rows as they are now; one that is gone stays as it was."""
        store, chosen = self.console.store, self.selection
        rows = Selection(
            tuple(store.jobs.get(row.jobid, row) for row in chosen.jobs),
            tuple(store.instances.get(row.job_instanceid, row) for row in chosen.instances),
            tuple(store.groups.get(row.name, row) for row in chosen.groups),
            chosen.hidden,
            chosen.is_gone,
        )
        return replace(self, selection=rows)

    @property
    def jobs(self) -> tuple[JobRow, ...]:
        """The jobs that are meant."""
        return self.selection.jobs

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(row.name for row in self.selection.jobs)
