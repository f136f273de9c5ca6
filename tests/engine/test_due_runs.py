"""What is due runs, once, on time, and is recorded as what it was."""

from engine.clock import HOUR, MINUTE, SECOND
from engine.domain.instance import Cause, Ending, Status
from engine.domain.run import RunError
from engine.domain.verdict import Verdict
from engine.persistence import job_errors, jobs
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, every, instant

NOON = instant("2026-03-01T12:00:00")


def test_a_due_job_runs_once_and_is_recorded_complete(engine: ManualEngine) -> None:
    engine.add(definition("hourly", cron("0 * * * *")))
    engine.advance(3600)
    (ran,) = engine.instances("hourly")
    assert (ran.jobstatus, ran.cause, ran.due_at) == (Status.COMPLETE, Cause.SCHEDULE, NOON + HOUR)
    assert (ran.ending, ran.late, ran.completed) == (Ending.RETURNED, False, engine.clock.now())


def test_nothing_runs_before_its_time(engine: ManualEngine) -> None:
    engine.add(definition("hourly", cron("0 * * * *")))
    engine.advance(3599)
    assert engine.instances() == []


def test_a_recurring_job_runs_first_one_interval_after_it_starts_being_scheduled(
    engine: ManualEngine,
) -> None:
    engine.add(definition("tick", every(90)))
    engine.advance(300, step=1)
    assert [ran.due_at for ran in engine.instances("tick")] == [
        NOON + 90 * SECOND,
        NOON + 180 * SECOND,
        NOON + 270 * SECOND,
    ]


def test_a_job_that_is_added_while_the_engine_runs_has_missed_nothing(
    engine: ManualEngine,
) -> None:
    engine.advance(90 * 60)
    engine.add(definition("hourly", cron("0 * * * *")))
    engine.advance(29 * 60)
    assert engine.instances() == []
    engine.advance(60)
    assert len(engine.instances()) == 1


def test_an_overrun_gives_one_catch_up_run_and_accounts_for_the_rest(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("tick", every(10)))
    engine.advance(10)
    (first,) = engine.instances("tick")
    engine.advance(35, step=5)
    assert len(engine.instances("tick")) == 1  # one job never overlaps itself
    engine.world.end(first.job_instanceid)
    engine.tick()
    _, second = engine.instances("tick")
    assert (second.due_at, second.late, second.cause) == (NOON + 40 * SECOND, True, Cause.SCHEDULE)
    (coalesced,) = engine.verdicts("tick")
    assert (coalesced.verdict, coalesced.count) == (Verdict.COALESCED, 2)
    assert coalesced.job_instanceid == second.job_instanceid


def test_many_instants_that_pass_between_two_turns_are_one_run(engine: ManualEngine) -> None:
    engine.add(definition("tick", every(1)))
    engine.advance(100)
    (ran,) = engine.instances("tick")
    assert ran.due_at == NOON + 100 * SECOND
    assert engine.verdicts("tick")[0].count == 99


def test_a_failed_run_is_an_error_with_its_exception_and_keeps_last_executed(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("bad", every(60)))
    engine.advance(60)
    number = engine.instances("bad")[0].job_instanceid
    engine.world.end(number, Ending.EXCEPTION, error=RunError("ValueError", "no", "Traceback …"))
    engine.advance(1)
    ran = engine.instances("bad")[0]
    assert (ran.jobstatus, ran.ending) == (Status.ERROR, Ending.EXCEPTION)
    assert ran.detail == "ValueError: no"
    with engine.database.read() as tx:
        (error,) = job_errors.of_instance(tx, number)
        job = jobs.get(tx, "bad")
    assert (error.severity, error.error, error.info) == ("MAJOR", "ValueError", "Traceback …")
    assert (job.last_executed, job.last_executed_job_instanceid) == (ran.started, number)


def test_a_failed_run_raises_an_alert_that_the_next_good_one_clears(engine: ManualEngine) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("bad", every(60)))
    engine.advance(60)
    engine.world.end(engine.instances("bad")[0].job_instanceid, Ending.EXIT_CODE, exit_code=3)
    engine.tick()
    (alert,) = engine.system.alerts.current()
    assert (alert.alert.alert, alert.alert.object_name) == ("JOB-INSTANCE-ERROR", "bad")
    engine.advance(60)
    engine.world.end(engine.instances("bad")[1].job_instanceid)
    engine.tick()
    assert engine.system.alerts.current() == []


def test_ten_thousand_jobs_due_at_one_instant_all_run_once(engine: ManualEngine) -> None:
    with engine.database.begin() as tx:
        jobs.insert_many(
            tx, [definition(f"j{n}", cron("0 * * * *")) for n in range(2000)], engine.clock.now()
        )
    engine.tick()
    engine.advance(3600)
    ran = engine.instances()
    assert len(ran) == 2000
    assert {each.jobstatus for each in ran} == {Status.COMPLETE}
    assert {each.due_at for each in ran} == {NOON + HOUR}


def test_a_schedule_change_takes_effect_at_once(engine: ManualEngine) -> None:
    engine.add(definition("job", cron("0 * * * *")))
    engine.advance(30 * 60)
    from engine.control.actor import Actor

    engine.system.jobs.set_schedule("job", cron("*/10 * * * *"), Actor("ops", "test"))
    engine.advance(30 * 60, step=60)
    dues = [ran.due_at for ran in engine.instances("job")]
    assert dues == [NOON + 40 * MINUTE, NOON + 50 * MINUTE, NOON + HOUR]
