"""In which order the rows of a table stand, and how the one that they began in is had again."""

from pathlib import Path

from app.actions.all import all_actions
from app.actions.command import complete_command
from app.options import ConsoleOptions
from app.testing.harness import Robot
from tests.console.conftest import Opened


def order(robot: Robot) -> str:
    """The order as the line above the table tells it."""
    return robot.lines[2].split("sort: ")[1].strip()


async def begin(robot: Robot) -> int:
    """Let an old job run in the table of instances, and return the instance."""
    key = robot.engine.begin("card-expiry-scan")
    robot.engine.end(robot.engine.begin("vat-report-nl"))
    await robot.settled()
    await robot.press("3", "g")
    return key


async def test_what_runs_comes_first_again_by_the_name_of_that_order(robot: Robot) -> None:
    key = await begin(robot)
    assert f"#{key}" in robot.lines[5]
    await robot.command("sort id")
    assert f"#{key}" not in robot.lines[5]
    await robot.command("sort live")
    assert order(robot) == "live ↑"
    assert f"#{key}" in robot.lines[5]


async def test_the_columns_and_the_order_of_the_start_are_gone_through_in_turn(
    robot: Robot,
) -> None:
    await begin(robot)
    seen = [order(robot)]
    while not seen[1:] or seen[-1] != seen[0]:
        assert len(seen) < 20
        await robot.press(">")
        seen.append(order(robot))
    assert seen[:3] == ["live ↑", "id ↑", "job ↑"]
    await robot.press("<", ">")
    assert order(robot) == "live ↑"


async def test_the_order_of_the_start_is_turned_around_like_any_other(robot: Robot) -> None:
    key = await begin(robot)
    await robot.press("=", "G")
    assert order(robot) == "live ↓"
    assert f"#{key}" in robot.line_with("▸")


async def test_going_back_to_a_view_brings_the_order_of_the_start_with_it(robot: Robot) -> None:
    await begin(robot)
    await robot.press("1", "3", ">", "[", "[")
    assert order(robot) == "live ↑"


async def test_the_order_of_the_start_is_remembered_as_it_was_turned(
    console: Opened, tmp_path: Path
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with console(options=options) as robot:
        await robot.press("3", ">", "<", "=")
        assert order(robot) == "live ↓"
    async with console(options=options) as robot:
        assert order(robot) == "live ↓"
        await robot.press(">")
    async with console(options=options) as robot:
        assert order(robot) == "id ↑"
        await robot.command("sort live")
        assert order(robot) == "live ↑"


async def test_the_orders_of_a_table_are_listed_and_complete(robot: Robot) -> None:
    registry = all_actions()

    def words(text: str) -> list[str]:
        return list(complete_command(text, len(text), registry, robot.app).words)

    assert words("sort n") == ["name", "next"]
    assert words("sort l")[0] == "last"
    await robot.press("3")
    assert words("sort li") == ["live"]
    await robot.command("sort colour")
    assert "to sort by; there are live, id, job, " in robot.status
    await robot.press("4")
    assert words("sort l") == []
