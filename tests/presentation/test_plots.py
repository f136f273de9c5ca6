"""Plots of durations, histograms of failures, strips of lags: heights, marks, widths."""

import pytest
from hypothesis import given, strategies as st

from app.cells import cell_width
from app.presentation.histogram import Slots, histogram_pieces, histogram_words, slots_of
from app.presentation.pieces import plain
from app.presentation.plot import LABEL, plot_lines, scale_of
from app.presentation.strips import lag_strip
from app.presentation.symbols import SYMBOL_SETS, SYMBOLS, SymbolSet
from app.store.model import InstanceRow, Run
from engine.clock import HOUR, MINUTE, SECOND
from engine.domain.instance import Cause, Status

UNICODE, ASCII = SYMBOLS["unicode"], SYMBOLS["ascii"]
NOW = 1_000_000 * HOUR + 30 * MINUTE
STEADY = [Run(Status.COMPLETE, 2.0)] * 18 + [Run(Status.ERROR, 1.0), Run(Status.COMPLETE, 4.0)]


def drawn(runs: list[Run], height: int = 4, symbols: SymbolSet = "unicode") -> list[str]:
    lines = plot_lines(runs, scale_of(runs), height, SYMBOLS[symbols], None)
    return [plain(line) for line in lines]


def test_a_plot_has_a_column_for_each_run_and_lines_at_p50_and_p95() -> None:
    assert drawn(STEADY) == [
        " p95   4.0s " + "─" * 19 + "█",
        " p50   2.0s " + "─" * 19 + "█",
        "            " + "█" * 18 + " █",
        "            " + "█" * 20,
        "            " + " " * 18 + "✗ ",
    ]


def test_a_plot_needs_no_unicode() -> None:
    assert drawn(STEADY, symbols="ascii")[0] == " p95   4.0s " + "-" * 19 + "#"
    assert drawn(STEADY, symbols="ascii")[-1].endswith("x ")


def test_a_run_far_out_is_cut_off_and_marked_and_the_others_keep_their_height() -> None:
    runs = [Run(Status.COMPLETE, 2.0)] * 30 + [Run(Status.COMPLETE, 400.0)]
    lines = drawn(runs)
    assert lines[0] == "       4.0s " + " " * 30 + "^"
    assert lines[1].startswith(" p95   2.0s ")
    scale = scale_of(runs)
    assert [scale.is_outlier(each) for each in (2.0, 4.0, 400.0)] == [False, False, True]


@given(
    st.lists(st.tuples(st.sampled_from(list(Status)), st.floats(0, 1e7)), max_size=40),
    st.integers(3, 20),
    st.sampled_from(SYMBOL_SETS),
)
def test_a_plot_is_as_wide_as_its_runs_and_every_run_shows(
    runs: list[tuple[Status, float]], height: int, symbols: SymbolSet
) -> None:
    taken = [Run(status, seconds) for status, seconds in runs]
    lines = drawn(taken, height, symbols)
    assert len(lines) == height + 1
    assert {cell_width(line) for line in lines} == {LABEL + len(runs)}
    if taken:
        assert " " not in lines[-2][LABEL:], "a run that took no time has a column too"


def run(ago: int, status: Status = Status.COMPLETE) -> InstanceRow:
    at = NOW - ago
    return InstanceRow(ago, 1, "a", status, Cause.SCHEDULE, at, at + SECOND)


def test_failures_are_counted_in_slots_that_hold_all_runs_and_end_with_that_of_now() -> None:
    runs = [run(0), run(MINUTE, Status.ERROR), run(40 * MINUTE, Status.CRASH), run(55 * MINUTE)]
    slots = slots_of(runs, NOW, 13)
    assert slots is not None
    assert slots.step == 5 * MINUTE
    assert slots.until - slots.step <= NOW < slots.until
    assert (sum(slots.runs), sum(slots.failures)) == (4, 2)
    assert slots.failures[-2:] == (1, 0)
    before, after = histogram_words(slots)
    assert (before, after) == ("1h05 ago ", " now  2 of 4 failed, 5m each")
    assert slots_of([], NOW, 13) is None


def test_a_histogram_tells_failures_by_height_and_quiet_success_by_a_dot() -> None:
    slots = Slots(NOW, MINUTE, (3, 0, 8, 1), (0, 0, 8, 1))
    assert plain(histogram_pieces(slots, UNICODE)) == "· █▁"
    assert plain(histogram_pieces(slots, ASCII)) == ". #."


@pytest.mark.parametrize("number", range(1, 12))
def test_no_run_falls_out_of_the_slots(number: int) -> None:
    runs = [run(hours * HOUR) for hours in range(500)]
    slots = slots_of(runs, NOW, number + 1)
    assert slots is not None
    assert sum(slots.runs) == 500 or slots.step == 30 * 24 * HOUR


def test_the_bars_of_lags_mean_the_same_at_any_time() -> None:
    lags = [0.0, 0.02, 0.2, 2.0, 20.0]
    assert plain(lag_strip(lags, UNICODE)) == "▁▂▄▆█"
    assert [piece.role for piece in lag_strip(lags, UNICODE)] == ["muted", "warning", "error"]
