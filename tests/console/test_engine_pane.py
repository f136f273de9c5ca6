"""The engine's pane tells what stands while it is open, and nothing that it has not read."""

from app.client.views import AlertView
from app.testing.harness import Robot
from engine.clock import SECOND


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


async def test_what_waits_for_its_turn_is_told_by_the_account_and_by_no_count_that_nobody_keeps(
    robot: Robot,
) -> None:
    robot.engine.pending = 3
    await robot.resize(80, 60)
    await robot.press("7")
    assert robot.line_with("pending").split() == ["pending", "3"]
    assert not robot.shows("queued")
