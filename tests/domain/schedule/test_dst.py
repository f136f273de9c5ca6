"""The daylight-saving contract, case by case.

The defaults are what Debian's cron did, run under a faked clock.
"""

import pytest

from tests.domain.schedule.builders import at, cron, local

PRAGUE = "Europe/Prague"


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("30 2 * * *", ["29 03:00+0200"]),
        ("0 3 * * *", ["29 03:00+0200"]),
        ("0,15,30,45 2 * * *", ["29 03:00+0200"]),  # Debian starts it four times: one instant here
        ("0 2,3 * * *", ["29 03:00+0200"]),
        ("*/15 2 * * *", []),
        ("30 */2 * * *", ["29 00:30+0100", "29 04:30+0200"]),
    ],
)
def test_in_the_gap_fixed_times_run_right_after_it_and_wildcards_do_not(
    text: str, due: list[str]
) -> None:
    found = cron(text, PRAGUE).between(at("2026-03-28T23:00"), at("2026-03-29T03:59"))
    assert local(list(found), PRAGUE) == due


def test_hourly_jobs_go_by_elapsed_time() -> None:
    spring = list(cron("0 * * * *", PRAGUE).between(at("2026-03-29T00:00"), at("2026-03-29T02:00")))
    assert local(spring, PRAGUE) == ["29 03:00+0200", "29 04:00+0200"]
    autumn = list(cron("0 * * * *", PRAGUE).between(at("2026-10-24T23:30"), at("2026-10-25T02:00")))
    assert local(autumn, PRAGUE) == ["25 02:00+0200", "25 02:00+0100", "25 03:00+0100"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("30 2 * * *", 1),
        ("0,15,30,45 2 * * *", 4),
        ("*/15 2 * * *", 8),
        ("0 2,3 * * *", 2),
        ("30 1-3 * * *", 3),
        ("30 */2 * * *", 3),  # 00:30, and 02:30 twice
    ],
)
def test_in_the_overlap_fixed_times_run_once_and_wildcards_each_time(
    text: str, number: int
) -> None:
    found = cron(text, PRAGUE).between(at("2026-10-24T22:00"), at("2026-10-25T03:00"))
    assert len(list(found)) == number


@pytest.mark.parametrize(
    ("gap", "due"),
    [
        ("after", ["29 03:00+0200", "29 03:15+0200"]),
        ("skip", ["29 03:15+0200"]),
        ("shift", ["29 03:15+0200", "29 03:30+0200"]),
    ],
)
def test_dst_gap_is_a_choice(gap: str, due: list[str]) -> None:
    planner = cron("15,30 2 29 3 *", PRAGUE, gap=gap)
    both = cron("15 2,3 29 3 *", PRAGUE, gap=gap)
    after, until = at("2026-03-28T00:00"), at("2026-03-30T00:00")
    wanted = {"after": ["29 03:00+0200"], "skip": [], "shift": due}[gap]
    assert local(list(planner.between(after, until)), PRAGUE) == wanted
    # what is shifted onto another due instant is one with it
    expected = {"after": due, "skip": due, "shift": due[:1]}[gap]
    assert local(list(both.between(after, until)), PRAGUE) == expected
    stretch = both.count(after, until)
    assert stretch is not None
    assert stretch[2] == len(expected)


@pytest.mark.parametrize(
    ("overlap", "due"),
    [
        ("first", ["25 02:30+0200"]),
        ("last", ["25 02:30+0100"]),
        ("both", ["25 02:30+0200", "25 02:30+0100"]),
    ],
)
def test_dst_overlap_is_a_choice(overlap: str, due: list[str]) -> None:
    planner = cron("30 2 * * *", PRAGUE, overlap=overlap)
    after, until = at("2026-10-24T22:00"), at("2026-10-25T12:00")
    assert local(list(planner.between(after, until)), PRAGUE) == due
    assert planner.previous_at(until) == list(planner.between(after, until))[-1]


@pytest.mark.parametrize(
    ("zone", "text", "after", "until", "due"),
    [
        # half an hour at Lord Howe
        (
            "Australia/Lord_Howe",
            "15 2 * * *",
            "2026-10-03T12:00",
            "2026-10-04T12:00",
            ["04 02:30+1100"],
        ),
        (
            "Australia/Lord_Howe",
            "45 1 * * *",
            "2026-04-04T12:00",
            "2026-04-05T12:00",
            ["05 01:45+1100"],
        ),
        # midnight itself is skipped
        ("Africa/Cairo", "0 0 * * *", "2026-04-23T12:00", "2026-04-24T12:00", ["24 01:00+0300"]),
        (
            "America/Santiago",
            "0 0 * * *",
            "2026-09-05T12:00",
            "2026-09-06T12:00",
            ["06 01:00-0300"],
        ),
        # Sao Paulo's last summers: midnight skipped, 23:00 repeated
        (
            "America/Sao_Paulo",
            "30 0 * * *",
            "2018-11-03T12:00",
            "2018-11-04T12:00",
            ["04 01:00-0200"],
        ),
        (
            "America/Sao_Paulo",
            "30 23 * * *",
            "2019-02-16T12:00",
            "2019-02-17T12:00",
            ["16 23:30-0200"],
        ),
        # winter time as negative summer time
        (
            "Africa/Casablanca",
            "30 2 * * *",
            "2026-02-14T12:00",
            "2026-02-15T12:00",
            ["15 02:30+0100"],
        ),
        (
            "Africa/Casablanca",
            "30 2 * * *",
            "2026-03-21T12:00",
            "2026-03-22T12:00",
            ["22 03:00+0100"],
        ),
        ("Europe/Dublin", "30 1 * * *", "2026-03-28T12:00", "2026-03-29T12:00", ["29 02:00+0100"]),
        # a zone that changes with no daylight saving at all
        (
            "Asia/Pyongyang",
            "45 23 * * *",
            "2018-05-04T00:00",
            "2018-05-05T00:00",
            ["05 00:00+0900"],
        ),
        (
            "Europe/Volgograd",
            "30 1 * * *",
            "2020-12-26T12:00",
            "2020-12-27T12:00",
            ["27 01:30+0400"],
        ),
        # Antarctica in winter: two hours
        (
            "Antarctica/Troll",
            "30 2 * * *",
            "2026-03-28T12:00",
            "2026-03-29T12:00",
            ["29 03:00+0200"],
        ),
    ],
)
def test_unusual_clock_changes(
    zone: str, text: str, after: str, until: str, due: list[str]
) -> None:
    planner = cron(text, zone)
    assert local(list(planner.between(at(after), at(until))), zone) == due
    assert planner.count(at(after), at(until)) is not None


def test_a_skipped_day_is_a_correction_and_no_run_is_invented_for_it() -> None:
    after, until = at("2011-12-29T12:00"), at("2011-12-31T12:00")
    found = list(cron("0 12 * * *", "Pacific/Apia").between(after, until))
    assert local(found, "Pacific/Apia") == ["29 12:00-1000", "31 12:00+1400"]
    shifted = list(cron("0 11 30 12 *", "Pacific/Apia", gap="shift").between(after, until))
    assert local(shifted, "Pacific/Apia") == ["31 11:00+1400"]
