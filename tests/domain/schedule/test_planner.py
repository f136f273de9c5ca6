from itertools import islice, pairwise

import pytest

from engine.clock import DAY, HOUR, MINUTE, SECOND
from engine.domain.schedule import RecurringSchedule
from engine.domain.schedule.planner import planner_for
from tests.domain.schedule.builders import at, cron, utc


def test_the_next_instant_is_strictly_after() -> None:
    planner = cron("*/15 * * * *")
    assert utc([planner.next_after(at("2026-01-01T10:15")) or 0]) == ["2026-01-01T10:30"]
    assert planner.next_after(at("2026-01-01T10:15") - 1) == at("2026-01-01T10:15")
    assert planner.next_after(at("2026-01-01T10:15:20.5")) == at("2026-01-01T10:30")


def test_the_previous_instant_may_be_now() -> None:
    planner = cron("30 2 * * *")
    assert planner.previous_at(at("2026-01-01T02:30")) == at("2026-01-01T02:30")
    assert planner.previous_at(at("2026-01-01T02:29:59")) == at("2025-12-31T02:30")


def test_months_are_kept_when_the_search_passes_their_end() -> None:
    found = list(cron("0 3 * 1 *").between(at("2026-01-30T04:00"), at("2027-01-02T00:00")))
    assert utc(found) == ["2026-01-31T03:00", "2027-01-01T03:00"]


def test_day_and_wday_both_restricted_match_either() -> None:
    found = list(cron("30 4 1,15 * fri").between(at("2026-05-01T00:00"), at("2026-05-17T00:00")))
    assert utc(found) == [f"2026-05-{day:02}T04:30" for day in (1, 8, 15)]
    found = list(cron("0 0 13 * fri").between(at("2026-02-01T00:00"), at("2026-03-01T00:00")))
    assert utc(found) == [f"2026-02-{day:02}T00:00" for day in (6, 13, 20, 27)]


def test_a_step_restricts_and_a_full_range_does_not() -> None:
    odd_or_monday = cron("0 0 */2 * mon").between(at("2026-06-01T00:00"), at("2026-06-09T00:00"))
    assert [text[8:10] for text in utc(list(odd_or_monday))] == ["03", "05", "07", "08", "09"]
    mondays = cron("0 0 1-31 * mon").between(at("2026-06-01T00:00"), at("2026-06-16T00:00"))
    assert [text[8:10] for text in utc(list(mondays))] == ["08", "15"]


def test_a_leap_day_schedule_waits_for_the_next_leap_year() -> None:
    planner = cron("0 12 29 2 *")
    assert planner.next_after(at("2026-01-01T00:00")) == at("2028-02-29T12:00")
    assert planner.next_after(at("2096-03-01T00:00")) == at("2104-02-29T12:00")
    assert planner.previous_at(at("2026-01-01T00:00")) == at("2024-02-29T12:00")


def test_nothing_is_due_beyond_the_horizon_or_before_1970() -> None:
    planner = cron("0 0 1 1 *")
    assert planner.next_after(at("2199-06-01T00:00")) is None
    assert planner.previous_at(at("1970-01-01T00:00") - DAY) is None
    assert planner.next_after(-(10**18)) == at("1970-01-01T00:00")
    assert planner.previous_at(10**18) == at("2199-01-01T00:00")
    assert planner.count(10**18, 10**19) is None
    assert list(planner.between(10**18, 10**19)) == []


def test_a_recurring_schedule_counts_from_its_anchor_without_drift() -> None:
    anchor = at("2026-01-01T00:00:00.25")
    planner = planner_for(RecurringSchedule(600), anchor)
    assert planner.next_after(anchor - DAY) == anchor + 600 * SECOND
    assert planner.next_after(anchor) == anchor + 600 * SECOND
    assert planner.next_after(anchor + 600 * SECOND) == anchor + 1200 * SECOND
    assert planner.previous_at(anchor + 599 * SECOND) is None
    assert planner.previous_at(anchor + 1200 * SECOND) == anchor + 1200 * SECOND
    assert planner.count(anchor - DAY, anchor + HOUR) == (
        anchor + 600 * SECOND,
        anchor + HOUR,
        6,
    )
    assert planner.count(anchor, anchor + 599 * SECOND) is None
    assert list(planner.between(anchor + MINUTE, anchor + 20 * MINUTE)) == [
        anchor + 10 * MINUTE,
        anchor + 20 * MINUTE,
    ]


@pytest.mark.parametrize(
    "text", ["* * * * *", "30 2 * * *", "7-59/13 3-5 * * mon,thu", "0 0 1,31 * *", "0 0 29 2 *"]
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Prague", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_walking_counting_and_looking_back_agree(text: str, zone: str) -> None:
    planner = cron(text, zone)
    after, until = at("2026-03-01T00:00"), at("2026-04-20T00:00")
    found = list(planner.between(after, until))
    walked = []
    following = planner.next_after(after)
    while following is not None and following <= until:
        walked.append(following)
        following = planner.next_after(following)
    assert walked == found
    stretch = planner.count(after, until)
    assert stretch == ((found[0], found[-1], len(found)) if found else None)
    for before, after in islice(pairwise(found), 5000):
        assert planner.previous_at(after - 1) == before
        assert planner.previous_at(after) == after


def test_a_million_instants_are_counted_without_walking_them() -> None:
    minutely = cron("* * * * *", "Europe/Prague").count(
        at("2024-01-01T00:00"), at("2026-01-01T00:00")
    )
    assert minutely is not None
    assert minutely[2] == 731 * 1440


def test_equal_schedules_share_one_planner() -> None:
    assert cron("*/7 * * * *", "Europe/Prague") is cron("*/7 * * * *", "Europe/Prague")
