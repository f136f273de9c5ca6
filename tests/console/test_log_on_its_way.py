"""A log that is left before it has come is come back to where it was to be opened."""

from pathlib import Path

import pytest

from app.options import ConsoleOptions
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from tests.console.scenes import LOG
from tests.console.test_log_stays import in_sight

JOB, OTHER = "card-expiry-scan", "price-feed"


@pytest.fixture(autouse=True)
def _logs(engine: ScriptedEngine) -> None:
    """Both logs are of many pages."""
    engine.logs[JOB] = engine.logs[OTHER] = LOG


@pytest.fixture
def options(tmp_path: Path) -> ConsoleOptions:
    """A console that remembers where it was left."""
    return ConsoleOptions(memory_folder=tmp_path)


async def answered(robot: Robot) -> None:
    robot.engine.let_answer()
    await robot.settled()


def is_at_the_end_of(robot: Robot, name: str) -> bool:
    return robot.line_with("● follow").startswith(f" {name} ") and robot.shows("fetched 1799 ")


async def test_it_has_no_place_of_the_one_that_is_still_in_sight(robot: Robot) -> None:
    await robot.command(f"log {JOB}")
    await robot.press("g", "pagedown")
    robot.engine.holds_answers = True
    await robot.command(f"log {OTHER}")
    await robot.press("1")
    await answered(robot)
    await robot.press("escape")
    assert is_at_the_end_of(robot, OTHER)


async def test_nor_after_a_restart(
    engine: ScriptedEngine, clock: ManualClock, options: ConsoleOptions
) -> None:
    async with open_console(engine, clock, options=options) as robot:
        await robot.command(f"log {JOB}")
        await robot.press("g", "pagedown")
        engine.holds_answers = True
        await robot.command(f"log {OTHER}")
    engine.let_answer()
    async with open_console(engine, clock, options=options) as robot:
        assert is_at_the_end_of(robot, OTHER)


async def test_its_own_place_is_kept_meanwhile(
    engine: ScriptedEngine, clock: ManualClock, options: ConsoleOptions
) -> None:
    async with open_console(engine, clock, options=options) as robot:
        await robot.command(f"log {JOB}")
        await robot.press("g", "pagedown")
        before = in_sight(robot)
    engine.holds_answers = True
    async with open_console(engine, clock, options=options) as robot:
        assert not robot.shows("fetched")
    engine.let_answer()
    async with open_console(engine, clock, options=options) as robot:
        assert in_sight(robot) == before


async def test_a_place_of_it_that_is_gone_back_to_is_reached_when_it_has_come(
    robot: Robot,
) -> None:
    await robot.command(f"log {JOB}")
    await robot.press("g", "pagedown")
    before = in_sight(robot)
    await robot.press("1")
    robot.engine.holds_answers = True
    await robot.command(f"log {JOB}")  # at its end
    await robot.press("[", "[")
    await answered(robot)
    assert in_sight(robot) == before
