"""Durations and moments as people type them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from app.store.query_values import parse_around, parse_duration, parse_moment, parse_since
from engine.clock import HOUR, from_datetime

NOW = from_datetime(datetime(2026, 11, 23, 12, 30, 5, tzinfo=UTC))


def at(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90.0),
        ("1.5h", 5400.0),
        ("1h30m", 5400.0),
        ("2d", 172800.0),
        ("1w", 604800.0),
        ("250ms", 0.25),
        ("10min", 600.0),
        ("0", 0.0),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "h", "1h30", "-5m", "1 h", "5y", "1e9", "9" * 41, "99999999w"]
)
def test_other_texts_are_no_durations(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T19:00:00Z", "2026-11-22T19:00:00+00:00"),
        ("2026-11-22", "2026-11-22T00:00:00+01:00"),
        ("2026-11-22 19:00", "2026-11-22T19:00:00+01:00"),
        ("12:00", "2026-11-23T12:00:00+01:00"),
        ("23:00", "2026-11-22T23:00:00+01:00"),  # the last time that it was 23:00
        ("now", "2026-11-23T12:30:05+00:00"),
        ("today", "2026-11-23T00:00:00+01:00"),
        ("yesterday", "2026-11-22T00:00:00+01:00"),
        ("tomorrow", "2026-11-24T00:00:00+01:00"),
    ],
)
def test_moments_are_read_in_the_given_zone(text: str, expected: str) -> None:
    assert parse_moment(text, NOW, ZoneInfo("Europe/Prague")) == at(expected)


def test_a_time_of_day_can_be_the_next_one() -> None:
    assert parse_moment("12:00", NOW, UTC, "after") == at("2026-11-24T12:00:00+00:00")


@pytest.mark.parametrize("text", ["", "25:00", "12:60", "soon", "2026-13-01", "x" * 50])
def test_other_texts_are_no_moments(text: str) -> None:
    assert parse_moment(text, NOW, UTC) is None


def test_since_takes_a_duration_ago_or_a_moment() -> None:
    assert parse_since("2h", NOW, UTC) == NOW - 2 * HOUR
    assert parse_since("2026-11-22", NOW, UTC) == at("2026-11-22T00:00:00+00:00")
    assert parse_since("nonsense", NOW, UTC) is None


@given(st.text(max_size=45))
def test_no_text_breaks_the_readers(text: str) -> None:
    parse_duration(text)
    parse_moment(text, NOW, UTC)


def test_an_instant_lies_so_long_ago_or_so_far_ahead() -> None:
    assert parse_around("-2h", NOW, UTC) == parse_around("2h", NOW, UTC) == NOW - 2 * HOUR
    assert parse_around("+2h", NOW, UTC) == NOW + 2 * HOUR
    assert parse_around("2026-11-22", NOW, UTC) == at("2026-11-22T00:00:00+00:00")
    assert parse_around("+soon", NOW, UTC) is None


@pytest.mark.parametrize(
    ("now", "before", "after"),
    [
        ("2026-10-25T02:40+02:00", "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"),
        ("2026-10-25T02:10+01:00", "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"),
        ("2026-10-25T02:50+01:00", "2026-10-25T02:30+01:00", "2026-10-26T02:30+01:00"),
        ("2026-03-29T01:50+01:00", "2026-03-28T02:30+01:00", "2026-03-29T03:30+02:00"),
        ("2026-03-29T04:00+02:00", "2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"),
    ],
)
def test_a_time_of_day_that_comes_twice_or_not_at_all(now: str, before: str, after: str) -> None:
    zone = ZoneInfo("Europe/Prague")
    assert parse_moment("02:30", at(now), zone, "before") == at(before)
    assert parse_moment("02:30", at(now), zone, "after") == at(after)
