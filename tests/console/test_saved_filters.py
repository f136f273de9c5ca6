"""Filters by name: those of the settings, and those that were saved here, from start to start."""

from pathlib import Path

from app.options import ConsoleOptions
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, open_console


async def _names(
    engine: ScriptedEngine, clock: ManualClock, home: Path, filters: dict[str, str], save: str = ""
) -> dict[str, str]:
    """Open the console once, save the filter `save` as it says, and return those that are there."""
    options = ConsoleOptions(memory_folder=home, filters=filters)
    async with open_console(engine, clock, options=options) as robot:
        if save:
            name, text = save.split("=")
            await robot.command(f"jobs {text}")
            await robot.command(f"save {name}")
        return dict(robot.app.saved_filters)


async def test_a_filter_of_the_settings_that_was_changed_or_removed_is_so_at_the_next_start(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    await _names(engine, clock, tmp_path, {"mine": "group:mail", "old": "fails:0"})
    found = await _names(engine, clock, tmp_path, {"mine": "group:billing"})
    assert found == {"mine": "group:billing"}


async def test_a_filter_that_was_saved_here_is_there_at_each_next_start(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    await _names(engine, clock, tmp_path, {"mine": "group:mail"}, save="kept=status:failed")
    for _ in range(2):
        found = await _names(engine, clock, tmp_path, {})
        assert found == {"kept": "status:failed"}


async def test_one_that_was_saved_here_wins_over_one_of_the_settings(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    settings = {"mine": "group:mail"}
    await _names(engine, clock, tmp_path, settings, save="mine=status:failed")
    assert await _names(engine, clock, tmp_path, settings) == {"mine": "status:failed"}
