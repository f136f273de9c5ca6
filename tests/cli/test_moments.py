"""Instants and lengths of time as people write them."""

from zoneinfo import ZoneInfo

import click
import pytest

from app.cli.moments import DURATION, MOMENT, read_moment
from engine.clock import DAY, HOUR, MINUTE, SECOND, from_datetime, to_iso
from engine.testing.clock import ManualClock

PRAGUE = ZoneInfo("Europe/Prague")
NOW = ManualClock.at("2026-03-28T12:00:00Z").now()


@pytest.mark.parametrize(
    ("text", "direction", "expected"),
    [
        ("now", -1, "2026-03-28T12:00:00.000000Z"),
        ("24h", -1, "2026-03-27T12:00:00.000000Z"),
        ("24h", 1, "2026-03-29T12:00:00.000000Z"),
        ("-10m", 1, "2026-03-28T11:50:00.000000Z"),
        ("+10m", -1, "2026-03-28T12:10:00.000000Z"),
        ("1d12h", -1, "2026-03-27T00:00:00.000000Z"),
        ("2026-11-22T19:00:00Z", -1, "2026-11-22T19:00:00.000000Z"),
        ("2026-11-22T19:00+02:00", -1, "2026-11-22T17:00:00.000000Z"),
        ("2026-11-22", -1, "2026-11-21T23:00:00.000000Z"),
        ("2026-11-22 07:30", -1, "2026-11-22T06:30:00.000000Z"),
        ("2026-11-22T19:00:00.000001Z", -1, "2026-11-22T19:00:00.000001Z"),
        ("13:30", -1, "2026-03-28T12:30:00.000000Z"),
        ("2:15", 1, "2026-03-28T01:15:00.000000Z"),
        ("00:00:10", 1, "2026-03-27T23:00:10.000000Z"),
        ("2026-10-25T02:30", -1, "2026-10-25T00:30:00.000000Z"),  # the first of the two
    ],
)
def test_an_instant_is_read(text: str, direction: int, expected: str) -> None:
    moment = read_moment(text)
    assert to_iso(moment.at(NOW, 1 if direction > 0 else -1, PRAGUE)) == expected


def test_a_time_without_a_zone_is_the_machines_by_default() -> None:
    moment = read_moment("2026-11-22T19:00")
    assert moment.moment is not None
    assert moment.at(NOW, 1) == from_datetime(moment.moment.astimezone())


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "24", "h", "10 m", "2026-02-30", "2026-11-22T25:00", "24:00", "2:5",
     "\u0661\u0660m", "1e3s",
     "--5m", "999999999w", "0001-01-01T00:00:00+23:59", "2026-11-22T19:00:00Z; rm -rf"],
)  # fmt: skip
def test_what_is_no_instant_is_refused_with_the_accepted_forms(text: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        MOMENT.convert(text, None, None)
    assert refused.value.message


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [("90s", 90 * SECOND), ("10m", 10 * MINUTE), ("24h", 24 * HOUR), ("2w", 14 * DAY)],
)
def test_a_length_of_time_is_read(text: str, microseconds: int) -> None:
    assert DURATION.convert(text, None, None) * SECOND == microseconds


@pytest.mark.parametrize("text", ["", "90", "-5m", "+5m", "5 m", "1y"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        DURATION.convert(text, None, None)
