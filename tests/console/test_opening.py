"""Enter and a double click open what is under the cursor, whatever is marked."""

from app.testing.harness import Robot


async def test_enter_shows_the_errors_of_the_failed_instance_under_the_cursor(
    robot: Robot,
) -> None:
    await robot.press("3", "space", "}", "enter")
    run = robot.app.pane_named("instances").selection().instances[0]  # the marked one
    shown = next(line for line in robot.lines if "Errors of #" in line)
    assert f"#{run.job_instanceid} " not in shown
    await robot.press("escape")
    assert robot.line_with("▸").split()[1] in shown


async def test_enter_shows_the_output_of_the_instance_under_the_cursor(robot: Robot) -> None:
    await robot.command("instances status:complete")
    await robot.press("3", "space", "space")
    number = robot.line_with("▸").split()[1]
    await robot.press("enter")
    assert robot.app.pane_named("logs").place()[0] == f"instance {number.removeprefix('#')}"


async def test_enter_shows_the_log_of_the_job_under_the_cursor(robot: Robot) -> None:
    await robot.press("space", "space")
    name = robot.line_with("▸").split()[1]
    await robot.press("enter")
    assert robot.app.pane_named("logs").place()[0] == f"job {name}"
    await robot.press("escape", "o")
    assert robot.shows("2 jobs by time")


async def test_a_double_click_opens_the_row_that_was_clicked(robot: Robot) -> None:
    await robot.press("space", "space")
    clicked = next(y for y, line in enumerate(robot.lines) if "price-feed" in line)
    await robot.click(5, clicked, times=2)
    assert robot.app.pane_named("logs").place()[0] == "job price-feed"
