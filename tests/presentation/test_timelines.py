"""Heat map, Gantt rows and agenda."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from app.cells import cell_width
from app.presentation.agenda import agenda
from app.presentation.gantt import (
    Axis,
    Bar,
    Kind,
    around,
    axis_line,
    axis_pieces,
    gantt_line,
    zoomed,
)
from app.presentation.heat import busiest, heat_heading, heat_line, heat_rows, quiet_hours, quietest
from app.presentation.pieces import plain
from app.presentation.symbols import SYMBOLS
from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime
from engine.domain.instance import Status

UNICODE, ASCII = SYMBOLS["unicode"], SYMBOLS["ascii"]
PRAGUE = ZoneInfo("Europe/Prague")


def at(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text))


def test_a_heat_map_has_a_row_for_each_local_day() -> None:
    hours = [0] * 48
    hours[2], hours[26] = 40, 10
    rows = heat_rows(hours, at("2026-01-05T00:00:00+00:00"), UTC)
    assert [row.label for row in rows] == ["Mon 05", "Tue 06"]
    assert [row.total for row in rows] == [40, 10]
    assert [row.peak for row in rows] == [2, 2]
    most = busiest(rows)
    assert (
        plain(heat_line(rows[0], most, UNICODE)) == "Mon 05 ····██" + "··" * 21 + "      40  02:00"
    )
    assert plain(heat_line(rows[1], most, ASCII)) == "Tue 06 ....--" + ".." * 21 + "      10  02:00"
    assert heat_heading().startswith("       00  02  04")


def test_hours_that_hardly_differ_look_alike_and_none_looks_like_a_failure() -> None:
    even = heat_rows([100, 103] * 12, at("2026-01-05T00:00:00+00:00"), UTC)
    assert plain(heat_line(even[0], busiest(even), UNICODE, None, quietest(even)))[7:55] == "▒" * 48
    peak = heat_rows([100] * 23 + [900], at("2026-01-05T00:00:00+00:00"), UTC)
    line = heat_line(peak[0], busiest(peak), UNICODE, None, quietest(peak))
    assert plain(line)[7:55] == "░" * 46 + "██"
    assert not any("error" in piece.role for piece in line)


def test_hours_before_the_window_are_blank_not_empty() -> None:
    (row,) = heat_rows([5], at("2026-01-05T10:00:00+00:00"), UTC)
    line = plain(heat_line(row, 5, UNICODE))
    assert line[: 7 + 20] == "Mon 05 " + " " * 20
    assert line[27:29] == "██"
    assert (row.counts[9], row.starts[10]) == (None, at("2026-01-05T10:00:00+00:00"))


def test_a_repeated_hour_adds_up_and_a_skipped_one_stays_blank() -> None:
    autumn = heat_rows([1] * 25, at("2026-10-24T22:00:00+00:00"), PRAGUE)
    assert len(autumn) == 1
    assert autumn[0].counts[2] == 2
    assert autumn[0].starts[2] == at("2026-10-25T00:00:00+00:00")
    spring = heat_rows([1] * 23, at("2026-03-28T23:00:00+00:00"), PRAGUE)
    assert (spring[0].day, spring[0].counts[2], spring[0].total) == (date(2026, 3, 29), None, 23)


def test_the_cursor_cell_has_its_own_role_and_quiet_hours_are_named() -> None:
    hours = [1] * 24
    hours[4] = hours[5] = hours[22] = 0
    rows = heat_rows(hours, at("2026-01-05T00:00:00+00:00"), UTC)
    cursor = [piece for piece in heat_line(rows[0], 1, UNICODE, cursor=5) if piece.role == "cursor"]
    assert [piece.text for piece in cursor] == ["··"]
    assert quiet_hours(rows) == "quiet: 04-05, 22"
    assert quiet_hours([]) == ""
    assert quiet_hours(heat_rows([1] * 24, at("2026-01-05T00:00:00+00:00"), UTC)) == ""


NOW = at("2026-01-05T12:00:00+00:00")


def test_a_gantt_row_tells_past_running_and_coming_runs_apart() -> None:
    axis = Axis(NOW - 60 * MINUTE, NOW + 60 * MINUTE, 24)
    bars = [
        Bar(NOW - 60 * MINUTE, NOW - 50 * MINUTE, Kind.PAST, Status.COMPLETE),
        Bar(NOW - 40 * MINUTE, NOW - 30 * MINUTE, Kind.PAST, Status.ERROR),
        Bar(NOW - 10 * MINUTE, NOW, Kind.RUNNING),
        Bar(NOW + 30 * MINUTE, NOW + 31 * MINUTE, Kind.COMING),
        Bar(NOW + 2 * HOUR, NOW + 3 * HOUR, Kind.COMING),
    ]
    assert plain(gantt_line(bars, axis, NOW, UNICODE)) == "██  █✗    ▓▓│     ░     "
    assert plain(gantt_line(bars, axis, NOW, ASCII)) == "##  #x    ++|     -     "


def test_a_short_run_takes_one_cell_and_runs_cut_by_the_window_still_show() -> None:
    axis = Axis(NOW, NOW + HOUR, 10)
    short = Bar(NOW + 30 * MINUTE, NOW + 30 * MINUTE + 1, Kind.PAST, Status.COMPLETE)
    long = Bar(NOW - DAY, NOW + DAY, Kind.PAST, Status.COMPLETE)
    assert plain(gantt_line([short], axis, NOW - HOUR, UNICODE)) == "     █    "
    assert plain(gantt_line([long], axis, NOW - HOUR, UNICODE)) == "█" * 10


@given(
    st.lists(
        st.tuples(st.integers(-(10**11), 10**11), st.integers(0, 10**10), st.sampled_from(Kind)),
        max_size=8,
    ),
    st.integers(1, 120),
)
def test_a_gantt_row_is_exactly_as_wide_as_its_axis(
    runs: list[tuple[int, int, Kind]], width: int
) -> None:
    bars = [Bar(NOW + start, NOW + start + length, kind) for start, length, kind in runs]
    axis = around(NOW, 6 * HOUR, width)
    assert cell_width(plain(gantt_line(bars, axis, NOW, UNICODE))) == width
    assert len(axis_line(axis, PRAGUE)) == width


def test_the_axis_has_round_local_times() -> None:
    axis = Axis(at("2026-01-05T11:10:00+00:00"), at("2026-01-05T13:10:00+00:00"), 54)
    assert axis_line(axis, PRAGUE).split() == ["12:30", "13:00", "13:30", "14:00"]
    week = Axis(NOW, NOW + 7 * DAY, 60)
    assert axis_line(week, UTC).split()[:2] in (["06.", "08."], ["07.", "09."])
    minutes = Axis(NOW, NOW + 5 * MINUTE, 100)
    assert axis_line(minutes, UTC).split()[0] == "12:00"


@given(st.integers(1, 120), st.floats(0, 1, exclude_max=True))
def test_the_time_of_the_cursor_leaves_no_half_of_a_label_beside_it(
    width: int, share: float
) -> None:
    axis = Axis(NOW, NOW + 6 * HOUR, width)
    before, cursor, rest = axis_pieces(axis, UTC, axis.instant(int(width * share)))
    whole = axis_line(axis, UTC).split()
    told = [*before.text.split(), *rest.text.split()]
    assert len(before.text + cursor.text + rest.text) == max(width, len(" 12:30:00 "))
    assert set(told) <= set(whole)
    assert len(told) >= len(whole) - 2  # the two that it can lie upon


def test_zooming_stays_between_five_minutes_and_seven_days() -> None:
    assert zoomed(HOUR, 1) == 15 * MINUTE
    assert zoomed(HOUR, -1) == 3 * HOUR
    assert zoomed(5 * MINUTE, 3) == 5 * MINUTE
    assert zoomed(7 * DAY, -9) == 7 * DAY


def test_the_agenda_groups_by_minute_and_folds_what_does_not_fit() -> None:
    coming = [
        (NOW + 5 * MINUTE, "invoice-sync-eu"),
        (NOW + 5 * MINUTE + 10 * SECOND, "price-feed"),
        (NOW + 5 * MINUTE + 40 * SECOND, "price-feed"),
        *((NOW + 6 * MINUTE, f"feed-{number}") for number in range(12)),
        (NOW + 13 * HOUR, "nightly"),
    ]
    lines = agenda(coming, NOW, UTC, 40, UNICODE)
    assert [line.text for line in lines] == [
        "12:05 │ invoice-sync-eu  price-feed x2",
        "12:06 │ feed-0  feed-1  feed-2  +9",
        "Tue 2026-01-06",
        "01:00 │ nightly",
    ]
    assert (lines[0].starts, lines[0].names) == (3, ("invoice-sync-eu", "price-feed"))
    assert lines[2].at is None


@given(
    st.lists(st.text("ab-日", min_size=1, max_size=30), min_size=1, max_size=9), st.integers(20, 60)
)
def test_agenda_lines_fit_their_width_and_count_every_start(names: list[str], width: int) -> None:
    lines = agenda([(NOW, name) for name in names], NOW, UTC, width, UNICODE)
    assert all(cell_width(line.text) <= width for line in lines)
    assert sum(line.starts for line in lines) == len(names)
