"""What the status line says gives way: news by itself, errors once they were seen."""

from app.testing.harness import Robot
from engine.domain.instance import Status
from tests.console.conftest import Opened


async def fail(robot: Robot, error: str = "TimeoutError: db pool exhausted") -> None:
    await robot.press("r")
    key = max(robot.engine.instances)
    robot.engine.end(key, Status.ERROR, error=error)
    await robot.settled()


async def test_an_error_stays_until_a_key_comes_after_some_seconds(robot: Robot) -> None:
    await fail(robot)
    assert "TimeoutError" in robot.status
    await robot.pass_time(2)
    await robot.press("j")
    assert "TimeoutError" in robot.status, "it was in sight for too short a time to go"
    await robot.pass_time(3600)
    assert "TimeoutError" in robot.status, "nobody was there"
    await robot.press("j")
    assert robot.status == ""
    await robot.command("messages")
    assert "•" not in robot.line_with("card-expiry-scan #"), "it was seen"


async def test_an_error_that_another_message_pushed_away_is_unread(robot: Robot) -> None:
    await fail(robot)
    robot.app.say("the engine is back", "")
    await robot.settled()
    assert robot.status.startswith("the engine is back")
    assert robot.status.endswith("1 unread: :messages")
    robot.app.say("news that need " + "x" * 50, "")
    await robot.settled()
    assert robot.status.endswith("x     1 unread"), "shorter, so that the message has its room"
    robot.app.say("news that need " + "x" * 60, "")
    await robot.settled()
    assert robot.status.endswith("xxx")
    await robot.pass_time(61)
    assert robot.status == "1 unread: :messages"
    await robot.command("messages")
    assert "• 12:30:05  card-expiry-scan" in robot.line_with("card-expiry-scan #")
    await robot.press("escape")
    assert robot.status == ""
    await robot.command("messages")
    assert "•" not in robot.line_with("card-expiry-scan #")


async def test_an_error_behind_what_is_typed_was_not_seen(robot: Robot) -> None:
    await robot.press("r", "/")
    robot.engine.end(max(robot.engine.instances), Status.ERROR, error="ValueError: no")
    await robot.settled()
    await robot.pass_time(30)
    await robot.type("inv")
    await robot.press("enter")
    assert "ValueError" in robot.status
    await robot.press("j")
    assert "ValueError" in robot.status, "it came into sight with enter"
    await robot.pass_time(4)
    await robot.press("j")
    assert robot.status == ""


async def test_wrong_commands_in_a_row_are_read_by_who_types_them(robot: Robot) -> None:
    await robot.command("nonsense")
    robot.clock.pass_time(1)
    await robot.command("more nonsense")
    robot.clock.pass_time(1)
    await robot.command("set refresh=2")
    assert robot.status == "refresh 2 until you leave"


async def test_the_same_refusal_is_one_message(robot: Robot) -> None:
    for _ in range(5):
        await robot.command("nonsense")
    errors = [each.text for each in robot.app.news.told if each.role == "error"]
    assert errors == [robot.status]


async def test_what_keeps_the_store_away_is_not_told_any_more_when_it_is_there(
    robot: Robot,
) -> None:
    problem = "the store cannot be read: disk I/O error"
    await robot.settled(robot.engine.emit(robot.engine.health(problem)))
    assert "disk I/O error" in robot.status
    await robot.settled(robot.engine.emit(robot.engine.health()))
    assert robot.status == ""


async def test_a_message_that_is_cut_says_where_it_is_whole(console: Opened) -> None:
    async with console() as robot:
        await fail(robot, "OSError: " + "a long reason, " * 12)
        assert robot.status.endswith(":messages")
        await robot.click(77, 22)
        assert robot.app.overlays.top is not None
        assert robot.frame.count("a long reason") > 6
