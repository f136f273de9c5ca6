"""A long line of a log is read from where it has what is searched for."""

import pytest

from app.testing.harness import Robot


@pytest.mark.parametrize("shift", [0, 20, 40, 60])  # where rows of the box break it
async def test_a_line_that_a_search_found_is_shown_from_the_match_on(
    robot: Robot, shift: int
) -> None:
    needle = "Z" * 50
    text = "a" * (50_000 + shift) + needle + "b" * 50_000
    robot.engine.logs["card-expiry-scan"] = (
        f"2026-01-05T12:31:00.000000Z INFO  JI 7: {text}\n".encode()
    )
    await robot.press("o")
    await robot.press("/", *needle, "enter")
    await robot.press("enter")
    assert robot.shows("Line of 100 kB")
    assert "ZZZ" in "".join(robot.lines[1:-2])


async def test_without_a_search_it_is_shown_from_its_beginning(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = (
        b"2026-01-05T12:31:00.000000Z INFO  JI 7: the beginning " + b"a" * 50_000 + b"\n"
    )
    await robot.press("o")
    await robot.press("enter")
    assert robot.shows("Z INFO  JI 7: the beginning")
