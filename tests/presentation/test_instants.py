"""Ages, distances and local times as people read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from app.cells import cell_width
from app.presentation.instants import (
    age,
    age_until,
    ahead,
    ahead_until,
    clock_time,
    duration,
    full_time,
    local,
    long_duration,
    midnight_after,
    when,
    zone_label,
    zone_named,
)
from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime

PRAGUE = ZoneInfo("Europe/Prague")


def at(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text))


NOW = at("2026-01-05T12:30:05+00:00")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0.0, "0ms"),
        (0.04, "40ms"),
        (0.8, "0.8s"),
        (3.04, "3.0s"),
        (9.96, "10s"),
        (59.4, "59s"),
        (59.6, "1m"),
        (720, "12m"),
        (3599.4, "59m"),
        (7440, "2h04"),
        (86_400, "24h"),
        (3 * 86_400, "3d"),
        (800 * 86_400, "2y"),
        (-4, "-4.0s"),
    ],
)
def test_durations_fit_a_narrow_column(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text
    assert len(text) <= 5


@given(st.floats(0, 3e9))
def test_no_duration_is_wider_than_five_cells(seconds: float) -> None:
    assert cell_width(duration(seconds)) <= 5
    assert cell_width(long_duration(seconds)) <= 7


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (4.1, "4.1s"),
        (44, "44s"),
        (134, "2m14s"),
        (48_540, "13h29m"),
        (705_600, "8d4h"),
        (None, "-"),
    ],
)
def test_long_durations_have_two_units(seconds: float | None, text: str) -> None:
    assert long_duration(seconds) == text


@pytest.mark.parametrize(
    ("back", "text"),
    [
        (0, "0s"),
        (41 * SECOND, "41s"),
        (2 * MINUTE + 59 * SECOND, "2m"),
        (9 * HOUR, "9h"),
        (47 * HOUR, "47h"),
        (5 * DAY, "5d"),
        (-5 * SECOND, "0s"),
    ],
)
def test_ages_are_never_overstated(back: Instant, text: str) -> None:
    assert age(NOW - back, NOW) == text


def test_no_instant_has_no_age_and_no_distance() -> None:
    assert (age(None, NOW), ahead(None, NOW), when(None, NOW, UTC)) == ("-", "-", "-")
    assert full_time(None, UTC) == "-"


@pytest.mark.parametrize(
    ("distance", "narrow", "wide"),
    [
        (2 * MINUTE + 14 * SECOND, "in 2m", "in 2m14s"),
        (13 * HOUR + 29 * MINUTE, "in 13h", "in 13h29m"),
        (8 * DAY, "in 8d", "in 8d0h"),
        (400_000, "now", "now"),
        (-3 * SECOND, "now", "now"),
        (-3 * MINUTE, "3m late", "3m late"),
    ],
)
def test_distances_to_a_due_instant(distance: Instant, narrow: str, wide: str) -> None:
    assert ahead(NOW + distance, NOW) == narrow
    assert ahead(NOW + distance, NOW, wide=True) == wide


def test_a_time_of_today_is_a_clock_time_and_others_carry_their_date() -> None:
    assert when(at("2026-01-05T12:28:01+00:00"), NOW, PRAGUE) == "13:28:01"
    assert when(at("2026-01-04T12:28:01+00:00"), NOW, PRAGUE) == "Jan 04 13:28"
    assert when(at("2025-12-31T12:28:01+00:00"), NOW, PRAGUE) == "2025-12-31"
    assert when(at("2026-01-04T23:30:00+00:00"), NOW, PRAGUE) == "00:30:00"


def test_a_full_time_always_shows_its_zone() -> None:
    assert full_time(NOW, PRAGUE) == "2026-01-05 13:30:05 CET"
    assert full_time(at("2026-07-05T12:00:00+00:00"), PRAGUE) == "2026-07-05 14:00:00 CEST"
    assert zone_label(NOW, ZoneInfo("Asia/Kathmandu")) == "+05:45"
    assert zone_label(NOW, ZoneInfo("America/Sao_Paulo")) == "-03"
    assert clock_time(NOW, UTC) == "12:30:05"


def test_an_unknown_zone_shows_utc_instead_of_failing() -> None:
    assert zone_named("Nowhere/Land") is UTC
    assert zone_named("") is UTC
    assert zone_named("../etc/passwd") is UTC


def test_the_ends_of_the_calendar_still_show() -> None:
    last = at("9999-12-31T23:59:59+00:00")
    assert full_time(last, ZoneInfo("Pacific/Auckland")).startswith("9999-12-31")
    assert local(last, UTC).year == 9999


DISTANCES = st.one_of(
    st.integers(-3 * DAY, 3 * DAY),
    st.integers(-200, 200).map(lambda seconds: seconds * SECOND),
    st.integers(-100, 100).map(lambda minutes: minutes * MINUTE),
    st.integers(-100, 100).map(lambda hours: hours * 60 * MINUTE),
    st.tuples(st.integers(-1000, 1000), st.integers(-SECOND - 1, SECOND + 1)).map(
        lambda days: days[0] * DAY + days[1]
    ),
)


@given(DISTANCES, st.floats(0, 1, exclude_max=True))
def test_an_age_and_a_distance_read_the_same_until_they_may_change(
    distance: Instant, share: float
) -> None:
    point = NOW + distance
    for text, until in ((age, age_until), (ahead, ahead_until)):
        change = until(point, NOW)
        assert change is not None
        assert change > NOW
        between = NOW + int((change - NOW) * share)
        assert text(point, between) == text(point, NOW)


def test_what_is_a_minute_off_is_looked_at_once_a_minute() -> None:
    assert age_until(NOW - 90 * SECOND, NOW) == NOW + 30 * SECOND
    assert ahead_until(NOW + 90 * SECOND, NOW) == NOW + 30 * SECOND + 1
    assert ahead_until(NOW - 90 * SECOND, NOW) == NOW + 29 * SECOND + 1


def test_what_is_hours_or_days_off_is_looked_at_no_more_often() -> None:
    hour = 60 * MINUTE
    assert age_until(NOW - 90 * MINUTE, NOW) == NOW + 30 * MINUTE
    assert age_until(NOW - 3 * DAY - hour, NOW) == NOW + 23 * hour
    assert ahead_until(NOW + 90 * MINUTE, NOW) == NOW + 30 * MINUTE + 1
    assert ahead_until(NOW + 3 * DAY + hour, NOW) == NOW + hour + 1
    assert ahead_until(NOW + 2 * DAY, NOW) == NOW + 1  # "in 2d", then "in 47h"
    assert ahead_until(NOW + hour, NOW) == NOW + 1  # "in 1h", then "in 59m"


def test_what_has_no_time_never_changes() -> None:
    assert age_until(None, NOW) is None
    assert ahead_until(None, NOW) is None


def test_a_time_of_today_reads_the_same_until_midnight_where_it_is_read() -> None:
    assert midnight_after(NOW, PRAGUE) == at("2026-01-06T00:00:00+01:00")
    short_day = at("2026-03-29T00:30:00+01:00")
    assert midnight_after(short_day, PRAGUE) == at("2026-03-30T00:00:00+02:00")
    assert midnight_after(at("9999-12-31T12:00:00+00:00"), UTC) > NOW
