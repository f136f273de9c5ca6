"""Pictures: of each pane at each size, of one pane in each theme, of the dialogs that matter."""

from collections.abc import Callable
from typing import Any

import pytest

from app.actions.all import all_actions
from app.options import ConsoleOptions
from app.presentation.symbols import SYMBOLS
from app.testing.engine import ScriptedEngine
from app.testing.harness import SIZES, ManualClock, Robot, SeenConsole
from app.theming.library import ThemeLibrary
from tests.console.scenes import OVERLAYS, PANES
from tests.console.test_frames import play, scene

__all__ = ["scene"]

Compare = Callable[..., bool]
THEMES = ThemeLibrary().names
PICTURED = ("help", "question", "typed", "schedule-form")


def picture(
    compare: Compare,
    engine: ScriptedEngine,
    clock: ManualClock,
    keys: tuple[str, ...],
    size: str = "120x40",
    theme: str = "ansi-dark",
    **options: Any,
) -> bool:
    look = ThemeLibrary().choose(theme)
    app = SeenConsole(engine, all_actions(), ConsoleOptions(theme=look, **options), clock)
    app.ticks_by_itself = False

    async def run(pilot: Any) -> None:
        robot = Robot(app, pilot, engine, clock)
        await robot.settled()
        await play(robot, keys)

    return compare(app, run_before=run, terminal_size=SIZES[size])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [name for name in PANES if name not in {"gantt", "agenda"}])
def test_panes(
    name: str, size: str, scene: ScriptedEngine, clock: ManualClock, snap_compare: Compare
) -> None:
    assert picture(snap_compare, scene, clock, PANES[name], size)


@pytest.mark.parametrize("theme", THEMES)
def test_themes(
    theme: str, scene: ScriptedEngine, clock: ManualClock, snap_compare: Compare
) -> None:
    keys = (*PANES["jobs"], "space", "j")
    assert picture(snap_compare, scene, clock, keys, theme=theme, environment="prod")


@pytest.mark.parametrize("name", PICTURED)
def test_dialogs(
    name: str, scene: ScriptedEngine, clock: ManualClock, snap_compare: Compare
) -> None:
    assert picture(snap_compare, scene, clock, OVERLAYS[name], "80x24")


def test_narrow_signs(scene: ScriptedEngine, clock: ManualClock, snap_compare: Compare) -> None:
    assert picture(snap_compare, scene, clock, (), "80x24", symbols=SYMBOLS["narrow"])
