"""A recurring job keeps its rhythm where something else than its interval changes.

The ledger of each store must be clean at the end: no due instant is lost or doubled at the seams.
"""

from typing import Any

import pytest

from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant
from engine.control.actor import Actor
from engine.domain.instance import Cause
from engine.domain.job import Definition
from engine.domain.schedule import RecurringSchedule
from engine.testing.manual import ManualEngine
from tests.engine.conftest import Starter
from tests.support.builders import definition, every, instant

NOON = instant("2026-03-01T12:00:00")
ALICE = Actor("alice", "test")
WEEK = 7 * DAY


def weekly(**values: Any) -> Definition:
    return definition("weekly", every(WEEK // SECOND), **values)


def due(engine: ManualEngine, name: str) -> list[Instant | None]:
    """Return the instants for which a job ran."""
    return [ran.due_at for ran in engine.instances(name)]


def test_a_moved_date_of_expiry_leaves_the_next_run_where_it_was(engine: ManualEngine) -> None:
    engine.add(weekly())
    engine.advance(6 * 86400)
    engine.system.jobs.set_expiry("weekly", NOON + 300 * DAY, ALICE)
    engine.tick()
    assert engine.system.jobs.get("weekly").next_due == NOON + WEEK
    assert engine.system.jobs.next_runs("weekly", 2).due == (NOON + WEEK, NOON + 2 * WEEK)
    assert engine.system.why.explain("weekly").instant == NOON + WEEK
    engine.advance(9 * 86400, step=86400)
    engine.system.jobs.set_expiry("weekly", None, ALICE)
    engine.advance(7 * 86400, step=86400)
    assert due(engine, "weekly") == [NOON + WEEK, NOON + 2 * WEEK, NOON + 3 * WEEK]


@pytest.mark.parametrize(
    "changed",
    [
        weekly(expiry_date=NOON + 300 * DAY),
        definition("weekly", RecurringSchedule(WEEK // SECOND, "Asia/Tokyo")),
    ],
)
def test_a_load_with_another_expiry_or_zone_leaves_the_next_run_where_it_was(
    engine: ManualEngine, changed: Definition
) -> None:
    engine.add(weekly())
    engine.advance(6 * 86400)
    engine.add(changed)
    engine.advance(86400)
    assert due(engine, "weekly") == [NOON + WEEK]


def test_another_interval_begins_anew(engine: ManualEngine) -> None:
    engine.add(definition("job", every(3600)))
    engine.advance(1800)
    engine.system.jobs.set_schedule("job", every(1800), ALICE)
    engine.advance(1800)
    engine.system.jobs.set_schedule("job", every(3600), ALICE)
    engine.advance(3600, step=60)
    assert due(engine, "job") == [NOON + HOUR, NOON + 2 * HOUR]


def test_a_job_that_is_activated_begins_anew(engine: ManualEngine) -> None:
    engine.add(definition("job", every(3600)))
    engine.advance(600)
    engine.system.jobs.set_active(["job"], False, ALICE)
    engine.advance(600)
    engine.system.jobs.set_active(["job"], True, ALICE)
    engine.advance(3600, step=60)
    assert due(engine, "job") == [NOON + 20 * MINUTE + HOUR]


def test_no_instant_is_lost_or_doubled_where_a_date_moves_again_and_again(
    engine: ManualEngine,
) -> None:
    engine.add(definition("job", every(60)))
    for number in range(40):  # at an instant, beside one, and before the engine has looked at it
        engine.system.jobs.set_expiry("job", NOON + DAY + number, ALICE)
        engine.clock.advance(30)
        if number % 3:
            engine.tick()
    engine.tick()
    assert due(engine, "job")[-1] == NOON + 20 * MINUTE
    report = engine.system.ledger.report(since=NOON)
    assert (report.due, report.unexplained) == (20, 0)


def test_an_expired_job_goes_on_in_its_rhythm_when_its_date_is_moved(engine: ManualEngine) -> None:
    engine.add(definition("job", every(3600), expiry_date=NOON + 90 * MINUTE))
    engine.advance(4 * 3600 + 600, step=600)
    engine.system.jobs.set_expiry("job", None, ALICE)
    engine.advance(3600, step=600)
    assert due(engine, "job") == [NOON + HOUR, NOON + 5 * HOUR]


def test_what_passed_with_no_engine_before_and_after_a_move_is_caught_up_once(
    start: Starter,
) -> None:
    engine = start()
    engine.add(definition("job", every(3600)))
    engine.kill()
    engine.clock.advance_to(NOON + 150 * MINUTE)
    engine.system.jobs.set_expiry("job", NOON + DAY, ALICE)
    engine.clock.advance_to(NOON + 270 * MINUTE)
    engine = start()
    (late,) = engine.instances("job")
    assert (late.cause, late.due_at) == (Cause.SKIPPED, NOON + 4 * HOUR)
    engine.advance(1800)
    assert due(engine, "job") == [NOON + 4 * HOUR, NOON + 5 * HOUR]
