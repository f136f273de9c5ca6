"""An empty place gives the true reason; where there is little room, rows come first."""

from app.testing.harness import Robot


async def test_an_empty_log_says_whether_nothing_was_logged_or_nothing_is_wanted(
    robot: Robot,
) -> None:
    name = "card-expiry-scan"
    robot.engine.logs[name] = b"2026-01-05T12:40:00.000000Z INFO  JI 1: fine\n"
    await robot.press("o")
    assert robot.shows("fine")
    await robot.press("!", "!", "!")
    assert robot.shows("no line is ERROR or graver; esc shows all")
    assert not robot.shows("nothing logged yet")
    await robot.press("escape")
    assert robot.shows("fine")


async def test_a_low_terminal_shows_rows_before_details(robot: Robot) -> None:
    await robot.resize(60, 10)
    assert robot.shows("invoice-archive")
    assert not robot.shows("never ran")
    await robot.resize(80, 24)
    assert robot.shows("never ran")


async def test_what_keeps_the_engine_away_is_said_in_every_pane(robot: Robot) -> None:
    await robot.press("2")
    robot.engine.link = "none"
    robot.engine.emit(robot.engine.health("no engine could be started here: no room"))
    await robot.settled()
    assert "no engine could be started here: no room" in robot.status


async def test_what_has_no_state_data_is_not_cleared(robot: Robot) -> None:
    await robot.command("data card-expiry-scan")
    await robot.press("X")
    assert "card-expiry-scan has no state data" in robot.status
    assert not robot.shows("Type card-expiry-scan to go on")
