"""`}` and `{` go from one error to the next, and a traceback of many lines is one error."""

import pytest

from app.panes.logs import LogsPane
from app.testing.harness import Robot

LINES = 12  # of a traceback


def log(failures: int, between: int) -> bytes:
    """Return the log of a job that fails again and again, with plain lines in between."""
    lines = []
    for number in range(failures):
        stamp = f"2026-01-05T12:{number:02d}"
        lines += [
            f"{stamp}:00.{each:06d}Z INFO  JI {number}: row {each}" for each in range(between)
        ]
        lines += [f"{stamp}:30.000000Z ERROR JI {number}: Traceback of {number}"]
        lines += [f"{stamp}:30.000000Z ERROR JI {number}:   deeper {each}" for each in range(LINES)]
    return ("\n".join(lines) + "\n").encode()


async def opened(robot: Robot, data: bytes) -> None:
    robot.engine.logs["card-expiry-scan"] = data
    await robot.press("o")


def error(robot: Robot) -> str:
    """Return what is set off: the line that was gone to."""
    pane = robot.app.pane_named("logs")
    assert isinstance(pane, LogsPane)
    window = pane.feed.window
    index = window.current_index(pane.feed.page)
    return window.lines[index].head.decode().rpartition(": ")[2] if index is not None else ""


@pytest.mark.parametrize("between", [5, 4_000])  # at hand, and to be looked for in the file
async def test_each_key_goes_to_the_first_line_of_another_error(robot: Robot, between: int) -> None:
    await opened(robot, log(4, between))
    await robot.press("g")
    went = []
    for key in ("}", "}", "}", "{", "{", "}"):
        await robot.press(key)
        went.append(error(robot))
    assert went == [f"Traceback of {number}" for number in (0, 1, 2, 1, 0, 1)]


async def test_among_nothing_but_errors_it_is_the_same(robot: Robot) -> None:
    await opened(robot, log(4, 5))
    await robot.press("!", "!", "!", "g")
    await robot.press("}")
    await robot.press("}")
    assert error(robot) == "Traceback of 1"
    await robot.press("G")
    await robot.press("{")
    assert error(robot) == "Traceback of 3"


async def test_the_only_error_is_gone_to_again(robot: Robot) -> None:
    await opened(robot, log(1, 5))
    await robot.press("}")
    await robot.press("}")
    assert error(robot) == "Traceback of 0"
    assert robot.status == "errors: went on from the other end"


async def test_that_it_went_on_from_the_other_end_is_news_of_that_key_alone(robot: Robot) -> None:
    await opened(robot, log(2, 30))
    await robot.press("g")
    await robot.press("{")
    assert error(robot) == "Traceback of 1"
    assert "other end" in robot.status
    await robot.press("{")
    assert error(robot) == "Traceback of 0"
    assert robot.status == ""


@pytest.mark.parametrize("between", [5, 4_000])
async def test_keys_that_come_while_lines_are_read_add_up(robot: Robot, between: int) -> None:
    await opened(robot, log(5, between))
    await robot.press("g")
    for keys, wanted in ((("}", "}", "}"), 2), (("{", "{"), 0), (("}", "}", "}", "{"), 2)):
        robot.engine.holds_answers = True
        await robot.press(*keys)
        robot.engine.let_answer()
        await robot.settled()
        assert error(robot) == f"Traceback of {wanted}"


async def test_matches_that_are_gone_to_while_lines_are_read_add_up(robot: Robot) -> None:
    await opened(robot, log(5, 4_000))
    await robot.press("g", "/", *"deeper 7", "enter")
    robot.engine.holds_answers = True
    await robot.press("n", "n", "N", "n")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("3 of 5")


async def test_another_place_takes_the_place_of_what_is_looked_for(robot: Robot) -> None:
    await opened(robot, log(5, 4_000))
    await robot.press("g")
    robot.engine.holds_answers = True
    await robot.press("}", "}", "G")
    robot.engine.let_answer()
    await robot.settled()
    assert error(robot) == ""
    assert robot.shows("● follow")
    robot.engine.holds_answers = True
    await robot.press("{", "{", "/", *"row 3999", "enter")
    robot.engine.let_answer()
    await robot.settled()
    assert error(robot) == "row 3999"
    assert robot.shows("/row 3999 1 of 5")


async def test_errors_that_are_not_there_are_looked_for_once(robot: Robot) -> None:
    await opened(robot, log(0, 0) + b"2026-01-05T12:00:00.000000Z INFO  JI 1: all is well\n")
    robot.engine.holds_answers = True
    await robot.press("}", "}", "}")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.status == "errors: not found"
    told = [each.text for each in robot.app.news.told]
    assert told == ["errors: went on from the other end", "errors: not found"]
