"""Time travel: the panes of a moment of the past, beside those of now, which wait untouched.

Another moment is another set of panes on rows of their own, read away from the screen and frozen:
nothing that happens now reaches them. Their questions are asked of the desk of that moment, which
takes no orders. The panes of now keep cursor, marks, filter and order, and come back as they were.
"""

import gc
from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import partial
from typing import Any, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from textual.screen import Screen

from app.client.desk import Desk
from app.client.desk_then import desk_then
from app.client.views import PastView
from app.keys import KeyRouter
from app.overlays.overlay import OverlayBox
from app.panes.pane import Pane
from app.panes.switcher import Home, Switcher
from app.panes.table_pane import TablePane
from app.panes.viewpoint import Viewpoint
from app.presentation.instants import moment_time
from app.presentation.quantities import counted
from app.pump import Pump
from app.sanitize import SafeText
from app.store.store import ConsoleStore
from app.waiting import Waiting
from engine.clock import Clock, Instant

T = TypeVar("T")

_FORGET_SECONDS = 1.0  # after a moment was left: its panes are gone from the screen then


class Scenery(Struct, frozen=True):
    """What is looked at: rows, from when, and the panes on them."""

    store: ConsoleStore
    viewpoint: Viewpoint
    panes: Switcher
    past: PastView | None = None  # None: now


class Traveller(Home, Protocol):
    """The console as time travel needs it."""

    clock: Clock
    zone: tzinfo
    pump: Pump
    waiting: Waiting
    router: KeyRouter
    overlays: OverlayBox
    scenery: Scenery

    def later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call back on this thread after `seconds`."""
        ...

    def look_at(self, scenery: Scenery) -> None:
        """Let all that is shown and asked be of `scenery`."""
        ...

    @property
    def screen(self) -> Screen[Any]:
        """Where panes are."""
        ...


class Travel:
    """Goes to moments of the past, and back to now."""

    def __init__(self, console: Traveller) -> None:
        self._console = console
        self.home: Scenery = console.scenery
        self._turn = 0
        self._bound_for: Instant | None = None  # the moment that is being read
        self._places: dict[str, tuple[Any, Mapping[str, bool]]] = {}  # and columns, of panes left
        self._held: list[Callable[[], None]] = []  # answers for the panes of now

    @property
    def at(self) -> Instant | None:
        """The moment that is shown; None: now."""
        past = self._console.scenery.past
        return None if past is None else past.at

    @property
    def as_of(self) -> SafeText:
        """The same in words: "03:12 UTC"; "": now."""
        at = self.at
        if at is None:
            return SafeText("")
        return moment_time(at, self._console.clock.now(), self._console.zone)

    @property
    def now(self) -> Instant:
        """The instant that is shown as now."""
        return self._console.clock.now() if self.at is None else self.at

    # -- going -----------------------------------------------------------------------------------

    def go(self, at: Instant) -> None:
        """Show how everything stood at `at`, once that is read."""
        console = self._console
        self._turn += 1
        turn, self._bound_for = self._turn, at

        def arrived(found: tuple[PastView, ConsoleStore]) -> None:
            if turn == self._turn:
                self._arrive(*found)

        def failed(error: BaseException) -> None:
            if turn == self._turn:
                self._bound_for = None
                console.refused(error)

        console.say(f"reading how it stood at {moment_time(at, console.clock.now(), console.zone)}")
        console.waiting.ask(partial(_read, at=at), arrived, failed, "")

    def step(self, by: Instant) -> None:
        """Go so far from the moment that is shown, or on the way there; now is the end of it."""
        start = self._bound_for or self.at
        if start is None:
            return
        if start + by >= self._console.clock.now():
            self.leave()
        else:
            self.go(start + by)

    def _arrive(self, past: PastView, store: ConsoleStore) -> None:
        self._bound_for = None
        console, left = self._console, self._console.scenery
        self._interrupt()
        console.pump.paint_now()  # what was known already is none of the changes since
        self._places = {
            pane.name_of_pane: (pane.place(), _columns(pane)) for pane in left.panes.made()
        }
        viewpoint = replace(left.viewpoint, frozen_at=past.at, still=None, missed=0, is_past=True)
        panes = Switcher(console, viewpoint, number=self._turn)
        panes.filters = self.home.panes.filters
        console.screen.mount(panes, after=left.panes)
        console.look_at(Scenery(store, viewpoint, panes, past))
        panes.show(left.panes.current_name)
        self._take_away(left)
        console.say(*_told(past))
        console.show_frame()

    def leave(self) -> None:
        """Come back to now."""
        console, left = self._console, self._console.scenery
        self._turn += 1  # what is being read is not wanted any more
        self._bound_for = None
        if left.past is None:
            return
        self._interrupt()
        self.home.viewpoint.look_like(left.viewpoint)
        console.look_at(self.home)
        self.home.panes.display = True
        self.home.panes.come_back()
        self._take_away(left)
        held, self._held = self._held, []
        for answer in held:
            answer()
        console.say("back to now")
        console.show_frame()

    def _take_away(self, left: Scenery) -> None:
        if left.past is None:
            left.panes.display = False
        else:
            left.panes.remove()
            self._console.later(_FORGET_SECONDS, _forget)

    def _interrupt(self) -> None:
        """Close what is open over the panes: it is about rows that go out of sight."""
        self._console.router.drop()
        while self._console.overlays.top is not None:
            self._console.overlays.top.close()

    # -- panes -----------------------------------------------------------------------------------

    def settle_in(self, pane: Pane) -> None:
        """Bring a pane of the past that was just made to where its like stood."""
        place, columns = self._places.get(pane.name_of_pane, (None, {}))
        if isinstance(pane, TablePane):
            pane.grid.choice.by_hand = columns
        if place is not None:
            pane.restore(place)
        if self.at is not None:
            pane.as_of(self.at)

    # -- questions -------------------------------------------------------------------------------

    def ask(
        self,
        question: Callable[[Desk], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
        about: str,
    ) -> None:
        """Ask the desk of what is shown; the answer is for the panes that were in sight."""
        scenery = self._console.scenery
        past = scenery.past

        def asked(desk: Desk) -> T:
            return question(desk if past is None else desk_then(desk, past))

        def answered(answer: T) -> None:
            self._hand_over(scenery, partial(done, answer), is_order=bool(about))

        def refused(error: BaseException) -> None:
            self._hand_over(scenery, partial(failed, error), is_order=bool(about))

        self._console.waiting.ask(asked, answered, refused, about)

    def _hand_over(self, asker: Scenery, answer: Callable[[], None], *, is_order: bool) -> None:
        if asker is self._console.scenery or (is_order and asker is self.home):
            answer()
        elif asker is self.home:
            self._held.append(answer)  # its panes take it when they are shown again


def _read(desk: Desk, at: Instant) -> tuple[PastView, ConsoleStore]:
    """Read a moment, and get its rows ready to be shown; away from the screen."""
    past = desk.past(at)
    store = ConsoleStore()
    store.apply(past.rows)
    return past, store


def _forget() -> None:
    """Give back the memory of a moment that was left, which the collector would find much later."""
    gc.collect()


def _told(past: PastView) -> tuple[str, str]:
    """Return what is said on arrival, and how."""
    gone = []
    if past.deleted:
        gone.append(f"{counted(len(past.deleted), 'job')} deleted since: nothing of them is kept")
    if past.pruned:
        gone.append(f"records of that time are pruned for {counted(past.pruned, 'job')}")
    if gone:
        return "; ".join(gone), "warning"
    return "as it stood then; L or :live returns, :moment tells it in words", ""


def _columns(pane: Pane) -> Mapping[str, bool]:
    return pane.grid.choice.by_hand if isinstance(pane, TablePane) else {}
