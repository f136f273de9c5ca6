import pytest

from engine.domain.schedule import RecurringSchedule
from engine.domain.schedule.clock_changes import ClockChange, clock_changes
from engine.domain.schedule.cron import parse_cron
from tests.domain.schedule.builders import at, utc

PRAGUE = "Europe/Prague"


def _first(
    text: str, kind: str, zone: str = PRAGUE, gap: str = "after", overlap: str = "first"
) -> ClockChange:
    schedule = parse_cron(text, zone, gap, overlap)
    return next(
        one for one in clock_changes(schedule, at("2026-01-01T00:00"), 2) if one.kind == kind
    )


@pytest.mark.parametrize(
    ("text", "gap", "effect"),
    [
        ("30 2 * * *", "after", "02:30 does not exist; runs at 03:00 +02:00"),
        ("30 2 * * *", "skip", "02:30 does not exist; no run (dst-gap is skip)"),
        ("30 2 * * *", "shift", "02:30 does not exist; runs at 03:30 +02:00"),
        ("0,30 2 * * *", "after", "02:00 and 02:30 do not exist; runs once at 03:00 +02:00"),
        ("0,30 2 * * *", "shift", "02:00 and 02:30 do not exist; runs at 03:00 and 03:30 +02:00"),
        (
            "*/10 * * * *",
            "after",
            "02:00, 02:10 ... 02:50 do not exist; the job goes by elapsed time",
        ),
    ],
)
def test_a_gap_says_what_it_does(text: str, gap: str, effect: str) -> None:
    change = _first(text, "gap", gap=gap)
    assert change.effect == effect
    assert change.local == "2026-03-29 02:00 +01:00 to 03:00 +02:00"
    assert utc([change.at]) == ["2026-03-29T01:00"]


@pytest.mark.parametrize(
    ("text", "overlap", "effect", "number"),
    [
        ("30 2 * * *", "first", "02:30 comes twice; runs the first time only", 1),
        ("30 2 * * *", "last", "02:30 comes twice; runs the second time only", 1),
        ("0,30 2 * * *", "both", "02:00 and 02:30 come twice; runs both times", 4),
        ("0 * * * *", "first", "02:00 comes twice; runs each time, by elapsed time", 2),
    ],
)
def test_an_overlap_says_what_it_does(text: str, overlap: str, effect: str, number: int) -> None:
    change = _first(text, "overlap", overlap=overlap)
    assert change.effect == effect
    assert len(change.due) == number
    assert change.local == "2026-10-25 03:00 +02:00 to 02:00 +01:00"


def test_only_dates_that_touch_the_job_are_named() -> None:
    assert clock_changes(parse_cron("30 12 * * *", PRAGUE), at("2026-01-01T00:00"), 5) == []
    assert clock_changes(parse_cron("30 2 * * mon", PRAGUE), at("2026-01-01T00:00"), 5) == []
    assert clock_changes(parse_cron("30 2 * * *", "UTC"), at("2026-01-01T00:00"), 5) == []
    assert clock_changes(RecurringSchedule(3600, PRAGUE), at("2026-01-01T00:00"), 5) == []
    on_the_29th = clock_changes(parse_cron("30 2 29 * *", PRAGUE), at("2026-01-01T00:00"), 2)
    assert utc([one.at for one in on_the_29th]) == ["2026-03-29T01:00", "2028-10-29T01:00"]


def test_a_skipped_day_is_named_as_a_correction() -> None:
    schedule = parse_cron("0 12 * * *", "Pacific/Apia")
    change = clock_changes(schedule, at("2011-12-01T00:00"), 1)[0]
    assert change.effect == "12:00 does not exist; no run (a change of 24 hours)"
    assert change.as_json()["due"] == []
