"""Going from match to match where lines are so long that not all of them is at hand."""

import pytest

from app.store.log_scan import HEAD
from app.testing.harness import Robot

DEEP = 5 * HEAD // 4  # bytes before what stands deep in a line


def line(number: int, text: bytes) -> bytes:
    return b"2026-01-05T12:31:%02d.000000Z INFO  JI 1: line %d %s\n" % (number, number, text)


async def open_long(robot: Robot, *names: str) -> None:
    """Open a log whose third line has the match deep in it, beside two that show it."""
    texts = (b"needle", b"", b"x" * DEEP + b" needle", b"", b"needle")
    robot.engine.logs["card-expiry-scan"] = b"".join(map(line, range(1, 6), texts))
    robot.engine.logs["dunning-mail"] = line(30, b"mail")
    await robot.command(" ".join(["log", "card-expiry-scan", *names]))
    await robot.press("g", "/", *"needle", "enter")
    assert robot.shows("1 of 3")


@pytest.mark.parametrize("names", [(), ("dunning-mail",)])
async def test_a_match_deep_in_a_line_is_gone_to_like_any_other(
    robot: Robot, names: tuple[str, ...]
) -> None:
    await open_long(robot, *names)
    for key, place in (("n", 2), ("n", 3), ("N", 2), ("N", 1), ("n", 2)):
        await robot.press(key)
        assert robot.shows(f"{place} of 3")


async def test_a_line_with_a_text_deep_in_it_is_none_of_those_without_it(robot: Robot) -> None:
    await open_long(robot)
    await robot.press("/", *"!needle", "enter")
    assert robot.shows("1 of 2")
    await robot.press("n")
    assert robot.shows("2 of 2")


async def test_an_error_that_is_a_long_line_is_gone_to_from_either_side(robot: Robot) -> None:
    long = line(2, b"x" * DEEP).replace(b"INFO ", b"ERROR")
    robot.engine.logs["card-expiry-scan"] = line(1, b"a") + long + line(3, b"b")
    await robot.press("o", "w", "g", "}")
    pane = robot.app.pane_named("logs")
    assert pane.feed.window.current == len(line(1, b"a"))  # type: ignore[attr-defined]
    await robot.press("G", "{")
    assert pane.feed.window.current == len(line(1, b"a"))  # type: ignore[attr-defined]
