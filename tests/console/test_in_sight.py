"""What matters stays in sight on a small screen, and what does not fit is told of."""

from app.testing.harness import Robot


def first_row(robot: Robot) -> str:
    """Return the line below the table's head."""
    (head,) = (index for index, line in enumerate(robot.lines) if "INSTANCE" in line)
    return robot.lines[head + 1]


async def test_what_begins_to_run_stays_in_sight_while_the_cursor_is_untouched(
    robot: Robot,
) -> None:
    await robot.press("3")
    for number in range(40):
        robot.engine.begin("card-expiry-scan")
        await robot.settled()
        newest = max(robot.engine.instances)
        assert f"#{newest}" in first_row(robot), f"after {number + 1} runs:\n{robot.frame}"
        assert robot.line_with("▸")


async def test_an_untouched_cursor_means_the_same_row_as_long_as_that_is_in_sight(
    robot: Robot,
) -> None:
    await robot.press("3")
    pointed = robot.line_with("▸").split()[1]
    for _ in range(3):
        robot.engine.begin("card-expiry-scan")
    await robot.settled()
    assert pointed in robot.line_with("▸")
    assert pointed not in first_row(robot)


async def test_rows_that_come_do_not_move_a_cursor_that_was_put_somewhere(robot: Robot) -> None:
    await robot.press("3", "j", "j")
    line = robot.lines.index(robot.line_with("▸"))
    pointed = robot.line_with("▸").split()[1]
    for _ in range(40):
        robot.engine.begin("card-expiry-scan")
    await robot.settled()
    assert pointed in robot.lines[line]
    assert f"#{max(robot.engine.instances)}" not in robot.frame
    await robot.press("g")
    robot.engine.begin("card-expiry-scan")
    await robot.settled()
    assert f"#{max(robot.engine.instances)}" in first_row(robot)


async def test_rows_that_came_while_another_pane_was_shown_are_in_sight_afterwards(
    robot: Robot,
) -> None:
    await robot.press("3", "1")
    for _ in range(40):
        robot.engine.begin("card-expiry-scan")
    await robot.settled()
    await robot.press("3")
    assert f"#{max(robot.engine.instances)}" in first_row(robot)


async def test_the_engine_pane_says_what_stands_above_and_below(robot: Robot) -> None:
    await robot.press("7")
    told = robot.lines[2]
    below = int(told.split(" lines below")[0].split()[-1])
    assert below > 0
    assert "above" not in told
    await robot.press("j", "j")
    assert f"2 lines above, {below - 2} lines below" in robot.lines[2]
    await robot.press("G")
    assert f"{below} lines above" in robot.lines[2]
    assert "below" not in robot.lines[2]
    await robot.resize(200, 50)
    assert "above" not in robot.lines[2]
    assert "below" not in robot.lines[2]
