"""What goes wrong for one job, one supervisor or one turn does not stop the others."""

from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import text

from engine.clock import MINUTE, SECOND
from engine.config import Settings
from engine.domain.instance import Ending, Status
from engine.domain.run import SupervisorLost
from engine.domain.verdict import Verdict
from engine.testing.manual import ManualEngine
from tests.engine.conftest import Starter
from tests.support.builders import cron, definition, every, instant

NOON = instant("2026-03-01T12:00:00")


def with_slots(home: Path, slots: int) -> Settings:
    return replace(Settings(home, ""), max_parallel=slots)


def test_a_job_that_waits_for_a_slot_is_claimed_late_and_never_lost(
    start: Starter, home: Path
) -> None:
    engine = start(settings=with_slots(home, 2))
    engine.world.ends_at_once = False
    for number in range(5):
        engine.add(definition(f"j{number}", cron("* * * * *")))
    engine.advance(60)
    assert len(engine.world.running) == 2
    for _ in range(3):
        for number in engine.world.running:
            engine.world.end(number)
        engine.advance(5)
    ran = engine.instances()
    assert len(ran) == 5
    assert {each.due_at for each in ran} == {NOON + MINUTE}
    assert {each.jobstatus for each in ran} == {Status.COMPLETE}


def test_instants_that_pass_while_a_job_waits_for_a_slot_coalesce(
    start: Starter, home: Path
) -> None:
    engine = start(settings=with_slots(home, 1))
    engine.world.ends_at_once = False
    engine.add(definition("long", every(10)))
    engine.add(definition("short", every(20)))
    engine.advance(10)
    engine.advance(60, step=5)
    engine.world.end(engine.world.running[0])
    engine.tick()
    (short,) = engine.instances("short")
    assert short.due_at == NOON + 60 * SECOND
    (coalesced,) = engine.verdicts("short")
    assert (coalesced.verdict, coalesced.count) == (Verdict.COALESCED, 2)


def test_run_now_does_not_wait_for_a_slot(start: Starter, home: Path) -> None:
    engine = start(settings=with_slots(home, 1))
    engine.world.ends_at_once = False
    engine.add(definition("a"))
    engine.add(definition("b"))
    assert engine.run("a") < engine.run("b")
    assert len(engine.world.running) == 2


def test_runs_of_a_supervisor_that_died_are_crashes_and_the_next_run_goes_well(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", every(60)))
    engine.advance(60)
    (supervisor,) = engine.world.supervisors.values()
    (number,) = supervisor.running
    supervisor.running.clear()
    supervisor.reports.append(SupervisorLost((number,)))
    engine.tick()
    (lost,) = engine.instances("job")
    assert (lost.jobstatus, lost.ending, lost.detail) == (
        Status.CRASH,
        Ending.LOST,
        "its supervisor died",
    )
    engine.world.ends_at_once = True
    engine.advance(60)
    assert engine.instances("job")[-1].jobstatus is Status.COMPLETE
    with engine.database.read() as tx:
        from engine.persistence import sessions

        session = sessions.get(tx, engine.life.session.sessionid)
    assert session.supervisor == engine.life.context.executor.address


def test_a_schedule_that_nobody_can_plan_by_stops_its_job_alone(start: Starter) -> None:
    first = start()
    first.add(definition("good", every(60)))
    first.add(definition("bad", cron("* * * * *")))
    first.close()
    with first.database.begin() as tx:  # as when a zone is gone from the machine's data
        tx.execute(text("UPDATE jobs SET timezone = 'Mars/Olympus' WHERE name = 'bad'"))
        tx.execute(
            text("UPDATE schedule_revisions SET timezone = 'Mars/Olympus' WHERE recurring IS NULL")
        )
    second = start()
    (alert,) = second.system.alerts.current()
    assert (alert.alert.alert, alert.alert.object_name) == ("STOPPED-JOB", "bad")
    assert "Mars/Olympus" in alert.alert.reason
    second.advance(60)
    assert len(second.instances("good")) >= 1
    with second.database.begin() as tx:
        tx.execute(text("UPDATE jobs SET timezone = 'UTC' WHERE name = 'bad'"))
        tx.execute(text("UPDATE schedule_revisions SET timezone = 'UTC'"))
    second.close()
    third = start()
    assert [each.due_at for each in third.instances("bad")] == [NOON + MINUTE]


def test_an_engine_that_ends_starts_no_supervisor_in_place_of_one_that_died(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job"))
    number = engine.run("job")
    (supervisor,) = engine.world.supervisors.values()
    supervisor.running.clear()
    supervisor.reports.append(SupervisorLost((number,)))
    engine.life.close()
    assert list(map(id, engine.world.supervisors.values())) == [id(supervisor)]
    assert engine.instances("job")[0].jobstatus is Status.CRASH
