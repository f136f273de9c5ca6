"""Options of a run, from the command and from the form: any text is a value."""

import pytest

from app.testing.harness import Robot


@pytest.mark.parametrize("value", ["*.csv", "@daily", "'", "2026-02-30"])
async def test_a_value_that_is_no_data_is_text(robot: Robot, value: str) -> None:
    await robot.command(f"run card-expiry-scan x={value}")
    assert robot.engine.asked == [f'run card-expiry-scan {{"x": "{value}"}}']


async def test_what_is_no_option_is_refused_in_one_sentence(robot: Robot) -> None:
    await robot.command("run card-expiry-scan =y")
    assert robot.status == "Run: '=y' is no option: options are written KEY=VALUE."
    assert robot.engine.asked == []


async def test_the_form_tells_what_a_value_means_while_it_is_typed(robot: Robot) -> None:
    await robot.command("runwith card-expiry-scan")
    await robot.type("a=[1,2")
    assert robot.shows("a: '[1,2'")
    await robot.type("]")
    assert robot.shows("a: [1, 2]")


async def test_the_form_tells_what_is_no_option_and_stays(robot: Robot) -> None:
    await robot.command("runwith card-expiry-scan")
    await robot.type("b")
    await robot.press("enter")
    assert robot.shows("'b' is no option: options are written KEY=VALUE.")
    assert robot.engine.asked == []


async def test_options_that_are_typed_after_the_command_stand_in_the_form(robot: Robot) -> None:
    await robot.command("runwith card-expiry-scan a=1")
    assert robot.shows("a: 1")
