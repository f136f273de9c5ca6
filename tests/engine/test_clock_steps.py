"""The wall clock is set: neither a flood nor silence, and everything accounted for."""

import pytest

from engine.clock import HOUR, MINUTE, SECOND
from engine.control.actor import Actor
from engine.definitions.applying import Loader, load
from engine.definitions.reader import Reading
from engine.domain.instance import Cause
from engine.domain.request import RequestKind
from engine.domain.verdict import Reason, Verdict
from engine.persistence import audit
from engine.testing.manual import ManualEngine
from tests.support.accounting import ledger_problems, unaccounted
from tests.support.builders import cron, definition, every, instant

NOON = instant("2026-03-01T12:00:00")
ALICE = Actor("alice", "test")
A_FILE = "/srv/jobs/gone.yaml"


def dues(engine: ManualEngine, name: str) -> list[int | None]:
    return [ran.due_at for ran in engine.instances(name)]


def retire_what_came_from_files(engine: ManualEngine) -> None:
    """Load a folder in which there is nothing any more."""
    load(engine.database, Reading(), Loader("tester", "test"), engine.clock, prune=True)
    engine.tick()


def test_a_step_is_recorded_as_alert_and_audit_with_its_size(engine: ManualEngine) -> None:
    engine.clock.step(90)
    engine.tick()
    (alert,) = engine.system.alerts.current()
    assert alert.alert.alert == "CLOCK-STEP"
    assert "set forward by 90.000 s" in alert.alert.reason
    with engine.database.read() as tx:
        (event,) = audit.query(tx, event="CLOCK-STEP")
    assert event.after == {"microseconds": 90 * SECOND}


def test_a_slow_drift_is_no_step(engine: ManualEngine) -> None:
    for _ in range(100):
        engine.clock.step(0.02)
        engine.advance(1)
    assert engine.system.alerts.current() == []


def test_a_small_step_forward_runs_what_is_inside_once(engine: ManualEngine) -> None:
    engine.add(definition("job", cron("*/10 * * * *"), run_skipped=False))
    engine.clock.step(3600)
    engine.tick()
    assert dues(engine, "job") == [NOON + HOUR]
    (coalesced,) = engine.verdicts("job")
    assert (coalesced.verdict, coalesced.count) == (Verdict.COALESCED, 5)


def test_a_correction_forward_is_caught_up_as_after_downtime(engine: ManualEngine) -> None:
    engine.add(definition("on", cron("0 * * * *")))
    engine.add(definition("off", cron("0 * * * *"), run_skipped=False))
    engine.clock.step(5 * 3600)
    engine.tick()
    (late,) = engine.instances("on")
    assert (late.due_at, late.cause) == (NOON + 5 * HOUR, Cause.SKIPPED)
    assert engine.instances("off") == []
    (missed,) = engine.verdicts("off")
    assert (missed.verdict, missed.reason, missed.count) == (
        Verdict.MISSED,
        Reason.CLOCK_STEP,
        5,
    )


def test_a_small_step_back_makes_fixed_times_wait_and_runs_nothing_twice(
    engine: ManualEngine,
) -> None:
    engine.add(definition("fixed", cron("15 12,13 * * *")))
    engine.advance(20 * 60, step=60)
    engine.clock.step(-3600)
    engine.tick()
    engine.advance(2 * 3600, step=60)
    assert dues(engine, "fixed") == [NOON + 15 * MINUTE, NOON + 75 * MINUTE]


def test_a_small_step_back_does_not_silence_jobs_that_go_by_elapsed_time(
    engine: ManualEngine,
) -> None:
    engine.add(definition("wild", cron("*/10 * * * *")))
    engine.add(definition("tick", every(600)))
    engine.advance(30 * 60, step=60)
    engine.clock.step(-25 * 60)
    engine.tick()
    engine.advance(40 * 60, step=60)
    for name in ("wild", "tick"):
        runs = engine.instances(name)
        repeated = [ran.stands_for for ran in runs if ran.due_at is None]
        assert repeated == [NOON + minute * MINUTE for minute in (10, 20, 30)]
        answered = [ran.due_at for ran in runs if ran.due_at is not None]
        assert answered == [NOON + minute * MINUTE for minute in (10, 20, 30, 40)]


def test_a_correction_back_lets_fixed_times_run_again_too(engine: ManualEngine) -> None:
    engine.add(definition("fixed", cron("0 13,16 * * *")))
    engine.advance(5 * 3600, step=600)
    engine.clock.step(-5 * 3600)
    engine.tick()
    engine.advance(2 * 3600, step=600)
    ran = engine.instances("fixed")
    assert [each.due_at for each in ran] == [NOON + HOUR, NOON + 4 * HOUR, None]
    assert ran[-1].stands_for == NOON + HOUR


def test_a_clock_set_back_while_no_engine_was_up_is_noticed_at_the_start(
    start: object,
) -> None:
    assert callable(start)
    first = start()
    first.add(definition("wild", cron("*/10 * * * *")))
    first.advance(60 * 60, step=60)
    first.kill()
    first.clock.step(-30 * 60)
    second = start()
    second.advance(10 * 60, step=60)
    assert second.instances("wild")[-1].stands_for == NOON + 40 * MINUTE


def test_a_restart_after_the_clock_was_set_back_by_days_silences_no_job(start: object) -> None:
    assert callable(start)
    first = start()
    first.add(definition("tick", every(600)))
    first.add(definition("fixed", cron("30 13 * * *")))
    first.advance(2 * 3600, step=600)
    first.clock.step(-5 * 86400)
    first.tick()
    first.advance(3600, step=600)
    first.kill()
    second = start()  # no step since the last sign of life
    begun = len(second.instances("tick"))
    second.advance(24 * 3600, step=600)
    assert len(second.instances("tick")) - begun == 24 * 6
    assert second.instances("fixed")[-1].stands_for == NOON - 4 * 24 * HOUR + 90 * MINUTE


def test_a_store_that_was_away_after_the_clock_was_set_back_silences_no_job(
    engine: ManualEngine,
) -> None:
    engine.add(definition("tick", every(600)))
    engine.advance(2 * 3600, step=600)
    engine.clock.step(-3600)
    engine.tick()
    engine.life.reload(engine.clock.now())
    begun = len(engine.instances("tick"))
    engine.advance(1800, step=600)
    assert len(engine.instances("tick")) - begun == 3


@pytest.mark.parametrize("held_for", [MINUTE, 3 * HOUR])
def test_what_passed_under_a_pause_before_the_clock_was_set_back_stays_explained(
    engine: ManualEngine, held_for: int
) -> None:
    """The job is gone before the pause ends, so that its instants do not come again."""
    engine.add(definition("gone", cron("*/10 * * * *"), source=A_FILE))
    engine.add(definition("stays", cron("*/10 * * * *"), run_skipped=False))
    engine.ask(RequestKind.PAUSE)
    engine.advance(held_for // SECOND, step=60)
    engine.advance(3600, step=60)
    retire_what_came_from_files(engine)
    engine.clock.step(-2 * 3600)
    engine.tick()
    engine.advance(600, step=60)
    engine.ask(RequestKind.RESUME)
    engine.advance(4 * 3600, step=60)
    assert ledger_problems(engine.system) == []
    assert unaccounted(engine.database) == []


def test_what_passed_under_a_group_before_the_clock_was_set_back_stays_explained(
    engine: ManualEngine,
) -> None:
    engine.add(definition("gone", cron("*/10 * * * *"), groups=("night",), source=A_FILE))
    engine.system.groups.set_enabled(["night"], False, ALICE)
    engine.advance(3600, step=60)
    retire_what_came_from_files(engine)
    engine.clock.step(-1800)
    engine.tick()
    engine.system.groups.set_enabled(["night"], True, ALICE)
    engine.advance(4 * 3600, step=600)
    assert ledger_problems(engine.system) == []
    told = engine.verdicts("gone")
    assert {each.reason for each in told} <= {Reason.GROUP_DISABLED}
