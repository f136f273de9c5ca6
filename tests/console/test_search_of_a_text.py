"""A search in a text that covers the pane finds what is read there, and says where nothing is."""

from app.overlays.text import TextView
from app.testing.harness import Robot
from app.widgets.paint import own

WORDS = "a sentence that goes on for longer than a row of the box and then comes to its end"


async def search(robot: Robot, text: str) -> None:
    await robot.press("/")
    await robot.type(text)
    await robot.press("enter")


async def open_text(robot: Robot, text: str, *, words: bool = False) -> None:
    lines = [[own(f"{number}: nothing")] for number in range(40)]
    robot.app.open(TextView("Words", [*lines, [own(text)], *lines], words=words))
    await robot.settled()


async def test_a_search_that_finds_nothing_says_so_until_it_finds_or_is_cleared(
    robot: Robot,
) -> None:
    await robot.press("v")
    await search(robot, "no such word")
    assert robot.shows("no such word: not found")
    await robot.press("n", "j")
    assert robot.shows("no such word: not found")
    await search(robot, "name")
    assert not robot.shows("not found")
    await search(robot, "no such word")
    await robot.press("/", "backspace", "enter")
    assert not robot.shows("not found")
    await robot.press("n")
    assert not robot.shows("not found")


async def test_what_is_not_found_is_said_in_few_cells_too(robot: Robot) -> None:
    await robot.press("v")
    await search(robot, "x" * 200)
    assert robot.shows("…: not found")


async def test_the_last_line_is_read_while_nothing_was_found(robot: Robot) -> None:
    await open_text(robot, WORDS)
    await search(robot, "no such word")
    await robot.press("G")
    assert robot.shows("39: nothing")


async def test_words_are_found_across_the_end_of_a_row(robot: Robot) -> None:
    for words in (True, False):
        for needle in ("longer than a row of the box and then comes", WORDS):
            await robot.resize(60, 20)
            await open_text(robot, WORDS, words=words)
            await search(robot, needle)
            assert not robot.shows("not found"), (words, needle)
            assert robot.shows("a sentence"), (words, needle)
            await robot.press("escape")


async def test_the_match_before_is_gone_to_and_the_first_follows_the_last(robot: Robot) -> None:
    await open_text(robot, WORDS)
    await search(robot, "7: nothing")
    assert robot.shows(" 7: nothing")
    assert not robot.shows(" 6: nothing")
    await robot.press("n")
    assert robot.shows(" 17: nothing")
    assert not robot.shows(" 16: nothing")
    await robot.press("N", "N")
    assert robot.shows(" 37: nothing")
