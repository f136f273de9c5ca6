"""A search in a log finds what is shown: no escape sequence, no time of another zone."""

from datetime import timedelta, timezone

import pytest

from app.options import ConsoleOptions
from app.store.log_match import Look, matching
from app.testing.harness import Robot
from tests.console.conftest import Opened

STAMP = b"2026-01-05T12:30:00.000000Z "
LINES = (
    STAMP + b"OUT   JI 881210: \x1b[31mfail\x1b[0med \x1b[1mhard\x1b[0m\n"
    + STAMP + b"OUT   JI 881210: \x1b]8;;https://hidden.example/\x07link\x1b]8;;\x07 shown\n"
    + STAMP + b"INFO  JI 881211: plain words\n"
)  # fmt: skip


async def search(robot: Robot, text: str) -> str:
    await robot.press("/")
    await robot.type(text)
    await robot.press("enter")
    return robot.lines[2]


async def test_words_with_colours_in_between_are_found_and_set_off(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LINES
    await robot.press("o")
    assert "/failed hard 1 of 1" in await search(robot, "failed hard")
    assert "/link shown 1 of 1" in await search(robot, "link shown")
    await robot.press("escape", "&")
    await robot.type("failed")
    await robot.press("enter")
    assert robot.shows("failed hard")
    assert not robot.shows("plain words")


@pytest.mark.parametrize("hidden", ["[31m", "31m", "hidden.example", "JI 88", "2026-01", "T12"])
async def test_what_is_not_shown_is_not_found(robot: Robot, hidden: str) -> None:
    robot.engine.logs["card-expiry-scan"] = LINES
    await robot.press("o")
    await search(robot, hidden)
    assert f"{hidden}: not found" in robot.status
    assert "no match" in robot.lines[2]


async def test_levels_instances_and_times_are_found_as_they_are_shown(console: Opened) -> None:
    zone = timezone(timedelta(hours=5, minutes=45))
    async with console(options=ConsoleOptions(zone=zone)) as robot:
        robot.engine.logs["card-expiry-scan"] = LINES
        await robot.press("o")
        assert "1 of 1" in await search(robot, "#881211")
        assert "1 of 3" in await search(robot, "18:15:00")
        assert "no match" in await search(robot, "12:30:00")
        assert "1 of 1" in await search(robot, "INFO")


async def test_the_number_of_an_instance_is_not_found_in_its_own_log(robot: Robot) -> None:
    number = max(robot.engine.instances)
    name = robot.engine.instances[number].name
    robot.engine.logs[name] = STAMP + b"OUT   JI %d: words\n" % number
    await robot.command(f"logs #{number}")
    assert robot.shows("words")
    assert "no match" in await search(robot, f"#{number}")


@pytest.mark.parametrize(
    ("needle", "head", "found"),
    [
        ("größe", "Größe der Datei", True),
        ("Größe", "größe der Datei", False),
        ("a  b", "a\tb", False),
        ("a       b", "a\tb", True),
        ("␛", "no escape", False),
        ("!red", "\x1b[31mred\x1b[0m", False),
        ("!31m", "\x1b[31mred\x1b[0m", True),
        ("��", "bell \x07", False),
        ("␇", "bell \x07", True),
    ],
)
def test_a_line_matches_as_it_reads(needle: str, head: str, found: bool) -> None:
    assert matching(needle, Look()).test(head.encode()) is found
