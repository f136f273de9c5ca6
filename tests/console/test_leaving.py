"""How a console is left that hosts an engine: by draining, by stopping, or not after all."""

from collections.abc import Callable

import pytest

from app.testing.harness import Robot


class Hosted:
    """An engine that ends when a test says so."""

    is_alive = True
    is_stopped = False

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def wait_for_end(self, done: Callable[[], None]) -> None:
        self._waiting.append(done)

    def stop(self, done: Callable[[], None]) -> None:
        del done
        self.is_stopped = True

    def end(self) -> None:
        self.is_alive = False
        for done in self._waiting:
            done()


async def hosting(robot: Robot) -> tuple[Hosted, int]:
    """Have the console host an engine that runs one job; return both."""
    robot.engine.hosted = hosted = Hosted()
    key = robot.engine.begin("card-expiry-scan")
    await robot.settled()
    return hosted, key


async def test_a_hosting_console_offers_drain_stop_and_stay(robot: Robot) -> None:
    hosted, key = await hosting(robot)
    await robot.press("q")
    assert robot.shows("1 instance running")
    assert robot.shows(f"#{key} card-expiry-scan")
    await robot.press("n")
    assert robot.status == "staying"
    assert not hosted.is_stopped
    await robot.press("q", "d")
    assert robot.engine.asked == ["drain"]
    await robot.press("q", "s")
    assert hosted.is_stopped


@pytest.mark.parametrize("key", ["n", "escape", "q"])
async def test_who_stays_after_a_drain_has_everything_as_before(robot: Robot, key: str) -> None:
    hosted, _ = await hosting(robot)
    await robot.press("q", "d")
    await robot.press("q")
    await robot.pass_time(1)
    await robot.press(key)
    assert robot.status == "staying; the engine starts jobs again"
    assert robot.engine.asked == ["drain", "resume"]
    hosted.end()
    await robot.settled()
    assert robot.app.return_code is None
    assert robot.app.is_running


async def test_who_stays_after_the_engine_was_paused_lets_nothing_start(robot: Robot) -> None:
    await hosting(robot)
    robot.engine.desk.pause()
    await robot.settled()
    await robot.press("q", "d")
    await robot.press("q", "escape")
    assert robot.status == "staying; the engine still drains: :resume lets it start runs again"
    assert robot.engine.asked == ["pause", "drain"]


async def test_escape_in_the_question_stays_where_nothing_was_asked_for(robot: Robot) -> None:
    await hosting(robot)
    await robot.press("q", "escape")
    assert robot.status == "staying"
    assert robot.engine.asked == []


async def test_who_waits_for_a_drain_leaves_when_all_have_ended(robot: Robot) -> None:
    hosted, _ = await hosting(robot)
    await robot.press("q", "d")
    await robot.press("q", "n")
    await robot.press("q", "d")
    hosted.end()
    await robot.settled()
    assert robot.app.return_value == 0


@pytest.mark.parametrize("width", [40, 60, 80])
async def test_the_question_is_whole_in_few_columns(robot: Robot, width: int) -> None:
    await hosting(robot)
    await robot.resize(width, 24)
    await robot.press("q")
    inside = [line.split("┃")[1] for line in robot.lines if line.count("┃") == 2]
    told = " ".join(" ".join(inside).split())
    assert "…" not in told
    assert told.endswith("n Stay")
    for words in ("start nothing", "leave when what", "has ended", "gets its grace", "killed"):
        assert all(word in told for word in words.split())


async def order(robot: Robot) -> None:
    """Give orders that are not answered yet."""
    robot.engine.holds_answers = True
    await robot.press("r", "j", "d")


async def test_a_console_without_orders_is_left_at_once(robot: Robot) -> None:
    await robot.press("d", "q")
    assert robot.app.return_value == 0
    assert robot.engine.asked == ["disable card-expiry-scan"]


async def test_who_leaves_while_orders_wait_is_told_which(robot: Robot) -> None:
    await order(robot)
    await robot.press("q")
    assert robot.app.return_value is None
    assert robot.shows("2 orders are not answered yet:")
    assert robot.shows("run card-expiry-scan")
    assert robot.shows("disable dunning-mail")


@pytest.mark.parametrize("key", ["n", "enter", "escape", "q"])
async def test_who_stays_stays_when_the_orders_are_answered(robot: Robot, key: str) -> None:
    await order(robot)
    await robot.press("q")
    await robot.pass_time(1)
    await robot.press(key)
    assert robot.status.startswith("staying")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.app.return_code is None
    assert robot.app.is_running


async def test_a_console_is_left_by_itself_once_all_orders_are_answered(robot: Robot) -> None:
    await order(robot)
    await robot.press("q")
    assert robot.app.return_code is None
    robot.engine.let_answer()
    await robot.settled()
    assert robot.app.return_value == 0
    assert robot.engine.asked == ["run card-expiry-scan", "disable dunning-mail"]


async def test_a_console_is_not_left_where_an_order_is_refused(robot: Robot) -> None:
    await order(robot)
    robot.engine.refuse["dunning-mail"] = "the engine did not answer"
    await robot.press("q")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.app.return_code is None
    assert robot.app.is_running
    assert not robot.shows("not answered yet")
    assert "the engine did not answer" in robot.status
    await robot.press("q")
    assert robot.app.return_value == 0


async def test_a_key_that_is_held_down_or_typed_ahead_does_not_leave_what_waits(
    robot: Robot,
) -> None:
    await order(robot)
    await robot.press("q", "q", "q", "enter")
    assert robot.app.return_code is None
    assert robot.shows("2 orders are not answered yet:")


async def test_orders_that_wait_are_left_where_that_is_chosen(robot: Robot) -> None:
    await order(robot)
    await robot.press("q")
    await robot.pass_time(1)
    assert robot.app.return_code is None
    await robot.press("l")
    assert robot.app.return_value == 0


async def test_a_moment_of_the_past_that_arrives_takes_the_question_away_and_nobody_leaves(
    robot: Robot,
) -> None:
    robot.engine.holds_answers = True
    await robot.command("at 12:00")
    await robot.press("d", "q")
    assert robot.shows("1 order is not answered yet:")
    robot.engine.let_answer()
    await robot.settled()
    assert "AS OF 12:00 UTC" in robot.header
    assert robot.app.return_code is None


async def test_a_hosting_console_tells_which_orders_wait(robot: Robot) -> None:
    await hosting(robot)
    robot.engine.holds_answers = True
    await robot.press("d", "j", "d", "q")
    assert robot.shows("1 instance running")
    assert robot.shows("2 orders are not answered yet:")
