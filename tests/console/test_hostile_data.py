"""Data that tries to steer the terminal or the console comes out as visible signs, everywhere.

Every string that a row can hold is hostile; every pane is shown, every key of the map is pressed in
it, every command is given a hostile argument, and all that is written to the terminal is looked at.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from app.actions.all import all_actions
from app.actions.registry import PANES
from app.console import ConsoleApp
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock
from app.testing.rest import at_rest
from engine.domain.instance import Cause, Status
from tests.console.conftest import NOON

# Markup, actions and links of Textual; title, clipboard, colour, cursor and clear sequences; bidi.
HOSTILE = (
    "[/x][@click=app.quit]Q[/][link=file:///etc]L[/][red]$x{y}"
    "\x1b]0;PWNED\x07\x1b]52;c;UFdORUQ=\x07\x1b[2J\x1b[31m\x9b2J\x9d0;P\x9c\x90q\x1b\\"
    "\u202eevil\u2066\u200b\u200d\ufeff\U000e0041\ud800\x00\x08\r\n\t\x7f\u0301\u0301\u0301\u0301日本"
)
# Colours, cursor places, synchronized frames, cursor visibility, pointer shape, copied text.
ALLOWED = re.compile(
    r"\x1b\[[0-9;]*m|\x1b\[[0-9]+;[0-9]+H|\x1b\[\?2026[hl]|\x1b\[\?25[hl]"
    r"|\x1b\]22;[a-z-]*\x07|\x1b\]52;c;[A-Za-z0-9+/=]*\x07"
)
FOREIGN = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
# They end the process, stop it, or open a program of the user's.
LEFT_OUT = {"quit", "quit.now", "suspend", "state.edit", "export", "resync", "redraw"}


class Recorder(HeadlessDriver):
    """A driver that keeps what the terminal would get."""

    written: ClassVar[list[str]] = []

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.written.append(data)


@pytest.fixture
def written() -> Iterator[list[str]]:
    Recorder.written.clear()
    yield Recorder.written
    Recorder.written.clear()


def fill(engine: ScriptedEngine, text: str) -> None:
    """Put `text` into every string that an operator or a job can choose."""
    engine.add_group(text, description=text)
    engine.add_group("off", enabled=False, description=text)
    for number in range(3):
        engine.add_job(
            f"{number}{text}",
            description=text,
            version=text,
            author=text,
            groups=(text,),
            tags={text: text},
            options={text: text},
        )
        engine.ran(f"{number}{text}", (Status.COMPLETE, 3.0), (Status.CRASH, 1.0))
        failed = engine.begin(f"{number}{text}", cause=Cause.MANUAL, who=text)
        engine.end(failed, Status.ERROR, error=f"{text}: {text}")
        engine.begin(f"{number}{text}", who=text)
        log = f"2026-11-23T07:00:00.000123Z ERROR JI 881201: {text}\n{text}\n"
        engine.logs[f"{number}{text}"] = log.encode("utf-8", "surrogatepass")
    engine.logs["engine"] = text.encode("utf-8", "surrogatepass") * 50
    engine.change_group(text, disabled_by=text)
    engine.lose(text)
    engine.come_back()


def foreign_in(written: list[str]) -> list[str]:
    stream = ALLOWED.sub("", "".join(written))
    return [
        f"{found.group()!r} in {stream[max(0, found.start() - 30) : found.end() + 30]!r}"
        for found in FOREIGN.finditer(stream)
    ][:5]


async def on_console(
    text: str, act: Callable[[ConsoleApp], Any], size: tuple[int, int] = (120, 40)
) -> ConsoleApp:
    clock = ManualClock(NOON)
    engine = ScriptedEngine(clock)
    fill(engine, text)
    app = ConsoleApp(engine, all_actions(), clock=clock)
    app.ticks_by_itself = False
    app.driver_class = Recorder
    async with app.run_test(headless=False, size=size):
        await at_rest(app)
        await act(app)
        assert app.is_running
        assert app.return_code in {None, 0}
        assert app.boundary.faults == []
    return app


def press(app: ConsoleApp, *keys: str) -> None:
    for key in keys:
        app.router.key(key, key if len(key) == 1 else None)


async def leave_all(app: ConsoleApp) -> None:
    await at_rest(app)
    assert isinstance(app.clock, ManualClock)
    app.clock.pass_time(1)  # a question takes no answer in its first moment
    press(app, "n", "escape", "escape", "escape", "escape")
    app.second()
    await at_rest(app)
    assert (app.router.question, app.router.prompt, app.overlays.top) == (None, None, None)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_every_pane_shows_hostile_rows_harmlessly(
    written: list[str], size: tuple[int, int]
) -> None:
    async def act(app: ConsoleApp) -> None:
        for number, pane in enumerate(PANES, start=1):
            for key in (str(number), "down", "tab", "down", "enter", "tab", "z", "z"):
                press(app, key)
                await at_rest(app)
            await leave_all(app)
            assert app.panes.current_name in PANES, pane

    await on_console(HOSTILE, act, size)
    assert "PWNED" in "".join(written)  # it was shown, as text
    assert foreign_in(written) == []


@pytest.mark.parametrize("pane", PANES)
async def test_every_key_on_hostile_rows_is_harmless(written: list[str], pane: str) -> None:
    async def act(app: ConsoleApp) -> None:
        for action in all_actions().in_pane(pane):
            is_elsewhere = not action.panes and pane != "jobs"  # once is enough
            if action.id in LEFT_OUT or action.is_motion or is_elsewhere:
                continue
            press(app, str(PANES.index(pane) + 1), "down", *action.keys[:1])
            await leave_all(app)

    await on_console(HOSTILE, act)
    assert foreign_in(written) == []


async def test_every_command_takes_a_hostile_argument(written: list[str]) -> None:
    shown = HOSTILE.replace("\n", " ").replace("\r", " ")

    async def act(app: ConsoleApp) -> None:
        for action in all_actions():
            if action.id in LEFT_OUT or not action.verbs:
                continue
            app.go("jobs")
            app.perform(action.id, shown)
            await leave_all(app)

    await on_console(HOSTILE, act)
    assert foreign_in(written) == []


async def test_what_is_typed_and_pasted_is_harmless(written: list[str]) -> None:
    async def act(app: ConsoleApp) -> None:
        for key in (":", "/", "ctrl+p"):
            press(app, "1", key)
            app.router.paste(HOSTILE)
            await at_rest(app)
            press(app, "enter")
            await leave_all(app)
        app.say(HOSTILE, "error")
        await at_rest(app)

    await on_console("plain", act)
    assert foreign_in(written) == []


async def test_hostile_rows_bring_no_kind_of_sequence_that_harmless_ones_do_not(
    written: list[str],
) -> None:
    async def act(app: ConsoleApp) -> None:
        for number in range(1, 8):
            press(app, str(number), "down", "enter")
            await leave_all(app)

    kinds: list[set[str]] = []
    for text in ("harmless", HOSTILE):
        written.clear()
        await on_console(text, act)
        stream = "".join(written)
        found = re.findall(r"\x1b\[([?]?)[0-9;]*([a-zA-Z])|\x1b([^\[])", stream)
        kinds.append({"".join(parts) for parts in found})
    assert kinds[1] <= kinds[0]
