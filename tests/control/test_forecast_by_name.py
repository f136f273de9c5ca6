"""What the console tells of starts by name agrees with the forecast of them all."""

import pytest

from app.client.forecast import by_job, coming_of, of_all, of_some
from engine.clock import DAY, HOUR, MINUTE, SECOND
from engine.control import Actor, System
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, every, instant

NINE = instant("2026-03-02T09:00:00")


@pytest.fixture
def set_back(engine: ManualEngine) -> ManualEngine:
    """Half an hour was lived through twice, from 9:45 on; `fixed` ran in it."""
    engine.open()
    engine.add(definition("fixed", cron("10 10 * * *")))
    engine.add(definition("often", cron("*/10 * * * *")))
    engine.add(definition("steady", every(600)))
    engine.world.ends_at_once = True
    engine.advance_to(NINE + 75 * MINUTE)
    engine.clock.step(-1800)
    engine.tick()
    return engine


def test_a_fixed_time_that_does_not_come_again_is_in_no_view(
    set_back: ManualEngine, system: System
) -> None:
    now = set_back.clock.now()
    views = system.jobs.all()
    assert dict(by_job(views, NINE + HOUR, NINE + 2 * HOUR)) == {"often": 6, "steady": 6}
    coming = coming_of(views, now, NINE + 90 * MINUTE)
    assert "fixed" not in {name for _, name in coming}
    fixed = [view for view in views if view.name == "fixed"]
    some = of_some(fixed, now, 48)
    tomorrow = NINE + DAY + 70 * MINUTE
    assert [due for due, _ in some.coming] == [tomorrow]
    assert [index for index, count in enumerate(some.hours) if count] == [25]


def test_a_forecast_of_some_is_that_of_all_where_some_are_all(
    set_back: ManualEngine, system: System
) -> None:
    now = set_back.clock.now()
    views = system.jobs.all()
    until = now - now % HOUR + 48 * HOUR
    everything = of_all(system.forecast.window(now, until), views, now)
    some = of_some(views, now, 48)
    assert some.hours == everything.hours
    assert some.coming == everything.coming


@pytest.mark.parametrize("hour", [0, 15 * MINUTE, 30 * MINUTE])
def test_hours_begin_where_those_of_the_viewer_do(
    engine: ManualEngine, system: System, hour: int
) -> None:
    engine.open()
    engine.add(definition("at-45", cron("45 22 * * *")))  # 04:15 in Kolkata
    engine.add(definition("at-10", cron("10 23 * * *")))
    engine.tick()
    now = engine.clock.now()
    views = system.jobs.all()
    begins = now - (now - hour) % HOUR
    expected = {
        (instant(f"2026-03-02T{clock}:00") - begins) // HOUR for clock in ("22:45", "23:10")
    }
    some = of_some(views, now, 24, hour)
    until = begins + 24 * HOUR
    everything = of_all(system.forecast.window(now, until, hour), views, now, hour)
    for forecast in (some, everything):
        assert forecast.since == begins
        assert {index for index, count in enumerate(forecast.hours) if count} == expected


def test_a_trigger_moves_no_other_start(engine: ManualEngine, system: System) -> None:
    engine.open()
    engine.add(definition("steady", every(600)))
    engine.tick()
    system.jobs.set_trigger("steady", NINE + 90 * SECOND, Actor("ops", "test"))
    now = engine.clock.now()
    dues = [due for due, _ in coming_of(system.jobs.all(), now, NINE + HOUR)]
    assert dues == [NINE + number * 600 * SECOND for number in range(1, 6)]


def test_nothing_is_counted_after_the_expiry(engine: ManualEngine, system: System) -> None:
    engine.open()
    engine.add(definition("often", cron("*/10 * * * *")))
    engine.tick()
    system.jobs.set_expiry("often", NINE + 30 * MINUTE, Actor("ops", "test"))
    some = of_some(system.jobs.all(), engine.clock.now(), 2)
    assert sum(some.hours) == len(some.coming) == 2
