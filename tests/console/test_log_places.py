"""Going from place to place in a log: what comes late, what follows, what a line above it tells."""

from app.panes.logs import LogsPane
from app.testing.harness import Robot
from tests.console.scenes import LOG
from tests.console.test_logs import open_log, poll


async def test_a_log_that_comes_late_is_shown_once_whatever_happens_meanwhile(
    robot: Robot,
) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG[-1000:][LOG[-1000:].find(b"\n") + 1 :]
    robot.engine.holds_answers = True
    await robot.press("o")
    robot.engine.let_answer()  # the log is open now; its lines are asked for, and wait
    robot.engine.holds_answers = True
    await robot.settled()
    await robot.resize(100, 30)
    await poll(robot)
    robot.engine.let_answer()
    await robot.settled()
    assert sum("fetched 1799 " in line for line in robot.lines) == 1


async def test_a_log_that_comes_late_has_nothing_new(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    robot.engine.holds_answers = True
    await robot.press("o")
    robot.engine.let_answer()
    robot.engine.holds_answers = True
    await robot.settled()
    await poll(robot)
    robot.engine.let_answer()
    await robot.settled()
    await robot.press("k")
    assert not robot.shows("new, G to follow")


async def test_lines_after_the_place_that_was_left_do_not_come_to_the_one_that_is_gone_to(
    robot: Robot,
) -> None:
    await open_log(robot)
    await robot.press("g")
    robot.engine.holds_answers = True
    await robot.press("G", "pagedown")
    robot.engine.let_answer()
    await robot.settled()
    pane = robot.app.pane_named("logs")
    assert isinstance(pane, LogsPane)
    offsets = [line.offset for line in pane.feed.window.lines]
    assert offsets == sorted(set(offsets))
