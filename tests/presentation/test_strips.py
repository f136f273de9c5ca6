"""Bars in one line: strips of runs, series, progress."""

import pytest
from hypothesis import given, strategies as st

from app.cells import cell_width
from app.presentation.pieces import plain
from app.presentation.strips import bar, elapsed_bar, run_strip
from app.presentation.symbols import SYMBOL_SETS, SYMBOLS
from app.store.model import Run
from engine.domain.instance import Status

UNICODE, ASCII = SYMBOLS["unicode"], SYMBOLS["ascii"]
RUNS = [
    Run(Status.COMPLETE, 1.0),
    Run(Status.COMPLETE, 4.0),
    Run(Status.ERROR, 0.4),
    Run(Status.COMPLETE, 40.0),
    Run(Status.CRASH, 2.0),
]


def test_a_strip_shows_durations_against_p95_and_failures_by_their_sign() -> None:
    strip = run_strip(RUNS, 4.0, 10, UNICODE)
    assert plain(strip) == "▁▅✗█!"
    assert [piece.role for piece in strip] == ["success", "error", "success", "crash"]


def test_a_strip_needs_no_colours_and_no_unicode() -> None:
    assert plain(run_strip(RUNS, 4.0, 10, ASCII)) == ".+x#!"
    assert plain(run_strip(RUNS, 4.0, 10, ASCII, is_running=True)) == ".+x#!>"


def test_a_strip_keeps_the_latest_runs_and_the_running_one() -> None:
    assert plain(run_strip(RUNS, 4.0, 3, UNICODE, is_running=True)) == "█!◐"
    assert plain(run_strip(RUNS, 4.0, 1, UNICODE, is_running=True)) == "◐"
    assert plain(run_strip(RUNS, None, 2, UNICODE)) == "▁!"
    assert run_strip(RUNS, 4.0, 0, UNICODE) == ()


@given(
    st.lists(st.tuples(st.sampled_from(list(Status)), st.floats(0, 1e7)), max_size=40),
    st.one_of(st.none(), st.floats(0, 1e6)),
    st.integers(0, 30),
    st.sampled_from(SYMBOL_SETS),
    st.booleans(),
)
def test_a_strip_never_exceeds_its_width(
    runs: list[tuple[Status, float]], p95: float | None, width: int, symbols: str, running: bool
) -> None:
    drawn = [Run(status, seconds) for status, seconds in runs]
    strip = run_strip(drawn, p95, width, SYMBOLS[symbols], is_running=running)  # type: ignore[index]
    assert cell_width(plain(strip)) == min(width, len(runs) + running)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "░░░░"),
        (0.01, "▌░░░"),
        (0.5, "██░░"),
        (0.6, "██▌░"),
        (1, "████"),
        (7, "████"),
        (-1, "░░░░"),
    ],
)
def test_a_bar_fills_by_halves(share: float, text: str) -> None:
    assert bar(share, 4, UNICODE) == text


def test_elapsed_time_is_measured_against_p95_and_marked_beyond_it() -> None:
    assert elapsed_bar(41, 51, 9, UNICODE) == ("███████░░", "running")
    assert elapsed_bar(60, 51, 4, UNICODE) == ("████", "overdue")
    assert elapsed_bar(60, None, 4, UNICODE).text == ""
