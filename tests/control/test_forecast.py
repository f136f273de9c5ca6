"""The forecast counts starts, finds where they pile up, and says what will not run."""

import pytest

from engine.clock import HOUR, MINUTE
from engine.control import Actor, System
from engine.errors import UsageError
from engine.persistence import jobs
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, every, instant

NINE = instant("2026-03-02T09:00:00")


@pytest.fixture
def opened(engine: ManualEngine) -> ManualEngine:
    """An engine whose runs go on until they are ended."""
    return engine.open()


def test_starts_are_counted_per_job_and_hour(opened: ManualEngine, system: System) -> None:
    opened.add(definition("often", cron("*/15 * * * *")))
    opened.add(definition("seldom", cron("30 10 * * *")))
    report = system.forecast.window(NINE, NINE + 2 * HOUR)
    assert report.starts == 9
    assert [(each.name, each.count) for each in report.jobs] == [("often", 8), ("seldom", 1)]
    assert report.hours == ((NINE, 3), (NINE + HOUR, 5), (NINE + 2 * HOUR, 1))
    assert report.as_json()["jobs"][1]["first"] == "2026-03-02T10:30:00.000000Z"


def test_it_piles_up_at_the_full_hour(opened: ManualEngine, system: System) -> None:
    for number in range(20):
        opened.add(definition(f"hourly-{number:02}", cron("0 * * * *")))
    opened.add(definition("other", cron("30 * * * *")))
    report = system.forecast.window(NINE, NINE + HOUR)
    assert [(each.at, each.starts) for each in report.peaks] == [
        (NINE + HOUR, 20),
        (NINE + 30 * MINUTE, 1),
    ]
    assert report.peaks[0].jobs[:2] == ("hourly-00", "hourly-01")
    assert (report.most_at_once, report.most_at_once_at) == (20, NINE + HOUR)
    assert report.unknown == 21


def test_recorded_durations_tell_how_many_run_at_once(opened: ManualEngine, system: System) -> None:
    opened.add(definition("long", cron("0 * * * *")))
    opened.add(definition("half", cron("20 * * * *")))
    opened.advance(3600, step=600)
    opened.advance(1800)
    for number in opened.world.running:  # both took half an hour or more
        opened.world.end(number)
    opened.tick()
    report = system.forecast.window(NINE + 3 * HOUR, NINE + 5 * HOUR)
    assert report.unknown == 0
    assert report.most_at_once == 2
    seconds = {each.name: each.seconds for each in report.jobs}
    assert seconds == {"long": 1800.0, "half": 4200.0}


def test_a_run_longer_than_its_interval_is_one_run_all_the_time(
    opened: ManualEngine, system: System
) -> None:
    opened.add(definition("slow", cron("*/5 * * * *")))
    opened.advance(300)
    opened.advance(1200)
    opened.world.end(1)
    opened.tick()
    assert system.forecast.window(NINE + HOUR, NINE + 2 * HOUR).most_at_once == 1


def test_what_is_due_and_will_not_run_is_named_with_the_reason(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.add(definition("off", cron("0 * * * *")))
    opened.add(definition("inactive", cron("0 * * * *"), active=False))
    system.jobs.set_enabled(["off"], False, actor)
    report = system.forecast.window(NINE, NINE + HOUR)
    assert report.starts == 0
    assert "is disabled by ops" in report.idle["off"]
    assert "is not active" in report.idle["inactive"]


def test_nothing_is_foreseen_after_the_expiry(opened: ManualEngine, system: System) -> None:
    opened.add(definition("ends", cron("*/10 * * * *"), expiry_date=NINE + 30 * MINUTE))
    report = system.forecast.window(NINE, NINE + 2 * HOUR)
    assert report.starts == 2
    assert sum(count for _, count in report.hours) == 2


def test_a_dense_job_is_an_even_load(opened: ManualEngine, system: System) -> None:
    opened.add(definition("beat", every(1)))
    report = system.forecast.window(NINE, NINE + HOUR)
    assert report.starts == 3600
    assert abs(sum(count for _, count in report.hours) - 3600) <= 1
    assert report.peaks[0].starts <= 61


def test_a_clock_change_in_the_window_is_named(opened: ManualEngine, system: System) -> None:
    opened.add(definition("night", cron("30 2 * * *", "Europe/Prague")))
    report = system.forecast.window(instant("2026-03-28T12:00:00"), instant("2026-03-29T12:00:00"))
    ((name, change),) = report.clock_changes
    assert (name, change.effect) == ("night", "02:30 does not exist; runs at 03:00 +02:00")


def test_an_empty_or_endless_window_is_refused(system: System) -> None:
    for until in (NINE, NINE + 32 * 24 * HOUR):
        with pytest.raises(UsageError):
            system.forecast.window(NINE, until)


def test_two_thousand_jobs_are_foreseen(opened: ManualEngine, system: System) -> None:
    with opened.database.begin() as tx:
        jobs.insert_many(
            tx,
            [definition(f"j{n}", cron(f"{n % 60} * * * *")) for n in range(2000)],
            opened.clock.now(),
        )
    opened.tick()
    report = system.forecast.window(NINE, NINE + 24 * HOUR)
    assert report.starts == 2000 * 24
    assert report.as_json()["peaks"][0]["starts"] == 34


def test_a_fixed_time_that_a_clock_set_back_does_not_bring_again_is_not_forecast(
    opened: ManualEngine, system: System
) -> None:
    opened.add(definition("fixed", cron("10 10 * * *")))
    opened.add(definition("often", cron("*/10 * * * *")))
    opened.world.ends_at_once = True
    opened.advance_to(NINE + 75 * MINUTE)
    opened.clock.step(-1800)
    opened.tick()
    report = system.forecast.window(until=NINE + 90 * MINUTE)
    assert [(each.name, each.count) for each in report.jobs] == [("often", 5)]
    assert sum(count for _, count in report.hours) == report.starts == 5
    assert {name for peak in report.peaks for name in peak.jobs} == {"often"}
