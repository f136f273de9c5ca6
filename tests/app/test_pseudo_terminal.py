"""The pseudo-terminal that tests look at: what was read with one text is kept for the next."""

from collections.abc import Callable, Iterator

import pytest

from app.testing.terminal import Terminal, after_text

Open = Callable[[str], Terminal]


@pytest.fixture
def open_shell() -> Iterator[Open]:
    opened: list[Terminal] = []

    def shell(script: str) -> Terminal:
        opened.append(Terminal(["/bin/sh", "-c", script]))
        return opened[-1]

    yield shell
    for each in opened:
        each.close()


@pytest.mark.parametrize(
    ("raw", "wanted", "rest"),
    [
        (b"runs as #1 COMPLETE", "as #1", b" COMPLETE"),
        (b"\x1b[1mru\x1b[0;31mns\x1b[0m as\x1b[2;5Hnext", "runs as", b"\x1b[2;5Hnext"),
        ("é\x1b[1m▸ü".encode(), "é▸", "ü".encode()),
        (b"\x1b]0;runs\x07walks", "runs", None),
        (b"runs ", "runs as", None),
        (b"", "x", None),
    ],
)
def test_what_follows_a_text_is_found_behind_escapes(
    raw: bytes, wanted: str, rest: bytes | None
) -> None:
    assert after_text(raw, wanted) == rest


def test_two_texts_that_arrive_together_are_both_seen_in_their_order(open_shell: Open) -> None:
    terminal = open_shell(r"printf 'one \033[1mtw\033[0mo three'; cat")
    assert terminal.wait_for_text("one")
    assert terminal.wait_for_text("two")
    assert not terminal.wait_for_text("one", 0), "it was seen, and did not come again"


def test_what_arrived_before_a_key_is_no_answer_to_it(open_shell: Open) -> None:
    terminal = open_shell("stty -echo; printf 'ready saved'; read line; printf heard; cat")
    assert terminal.wait_for_text("ready")
    terminal.write(b"x\n")
    assert not terminal.wait_for_text("saved", 0)
    assert terminal.wait_for_text("heard")
