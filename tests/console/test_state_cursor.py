"""The cursor in the tree of state data: on its key, whatever is saved or shown meanwhile."""

from app.panes.state import StatePane
from app.testing.harness import Robot

JOB = "card-expiry-scan"


def path(robot: Robot) -> str:
    """Return the path of what the cursor is on."""
    pane = robot.app.pane_named("state")
    assert isinstance(pane, StatePane)
    return pane.copy_text()


async def test_the_cursor_stays_on_its_key_when_a_save_has_others_above_it(robot: Robot) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 1, "page": {"size": 50, "number": 7}})
    await robot.command(f"state {JOB}")
    await robot.press("j", "right", "j", "j")
    number = path(robot)
    assert "number" in number
    data = {"batch": 4, "cursor": 2, "page": {"offset": 0, "size": 50, "number": 8}}
    robot.engine.desk.set_state(JOB, data)
    await robot.pass_time(11)
    assert robot.shows("batch")
    assert path(robot) == number
    await robot.press("left", "left")
    assert path(robot) == "page"
    assert not robot.shows("offset")


async def test_the_cursor_is_on_its_key_again_after_the_difference_was_shown(robot: Robot) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 1, "page": 7, "size": 50})
    robot.engine.desk.set_state(JOB, {"cursor": 2, "page": 7, "size": 50})
    await robot.command(f"state {JOB}")
    await robot.press("j", "j")
    assert path(robot) == "size"
    await robot.press("D")
    assert path(robot) == ""
    await robot.press("escape")
    assert path(robot) == "size"


async def test_the_cursor_is_on_its_key_again_after_a_text_was_scrolled(robot: Robot) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 1, "page": 7, "size": 50})
    robot.engine.desk.set_state(JOB, {"cursor": 2, "page": 7, "size": 50})
    await robot.command(f"state {JOB}")
    await robot.press("j", "j")
    await robot.press("D", "j", "D")
    assert path(robot) == "size"
    await robot.press("J", "j", "J", "G", "J")
    assert path(robot) == "size"
