"""Every order that is not answered yet is shown by what it does and to what, and counted as one."""

import pytest

from app.testing.harness import Robot

JOB = "card-expiry-scan"


@pytest.mark.parametrize(
    ("command", "keys", "told"),
    [
        (f"disable {JOB}", (), f"disable {JOB}"),
        ("enable price-feed", (), "enable price-feed"),
        (f"deactivate {JOB}", (), f"deactivate {JOB}"),
        ("enablegroup mail", ("y",), "enable group mail"),
        (f"reset {JOB}", ("y",), f"reset {JOB}"),
        (f"expire {JOB} 30d", ("enter",), f"set the expiry of {JOB}"),
        ("trigger vat-report-nl 1m", ("enter",), "set the trigger of vat-report-nl"),
        (f"clearstate {JOB}", (*JOB, "enter"), f"clear the state data of {JOB}"),
        ("newgroup night", ("enter",), "create group night"),
        ("deletegroup mail", (*"mail", "enter"), "delete group mail"),
        ("pause", ("y",), "pause the engine"),
        ("stop 881227", ("y",), f"stop #881227 {JOB}"),
    ],
)
async def test_an_order_that_takes_long_tells_what_it_is(
    robot: Robot, command: str, keys: tuple[str, ...], told: str
) -> None:
    robot.engine.begin(JOB)
    await robot.settled()
    await robot.press(":", *command)
    if keys:
        await robot.press("enter")
        await robot.pass_time(1)
    robot.engine.holds_answers = True
    await robot.press(*(keys or ["enter"]))
    await robot.pass_time(2)
    assert f"pending 2s: {told}" in robot.status
    assert robot.app.waiting.has_orders
    robot.engine.let_answer()
    await robot.settled()
    assert not robot.app.waiting.has_orders
