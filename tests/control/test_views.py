"""How jobs stand: what is next, what runs, what stops them."""

import pytest
from sqlalchemy import text

from engine.clock import HOUR, MINUTE
from engine.control import Actor, System
from engine.control.watch import Watch
from engine.definitions.applying import Loader, load
from engine.domain.instance import Ending, Status
from engine.errors import JobError
from engine.persistence import jobs
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, every, instant
from tests.support.pasts import has_run
from tests.support.stores import KINDS

pytestmark = pytest.mark.parametrize("kind", KINDS)


def test_the_next_run_is_what_the_revision_in_force_names(engine: ManualEngine) -> None:
    with engine:
        began = engine.clock.now()
        engine.add(definition("often", every(600)))
        engine.clock.advance(60)
        assert engine.system.jobs.get("often").next == began + 10 * MINUTE


def test_a_trigger_comes_before_the_next_due_instant(engine: ManualEngine, actor: Actor) -> None:
    with engine:
        engine.add(definition("hourly", cron("0 * * * *")))
        at = engine.clock.now() + 5 * MINUTE
        engine.system.jobs.set_trigger("hourly", at, actor)
        assert engine.system.jobs.get("hourly").next == at


def test_a_trigger_later_than_the_next_due_instant_is_refused(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        engine.add(definition("hourly", cron("0 * * * *")))
        with pytest.raises(JobError, match="must be earlier than its next due instant"):
            engine.system.jobs.set_trigger("hourly", engine.clock.now() + 2 * HOUR, actor)


def test_nothing_is_next_for_what_a_switch_stops(engine: ManualEngine, actor: Actor) -> None:
    with engine:
        engine.add(definition("a", groups=("billing",)))
        engine.add(definition("b"))
        engine.add(definition("c", expiry_date=instant("2026-03-02T09:30:00")))
        system = engine.system
        system.groups.set_enabled(["billing"], False, actor)
        system.jobs.set_active(["b"], False, actor)
        engine.tick()
        views = {view.name: view for view in system.jobs.all()}
        assert [views[name].next for name in "abc"] == [None, None, None]
        assert views["a"].disabled_groups == ("billing",)
        assert "group 'billing' is disabled by ops" in views["a"].run_refusal
        assert views["b"].run_refusal == ""
        assert "not active" in views["b"].schedule_refusal


def test_a_running_job_tells_its_instances(engine: ManualEngine) -> None:
    with engine:
        engine.add(definition("report"))
        since = engine.clock.now()
        number = engine.run("report")
        view = engine.system.jobs.get("report")
        assert (view.running, view.running_since) == ((number,), since)
        assert f"is running as instance {number}" in view.run_refusal
        engine.world.end(number)
        engine.tick()


def test_the_last_finished_run_is_told_with_its_status_and_length(engine: ManualEngine) -> None:
    with engine:
        engine.add(definition("report"))
        number = engine.run("report")
        engine.clock.advance(90)
        engine.world.end(number, Ending.EXIT_CODE, exit_code=3)
        engine.tick()
        view = engine.system.jobs.get("report")
        assert (view.last_status, view.last_seconds, view.running) == (Status.ERROR, 90.0, ())


def test_a_crash_is_the_last_run_though_nothing_was_executed(engine: ManualEngine) -> None:
    engine.open()
    engine.add(definition("report"))
    good = engine.run("report")
    engine.world.end(good)
    engine.tick()
    engine.clock.advance(60)
    began = engine.clock.now()
    crashed = engine.run("report")
    engine.kill()
    for supervisor in engine.world.supervisors.values():
        supervisor.is_alive = False
    with engine:
        view = engine.system.jobs.get("report")
        assert (view.last_status, view.last_instanceid) == (Status.CRASH, crashed)
        assert (view.last_started, view.job.last_executed_job_instanceid) == (began, good)
        (told,) = [each for part in Watch(engine.system.context).snapshot() for each in part.jobs]
        assert told == view


def test_a_crash_is_not_the_last_run_where_a_later_one_is_not_kept(system: System) -> None:
    with system.database.begin() as tx:
        jobs.insert_many(tx, [definition("report")], system.now())
    (_, good) = has_run(system.database, "report", (Status.CRASH, 1.0), (Status.COMPLETE, 1.0))
    with system.database.begin() as tx:
        tx.execute(text("DELETE FROM job_instance WHERE job_instanceid = :id"), {"id": good})
    view = system.jobs.get("report")
    assert (view.last_status, view.last_seconds, view.last_instanceid) == (None, None, good)


def test_a_listing_takes_the_same_number_of_queries_for_any_number_of_jobs(
    system: System,
) -> None:
    with system.database.begin() as tx:
        jobs.insert_many(tx, [definition(f"job-{n}") for n in range(50)], system.now())
    few = _queries(system)
    with system.database.begin() as tx:
        jobs.insert_many(tx, [definition(f"more-{n}") for n in range(200)], system.now())
    assert _queries(system) == few


def _queries(system: System) -> int:
    from sqlalchemy import event

    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    engine = system.database._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        system.jobs.all()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_the_overview_counts_by_status_and_by_job(engine: ManualEngine) -> None:
    with engine:
        engine.add(definition("a"))
        engine.add(definition("b"))
        for ending in (Ending.RETURNED, Ending.EXCEPTION):
            number = engine.run("a")
            engine.world.end(number, ending)
            engine.tick()
        number = engine.run("b")
        found = engine.system.overview(engine.clock.now() - HOUR)
        assert found.counts == {Status.COMPLETE: 1, Status.ERROR: 1, Status.IN_PROGRESS: 1}
        assert found.by_job["a"] == {Status.COMPLETE: 1, Status.ERROR: 1}
        assert [view.name for view in found.coming] == ["a", "b"]
        engine.world.end(number)
        engine.tick()


def test_overviews_leave_out_what_started_before(engine: ManualEngine) -> None:
    with engine:
        engine.add(definition("a", cron("0 0 1 1 *")))
        engine.world.end(engine.run("a"))
        engine.tick()
        engine.advance(7200)
        assert engine.system.overview(engine.clock.now() - HOUR).counts == {}


def test_a_retired_job_counts_neither_in_the_status_nor_in_the_overview(
    engine: ManualEngine,
) -> None:
    with engine:
        engine.add(definition("gone", source="/srv/jobs/gone.yaml"))
        kept = [definition("kept")]
        load(engine.database, kept, Loader("ops", "test"), engine.clock, prune=True)
        system = engine.system
        assert system.engine.status().jobs == 1
        assert system.overview(engine.clock.now() - HOUR).as_json()["jobs"]["total"] == 1
