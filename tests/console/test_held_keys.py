"""A key that is held down does what it does once: never what opens meanwhile."""

import pytest

from app.held import GUARD_SECONDS, HELD_SECONDS, Guard
from app.options import ConsoleOptions
from app.testing.harness import Robot
from tests.console.conftest import Opened
from tests.console.test_leaving import hosting

FORMS = (
    "runwith card-expiry-scan",
    "expire card-expiry-scan 2020-01-01",
    "reschedule card-expiry-scan 30s",
    "trigger invoice-sync-eu 1m",
    "newgroup night",
)


async def hold(robot: Robot, key: str, first: float = 0.5) -> None:
    """Have a key come again and again, first after the `first` seconds that keyboards wait."""
    for wait in (first, *(0.033,) * 30):
        robot.clock.pass_time(wait)
        await robot.press(key)


# -- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", FORMS)
async def test_an_enter_that_is_held_opens_a_form_and_does_not_submit_it(
    robot: Robot, command: str
) -> None:
    await robot.command(command)
    await hold(robot, "enter")
    assert robot.engine.asked == []
    assert robot.app.overlays.top is not None


@pytest.mark.parametrize("command", FORMS)
async def test_an_enter_that_is_pressed_anew_submits_the_form(robot: Robot, command: str) -> None:
    await robot.command(command)
    await hold(robot, "enter")
    robot.clock.pass_time(2 * GUARD_SECONDS)
    await robot.press("enter")
    assert len(robot.engine.asked) == 1


async def test_what_is_typed_ahead_into_a_form_is_taken_with_its_enter(robot: Robot) -> None:
    await robot.command("runwith card-expiry-scan")
    await robot.type("day=1")
    await robot.press("enter")
    assert robot.engine.asked == ['run card-expiry-scan {"day": 1}']


async def test_what_is_pasted_into_a_form_is_taken_with_the_enter_after_it(robot: Robot) -> None:
    await robot.command("runwith card-expiry-scan")
    robot.app.router.paste("day=1")
    await robot.press("enter")
    assert robot.engine.asked == ['run card-expiry-scan {"day": 1}']


async def test_an_enter_that_is_held_does_not_cancel_what_asks_for_a_word(robot: Robot) -> None:
    await robot.command("clearstate invoice-sync-eu")
    await hold(robot, "enter")
    assert robot.shows("Type invoice-sync-eu to go on")


# -- lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [0.25, 0.66])  # what keyboards wait at the least and at the most
async def test_an_enter_that_is_held_does_not_choose_how_the_console_is_left(
    robot: Robot, first: float
) -> None:
    hosted, _ = await hosting(robot)
    await robot.command("q")
    await hold(robot, "enter", first)
    assert robot.shows("This console hosts the engine")
    assert robot.engine.asked == []
    assert not hosted.is_stopped


async def test_who_is_asked_how_to_leave_stays_with_enter(robot: Robot) -> None:
    hosted, _ = await hosting(robot)
    await robot.command("q")
    robot.clock.pass_time(1)
    await robot.press("enter")
    assert robot.status == "staying"
    assert robot.engine.asked == []
    assert not hosted.is_stopped


async def test_a_key_that_is_held_does_not_answer_the_list_that_it_opened(robot: Robot) -> None:
    await hosting(robot)
    await robot.press("q")
    await hold(robot, "q")
    assert robot.shows("This console hosts the engine")


async def test_another_key_chooses_at_once(robot: Robot) -> None:
    hosted, _ = await hosting(robot)
    await robot.press("q", "s")
    assert hosted.is_stopped


async def test_an_enter_right_after_the_key_that_opened_a_list_was_not_meant_for_it(
    robot: Robot,
) -> None:
    await hosting(robot)
    await robot.press("q", "enter")
    assert robot.shows("This console hosts the engine")
    robot.clock.pass_time(2 * GUARD_SECONDS)
    await robot.press("enter")
    assert robot.status == "staying"


async def test_an_enter_that_is_held_chooses_from_one_list_only(robot: Robot) -> None:
    await robot.press("c")
    await robot.type("sched")
    await robot.press("enter")  # hides the column and shows the list anew
    await hold(robot, "enter")
    assert robot.shows("always shown")
    await robot.press("escape")
    assert "SCHEDULE" not in robot.frame


# -- production -----------------------------------------------------------------------------------


async def test_a_run_with_options_is_asked_about_in_production(console: Opened) -> None:
    async with console(options=ConsoleOptions(environment="prod")) as robot:
        await robot.command("runwith card-expiry-scan")
        await robot.type("day=1")
        await robot.press("enter")
        await hold(robot, "enter")
        assert "Run card-expiry-scan?" in robot.status
        assert robot.engine.asked == []
        await robot.press("y")
        assert robot.engine.asked == ['run card-expiry-scan {"day": 1}']


# -- the guard ------------------------------------------------------------------------------------


def test_the_key_that_opened_has_longer_to_come_again_than_another() -> None:
    between = (GUARD_SECONDS + HELD_SECONDS) / 2
    assert Guard(100.0, "enter").is_early("enter", 100.0 + between)
    assert not Guard(100.0, "C").is_early("enter", 100.0 + between)
    assert not Guard(100.0, "enter").is_early("enter", 100.1 + HELD_SECONDS)
