"""Drive the console as an operator would, and read its screen as text: no sleeps, no retries.

The engine is scripted and the clock is moved by hand, so a frame is a pure function of what the
test did. `settled` is the barrier: every event applied, every message handled, the frame painted.
What is read is what was painted, and at the end it must be what would be painted anew.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from rich.console import RenderableType
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen

from app.actions.all import all_actions
from app.actions.registry import Registry
from app.console import ConsoleApp
from app.key_parser import KeyParser
from app.options import ConsoleOptions
from app.pasted import PasteFilter
from app.testing.engine import ScriptedEngine
from app.testing.painted import Painted
from app.testing.rest import at_rest
from engine.clock import SECOND, Instant

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: Instant) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> Instant:
        """Return the wall clock."""
        return self._now

    def monotonic(self) -> float:
        """Return seconds since some time."""
        return self._monotonic

    def pass_time(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self._now += round(seconds * SECOND)
        self._monotonic += seconds


_CHARACTERS = {
    "space": " ", "escape": "\x1b", "enter": "\r", "tab": "\t", "backspace": "\x7f",
    "ctrl+c": "\x03", "ctrl+p": "\x10", "ctrl+r": "\x12",
}  # fmt: skip


def _character_of(key: str) -> str | None:
    """Return the character that a terminal sends along."""
    return key if len(key) == 1 else _CHARACTERS.get(key)


class SeenConsole(ConsoleApp):
    """The console on a terminal that remembers what was painted."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.painted = Painted()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if renderable is not None and not self._batch_count:
            self.painted.resize(*self.size)
            self.painted.apply(renderable, self.console)
        super()._display(screen, renderable)

    def painted_anew(self) -> Painted:
        """Return the screen as it would be if all of it were painted at once, with nothing kept."""
        for widget in self.screen.query("*"):
            widget._styles_cache.clear()  # noqa: SLF001 - lines that were drawn and kept
        fresh = Painted()
        fresh.resize(*self.size)
        update = self.screen._compositor.render_update(  # noqa: SLF001 - the screen as it is
            full=True, screen_stack=self._background_screens
        )
        assert update is not None  # noqa: S101 - a full one
        fresh.apply(update, self.console)
        return fresh


class Robot:
    """An operator at the console."""

    def __init__(
        self, app: SeenConsole, pilot: Pilot[Any], engine: ScriptedEngine, clock: ManualClock
    ) -> None:
        self.app = app
        self.engine = engine
        self.clock = clock
        self._pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            named = _character_to_key(key) if len(key) == 1 else key
            self.app.post_message(events.Key(named, _character_of(key)))
        await self.settled()

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*text)

    async def sends(self, *reads: str) -> None:
        """Have the terminal send this, a read each."""
        parser, pastes = KeyParser(), PasteFilter()
        for read in reads:
            if text := pastes.clean(read):  # without any it would be the end of the input
                for event in parser.feed(text):
                    self.app.post_message(event)
        await self.settled()

    async def command(self, text: str) -> None:
        """Type a command after `:` and enter it."""
        await self.press(":")
        await self.type(text)
        await self.press("enter")

    async def click(self, x: int, y: int, times: int = 1) -> None:
        """Click at a place of the screen."""
        await self._pilot.click(offset=(x, y), times=times)
        await self.settled()

    async def mouse(self, kind: Callable[..., events.MouseEvent], x: int, y: int) -> None:
        """Have the terminal tell of the mouse at a place of the screen."""
        self.app.post_message(kind(None, x, y, 0, 0, 1, False, False, False))
        await self.settled()

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        await self._pilot.resize_terminal(width, height)
        await self.settled()

    async def settled(self, seq: int | None = None) -> None:
        """Wait until everything that the engine sent (up to `seq`) is on the screen."""
        for _ in range(2):
            self.app.pump.flush()
            await at_rest(self.app)
            self.app.cursor_rests()
        await at_rest(self.app)
        if self.app.boundary.faults:
            raise self.app.boundary.faults[0]
        if seq is not None and self.app.store.seq < seq:
            message = f"the console applied {self.app.store.seq}, not {seq}"
            raise AssertionError(message)

    async def pass_time(self, seconds: float) -> None:
        """Let time pass; the console's second hand moves once."""
        self.clock.pass_time(seconds)
        self.app.second()
        await self.settled()

    # -- reading ---------------------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The screen, line by line, as it was painted."""
        return self.app.painted.lines

    @property
    def frame(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    @property
    def status(self) -> str:
        """What the status line says."""
        return self.app.frame.status.text.strip()

    @property
    def header(self) -> str:
        """The first line."""
        return self.lines[0]

    def line_with(self, text: str) -> str:
        """Return the first line that contains `text`."""
        for line in self.lines:
            if text in line:
                return line
        message = f"no line says {text!r}:\n{self.frame}"
        raise AssertionError(message)

    def shows(self, text: str) -> bool:
        """Whether the screen says `text` anywhere."""
        return text in self.frame


@asynccontextmanager
async def open_console(
    engine: ScriptedEngine,
    clock: ManualClock,
    *,
    size: tuple[int, int] = (80, 24),
    options: ConsoleOptions | None = None,
    registry: Registry | None = None,
) -> AsyncIterator[Robot]:
    """Open the console on a scripted engine in a terminal of `size` that nobody sees."""
    app = SeenConsole(engine, registry or all_actions(), options, clock)
    app.ticks_by_itself = False
    async with app.run_test(size=size) as pilot:
        robot = Robot(app, pilot, engine, clock)
        await robot.settled()
        yield robot
        if app.return_code is not None:  # it was left, and paints no more
            return
        await robot.pass_time(0)  # what tells time is looked at with the second
        painted, anew = robot.lines, app.painted_anew().lines
        stale = [(old, new) for old, new in zip(painted, anew, strict=True) if old != new]
        assert not stale, "\n".join(f"painted {old}\nnot yet {new}" for old, new in stale)  # noqa: S101
