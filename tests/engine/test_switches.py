"""Switches hold jobs without a write; when they are let go, everything is accounted for."""

from engine.clock import HOUR, MINUTE, SECOND
from engine.control.actor import Actor
from engine.domain.instance import Cause, Status
from engine.domain.request import RequestKind
from engine.domain.verdict import Reason, Verdict
from engine.testing.manual import ManualEngine
from tests.engine.conftest import Starter
from tests.support.builders import cron, definition, every, instant

NOON = instant("2026-03-01T12:00:00")
ALICE = Actor("alice", "test")


def told(engine: ManualEngine, name: str) -> list[tuple[Verdict, Reason | None, int]]:
    return [(each.verdict, each.reason, each.count) for each in engine.verdicts(name)]


def test_a_disabled_job_does_not_run_and_catches_up_once_when_it_is_enabled(
    engine: ManualEngine,
) -> None:
    engine.add(definition("job", cron("0 * * * *")))
    engine.system.jobs.set_enabled(["job"], False, ALICE)
    engine.advance(5 * 3600, step=600)
    assert engine.instances("job") == []
    engine.system.jobs.set_enabled(["job"], True, ALICE)
    engine.tick()
    (late,) = engine.instances("job")
    assert (late.cause, late.late, late.due_at) == (Cause.SKIPPED, True, NOON + 5 * HOUR)
    assert told(engine, "job") == [(Verdict.SKIPPED, Reason.JOB_DISABLED, 4)]
    assert "by alice since 2026-03-01T12:00:00" in engine.verdicts("job")[0].detail


def test_without_run_skipped_the_held_instants_are_skipped_and_nothing_runs(
    engine: ManualEngine,
) -> None:
    engine.add(definition("job", cron("0 * * * *"), run_skipped=False))
    engine.system.jobs.set_enabled(["job"], False, ALICE)
    engine.advance(5 * 3600)
    engine.system.jobs.set_enabled(["job"], True, ALICE)
    engine.tick()
    assert engine.instances("job") == []
    assert told(engine, "job") == [(Verdict.SKIPPED, Reason.JOB_DISABLED, 5)]
    engine.advance(3600)
    assert len(engine.instances("job")) == 1


def test_a_disabled_group_holds_its_jobs_and_is_named_in_the_verdict(
    engine: ManualEngine,
) -> None:
    engine.system.groups.create("night", ALICE)
    engine.add(definition("in", cron("0 * * * *")))
    engine.add(definition("out", cron("0 * * * *")))
    engine.system.groups.add("night", ["in"], ALICE)
    engine.system.groups.set_enabled(["night"], False, ALICE)
    engine.advance(2 * 3600, step=60)
    assert engine.instances("in") == []
    assert len(engine.instances("out")) == 2
    engine.system.groups.set_enabled(["night"], True, ALICE)
    engine.tick()
    assert told(engine, "in") == [(Verdict.SKIPPED, Reason.GROUP_DISABLED, 1)]
    assert "group 'night' by alice" in engine.verdicts("in")[0].detail


def test_disabling_a_group_asks_its_runs_to_stop_and_lets_them_finish(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.system.groups.create("night", ALICE)
    engine.add(definition("job", every(60)))
    engine.system.groups.add("night", ["job"], ALICE)
    engine.advance(60)
    (number,) = engine.world.running
    engine.system.groups.set_enabled(["night"], False, ALICE)
    engine.tick()
    (supervisor,) = engine.world.supervisors.values()
    assert supervisor.asked == [number]
    engine.world.end(number)
    engine.advance(120)
    (ran,) = engine.instances("job")
    assert ran.jobstatus is Status.COMPLETE


def test_a_run_whose_job_is_put_into_a_disabled_group_is_asked_to_stop(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.system.groups.create("night", ALICE)
    engine.system.groups.set_enabled(["night"], False, ALICE)
    engine.add(definition("job"))
    number = engine.run("job")
    engine.system.groups.add("night", ["job"], ALICE)
    engine.tick()
    (supervisor,) = engine.world.supervisors.values()
    assert supervisor.asked == [number]


def test_a_run_whose_group_was_disabled_while_no_engine_was_up_is_asked_to_stop_by_the_next(
    start: Starter,
) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", groups=("night",)))
    first.add(definition("other"))
    number, _ = first.run("job"), first.run("other")
    first.kill()
    first.system.groups.set_enabled(["night"], False, ALICE)
    second = start()
    second.tick()
    asked = [each for one in second.world.supervisors.values() for each in one.asked]
    assert asked == [number]  # once


def test_an_inactive_job_has_no_due_instants_at_all(engine: ManualEngine) -> None:
    engine.add(definition("job", cron("0 * * * *")))
    engine.system.jobs.set_active(["job"], False, ALICE)
    engine.advance(3 * 3600)
    engine.system.jobs.set_active(["job"], True, ALICE)
    engine.tick()
    assert engine.instances("job") == []
    assert engine.verdicts("job") == []
    engine.advance(3600)
    assert [ran.due_at for ran in engine.instances("job")] == [NOON + 4 * HOUR]


def test_a_paused_engine_claims_nothing_and_catches_up_when_resumed(engine: ManualEngine) -> None:
    engine.add(definition("job", cron("*/10 * * * *")))
    assert engine.ask(RequestKind.PAUSE).answer == {
        "mode": "paused",
        "message": "engine 'main' is paused",
    }
    engine.advance(3600, step=60)
    assert engine.instances() == []
    refused = engine.ask(RequestKind.RUN, job="job")
    assert refused.ok is False
    assert "paused" in str(refused.answer)
    engine.ask(RequestKind.RESUME)
    (late,) = engine.instances("job")
    assert (late.due_at, late.cause) == (NOON + HOUR, Cause.SKIPPED)
    assert told(engine, "job") == [(Verdict.SKIPPED, Reason.PAUSED, 5)]
    assert "by tester" in engine.verdicts("job")[0].detail


def test_a_job_expires_at_its_date_with_one_alert_and_still_runs_on_demand(
    engine: ManualEngine,
) -> None:
    engine.add(definition("job", cron("0 * * * *"), expiry_date=NOON + 2 * HOUR))
    engine.advance(4 * 3600, step=600)
    assert [ran.due_at for ran in engine.instances("job")] == [NOON + HOUR]
    (alert,) = engine.system.alerts.current()
    assert (alert.alert.alert, alert.alert.kind) == ("JOB-EXPIRED", "transient")
    assert engine.run("job")
    engine.system.jobs.set_expiry("job", None, ALICE)
    engine.advance(3600)
    assert [ran.due_at for ran in engine.instances("job")] == [NOON + HOUR, None, NOON + 5 * HOUR]


def test_an_instant_at_the_expiry_date_does_not_run(engine: ManualEngine) -> None:
    engine.add(definition("job", cron("0 * * * *"), expiry_date=NOON + HOUR))
    engine.advance(2 * 3600, step=600)
    assert engine.instances() == []


def test_a_trigger_runs_the_job_once_earlier(engine: ManualEngine) -> None:
    engine.add(definition("job", cron("0 * * * *")))
    engine.system.jobs.set_trigger("job", NOON + 20 * MINUTE, ALICE)
    engine.advance(3600, step=60)
    early, due = engine.instances("job")
    assert (early.cause, early.due_at, early.started) == (
        Cause.TRIGGER,
        None,
        NOON + 20 * MINUTE,
    )
    assert due.due_at == NOON + HOUR


def test_a_retired_job_is_not_scheduled_any_more(engine: ManualEngine) -> None:
    jobid = engine.add(definition("job", cron("0 * * * *")))
    from engine.persistence import jobs, revisions

    with engine.database.begin() as tx:
        jobs.retire(tx, jobid, engine.clock.now())
        revisions.end_revision(tx, jobid, engine.clock.now())
    engine.advance(3 * 3600)
    assert engine.instances() == []


def test_a_deleted_job_is_forgotten(engine: ManualEngine) -> None:
    engine.add(definition("job", cron("0 * * * *")))
    assert engine.system.jobs.delete(["job"], ALICE)[0].ok
    engine.advance(2 * 3600)
    assert engine.instances() == []
    assert engine.ask(RequestKind.RUN, job="job").ok is False


def test_nothing_starts_after_an_acknowledged_disable(engine: ManualEngine) -> None:
    engine.add(definition("job", every(10)))
    engine.clock.advance(10)
    engine.system.jobs.set_enabled(["job"], False, ALICE)  # at the very instant that it is due
    engine.tick()
    assert engine.instances() == []
    assert engine.clock.now() == NOON + 10 * SECOND
