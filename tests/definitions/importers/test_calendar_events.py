"""Calendar events are read as systemd reads them, and carried over where a schedule can say it."""

import re
import shutil
import subprocess
from itertools import islice

import pytest

from engine.clock import to_iso
from engine.definitions.importers.calendar_cron import NoScheduleError, schedule_of
from engine.definitions.importers.calendar_rule import CalendarRule
from engine.definitions.importers.calendar_spec import SpecError, parse
from engine.definitions.importers.timespans import seconds_of
from engine.domain.schedule import CronSchedule, RecurringSchedule
from engine.domain.schedule.planner import planner_for
from engine.testing.clock import ManualClock

ANALYZE = shutil.which("systemd-analyze")
START = "2026-03-20T00:00:00+00:00"
YEAR = 366 * 86_400_000_000

EVENTS = [
    *("minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "yearly", "semiannually"),
    *("*:0/10", "*:5/20", "8..18:0/30", "8..18/2:15", "*-*-* 02:30", "*-*-* 02:00/15"),
    *("Mon..Fri 22:30", "Sat,Thu,Mon..Wed,Sat..Sun", "Mon-Fri 10:00", "monday 3:0"),
    *("*-1,7-1", "12-25", "*-*-1,15 6:00", "*-*-01/7 00:00", "*-*-1..7 18:00:00", "*-06..08-*"),
    *("10:5", "0/6:00", "23:59", "*-*-31", "*-02-29", "0..23/4:00", "00:00 UTC", "daily UTC"),
    *("*-*-* 10:00 Europe/Prague", "hourly Europe/Berlin", "mon *-*-* 0/2:00:00 utc"),
    *(
        "Mon *-*-1..7 10:00",
        "*-*~01",
        "*-02~03",
        "*-*~07/1 12:00",
        "*-*~07/2",
        "*-*~01..03",
        "*-02~05..07/1",
        "2026..2028-1-1",
        "26-5-1",
    ),
    *("*:*:0/10", "*:*:30", "Fri *-*-13"),
]
ZONES = ["UTC", "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "America/Havana"]


def oracle(event: str, zone: str, count: int) -> list[int] | None:
    """Return the first instants after START as systemd-analyze tells them; None: it refuses."""
    assert ANALYZE
    done = subprocess.run(
        [
            ANALYZE,
            "calendar",
            f"--iterations={count}",
            "--base-time=2026-03-20 00:00:00 UTC",
            event,
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"TZ": zone, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    if done.returncode != 0:
        return None
    in_utc = re.findall(r"(?:\(in UTC\)|Next elapse|Iter\. #\d+): \w+ (\S+ \S+) UTC", done.stdout)
    return [ManualClock.at(f"{moment.replace(' ', 'T')}+00:00").now() for moment in in_utc]


@pytest.mark.skipif(ANALYZE is None, reason="this machine has no systemd-analyze to compare with")
@pytest.mark.parametrize("zone", ZONES)
def test_the_evaluator_elapses_when_systemd_says_so(zone: str) -> None:
    start = ManualClock.at(START).now()
    compared = 0
    for event in EVENTS:
        told = oracle(event, zone, 25)
        assert told is not None, event
        spec = parse(event)
        rule = CalendarRule(spec, spec.timezone or zone)
        until = told[-1] if told else start + 4 * YEAR
        ours = list(islice(rule.instants(start, until), len(told) + 1))
        assert [to_iso(each) for each in ours] == [to_iso(each) for each in told], (event, zone)
        compared += len(told)
    assert compared > 1000


@pytest.mark.skipif(ANALYZE is None, reason="this machine has no systemd-analyze to compare with")
@pytest.mark.parametrize(
    "event", ["*:0/10", "*-*-* 02:30", "hourly", "*-*-* 1..3:00/20", "minutely"]
)
@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Prague", "2026-10-24 22:00"),
        ("Europe/Prague", "2026-03-28 22:00"),
        ("Australia/Lord_Howe", "2026-04-04 12:00"),
        ("America/Havana", "2026-10-31 20:00"),
        ("America/Havana", "2026-03-07 20:00"),
    ],
)
def test_the_evaluator_goes_through_clock_changes_as_systemd_does(
    event: str, zone: str, change: str
) -> None:
    assert ANALYZE
    count = 300 if event == "minutely" else 40
    done = subprocess.run(
        [ANALYZE, "calendar", f"--iterations={count}", f"--base-time={change}:00 UTC", event],
        capture_output=True,
        text=True,
        check=True,
        env={"TZ": zone, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    told = re.findall(r"in UTC\): \w+ (\S+) (\S+) UTC", done.stdout)
    expected = [f"{day}T{time}.000000Z" for day, time in told]
    assert len(expected) == count
    start = ManualClock.at(f"{change.replace(' ', 'T')}:00+00:00").now()
    rule = CalendarRule(parse(event), zone)
    ours = [to_iso(each) for each in rule.instants(start, start + 60 * 86_400_000_000)]
    assert ours[:count] == expected


@pytest.mark.skipif(ANALYZE is None, reason="this machine has no systemd-analyze to compare with")
@pytest.mark.parametrize(
    "event",
    ["*:*/10", "*-*-*/2 00:00", "Sat..Mon 10:00", "10", "fortnightly", "*:59/2", "*:60", "24:00",
     "* *:*", "Foo 10:00", "10:00 Mars/Olympus", "1-2-3-4", ""],
)  # fmt: skip
def test_what_systemd_refuses_is_refused(event: str) -> None:
    assert oracle(event, "UTC", 1) is None
    with pytest.raises(SpecError):
        parse(event)


@pytest.mark.parametrize("event", ["@1234", "*:*:00.5"])
def test_single_moments_and_fractions_are_refused_for_what_they_are(event: str) -> None:
    with pytest.raises(SpecError, match=r"single moment|fractions"):
        parse(event)


@pytest.mark.parametrize(
    ("event", "zone", "fields"),
    [
        ("*:0/10", "UTC", "*/10 * * * *"),
        ("*:0/10", "Europe/Prague", "0-59/10 0-23 * * *"),
        ("Mon..Fri 22:30", "UTC", "30 22 * * 1-5"),
        ("weekly", "UTC", "0 0 * * 1"),
        ("Sun 03:10", "Europe/Prague", "10 3 * * 0"),
        ("Sat,Sun 1,2,3,7:5", "UTC", "5 1-3,7 * * 0,6"),
        ("quarterly", "UTC", "0 0 1 */3 *"),
        ("*-*-1,15 6,18:00", "UTC", "0 6,18 1,15 * *"),
        ("*-06..08-01/2 00:00", "UTC", "0 0 */2 6-8 *"),
        ("5/20:7/9", "UTC", "7-59/9 5 * * *"),
    ],
)
def test_an_event_becomes_the_five_fields(event: str, zone: str, fields: str) -> None:
    if event == "5/20:7/9":
        with pytest.raises(SpecError):
            parse(event)  # 5 + 20 is no hour
        return
    schedule, said = schedule_of(parse(event), zone)
    assert isinstance(schedule, CronSchedule)
    assert schedule.expression == fields
    assert (schedule.dst_gap, schedule.dst_overlap, said) == ("skip", "first", "")


@pytest.mark.parametrize("zone", ZONES)
def test_two_years_of_every_event_that_is_carried_over_are_the_same(zone: str) -> None:
    start = ManualClock.at(START).now()
    carried = 0
    for event in EVENTS:
        spec = parse(event)
        try:
            schedule, _ = schedule_of(spec, zone)
        except NoScheduleError:
            continue
        if isinstance(schedule, RecurringSchedule):
            continue
        rule = CalendarRule(spec, spec.timezone or zone)
        years = 2 * YEAR if event != "minutely" else YEAR // 4
        ours = planner_for(schedule, start).between(start, start + years)
        for one, other in zip(rule.instants(start, start + years), ours, strict=True):
            assert one == other, (event, zone, to_iso(one), to_iso(other))
        carried += 1
    assert carried > 30


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("2026-05-01", "years"),
        ("*-*~01", "end of the month"),
        ("Mon *-*-1..7 10:00", "both in its date and among its weekdays"),
        ("*:*:30", "seconds"),
        ("*:0:0/10", "seconds"),
    ],
)
def test_what_no_schedule_says_is_refused_with_the_reason(event: str, why: str) -> None:
    with pytest.raises(NoScheduleError, match=why):
        schedule_of(parse(event), "UTC")


def test_seconds_that_are_even_become_a_duration() -> None:
    schedule, said = schedule_of(parse("*:*:0/10"), "UTC")
    assert schedule == RecurringSchedule(10, "UTC")
    assert "not from the full minute" in said


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("1h 30min", 5400),
        ("1w2d", 777_600),
        ("2.5h", 9000),
        ("500ms", 0.5),
        ("1M", 2_629_800),
    ],
)
def test_time_spans_are_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "infinity", "5 fortnights", "h", "-5"])
def test_what_is_no_time_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time span"):
        seconds_of(text)
