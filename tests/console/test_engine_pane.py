"""The engine's pane tells what stands while it is open, and nothing that it has not read."""

import pytest

from app.client.views import AlertView
from app.testing.harness import Robot
from engine.clock import SECOND
from tests.console.away import AWAY, AwayDesk


async def test_alerts_that_were_not_read_yet_are_not_said_to_be_none(robot: Robot) -> None:
    robot.engine.alerts.append(AlertView("STORE-AWAY", "main", "gone", robot.clock.now()))
    robot.engine.holds_answers = True
    await robot.press("7")
    await robot.press("G")
    assert not robot.shows("   none")
    assert robot.frame.count("reading ...") == 2  # the sessions, too
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("STORE-AWAY")


async def test_an_alert_that_is_raised_or_over_meanwhile_is_told_within_a_second(
    robot: Robot,
) -> None:
    engine = robot.engine
    await robot.resize(80, 60)
    await robot.press("7")
    assert robot.shows("   none")
    engine.alerts.append(AlertView("STORE-AWAY", "main", "gone", robot.clock.now()))
    engine.emit(engine.health())
    await robot.pass_time(1)
    assert robot.shows("STORE-AWAY")
    engine.alerts.clear()
    engine.emit(engine.health())
    await robot.pass_time(1)
    assert not robot.shows("STORE-AWAY")


async def test_a_session_that_ends_meanwhile_is_told_with_the_engine_that_is_gone(
    robot: Robot,
) -> None:
    engine = robot.engine
    await robot.resize(80, 60)
    await robot.press("7")
    engine.link = "none"
    engine.emit(engine.health())
    await robot.pass_time(1)
    assert robot.shows("ACTIVE, not alive: lease ends")
    engine.lost_at = robot.clock.now() + 9 * SECOND
    await robot.pass_time(10)
    assert robot.shows("no engine is alive on this store")
    assert robot.shows("lost: its lease ran out")


async def test_a_session_that_ends_after_the_clock_was_set_back_is_told_within_its_lease(
    robot: Robot,
) -> None:
    engine = robot.engine
    await robot.resize(80, 60)
    await robot.press("7")
    await robot.pass_time(-3600)
    engine.link = "none"  # of which no change of health tells, as of a peer's
    await robot.pass_time(9)
    assert not robot.shows("not alive")
    await robot.pass_time(1)
    assert robot.shows("ACTIVE, not alive: lease ends")


async def test_what_waits_for_its_turn_is_told_by_the_account_and_by_no_count_that_nobody_keeps(
    robot: Robot,
) -> None:
    robot.engine.pending = 3
    await robot.resize(80, 60)
    await robot.press("7")
    assert robot.line_with("pending").split() == ["pending", "3"]
    assert not robot.shows("queued")


@pytest.mark.parametrize("keys", ["7", "f7"])
async def test_what_cannot_be_read_says_so_and_is_read_again_until_it_can_be(
    robot: Robot, keys: str
) -> None:
    await robot.resize(80, 60)
    desk = AwayDesk.before(robot.engine)
    desk.is_away = True
    await robot.press(*keys)
    assert robot.frame.count(f"   cannot be read: {AWAY}") == 3
    for awaited in ("counting ...", "reading ..."):
        assert not robot.shows(awaited)
    desk.asked = 0
    told_at = robot.clock.now()
    for _ in range(20):
        await robot.pass_time(1)
    assert desk.asked == 12, "each of three every five seconds"
    assert [(each.at, each.text) for each in robot.app.news.told] == [(told_at, AWAY)], "told once"
    desk.is_away = False
    await robot.pass_time(5)
    assert not robot.shows("cannot be read")
    for read in ("unexplained", "ACTIVE", "   none"):
        assert robot.shows(read)
    desk.asked = 0
    await robot.pass_time(6)
    assert desk.asked == 0


async def test_an_answer_that_takes_long_is_waited_for_where_another_part_cannot_be_read(
    robot: Robot,
) -> None:
    desk = AwayDesk.before(robot.engine)
    desk.is_away = True
    await robot.press("7")
    robot.engine.holds_answers = True
    await robot.pass_time(5)
    desk.asked = 0
    await robot.pass_time(20)
    robot.engine.let_answer()
    assert desk.asked == 3


async def test_what_was_read_stays_while_it_cannot_be_read_anew(robot: Robot) -> None:
    engine = robot.engine
    await robot.resize(80, 60)
    engine.alerts.append(AlertView("STORE-AWAY", "main", "gone", robot.clock.now()))
    await robot.press("7")
    desk = AwayDesk.before(engine)
    desk.is_away = True
    await robot.press("1", "7")
    assert robot.status == AWAY
    assert robot.shows("STORE-AWAY")
    assert robot.shows("ACTIVE")
    assert not robot.shows("cannot be read")
    desk.is_away = False
    engine.alerts.clear()
    await robot.pass_time(5)
    assert not robot.shows("STORE-AWAY")


async def test_it_is_of_now_in_a_frozen_view_too(robot: Robot) -> None:
    engine = robot.engine
    await robot.resize(80, 60)
    await robot.press("7", "f")
    up = robot.line_with("   up  ")
    await robot.pass_time(600)
    assert robot.shows("beat 10m ago")
    engine.alerts.append(AlertView("STORE-AWAY", "main", "gone", robot.clock.now() - 60 * SECOND))
    engine.emit(engine.health())
    await robot.settled()
    engine.begin("card-expiry-scan")
    await robot.pass_time(1)
    assert "FROZEN 10m" in robot.header
    assert robot.line_with("   running ").split() == ["running", "1"]
    assert robot.shows("it beats")
    assert robot.shows("STORE-AWAY")
    assert "1m STORE-AWAY" in robot.line_with("STORE-AWAY").strip()
    assert robot.line_with("   up  ") != up


async def test_an_alert_that_comes_with_a_run_is_told_in_a_frozen_view_too(robot: Robot) -> None:
    engine = robot.engine
    await robot.resize(80, 60)
    await robot.press("7", "f")
    engine.alerts.append(AlertView("RUN-LOST", "main", "gone", robot.clock.now()))
    engine.begin("card-expiry-scan")
    await robot.pass_time(1)
    assert robot.shows("RUN-LOST")
    desk = AwayDesk.before(engine)
    await robot.pass_time(1)
    assert desk.asked == 0
    await robot.press("f")
