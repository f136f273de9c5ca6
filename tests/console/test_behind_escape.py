"""Escape and a key that arrive in one read, alt and a key, keys that nobody knows, and pastes."""

import pytest

from app.actions.all import all_actions
from app.key_parser import KeyParser
from app.options import ConsoleOptions
from app.testing.harness import Robot
from tests.console.conftest import Opened


@pytest.mark.parametrize(
    ("key", "title"), [("2", "Groups"), ("3", "Instances"), ("5", "State"), ("7", "Engine")]
)
async def test_a_digit_behind_escape_opens_its_pane(robot: Robot, key: str, title: str) -> None:
    await robot.sends(f"\x1b{key}")
    assert robot.app.panes.current_name == title.lower()


async def test_both_keys_are_pressed_in_their_order(robot: Robot) -> None:
    await robot.sends("/billing", "\x1b3")
    assert robot.app.panes.current_name == "instances"
    assert robot.app.router.prompt is None
    await robot.press("1", "?")
    assert robot.app.overlays.top is not None
    await robot.sends("\x1b:")
    assert robot.app.overlays.top is None
    assert robot.status.startswith(":")
    await robot.sends("groups\x1b\r")
    assert robot.app.panes.current_name == "logs", "the command was left, and Enter opened the row"


async def test_a_letter_behind_escape_keeps_its_case(robot: Robot) -> None:
    last = robot.line_with("▸")
    for key in "Gg":
        await robot.sends(f"\x1b{key}")
        assert robot.line_with("▸") != last
        last = robot.line_with("▸")


async def test_escape_answers_a_question_before_the_key_behind_it(robot: Robot) -> None:
    await robot.sends("  d")  # both jobs that were marked
    assert robot.app.router.question is not None
    await robot.sends("\x1b3")
    assert robot.app.router.question is None
    assert robot.app.panes.current_name == "instances"
    assert not robot.engine.asked


async def test_a_key_that_the_settings_give_with_alt_works_on_every_terminal(
    console: Opened,
) -> None:
    registry = all_actions().remapped({"go.groups": ("alt+g",), "go.engine": ("alt+full_stop",)})
    for sent in ("\x1bg", "\x1b[103;3u"):  # as most send it, and as the kitty protocol does
        async with console(registry=registry) as robot:
            await robot.sends(sent)
            assert robot.app.panes.current_name == "groups"
            await robot.sends("\x1b.")
            assert robot.app.panes.current_name == "engine"


async def test_a_key_with_alt_of_another_pane_says_where_it_works_and_presses_no_other(
    console: Opened,
) -> None:
    registry = all_actions().remapped({"engine.pause": ("alt+d",)})
    async with console(registry=registry) as robot:
        await robot.press("3")
        await robot.sends("\x1bd")  # `d` alone disables the job
        assert robot.app.panes.current_name == "instances"
        assert robot.app.router.question is None
        assert robot.status.startswith("alt+d: Pause")
        assert "works in Engine" in robot.status
        assert not robot.engine.asked


async def test_a_key_with_alt_that_has_an_action_presses_no_other_where_something_is_open(
    console: Opened,
) -> None:
    registry = all_actions().remapped({"jobs.run": ("alt+d",), "jobs.run-with": ("alt+x",)})
    async with console(registry=registry, options=ConsoleOptions(environment="prod")) as robot:
        await robot.sends("\x1bd")
        assert robot.app.router.question is not None
        await robot.sends("\x1bd")  # held down
        assert robot.app.router.question is not None
        assert not robot.engine.asked
        await robot.press("n", "/")
        await robot.sends("led\x1bx")
        prompt = robot.app.router.prompt
        assert prompt is not None
        assert prompt.editor.text == "led"
        await robot.press("escape", "?")
        await robot.sends("\x1bd")
        assert robot.app.overlays.top is not None


async def test_alt_moves_and_deletes_words_where_a_line_is_typed(robot: Robot) -> None:
    for sent, typed in (
        ("\x1bbX", "one two Xthree"),
        ("\x1b[1;5DX", "one two Xthree"),  # ctrl+left
        ("\x1bb\x1bb\x1bfX", "one twoX three"),
        ("\x1b\x7fX", "one two X"),
        ("\x1bb\x1bb\x1bdX", "one X three"),
        ("\x1b[1;3D\x1b[1;3CX", "one two threeX"),  # alt+left, alt+right
    ):
        await robot.sends(":one two three", sent)
        prompt = robot.app.router.prompt
        assert prompt is not None
        assert prompt.editor.text == typed, repr(sent)
        await robot.press("escape")


async def test_alt_moves_words_in_a_form_and_leaves_it_open(robot: Robot) -> None:
    await robot.press("ctrl+p")
    await robot.sends("two words\x1bb\x1b\x7f")
    assert robot.app.overlays.top is not None
    assert robot.shows("words")
    assert not robot.shows("two")
    await robot.sends("\x1bx")
    assert robot.app.overlays.top is None


async def test_a_key_that_nobody_knows_presses_no_other(robot: Robot) -> None:
    before = robot.frame
    for unknown in ("\x1b[?62;3c", "\x1b[>1;2;3z", "\x1b[5!r", "\x1b[1;2y"):
        await robot.sends(unknown)
        assert robot.frame == before, repr(unknown)
    await robot.sends("\x1b[?62;3c3")
    assert robot.app.panes.current_name == "instances"


@pytest.mark.parametrize(
    "sequence", ["\x1b[A", "\x1bOB", "\x1b[[A", "\x1b[15~", "\x1b[Z", "\x1b\t"]
)
def test_known_keys_stay_what_they_are(sequence: str) -> None:
    (key,) = KeyParser().feed(sequence)
    (other,) = super(KeyParser, KeyParser()).feed(sequence)
    assert repr(key) == repr(other)


ATTACK = "group\x1b3\x1b[B\x1bx:stop\r"


@pytest.mark.parametrize("size", [*range(1, 12), 1000])
async def test_a_paste_presses_no_key_however_it_arrives(robot: Robot, size: int) -> None:
    sent = f"\x1b[200~{ATTACK}\x1b[201~"
    await robot.press("/")
    await robot.sends(*(sent[at : at + size] for at in range(0, len(sent), size)), "d")
    prompt = robot.app.router.prompt
    assert prompt is not None
    assert robot.app.panes.current_name == "jobs"
    assert prompt.editor.text.startswith("group3[Bx:stop")
    assert prompt.editor.text.endswith("d"), "what is typed behind it is typed"
