"""Filters that tell time: rows come and go as it passes, and nothing is done while none can."""

import pytest

from app.second_hand import LONGEST_REST
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot
from tests.console.conftest import Opened
from tests.console.test_second_hand import calm


@pytest.fixture
def engine(clock: ManualClock) -> ScriptedEngine:
    engine = ScriptedEngine(clock)
    engine.add_job("soon", next_in=100)
    engine.add_job("later", next_in=1000)
    engine.add_job("tomorrow", next_in=86_400)
    return engine


def shown(robot: Robot) -> list[str]:
    view = robot.app.panes.current.view  # type: ignore[union-attr]
    return [view.at(index).name for index in range(len(view))]


async def filtered(robot: Robot, text: str) -> None:
    await robot.press("/")
    await robot.type(text)
    await robot.press("enter")


async def run_in_the_last_hour(robot: Robot) -> None:
    """Have a run end, and look at those of the last hour."""
    await robot.press("3")
    robot.engine.end(robot.engine.begin("soon"))
    await robot.settled()
    await filtered(robot, "last:1h")


async def test_a_job_that_becomes_overdue_comes_into_the_filter(robot: Robot) -> None:
    await filtered(robot, "status:overdue")
    assert robot.shows("Nothing matches")
    await robot.pass_time(130)
    assert robot.shows("Nothing matches")
    await robot.pass_time(1)
    assert shown(robot) == ["soon"]
    assert robot.line_with("▸").split()[1] == "soon"


async def test_a_run_that_becomes_long_comes_into_the_filter_and_goes_with_its_end(
    robot: Robot,
) -> None:
    key = robot.engine.begin("soon")
    await robot.settled()
    await filtered(robot, "running>10m")
    await robot.pass_time(600)
    assert shown(robot) == []
    await robot.pass_time(1)
    assert shown(robot) == ["soon"]
    robot.engine.end(key)
    await robot.settled()
    assert shown(robot) == []


async def test_what_is_due_soon_stays_in_the_filter_as_time_goes_on(robot: Robot) -> None:
    await filtered(robot, "next<10m")
    assert shown(robot) == ["soon"]
    await robot.pass_time(401)
    assert shown(robot) == ["later", "soon"]


async def test_a_run_leaves_the_filter_of_the_last_hour_when_the_hour_is_over(
    robot: Robot,
) -> None:
    await run_in_the_last_hour(robot)
    assert shown(robot) == ["soon"]
    await robot.pass_time(3600)
    assert shown(robot) == ["soon"]
    await robot.pass_time(1)
    assert shown(robot) == []


async def test_what_changes_is_asked_as_of_now_and_not_as_of_when_the_filter_was_typed(
    robot: Robot,
) -> None:
    await filtered(robot, "next>10m")
    await robot.pass_time(86_400)
    robot.engine.add_job("new", next_in=300)
    await robot.settled()
    assert "new" not in shown(robot)


async def test_today_becomes_yesterday_at_midnight(robot: Robot) -> None:
    robot.engine.end(robot.engine.begin("soon"))
    await robot.settled()
    await robot.press("3")
    await filtered(robot, "last:today")
    assert shown(robot) == ["soon"]
    await robot.pass_time(11 * 3600 + 29 * 60 + 54)
    assert shown(robot) == ["soon"]
    await robot.pass_time(1)
    assert shown(robot) == []


async def test_the_cursor_stays_on_its_job_when_others_come_into_the_filter(robot: Robot) -> None:
    await filtered(robot, "next<1h")
    robot.engine.add_job("a-first", next_in=3700)
    await robot.settled()
    await robot.press("j")
    assert robot.line_with("▸").split()[1] == "soon"
    await robot.pass_time(101)
    assert shown(robot) == ["a-first", "later", "soon"]
    assert robot.line_with("▸").split()[1] == "soon"


async def test_a_view_that_is_frozen_keeps_its_rows(robot: Robot) -> None:
    await filtered(robot, "status:overdue")
    await robot.press("f")
    await robot.pass_time(200)
    assert shown(robot) == []
    await robot.press("f")
    assert shown(robot) == ["soon"]


async def test_nothing_is_painted_and_the_hand_rests_while_no_row_can_come_or_go(
    clock: ManualClock, console: Opened
) -> None:
    async with console(size=(80, 24)) as robot:
        for name in ("soon", "later"):
            robot.engine.change(name, active=False)
        await filtered(robot, "!status:overdue next>10m running:none")
        assert await calm(robot) == LONGEST_REST
        before = robot.app.painted.updates
        for _ in range(10):
            robot.engine.emit(robot.engine.health())
            await robot.settled()
            await robot.pass_time(1)
        assert robot.app.painted.updates == before


async def test_the_hand_is_there_when_the_next_row_comes(robot: Robot) -> None:
    robot.engine.change("later", active=False)
    await filtered(robot, "next:23h")
    robot.engine.change("soon", active=False)
    await robot.settled()
    assert await calm(robot) == LONGEST_REST
    await robot.pass_time(3600 - 17)
    robot.engine.emit(robot.engine.health())
    await robot.settled()
    await robot.pass_time(0)
    assert robot.app.second_hand.rest_seconds() == 2.0
    await robot.pass_time(2)
    assert shown(robot) == ["tomorrow"]


def number_of_overdue(robot: Robot) -> str:
    return robot.line_with("  overdue").split("overdue")[1].split("│")[0].strip()


async def test_the_number_beside_the_overdue_follows_time(console: Opened) -> None:
    async with console(size=(200, 50)) as robot:
        await robot.pass_time(130)
        assert number_of_overdue(robot) == "0"
        await robot.pass_time(1)
        assert number_of_overdue(robot) == "1"


# -- a clock that is set back ---------------------------------------------------------------------


async def test_a_run_comes_back_into_the_last_hour_when_the_clock_is_set_back(
    robot: Robot,
) -> None:
    await run_in_the_last_hour(robot)
    await robot.pass_time(3601)
    assert shown(robot) == []
    await robot.pass_time(-3600)
    assert shown(robot) == ["soon"]
    await robot.pass_time(3600)
    assert shown(robot) == []


async def test_a_long_run_is_none_any_more_when_the_clock_is_set_back(robot: Robot) -> None:
    robot.engine.begin("soon")
    await robot.settled()
    await filtered(robot, "running>10m")
    await robot.pass_time(3600)
    assert shown(robot) == ["soon"]
    await robot.pass_time(-3600)
    assert shown(robot) == []
    await robot.pass_time(601)
    assert shown(robot) == ["soon"]


async def test_a_row_that_comes_before_the_second_hides_no_clock_that_is_set_back(
    robot: Robot,
) -> None:
    await filtered(robot, "status:overdue")
    await robot.pass_time(131)
    assert shown(robot) == ["soon"]
    robot.clock.pass_time(-131)
    robot.engine.add_job("new", next_in=300)
    await robot.settled()
    await robot.pass_time(0)
    assert shown(robot) == []


async def test_the_number_beside_the_overdue_follows_a_clock_that_is_set_back(
    console: Opened,
) -> None:
    async with console(size=(200, 50)) as robot:
        await robot.pass_time(131)
        assert number_of_overdue(robot) == "1"
        await robot.pass_time(-131)
        assert number_of_overdue(robot) == "0"


async def test_the_bars_of_failures_follow_a_clock_that_is_set_back(console: Opened) -> None:
    async with console(size=(120, 40)) as robot:
        await robot.press("3")
        robot.engine.end(robot.engine.begin("soon"))
        await robot.settled()
        await robot.pass_time(1)
        before = robot.line_with(" failed, ")
        await robot.pass_time(3600)
        assert robot.line_with(" failed, ") != before
        await robot.pass_time(-3600)
        assert robot.line_with(" failed, ") == before
