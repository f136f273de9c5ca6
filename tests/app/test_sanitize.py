"""What others wrote reaches the terminal only as harmless, measurable characters."""

import re
import sys
import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len

from app import sanitize
from app.ansi import Ink, coloured_line, without_escapes
from app.cells import cell_width, cut, fit, window, wrap
from app.sanitize import SafeText, ascii_output, safe, safe_line, safe_lines

HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
ANYTHING = st.one_of(
    st.text(st.characters(codec=None)),  # lone surrogates too
    st.text(st.sampled_from("\x1b\x9b\x07\x9d[]0;31mH2J\\a\u202e\u200b\u0301\t\r\n")),
)


@pytest.fixture
def ascii_terminal() -> Iterator[None]:
    ascii_output(True)
    yield
    ascii_output(False)


@given(ANYTHING)
def test_nothing_foreign_comes_out_of_any_text(text: str) -> None:
    spans_text, spans = coloured_line(text)
    outputs = [safe(text), safe_line(text), safe_line(text, 7), spans_text, *safe_lines(text)]
    for output in outputs:
        assert not HOSTILE.search(output), repr(output)
    assert all(0 <= span.start < span.end <= len(spans_text) for span in spans)


@given(st.binary())
def test_nothing_foreign_comes_out_of_any_bytes(raw: bytes) -> None:
    assert not HOSTILE.search(safe(raw))
    assert not HOSTILE.search(safe_line(raw, 5))


@given(ANYTHING)
def test_an_ascii_terminal_gets_printable_ascii_alone(text: str) -> None:
    ascii_output(True)
    try:
        outputs = [safe(text), safe_line(text, 9), coloured_line(text)[0], *safe_lines(text)]
    finally:
        ascii_output(False)
    for output in outputs:
        assert output.isascii()
        assert output.isprintable()


def test_every_character_has_the_width_that_rich_gives_it() -> None:
    first_as: dict[str, int] = {}  # most characters look like another one
    for start in range(0, sys.maxunicode + 1, 4096):
        block = range(start, start + 4096)
        shown = safe("a" + "b a".join(map(chr, block)) + "b")[1:-1].split("b a")
        for text, code in zip(shown, block, strict=True):
            first_as.setdefault(text, code)
    assert len(first_as) > 100_000
    differing = [
        f"{code:X}"
        for text, code in first_as.items()
        if cell_width(f"a{text}b") != cell_len(f"a{text}b")
    ]
    assert differing == []


def test_control_characters_become_visible_pictures() -> None:
    assert safe("\x1b]0;PWNED\x07 \x7f \x00") == "␛]0;PWNED␇ ␡ ␀"
    assert safe("a\nb\tc\r") == "a␊b␉c␍"


@pytest.mark.parametrize(
    "hidden",
    ["\x9b", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\U000e0041", "\u2028", "\ud800"],
)
def test_invisible_and_turning_characters_become_the_replacement_character(hidden: str) -> None:
    assert safe(f"a{hidden}b") == "a\ufffdb"


def test_accents_stay_and_a_tower_of_marks_is_cut_down() -> None:
    assert safe("e\u0301a") == "e\u0301a"
    tower = safe("x" + "\u0301" * 500)
    assert len(tower) == 1 + sanitize.MOST_MARKS
    assert safe("\u0301" * 9 + "x") == "\ufffdx"


def test_markup_is_left_alone_as_text() -> None:
    assert safe("[/x][@click=app.quit]x[/]") == "[/x][@click=app.quit]x[/]"


def test_undecodable_bytes_show_as_replacement_characters() -> None:
    assert safe(b"caf\xc3\xa9 \xff") == "café \ufffd"


def test_an_ascii_terminal_gets_letters_without_accents(ascii_terminal: None) -> None:
    assert safe("Žluťoučký kůň \x1b[2J \x7f 日本") == "Zlutoucky kun ^[[2J ^? ??"
    assert cut(safe("abcdef"), 4) == "ab.."
    assert cut(safe("abcdef"), 1) == "."


def test_a_long_line_is_cut_and_says_how_much_is_left_out() -> None:
    assert safe_line("x" * 5000 + "\n", 4096) == "x" * 4096 + "… +905 characters"
    assert safe_line("x" * 104_096, 4096).endswith("… +100 kB")
    assert safe_line("x" * 1_304_096, 4096).endswith("… +1.3 MB")
    assert safe_line("x" * 4096 + "\n", 4096) == "x" * 4096


def test_lines_keep_their_tabs_as_columns_and_lose_their_ends() -> None:
    assert safe_lines("a\tb\r\nc\n") == ["a       b", "c"]
    assert safe_lines("1\n2\n3\n4\n", most=2) == ["1", "2", "… +2 lines"]
    assert safe_lines("1\n2\n3", most=2) == ["1", "2", "… +1 line"]
    assert safe_lines("") == []


def test_plain_ascii_is_far_faster_than_five_million_characters_a_second() -> None:
    text = "2026-11-23T07:15:00 INFO fetched 412 invoices since 881171 " * 2000
    began = time.thread_time()
    for _ in range(10):
        safe(text)
    assert 10 * len(text) / (time.thread_time() - began) > 5_000_000


def test_colours_of_output_become_spans_and_other_sequences_vanish() -> None:
    text, spans = coloured_line(
        "ok \x1b[1;31mfail\x1b[0m\x1b]0;title\x07 end\x1b[2K\x1b[38;5;208mx"
    )
    assert text == "ok fail endx"
    assert spans == ((3, 7, Ink(foreground=1, bold=True)), (11, 12, Ink(foreground=208)))


def test_true_colour_background_and_bright_colours_are_read() -> None:
    _, spans = coloured_line("\x1b[48;2;1;2;300mA\x1b[92;49mB\x1b[39;4mC\x1b[107mD\x1b[24;22mE")
    assert [span.ink for span in spans] == [
        Ink(background=(1, 2, 255)),
        Ink(foreground=10),
        Ink(underline=True),
        Ink(underline=True, background=15),
        Ink(background=15),
    ]


def test_hidden_and_blinking_text_stays_readable_and_unknown_codes_change_nothing() -> None:
    assert coloured_line("\x1b[8;5;999;38;9mx") == ("x", ())


def test_an_unfinished_title_sequence_hides_nothing() -> None:
    assert coloured_line("\x1b]0;rm -rf")[0] == "0;rm -rf"


@pytest.mark.parametrize("begun", [
    "\x90", "\x98", "\x9d", "\x9d\x90", "\x9b", "\x9b1;", "\x1b[", "\x1b ", "\x1bP", "\x1bX",
    "\x1b^", "\x1b_", "\x1b]", "\x1b]\x9d",
])  # fmt: skip
def test_a_long_line_of_sequences_that_never_end_costs_no_more_than_its_length(begun: str) -> None:
    line = f"\x1b[1m{begun * (40_000 // len(begun))}"
    began = time.thread_time()
    without_escapes(line)
    coloured_line(line, 10_000)
    assert time.thread_time() - began < 2, "some hundredths; many where each looks at the rest"


def test_a_title_of_text_that_was_encoded_twice_is_dropped_whole() -> None:
    title = "f\u00fcr \u201eEnde\u201c".encode().decode("latin-1")
    assert "\x9e" in title
    title = title.replace("\x9c", "")  # it would end the title
    assert coloured_line(f"a\x1b]0;{title}\x07b\x9d0;title\x9cc")[0] == "abc"


def test_tabs_go_to_the_same_columns_with_and_without_colours() -> None:
    assert coloured_line("ab\x1b[1m\tc\td")[0] == "ab      c       d"


def test_cutting_never_splits_a_wide_character() -> None:
    assert cut(safe("日本語"), 4) == "日…"
    assert cut(safe("日本語"), 6) == "日本語"
    assert fit(safe("日本語"), 4) == "日… "
    assert fit(safe("7"), 3, "right") == "  7"
    assert cut(safe("abc"), 0) == ""


def test_a_window_on_a_line_replaces_halves_of_wide_characters_by_spaces() -> None:
    assert window(safe("日本語x"), 1, 4) == " 本 "
    assert window(safe("abcdef"), 2, 3) == "cde"
    assert window(safe("e\u0301b"), 1, 3) == "b"
    assert window(safe("日本語xy"), 1, 0) == ""
    assert window(safe("日xyz"), 1, 0) == ""


@given(ANYTHING, st.integers(0, 30), st.integers(0, 30))
def test_cut_fit_and_window_keep_their_widths(raw: str, start: int, width: int) -> None:
    text = safe(raw)
    assert cell_width(cut(text, width)) <= width
    assert cell_width(fit(text, width)) == width
    assert cell_width(window(text, start, width)) <= width
    shown = window(text, start, width)
    assert not shown or not unicodedata.category(shown[0]).startswith("M")


@given(ANYTHING, st.integers(2, 30))
def test_wrapping_loses_nothing(raw: str, width: int) -> None:
    text = safe(raw)
    pieces = wrap(text, width)
    assert "".join(pieces) == text
    assert all(cell_width(piece) <= width for piece in pieces)
    assert wrap(SafeText(""), width) == [""]
