"""The lines around the pane: header, tabs, information, status, keys; repainted as they differ."""

from datetime import tzinfo
from typing import Protocol

from textual.geometry import Size

from app.actions.perform import why_not
from app.actions.registry import Registry
from app.actions.scene import Scene, TimeTravel
from app.panes.switcher import Switcher
from app.panes.viewpoint import Viewpoint
from app.presentation.instants import moment_time
from app.pump import Pump
from app.store.store import ConsoleStore
from app.widgets.bars import key_pieces, tab_pieces
from app.widgets.header_line import (
    WARN_AGE_SECONDS,
    HeaderFacts,
    age_seconds,
    header_pieces,
    header_until,
)
from app.widgets.one_line import OneLine
from app.widgets.paint import fill_tab
from app.widgets.status_line import StatusLine
from engine.clock import MINUTE, Clock, Instant


class Framed(Protocol):
    """What the lines around the pane tell of."""

    clock: Clock
    store: ConsoleStore
    registry: Registry
    viewpoint: Viewpoint
    panes: Switcher
    pump: Pump
    environment: str
    is_read_only: bool
    zone: tzinfo
    live_store: ConsoleStore

    @property
    def travel(self) -> TimeTravel:
        """Which moment is shown."""
        ...

    @property
    def size(self) -> Size:
        """The cells of the terminal."""
        ...

    def scene(self, *, key: str = "", argument: str = "") -> Scene:
        """Return the selection as it is now."""
        ...


class Frame:
    """Knows what each line says."""

    def __init__(self, console: Framed) -> None:
        self._console = console
        self.header = OneLine(id="header", under="header")
        self.tabs = OneLine(id="tabs")
        self.info = OneLine(id="info")
        self.status = StatusLine()
        self.keys = OneLine(id="keys", under="bar")
        self._header_at: Instant = 0
        self._header_until: Instant = 0
        self._was_behind = False

    @property
    def header_until(self) -> Instant:
        """Until when the first line reads the same, if neither store nor data age."""
        return self._header_until

    def tick(self) -> None:
        """A second passed: repaint what tells time."""
        console = self._console
        if (
            not self._header_at <= console.clock.now() < self._header_until
            or age_seconds(console.live_store, console.clock.now(), console.pump.withheld_at)
            >= WARN_AGE_SECONDS
            or console.pump.is_behind != self._was_behind
        ):
            self.show_header()
        pane = console.panes.current
        if pane is not None and pane.info_tells_time:
            self.show_info()

    def show_header(self) -> None:
        """Repaint the first line, if it differs."""
        console = self._console
        now = console.clock.now()
        facts = HeaderFacts(
            now,
            console.environment,
            console.is_read_only,
            console.viewpoint.frozen_at,
            console.viewpoint.missed + console.pump.rows_waiting,
            console.pump.is_behind,
            console.pump.withheld_at,
            console.travel.as_of,
            moment_time(now - now % MINUTE, now, console.zone),
            console.zone,
            _trouble(console.live_store),
        )
        self._header_at, self._header_until = facts.now, header_until(console.live_store, facts)
        self._was_behind = facts.is_behind
        symbols = console.viewpoint.symbols
        self.header.set(header_pieces(console.store, facts, console.size.width, symbols))

    def show(self) -> None:
        """Repaint the lines that differ."""
        console = self._console
        width = console.size.width
        symbols = console.viewpoint.symbols
        self.show_header()
        self.show_info()
        self.tabs.set(*tab_pieces(console.panes.current_name, symbols.separator, width))
        self._show_keys(width)

    def show_info(self) -> None:
        """Repaint the line that the pane fills, if it differs."""
        pane = self._console.panes.current
        if pane is not None:
            pieces = fill_tab(pane.info_pieces(), self._console.size.width)
            self.info.set(pieces, pane.info_actions())

    def _show_keys(self, width: int) -> None:
        """What can be done with the selection, and what can not."""
        console = self._console
        scene = console.scene()
        actions = [action for action in console.registry.in_pane(scene.pane) if action.bar]
        actions.sort(key=lambda action: action.bar)
        if console.travel.as_of:
            first = [action for action in console.registry if action.past_bar]
            looks = [each for each in actions if not (each.danger or each.is_of_now)]
            actions = [*sorted(first, key=lambda action: action.past_bar), *looks]
        self.keys.set(*key_pieces([(action, why_not(action, scene)) for action in actions], width))


def _trouble(store: ConsoleStore) -> str:
    """Return what is wrong now, in few words, for those who look at another moment."""
    if store.health.link == "none":
        return "no engine now"
    return "trouble now" if store.health.problem else ""
