"""What switches write: holds, schedule revisions, audit rows, and what operators changed."""

import pytest
from sqlalchemy import event

from engine.clock import MINUTE
from engine.control import Actor, System
from engine.control.outcome import Outcome
from engine.domain.job import Definition
from engine.domain.schedule.revision import Revision
from engine.domain.verdict import Hold, Reason
from engine.errors import JobError
from engine.persistence import holds, jobs, revisions
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, every, instant
from tests.support.stores import KINDS

pytestmark = pytest.mark.parametrize("kind", KINDS)


def store_job(system: System, made: Definition) -> int:
    """Store a job as no engine has seen it yet."""
    with system.database.begin() as tx:
        return jobs.insert(tx, made, system.now())


def held(system: System) -> list[Hold]:
    """Return every hold that ever was."""
    with system.database.read() as tx:
        return holds.holds_between(tx, 0, system.now() + MINUTE)


def history(system: System, jobid: int) -> list[Revision]:
    """Return the schedule revisions of a job."""
    with system.database.read() as tx:
        return revisions.of_job(tx, jobid)


def test_disabling_opens_a_hold_with_who_and_enabling_ends_it(
    engine: ManualEngine, system: System, actor: Actor
) -> None:
    jobid = store_job(system, definition("report"))
    since = system.now()
    assert system.jobs.set_enabled(["report"], False, actor) == [
        Outcome("report", ok=True, message="disabled")
    ]
    until = engine.clock.advance(60)
    system.jobs.set_enabled(["report"], True, actor)
    assert held(system) == [Hold(jobid, Reason.JOB_DISABLED, since, until, who="ops")]


def test_disabling_twice_changes_nothing_the_second_time(system: System, actor: Actor) -> None:
    store_job(system, definition("report"))
    system.jobs.set_enabled(["report"], False, actor)
    (outcome,) = system.jobs.set_enabled(["report"], False, actor)
    assert outcome.ok
    assert outcome.message == "is disabled already"
    assert len(held(system)) == 1
    assert len(system.audit.query()) == 1


def test_disabling_a_group_holds_each_of_its_jobs_under_its_name(
    engine: ManualEngine, system: System, actor: Actor
) -> None:
    first = store_job(system, definition("a", groups=("billing",)))
    second = store_job(system, definition("b", groups=("billing", "nightly")))
    store_job(system, definition("c"))
    since = system.now()
    system.groups.set_enabled(["billing"], False, actor)
    assert {(each.jobid, each.detail, each.since, each.until) for each in held(system)} == {
        (first, "billing", since, None),
        (second, "billing", since, None),
    }
    until = engine.clock.advance(60)
    system.groups.set_enabled(["billing"], True, actor)
    assert {each.until for each in held(system)} == {until}


def test_two_disabled_groups_hold_a_job_twice_and_free_it_one_by_one(
    system: System, actor: Actor
) -> None:
    store_job(system, definition("b", groups=("billing", "nightly")))
    system.groups.set_enabled(["billing", "nightly"], False, actor)
    system.groups.set_enabled(["billing"], True, actor)
    assert [each.detail for each in held(system) if each.until is None] == ["nightly"]


def test_joining_and_leaving_a_disabled_group_opens_and_ends_a_hold(
    system: System, actor: Actor
) -> None:
    jobid = store_job(system, definition("a"))
    system.groups.create("billing", actor)
    system.groups.set_enabled(["billing"], False, actor)
    system.groups.add("billing", ["a"], actor)
    assert [(each.jobid, each.until) for each in held(system)] == [(jobid, None)]
    system.groups.remove("billing", ["a"], actor)
    assert [each.until for each in held(system)] == [system.now()]


def test_deleting_a_disabled_group_ends_its_holds(system: System, actor: Actor) -> None:
    store_job(system, definition("a", groups=("billing",)))
    system.groups.set_enabled(["billing"], False, actor)
    system.groups.delete(["billing"], actor)
    assert [each.until for each in held(system)] == [system.now()]


def test_a_job_that_was_never_scheduled_gets_no_revision_by_a_change(
    system: System, actor: Actor
) -> None:
    jobid = store_job(system, definition("report"))
    system.jobs.set_schedule("report", every(60), actor)
    system.jobs.set_active(["report"], False, actor)
    system.jobs.set_active(["report"], True, actor)
    assert history(system, jobid) == []


def test_another_schedule_ends_the_revision_in_force_and_begins_the_next(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        jobid = engine.add(definition("report", cron("0 * * * *")))
        system = engine.system
        now = engine.clock.advance(60)
        system.jobs.set_schedule("report", every(90), actor)
        first, second = history(system, jobid)
        assert (first.ended_at, second.began_at, second.ended_at) == (now, now, None)
        assert second.schedule == every(90)


def test_the_same_schedule_again_begins_no_revision(engine: ManualEngine, actor: Actor) -> None:
    with engine:
        jobid = engine.add(definition("report", every(90)))
        engine.system.jobs.set_schedule("report", every(90), actor)
        assert len(history(engine.system, jobid)) == 1


def test_deactivating_ends_the_revision_and_activating_begins_one(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        jobid = engine.add(definition("report"))
        system = engine.system
        off = engine.clock.advance(60)
        system.jobs.set_active(["report"], False, actor)
        on = engine.clock.advance(60)
        system.jobs.set_active(["report"], True, actor)
        first, second = history(system, jobid)
        assert (first.ended_at, second.began_at) == (off, on)


def test_a_schedule_given_to_an_inactive_job_is_not_in_force_until_it_is_activated(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        jobid = engine.add(definition("report"))
        system = engine.system
        system.jobs.set_active(["report"], False, actor)
        engine.clock.advance(60)
        system.jobs.set_schedule("report", every(90), actor)
        assert [each.ended_at is None for each in history(system, jobid)] == [False]
        system.jobs.set_active(["report"], True, actor)
        assert history(system, jobid)[-1].schedule == every(90)


def test_an_expiry_date_bounds_the_revision_in_force(engine: ManualEngine, actor: Actor) -> None:
    with engine:
        jobid = engine.add(definition("report"))
        system = engine.system
        engine.clock.advance(60)
        at = instant("2026-04-01T00:00:00")
        system.jobs.set_expiry("report", at, actor)
        assert [each.expires_at for each in history(system, jobid)] == [None, at]
        engine.clock.advance(60)
        system.jobs.set_expiry("report", None, actor)
        assert [each.expires_at for each in history(system, jobid)] == [None, at, None]


def test_what_operators_change_is_told_as_overridden(system: System, actor: Actor) -> None:
    store_job(system, definition("report", options={"warn_at": 1}))
    system.jobs.set_schedule("report", every(60), actor)
    system.jobs.set_expiry("report", instant("2030-01-01"), actor)
    system.jobs.set_active(["report"], False, actor)
    system.jobs.set_enabled(["report"], False, actor)
    system.jobs.set_options("report", {"warn_at": 2}, actor)
    assert system.jobs.get("report").job.overridden == {
        "schedule", "expiry_date", "active", "enabled", "options",
    }  # fmt: skip


def test_every_change_is_audited_with_who_where_before_and_after(
    system: System, actor: Actor
) -> None:
    store_job(system, definition("report", every(600), groups=("billing",)))
    system.jobs.set_schedule("report", every(60), actor)
    system.jobs.set_expiry("report", instant("2030-01-01"), actor)
    system.jobs.set_options("report", {"a": 1}, actor)
    system.jobs.set_active(["report"], False, actor)
    system.jobs.set_enabled(["report"], False, actor)
    system.jobs.reset(["report"], actor)
    system.groups.set_enabled(["billing"], False, actor)
    system.state.set("report", {"cursor": 1}, actor)
    system.state.clear(["report"], actor)
    system.jobs.delete(["report"], actor)
    found = [view.event for view in reversed(system.audit.query())]
    assert [each.event for each in found] == [
        "JOB-SCHEDULE-CHANGED",
        "JOB-EXPIRY-CHANGED",
        "JOB-OPTIONS-CHANGED",
        "JOB-DEACTIVATED",
        "JOB-DISABLED",
        "JOB-RESET",
        "GROUP-STATUS-CHANGED",
        "JOB-STATE-SET",
        "JOB-STATE-CLEARED",
        "JOB-DELETED",
    ]
    assert {(each.who, each.source) for each in found} == {(actor.who, actor.source)}
    assert (found[0].before["recurring"], found[0].after["recurring"]) == (600, 60)
    assert (found[8].before, found[8].after) == ({"cursor": 1}, None)


def test_a_refused_change_leaves_no_audit_row(system: System, actor: Actor) -> None:
    outcomes = system.jobs.set_enabled(["nothing"], False, actor)
    assert [each.code for each in outcomes] == ["NOT-FOUND"]
    assert system.audit.query() == []


def test_a_batch_of_hundreds_answers_for_each(system: System, actor: Actor) -> None:
    with system.database.begin() as tx:
        jobs.insert_many(tx, [definition(f"job-{n}") for n in range(250)], system.now())
    names = [f"job-{n}" for n in range(250)]
    names.insert(120, "gone")
    outcomes = system.jobs.set_enabled(names, False, actor)
    assert [each.name for each in outcomes] == names
    assert [each.name for each in outcomes if not each.ok] == ["gone"]
    assert not any(view.job.enabled for view in system.jobs.all())


def test_a_running_job_is_not_deleted(engine: ManualEngine, actor: Actor) -> None:
    with engine:
        engine.add(definition("report"))
        number = engine.run("report")
        (outcome,) = engine.system.jobs.delete(["report"], actor)
        assert not outcome.ok
        assert f"is running as instance {number}" in outcome.message
        engine.world.end(number)
        engine.tick()
        assert engine.system.jobs.delete(["report"], actor)[0].ok
        engine.tick()


def test_a_store_that_fails_in_a_batch_keeps_nothing_and_says_so_for_each(
    system: System, actor: Actor
) -> None:
    for name in ("a", "b"):
        store_job(system, definition(name))
    with system.database.begin() as tx:  # a store in which no audit row can be written
        tx.run_sql("ALTER TABLE audit_events RENAME TO moved")
    outcomes = system.jobs.set_enabled(["a", "b"], False, actor)
    with system.database.begin() as tx:
        tx.run_sql("ALTER TABLE moved RENAME TO audit_events")
    assert [(each.name, each.ok, each.code) for each in outcomes] == [
        ("a", False, "STORE-ERROR"),
        ("b", False, "STORE-ERROR"),
    ]
    assert all(view.job.enabled for view in system.jobs.all())
    assert held(system) == []


def test_a_group_of_hundreds_is_switched_by_a_few_statements(system: System, actor: Actor) -> None:
    names = [f"job-{n}" for n in range(300)]
    with system.database.begin() as tx:
        jobs.insert_many(tx, [definition(name) for name in names], system.now())
    system.groups.create("night", actor)
    asked: list[str] = []

    def note(_bind: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(system.database._engine, "before_cursor_execute", note)
    assert all(each.ok for each in system.groups.add("night", names, actor))
    put = len(asked)
    for enabled in (False, True):
        system.groups.set_enabled(["night"], enabled, actor)
    event.remove(system.database._engine, "before_cursor_execute", note)
    assert len(asked) - put < 40
    assert {(each.since, each.until) for each in held(system)} == {(system.now(), system.now())}
    assert len(held(system)) == 300


def test_a_trigger_that_the_expiry_date_keeps_from_running_is_refused(
    engine: ManualEngine, system: System, actor: Actor
) -> None:
    expiry = system.now() + 10 * MINUTE
    store_job(system, definition("report", cron("0 0 1 * *"), expiry_date=expiry))
    system.jobs.set_trigger("report", expiry - 1, actor)
    with pytest.raises(JobError, match=r"expires at 2026-03-02T09:10:00.*would start nothing"):
        system.jobs.set_trigger("report", expiry, actor)
    engine.clock.advance(600)
    with pytest.raises(JobError, match=r"expired at 2026-03-02T09:10:00.*would start nothing"):
        system.jobs.set_trigger("report", expiry + MINUTE, actor)
