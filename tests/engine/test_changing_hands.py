"""A job is run by each engine, then by one at a time, and back: its account goes on."""

from collections.abc import Callable

import pytest

from engine.control import Actor
from engine.definitions.applying import Loader, load
from engine.domain.schedule import Schedule
from engine.testing.manual import ManualEngine
from tests.support.accounting import ledger_problems, unaccounted
from tests.support.builders import cron, definition, every

HOUR = 3600
OPS = Actor("ops", "test")


@pytest.mark.parametrize("schedule", [every(600), cron("*/10 * * * *")], ids=["every", "cron"])
def test_nothing_that_ran_is_caught_up_when_a_job_changes_hands(
    engine: ManualEngine, schedule: Schedule
) -> None:
    for is_single in (False, True, False, True):
        engine.add(definition("tick", schedule, single_instance=is_single))
        engine.advance(HOUR, step=60)
    dues = [ran.due_at for ran in engine.instances("tick")]
    assert len(dues) == len(set(dues)) == 24
    assert engine.verdicts("tick") == []


def test_what_a_switch_held_when_a_job_changed_hands_has_its_verdict(
    engine: ManualEngine,
) -> None:
    engine.add(definition("tick", every(600)))
    engine.advance(HOUR, step=60)
    engine.system.jobs.set_enabled(["tick"], False, OPS)
    engine.advance(HOUR, step=60)
    engine.add(definition("tick", every(600), single_instance=True))
    engine.advance(HOUR, step=60)
    engine.system.jobs.set_enabled(["tick"], True, OPS)
    engine.tick()
    (skipped,) = engine.verdicts("tick")
    ran = engine.instances("tick")
    assert skipped.count + len(ran) == 18
    assert len({each.due_at for each in ran}) == len(ran)


def test_what_passed_while_no_engine_was_up_is_owed_by_whoever_takes_the_job_over(
    engine: ManualEngine, start: Callable[[], ManualEngine]
) -> None:
    engine.add(definition("tick", every(600)))
    engine.advance(HOUR, step=60)
    engine.close()
    engine.clock.advance(HOUR)
    made = definition("tick", every(600), single_instance=True)
    load(engine.database, [made], Loader("ops", "test"), engine.clock)
    assert ledger_problems(engine.system) == []
    again = start()
    assert unaccounted(again.database) == []
    assert sum(each.count for each in again.verdicts("tick")) == 5
    assert len(again.instances("tick")) == 7
