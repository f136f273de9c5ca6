"""The first log of a console, on a store that is out of reach or slow: it is the one that comes."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from app.options import ConsoleOptions
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from tests.console.away import AWAY, AwayDesk
from tests.console.scenes import LOG
from tests.console.test_log_stays import in_sight

JOB = "card-expiry-scan"

Started = Callable[[], AbstractAsyncContextManager[Robot]]


@pytest.fixture
def desk(engine: ScriptedEngine) -> AwayDesk:
    """There is a log of many pages."""
    engine.logs[JOB] = LOG
    return AwayDesk.before(engine)


@pytest.fixture
def started(engine: ScriptedEngine, clock: ManualClock, tmp_path: Path) -> Started:
    """Start a console that remembers where the one before was left."""
    return lambda: open_console(engine, clock, options=ConsoleOptions(memory_folder=tmp_path))


@pytest.fixture
async def left_at(started: Started, desk: AwayDesk) -> list[str]:
    """The log was looked at, at these lines, when the console was left; the store is away since."""
    async with started() as robot:
        await robot.command(f"log {JOB}")
        await robot.press("g", "pagedown")
        lines = in_sight(robot)
    desk.is_away = True
    return lines


async def test_it_is_asked_for_again_until_the_store_is_back(
    started: Started, desk: AwayDesk, left_at: list[str]
) -> None:
    async with started() as robot:
        assert in_sight(robot)[0] == f"cannot be read: {AWAY}"
        assert not robot.shows("follow")
        desk.asked = 0
        for _ in range(20):
            await robot.pass_time(1)
        assert desk.asked == 4
        assert [each.text for each in robot.app.news.told].count(AWAY) == 1
        assert robot.app.news.told[-1].at == robot.clock.now() - 20_000_000, "told once"
        desk.is_away = False
        await robot.pass_time(5)
        assert in_sight(robot) == left_at
        desk.asked = 0
        await robot.pass_time(60)
        assert desk.asked == 0


@pytest.mark.parametrize("keys", ["f", "14", "1f4"])
async def test_so_it_is_in_a_frozen_view_and_where_the_pane_is_returned_to(
    started: Started, desk: AwayDesk, left_at: list[str], keys: str
) -> None:
    async with started() as robot:
        await robot.press(*keys)
        assert in_sight(robot)[0] == f"cannot be read: {AWAY}"
        desk.is_away = False
        await robot.pass_time(5)
        assert in_sight(robot) == left_at


async def test_it_is_not_forgotten_where_the_console_is_left_meanwhile(
    started: Started, desk: AwayDesk, left_at: list[str]
) -> None:
    async with started() as robot:
        assert AWAY in robot.status
    desk.is_away = False
    async with started() as robot:
        assert in_sight(robot) == left_at


async def test_nor_where_another_is_asked_for_that_is_not_there(
    started: Started, desk: AwayDesk, left_at: list[str]
) -> None:
    async with started() as robot:
        desk.is_away = False
        await robot.command("logs #4711")
        assert "4711" in robot.status
        assert in_sight(robot) == left_at


async def test_what_was_asked_for_and_typed_meanwhile_counts_when_it_comes(
    robot: Robot, desk: AwayDesk
) -> None:
    desk.is_away = True
    await robot.command(f"logs {JOB} since:12:10 level:error")
    assert in_sight(robot)[0] == f"cannot be read: {AWAY}"
    await robot.press("/", *"fetched 9", "enter")
    desk.is_away = False
    await robot.pass_time(5)
    assert "level ERROR+  since 12:10:00  /fetched 9 " in robot.lines[2]
    assert all("ERROR" in line for line in in_sight(robot))


@pytest.mark.parametrize("is_slow", [False, True])
async def test_one_that_is_not_there_gives_way_to_the_engines_at_once(
    robot: Robot, is_slow: bool
) -> None:
    robot.engine.logs["engine"] = LOG
    robot.engine.holds_answers = is_slow
    await robot.command("logs #4711")
    robot.engine.let_answer()
    await robot.settled()
    assert "4711" in robot.status
    assert robot.line_with("● follow").startswith(" engine ")


async def test_one_that_is_on_its_way_is_not_said_to_be_empty(robot: Robot, desk: AwayDesk) -> None:
    desk.is_away = True
    await robot.command("logs price-feed")
    robot.engine.holds_answers = True
    await robot.command(f"logs {JOB}")
    assert in_sight(robot) == ["reading ..."]
    assert not robot.shows("follow")
    desk.is_away = False
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("● follow")
