"""A log that cannot be opened: what is in sight stays, and is told as what it is."""

import pytest

from app.testing.harness import Robot
from tests.console.away import AWAY, AwayDesk
from tests.console.test_log_stays import feed_of, in_sight
from tests.console.test_logs import open_log

JOB = "card-expiry-scan"


@pytest.fixture
async def desk(robot: Robot) -> AwayDesk:
    """The log of a job is in sight."""
    await open_log(robot)
    return AwayDesk.before(robot.engine)


async def test_escape_from_a_stretch_whose_log_cannot_be_opened_leaves_it_in_sight(
    robot: Robot, desk: AwayDesk
) -> None:
    await robot.command(f"logs {JOB} since:1h level:error")
    await robot.press("g", *"&fetched", "enter")
    told, lines = robot.lines[2], in_sight(robot)
    assert "level ERROR+  since" in told
    assert "&fetched" in told
    desk.is_away = True
    await robot.press("escape")
    assert AWAY in robot.status
    assert robot.lines[2] == told
    assert in_sight(robot) == lines
    await robot.press("G")
    assert all("ERROR" in line for line in in_sight(robot))
    desk.is_away = False
    await robot.press("escape")
    assert "level DEBUG+" in robot.lines[2]
    assert "since" not in robot.lines[2]


async def test_a_level_of_a_log_that_cannot_be_opened_is_not_one_of_the_log_in_sight(
    robot: Robot, desk: AwayDesk
) -> None:
    told, lines = robot.lines[2], in_sight(robot)
    desk.is_away = True
    robot.engine.holds_answers = True
    await robot.command("logs price-feed since:1h level:error")
    await robot.press("k")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.lines[2] == told
    assert in_sight(robot) == lines
    assert feed_of(robot).level == 0


async def test_the_log_in_sight_is_told_after_two_that_cannot_be_opened(
    robot: Robot, desk: AwayDesk
) -> None:
    told = robot.lines[2]
    desk.is_away = True
    robot.engine.holds_answers = True
    await robot.command("logs price-feed since:1h")
    await robot.command("logs ledger-close since:2h level:warn")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.lines[2] == told
    assert [row.name for row in robot.app.scene().selection.jobs] == [JOB]


async def test_what_is_searched_for_stays_where_another_log_cannot_be_opened(
    robot: Robot, desk: AwayDesk
) -> None:
    await robot.press("g", "/", *"fetched 5", "enter")
    assert "/fetched 5 1 of 111" in robot.lines[2]
    told, lines = robot.lines[2], in_sight(robot)
    desk.is_away = True
    await robot.command("log price-feed")
    assert AWAY in robot.status
    assert robot.lines[2] == told
    assert in_sight(robot) == lines
    await robot.press("n")
    assert "/fetched 5 2 of 111" in robot.lines[2]


async def test_a_search_that_was_typed_meanwhile_takes_its_place(
    robot: Robot, desk: AwayDesk
) -> None:
    await robot.press("g", "/", *"fetched 5", "enter")
    desk.is_away = True
    robot.engine.holds_answers = True
    await robot.command("log price-feed")
    await robot.press("/", *"fetched 7", "enter")
    robot.engine.let_answer()
    await robot.settled()
    assert "/fetched 7" in robot.lines[2]
