"""Text frames of panes and overlays at the three sizes: what is on the screen, to the letter."""

from pathlib import Path

import pytest

from app.options import ConsoleOptions
from app.presentation.symbols import SYMBOLS
from app.sanitize import ascii_output
from app.testing.engine import ScriptedEngine
from app.testing.golden import check_frame
from app.testing.harness import SIZES, ManualClock, Robot, open_console
from tests.console.scenes import LOG, OVERLAYS, PANES, STATE

FRAMES = Path(__file__).parent / "frames"


async def play(robot: Robot, keys: tuple[str, ...]) -> None:
    """Press keys; `:verb` is a command, `t:` a text to type."""
    for key in keys:
        if key.startswith("t:"):
            await robot.type(key[2:])
        elif key.startswith(":") and len(key) > 1:
            await robot.command(key[1:])
        else:
            await robot.press(key)


@pytest.fixture
def scene(engine: ScriptedEngine, clock: ManualClock) -> ScriptedEngine:
    engine.logs["invoice-sync-eu"] = engine.logs["engine"] = LOG
    engine.desk.set_state("invoice-sync-eu", {"cursor": "2026-01-05T12:20:00Z"})
    clock.pass_time(300)
    engine.desk.set_state("invoice-sync-eu", STATE)
    engine.asked.clear()
    engine.begin("vat-report-nl")
    clock.pass_time(41)
    engine.emit(engine.health())
    return engine


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PANES)
async def test_panes(name: str, size: str, scene: ScriptedEngine, clock: ManualClock) -> None:
    async with open_console(scene, clock, size=SIZES[size]) as robot:
        await play(robot, PANES[name])
        check_frame(FRAMES / f"{name}-{size}.txt", robot.frame)


@pytest.mark.parametrize("name", OVERLAYS)
async def test_overlays(name: str, scene: ScriptedEngine, clock: ManualClock) -> None:
    if name == "quit":
        pytest.importorskip("app.leaving")
    async with open_console(scene, clock) as robot:
        await play(robot, OVERLAYS[name])
        check_frame(FRAMES / f"overlay-{name}.txt", robot.frame)


async def test_a_terminal_without_utf_8_gets_ascii_alone(
    scene: ScriptedEngine, clock: ManualClock
) -> None:
    ascii_output(True)
    try:
        options = ConsoleOptions(symbols=SYMBOLS["ascii"])
        async with open_console(scene, clock, options=options) as robot:
            assert robot.frame.isascii()
            check_frame(FRAMES / "ascii.txt", robot.frame)
            for key in ("2", "3", "4", "5", "6", "t", "t", "7", "?"):
                await robot.press(key)
                assert robot.frame.isascii()
    finally:
        ascii_output(False)


async def test_a_lost_engine_is_in_the_picture(scene: ScriptedEngine, clock: ManualClock) -> None:
    async with open_console(scene, clock) as robot:
        scene.lose()
        clock.pass_time(12)
        await robot.settled()
        check_frame(FRAMES / "lost.txt", robot.frame)


async def test_an_empty_store_says_how_to_begin(clock: ManualClock) -> None:
    async with open_console(ScriptedEngine(clock), clock) as robot:
        check_frame(FRAMES / "empty.txt", robot.frame)


async def test_a_terminal_that_is_too_small_still_shows_the_list(
    scene: ScriptedEngine, clock: ManualClock
) -> None:
    async with open_console(scene, clock, size=(50, 12)) as robot:
        check_frame(FRAMES / "tiny.txt", robot.frame)
