"""An engine dies at any moment; the next start records the truth."""

import pytest

from engine.clock import HOUR, MINUTE
from engine.control.actor import Actor
from engine.domain.instance import Cause, Ending, Status
from engine.domain.run import RunError
from engine.domain.session import SessionStatus
from engine.domain.verdict import Reason, Verdict
from engine.persistence import audit, jobs, sessions, state_data
from engine.testing.manual import ManualEngine
from tests.engine.conftest import Starter
from tests.support.builders import cron, definition, every, instant

NOON = instant("2026-03-01T12:00:00")
OPS = Actor("ops", "test")


def session_of(engine: ManualEngine, sessionid: int) -> SessionStatus:
    with engine.database.read() as tx:
        return sessions.get(tx, sessionid).status


def test_a_run_that_goes_on_is_adopted_and_ends_as_if_nothing_had_happened(
    start: Starter,
) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("long", cron("0 * * * *"), single_instance=True))
    first.advance(3600)
    (number,) = first.world.running
    first.kill()
    first.clock.advance(5)
    second = start()
    (ran,) = second.instances("long")
    assert (ran.jobstatus, ran.sessionid) == (Status.IN_PROGRESS, second.life.session.sessionid)
    assert second.system.jobs.get("long").job.sessionid == second.life.session.sessionid
    second.advance(60)
    second.world.end(number)
    second.tick()
    (ran,) = second.instances("long")
    assert (ran.jobstatus, ran.ending) == (Status.COMPLETE, Ending.RETURNED)
    assert ran.completed == NOON + HOUR + MINUTE + 5_000_000
    assert second.system.jobs.get("long").job.sessionid is None
    assert session_of(second, first.life.session.sessionid) is SessionStatus.RECOVERED


def test_a_run_that_had_finished_is_recorded_as_what_it_was_and_not_as_crash(
    start: Starter,
) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("good", every(60)))
    first.add(definition("bad", every(60)))
    first.advance(60)
    good, bad = (first.instances(name)[0].job_instanceid for name in ("good", "bad"))
    first.world.end(good)
    first.world.end(bad, Ending.EXCEPTION, error=RunError("KeyError", "'x'", "Traceback"))
    first.kill()
    for supervisor in first.world.supervisors.values():
        supervisor.is_alive = False  # it is gone too: its exit records are what is left
    second = start()
    assert second.instances("good")[0].jobstatus is Status.COMPLETE
    assert second.instances("bad")[0].ending is Ending.EXCEPTION
    with second.database.read() as tx:
        assert jobs.get(tx, "good").last_executed == NOON + MINUTE


def test_what_nothing_tells_of_is_a_crash_that_keeps_state_data_and_frees_its_owner(
    start: Starter,
) -> None:
    first = start()
    first.world.ends_at_once = False
    jobid = first.add(definition("one", cron("0 * * * *"), single_instance=True))
    first.advance(3600)
    (number,) = first.world.running
    first.world.call(number, "save_state_data", data={"page": 7})
    first.tick()
    first.kill()
    for supervisor in first.world.supervisors.values():
        supervisor.is_alive = False
        supervisor.running.clear()
    first.clock.advance(30)
    second = start()
    crashed, again = second.instances("one")
    assert (crashed.jobstatus, crashed.ending) == (Status.CRASH, Ending.LOST)
    assert (crashed.completed, crashed.sessionid) == (
        NOON + HOUR + 30_000_000,
        first.life.session.sessionid,
    )
    with second.database.read() as tx:
        kept = state_data.get(tx, jobid)
        recovery = [each.event for each in audit.query(tx, limit=20)]
    assert kept is not None
    assert kept.data == {"page": 7}
    assert "JOB-RECOVERY" in recovery
    assert (again.cause, again.due_at, again.stands_for) == (Cause.SKIPPED, None, crashed.due_at)
    assert second.world.submitted[-1].state == {"page": 7}


def test_a_crash_is_not_caught_up_where_run_skipped_is_off(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", cron("0 * * * *"), run_skipped=False))
    first.advance(3600)
    first.kill()
    for supervisor in first.world.supervisors.values():
        supervisor.is_alive = False
    second = start()
    (crashed,) = second.instances("job")
    assert crashed.jobstatus is Status.CRASH
    with second.database.read() as tx:
        assert jobs.get(tx, "job").last_executed is None  # a CRASH does not count as executed


def test_a_claim_that_was_never_handed_over_is_a_crash_that_never_began(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", cron("0 * * * *")))
    first.advance(3600)
    for supervisor in first.world.supervisors.values():
        supervisor.running.clear()  # as if the engine had died between commit and hand-over
    with first.database.begin() as tx:
        from sqlalchemy import text

        tx.execute(text("UPDATE job_instance SET pid = NULL"))
    first.kill()
    second = start()
    assert second.instances("job")[0].ending is Ending.NEVER_BEGUN


def test_instants_of_a_downtime_coalesce_into_one_late_run_at_the_start(start: Starter) -> None:
    first = start()
    first.add(definition("job", cron("*/10 * * * *")))
    first.advance(600)
    first.close()
    first.clock.advance(3600)
    second = start()
    _, late = second.instances("job")
    assert (late.due_at, late.late, late.cause) == (NOON + 70 * MINUTE, True, Cause.SKIPPED)
    (coalesced,) = second.verdicts("job")
    assert (coalesced.verdict, coalesced.count) == (Verdict.COALESCED, 5)
    assert coalesced.job_instanceid == late.job_instanceid


def test_without_run_skipped_a_downtime_is_missed_and_named(start: Starter) -> None:
    first = start()
    first.add(definition("job", cron("*/10 * * * *"), run_skipped=False))
    first.close()
    first.clock.advance(3600)
    second = start()
    assert second.instances("job") == []
    (missed,) = second.verdicts("job")
    assert (missed.verdict, missed.reason, missed.count) == (
        Verdict.MISSED,
        Reason.NO_ENGINE,
        6,
    )
    assert "from 2026-03-01T12:00:00Z to 2026-03-01T13:00:00Z" in missed.detail


def test_a_million_missed_instants_are_one_run_and_one_row(start: Starter) -> None:
    first = start()
    first.add(definition("job", every(30)))
    first.close()
    first.clock.advance(366 * 86400)
    second = start()
    assert len(second.instances("job")) == 1
    (coalesced,) = second.verdicts("job")
    assert coalesced.count == 366 * 2880 - 1


def test_a_job_disabled_while_no_engine_is_up_is_held_from_then_on(start: Starter) -> None:
    first = start()
    first.add(definition("job", cron("*/10 * * * *"), run_skipped=False))
    first.close()
    first.clock.advance(1800)
    first.system.jobs.set_enabled(["job"], False, OPS)
    first.clock.advance(1800)
    second = start()
    second.system.jobs.set_enabled(["job"], True, OPS)
    second.tick()
    assert [(each.verdict, each.count) for each in second.verdicts("job")] == [
        (Verdict.MISSED, 2),  # 12:10, 12:20
        (Verdict.SKIPPED, 4),  # from 12:30 on, the instant of the switch itself included
    ]


def test_a_clean_stop_is_complete_and_the_next_start_recovers_nothing(start: Starter) -> None:
    first = start()
    first.add(definition("job", every(60)))
    first.close()
    second = start()
    assert session_of(second, first.life.session.sessionid) is SessionStatus.COMPLETE


def test_runs_are_handed_over_to_the_next_engine(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("long", every(60)))
    first.advance(60)
    (number,) = first.world.running
    first.hand_over()
    (supervisor,) = first.world.supervisors.values()
    assert supervisor.deadline > first.clock.monotonic() + 60
    first.clock.advance(3)
    second = start()
    assert second.world.running == [number]
    second.world.end(number)
    second.tick()
    assert second.instances("long")[0].jobstatus is Status.COMPLETE
    assert session_of(second, first.life.session.sessionid) is SessionStatus.RECOVERED


def test_an_error_recorded_before_the_crash_still_fails_an_adopted_run(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job"))
    number = first.run("job")
    first.world.call(number, "error", severity="MAJOR", error="DISK", description="full")
    first.tick()
    first.kill()
    second = start()
    second.world.end(number)
    second.tick()
    (ran,) = second.instances("job")
    assert (ran.jobstatus, ran.ending) == (Status.ERROR, Ending.JOB_ERROR)


def test_a_recovered_session_lists_each_instance_in_the_audit(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("a"))
    first.add(definition("b"))
    numbers = [first.run("a"), first.run("b")]
    first.world.end(numbers[0])
    first.kill()
    second = start()
    with second.database.read() as tx:
        found = {each.object_name: each.reason for each in audit.query(tx, event="JOB-RECOVERY")}
    assert "as its exit record tells: returned" in found[str(numbers[0])]
    assert "adopted" in found[str(numbers[1])]


@pytest.mark.parametrize("run_skipped", [True, False])
def test_a_crash_followed_by_missed_instants_is_made_up_for_once(
    start: Starter, run_skipped: bool
) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", cron("0 * * * *"), run_skipped=run_skipped, single_instance=True))
    first.advance(3600)
    first.kill()
    for supervisor in first.world.supervisors.values():
        supervisor.is_alive = False
    first.clock.advance(5 * 3600)
    second = start()
    due = [ran.due_at for ran in second.instances("job")]
    assert due == [NOON + HOUR, NOON + 6 * HOUR] if run_skipped else [NOON + HOUR]
    (passed,) = second.verdicts("job")
    assert passed.count == (4 if run_skipped else 5)


def test_a_run_that_a_stop_interrupted_is_made_up_for_at_the_next_start(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("long", cron("0 * * * *")))
    first.advance(3600)
    first.advance(90 * 60, step=600)  # it overruns its next due instant
    first.close()
    second = start()
    interrupted, late = second.instances("long")
    assert interrupted.ending is Ending.ENGINE_STOPPED
    assert (late.due_at, late.late) == (NOON + 2 * HOUR, True)


def killed(engine: ManualEngine) -> None:
    """Cut the power: the engine and all that it ran are gone, and nothing tells how it ended."""
    engine.kill()
    for supervisor in engine.world.supervisors.values():
        supervisor.is_alive = False
        supervisor.running.clear()


def test_a_run_now_that_died_with_its_engine_is_not_started_again(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", cron("0 * * * *"), options={"target": "test"}))
    first.run("job", options={"target": "prod"})
    killed(first)
    second = start()
    second.advance(60)
    (crashed,) = second.instances("job")
    assert (crashed.cause, crashed.jobstatus) == (Cause.MANUAL, Status.CRASH)


def test_a_trigger_that_died_with_its_engine_is_not_run_again(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", cron("0 * * * *")))
    first.system.jobs.set_trigger("job", NOON + MINUTE, OPS)
    first.advance(60)
    killed(first)
    second = start()
    second.advance(60)
    (crashed,) = second.instances("job")
    assert (crashed.cause, crashed.jobstatus) == (Cause.TRIGGER, Status.CRASH)


def test_a_crashed_run_of_the_schedule_is_made_up_for_though_a_run_beside_it_crashed_too(
    start: Starter,
) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", cron("0 * * * *")))
    first.advance(3600)
    first.advance(60)
    first.run("job", force=True)
    killed(first)
    second = start()
    _, _, again = second.instances("job")
    assert (again.cause, again.stands_for) == (Cause.SKIPPED, NOON + HOUR)


def test_a_crash_of_a_job_that_has_expired_since_is_not_made_up_for(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", cron("0 * * * *"), expiry_date=NOON + HOUR + MINUTE))
    first.advance(3600)
    killed(first)
    first.clock.advance(120)
    second = start()
    second.advance(60)
    assert [ran.jobstatus for ran in second.instances("job")] == [Status.CRASH]


@pytest.mark.parametrize("single_instance", [False, True])
@pytest.mark.parametrize("missed", [0, 2])
def test_a_trigger_that_passed_while_no_engine_was_up_joins_the_catch_up(
    start: Starter, single_instance: bool, missed: int
) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", cron("0 * * * *"), single_instance=single_instance))
    first.advance(3600)
    first.system.jobs.set_trigger("job", NOON + HOUR + MINUTE, OPS)
    killed(first)
    first.clock.advance(120 + missed * 3600)
    second = start()
    _, again = second.instances("job")
    assert (again.cause, again.stands_for or again.due_at) == (
        Cause.SKIPPED,
        NOON + HOUR + missed * HOUR,
    )
    second.world.end(again.job_instanceid)
    second.advance(60)
    assert len(second.instances("job")) == 2
    assert second.system.jobs.get("job").job.trigger_at is None
