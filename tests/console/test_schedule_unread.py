"""The schedule pane tells what it could not read, and reads it as soon as that can be."""

from collections.abc import AsyncIterator

import pytest

from app.panes.schedule import SchedulePane
from app.testing.harness import Robot
from engine.clock import HOUR
from tests.console.away import AwayDesk

PROBLEM = "what is to come cannot be read: the store is out of reach"
KNOWN = {"heatmap": "starts  peak", "gantt": "price-feed", "agenda": "vat-report-nl"}
VIEWS = pytest.mark.parametrize("view", list(KNOWN))


@pytest.fixture
async def desk(robot: Robot) -> AsyncIterator[AwayDesk]:
    desk = AwayDesk.before(robot.engine)
    desk.is_away = True
    yield desk
    desk.is_away = False
    await robot.pass_time(60)


@pytest.mark.parametrize("is_frozen", [False, True])
@VIEWS
async def test_a_forecast_that_failed_is_asked_for_again(
    robot: Robot, desk: AwayDesk, view: str, is_frozen: bool
) -> None:
    if is_frozen:
        await robot.press("f")
    await robot.command(view)
    assert robot.shows(" what is to come cannot be read") or view == "gantt"
    assert not robot.shows("nothing is due")
    assert PROBLEM in [told.text for told in robot.app.news.told]
    await robot.pass_time(2)
    assert not robot.shows(KNOWN[view])
    desk.is_away = False
    await robot.pass_time(2)
    assert robot.shows(KNOWN[view])
    assert not robot.status
    asked = desk.asked
    for _ in range(9):
        await robot.pass_time(2)
    assert desk.asked == asked


async def test_a_failed_forecast_is_asked_for_every_other_second_and_told_once(
    robot: Robot, desk: AwayDesk
) -> None:
    await robot.command("agenda")
    asked = desk.asked
    for _ in range(10):
        await robot.pass_time(1)
    assert desk.asked == asked + 5
    assert [told.text for told in robot.app.news.told] == [PROBLEM]
    assert robot.status.startswith(PROBLEM)
    robot.engine.holds_answers = True
    await robot.pass_time(2)
    robot.engine.holds_answers = False
    for _ in range(10):
        await robot.pass_time(2)  # an answer that takes long is waited for
    assert desk.asked == asked + 5
    robot.engine.holds_answers = True
    await robot.command("schedule 24h")
    assert robot.shows("counting what is to come")  # of another question nothing is known yet
    robot.engine.let_answer()
    await robot.settled()
    assert not robot.shows("counting what is to come")


async def test_what_is_known_stays_in_sight_where_it_cannot_be_read_anew(
    robot: Robot, desk: AwayDesk
) -> None:
    desk.is_away = False
    await robot.command("agenda")
    desk.is_away = True
    await robot.pass_time(61)
    assert robot.shows("vat-report-nl")
    assert robot.status.startswith(PROBLEM)
    await robot.press("f")
    asked = desk.asked
    await robot.pass_time(9)
    assert desk.asked == asked
    await robot.press("f")
    desk.is_away = False
    await robot.pass_time(2)
    assert desk.asked > asked
    assert not robot.status


async def test_the_hours_of_another_zone_are_asked_for_again_in_a_frozen_view(
    robot: Robot, desk: AwayDesk
) -> None:
    desk.is_away = False
    await robot.press("6", "f")
    desk.is_away = True
    await robot.command("set zone=Asia/Kolkata")
    desk.is_away = False
    await robot.pass_time(2)
    pane = robot.app.pane_named("schedule")
    assert isinstance(pane, SchedulePane)
    assert pane.heat.start is not None
    assert pane.heat.start % HOUR == HOUR // 2


@pytest.mark.parametrize("is_frozen", [False, True])
async def test_the_jobs_of_an_hour_that_could_not_be_read_are_asked_for_again(
    robot: Robot, desk: AwayDesk, is_frozen: bool
) -> None:
    desk.is_away = False
    await robot.press("6")
    if is_frozen:
        await robot.press("f")
    desk.is_away = True
    await robot.press("down")
    assert not robot.shows("7 starts of 7 jobs")
    assert robot.status.startswith("what is due in the hour cannot be read: ")
    asked = desk.asked
    await robot.press("left", "right")
    assert desk.asked == asked
    desk.is_away = False
    await robot.pass_time(2)
    assert robot.shows("7 starts of 7 jobs")
    assert not robot.status


@pytest.mark.parametrize("is_frozen", [False, True])
async def test_what_ran_is_asked_for_again_in_a_chart_without_rows(
    robot: Robot, desk: AwayDesk, is_frozen: bool
) -> None:
    """Where nothing could be read it is not said that nothing runs."""
    desk.is_away = False
    await robot.press("6")
    robot.app.store.instances.clear()  # as if they had all ended long ago
    desk.is_away = True
    await robot.press("t", *"<" * 2)
    if is_frozen:
        await robot.press("f")
    assert robot.shows(" some are not read ")
    assert robot.shows(" nothing is known to run in this window")
    desk.is_away = False
    await robot.pass_time(1)
    assert not robot.shows(" some are not read ")
    assert robot.shows("invoice-archive")
