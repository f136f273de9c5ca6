"""How long an alert about a job stands, and when it is told again."""

from pathlib import Path

import pytest

from engine.clock import DAY, HOUR
from engine.control.actor import Actor
from engine.definitions.applying import Loader, load
from engine.definitions.reader import Reading
from engine.domain.instance import Ending
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.engine.conftest import Starter
from tests.support.builders import cron, definition, every, instant

NOON = instant("2026-03-01T12:00:00")
ALICE = Actor("alice", "test")


class Moving(ManualClock):
    """A clock that has gone on by a millisecond at each look, as the machine's does."""

    def now(self) -> int:
        return self.advance(0.001)


def standing(engine: ManualEngine) -> list[tuple[str, str]]:
    """Return the alerts that stand and what they are about."""
    return [(each.alert.alert, each.alert.object_name) for each in engine.system.alerts.current()]


def retire_all(engine: ManualEngine) -> None:
    """Load a folder in which there is nothing any more."""
    load(engine.database, Reading(), Loader("tester", "test"), engine.clock, prune=True)
    engine.tick()


@pytest.fixture
def failed(engine: ManualEngine) -> ManualEngine:
    """An engine whose job `bad`, from a file, failed."""
    engine.world.ends_at_once = False
    engine.add(definition("bad", every(60), source="/srv/jobs/bad.yaml"))
    engine.advance(60)
    engine.world.end(engine.instances("bad")[0].job_instanceid, Ending.EXIT_CODE, exit_code=3)
    engine.tick()
    assert standing(engine) == [("JOB-INSTANCE-ERROR", "bad")]
    return engine


def test_a_deleted_job_takes_its_alert_along(failed: ManualEngine) -> None:
    failed.system.jobs.delete(["bad"], ALICE)
    assert standing(failed) == []


def test_a_retired_job_takes_its_alert_along(failed: ManualEngine) -> None:
    retire_all(failed)
    assert standing(failed) == []


def test_a_run_that_fails_after_its_job_was_retired_raises_no_alert(failed: ManualEngine) -> None:
    failed.advance(60)
    retire_all(failed)
    failed.world.end(failed.instances("bad")[1].job_instanceid, Ending.EXIT_CODE, exit_code=3)
    failed.tick()
    assert failed.instances("bad")[1].ending is Ending.EXIT_CODE
    assert standing(failed) == []


def test_a_deactivated_job_loses_its_alert(failed: ManualEngine) -> None:
    failed.system.jobs.set_active(["bad"], False, ALICE)
    assert standing(failed) == []


def test_a_job_whose_definition_is_made_inactive_loses_its_alert(failed: ManualEngine) -> None:
    failed.add(definition("bad", every(60), source="/srv/jobs/bad.yaml", version="2"))
    assert standing(failed) == [("JOB-INSTANCE-ERROR", "bad")]
    failed.add(definition("bad", every(60), source="/srv/jobs/bad.yaml", active=False))
    assert standing(failed) == []


def test_a_job_whose_last_run_before_its_expiry_failed_loses_its_alert(
    failed: ManualEngine,
) -> None:
    failed.system.jobs.set_expiry("bad", failed.clock.now() + HOUR, ALICE)
    failed.advance(3600, step=60)
    failed.world.end(failed.instances("bad")[1].job_instanceid, Ending.EXIT_CODE, exit_code=3)
    failed.tick()
    assert standing(failed) == [("JOB-EXPIRED", "bad")]


def test_a_job_that_is_activated_again_has_no_alert_until_it_fails(failed: ManualEngine) -> None:
    failed.system.jobs.set_active(["bad"], False, ALICE)
    failed.system.jobs.set_active(["bad"], True, ALICE)
    failed.tick()
    assert standing(failed) == []
    failed.advance(60)
    failed.world.end(failed.instances("bad")[-1].job_instanceid, Ending.EXIT_CODE, exit_code=3)
    failed.tick()
    assert standing(failed) == [("JOB-INSTANCE-ERROR", "bad")]


def test_the_alerts_of_other_jobs_stay(failed: ManualEngine) -> None:
    failed.add(definition("other", every(3600)))
    failed.system.jobs.delete(["other"], ALICE)
    assert standing(failed) == [("JOB-INSTANCE-ERROR", "bad")]


def expired_long_ago(start: Starter) -> ManualEngine:
    """Return an engine in whose life a job expired, told by an alert that is pruned by now."""
    engine = start()
    engine.add(definition("old", cron("0 * * * *"), expiry_date=NOON + 2 * HOUR))
    engine.advance(3 * 3600, step=3600)
    assert standing(engine) == [("JOB-EXPIRED", "old")]
    engine.advance(10 * 86400, step=6 * 3600)
    assert standing(engine) == []
    return engine


def test_an_expiry_of_long_ago_is_not_told_again_after_a_restart(start: Starter) -> None:
    expired_long_ago(start).close()
    engine = start()
    engine.tick()
    assert standing(engine) == []
    engine.kill()
    engine.clock.advance_to(engine.clock.now() + DAY)
    engine = start()
    engine.tick()
    assert standing(engine) == []


def test_an_expiry_of_long_ago_is_not_told_again_after_a_failed_transaction(
    start: Starter,
) -> None:
    engine = expired_long_ago(start)
    engine.life.reload(engine.clock.now())
    engine.tick()
    assert standing(engine) == []


@pytest.mark.parametrize("days", [1, 30])
def test_an_expiry_that_passed_while_no_engine_was_up_is_told_once(
    start: Starter, days: int
) -> None:
    engine = start()
    engine.add(definition("old", cron("0 * * * *"), expiry_date=NOON + 2 * HOUR))
    engine.advance(3600)
    engine.kill()
    engine.clock.advance_to(NOON + days * DAY)
    engine = start()
    assert standing(engine) == [("JOB-EXPIRED", "old")]
    engine.close()
    engine = start()
    assert standing(engine) == [("JOB-EXPIRED", "old")]


def test_an_expiry_is_told_after_a_long_downtime_by_a_clock_that_does_not_stand_still(
    home: Path,
) -> None:
    clock = Moving.at("2026-03-01T12:00:00Z")
    with ManualEngine(home, clock=clock) as engine:
        engine.add(definition("old", cron("0 * * * *"), expiry_date=NOON + 2 * HOUR))
    clock.advance_to(NOON + 30 * DAY)
    with ManualEngine(home, clock=clock) as engine:
        assert standing(engine) == [("JOB-EXPIRED", "old")]


def test_a_date_long_past_that_was_set_while_no_engine_was_up_is_told(start: Starter) -> None:
    engine = start()
    engine.add(definition("old", cron("0 * * * *")))
    engine.advance(20 * 86400, step=86400)
    engine.close()
    engine.clock.advance_to(engine.clock.now() + HOUR)
    engine.system.jobs.set_expiry("old", NOON + DAY, ALICE)
    assert standing(start()) == [("JOB-EXPIRED", "old")]
