"""A trigger starts its job around its time, or is taken away: it is not kept for another day."""

from typing import Any

import pytest

from engine.clock import DAY, HOUR, MINUTE, SECOND
from engine.config import ENGINE_LOG
from engine.control.actor import Actor
from engine.control.audit import AuditView
from engine.domain.instance import Cause
from engine.domain.request import RequestKind
from engine.persistence import jobs
from engine.testing.manual import ManualEngine
from tests.engine.conftest import Starter
from tests.support.builders import cron, definition, instant

NOON = instant("2026-03-01T12:00:00")
SOON = NOON + 5 * MINUTE
MONTHLY = cron("0 0 1 * *")
ALICE = Actor("alice", "test")


def add(engine: ManualEngine, **more: Any) -> int:
    """Add a monthly job with a trigger five minutes from now."""
    jobid = engine.add(definition("job", MONTHLY, **more))
    engine.system.jobs.set_trigger("job", SOON, ALICE)
    engine.tick()
    return jobid


def switch(engine: ManualEngine, how: str, on: bool) -> None:
    """Throw a switch that holds the job."""
    if how == "job":
        engine.system.jobs.set_enabled(["job"], on, ALICE)
    else:
        engine.system.groups.set_enabled(["night"], on, ALICE)
    engine.tick()


def trigger_of(engine: ManualEngine) -> int | None:
    return engine.system.jobs.get("job").job.trigger_at


def taken_away(engine: ManualEngine) -> AuditView:
    """Return the audit's word of the trigger that was taken away last."""
    last = next(
        each
        for each in engine.system.audit.query(object_name="job")
        if each.event.event == "JOB-TRIGGER-CHANGED"
    )
    assert last.event.after == {"trigger": None}
    return last


def test_a_deactivated_job_forgets_its_trigger(engine: ManualEngine) -> None:
    add(engine)
    engine.system.jobs.set_active(["job"], False, ALICE)
    assert trigger_of(engine) is None
    event = taken_away(engine).event
    assert (event.who, event.reason) == ("alice", "the job was deactivated")
    assert event.before == {"trigger": "2026-03-01T12:05:00.000000Z"}
    engine.advance(7 * DAY // SECOND)
    engine.system.jobs.set_active(["job"], True, ALICE)
    engine.advance(60)
    assert engine.instances("job") == []


def test_a_trigger_that_an_inactive_job_was_left_does_not_run_once_it_is_active(
    engine: ManualEngine,
) -> None:
    jobid = add(engine)
    engine.system.jobs.set_active(["job"], False, ALICE)
    with engine.database.begin() as tx:  # as an earlier release left it
        jobs.set_trigger(tx, jobid, SOON)
    engine.advance(7 * DAY // SECOND)
    engine.system.jobs.set_active(["job"], True, ALICE)
    engine.advance(60)
    assert engine.instances("job") == []
    assert taken_away(engine).event.reason == "the job was not active"


@pytest.mark.parametrize("how", ["job", "group"])
def test_a_trigger_that_passed_while_a_switch_held_the_job_is_taken_away(
    engine: ManualEngine, how: str
) -> None:
    engine.system.groups.create("night", ALICE)
    add(engine, run_skipped=False, groups=("night",))
    switch(engine, how, on=False)
    engine.advance(7 * DAY // SECOND)
    switch(engine, how, on=True)
    engine.advance(60)
    assert engine.instances("job") == []
    assert trigger_of(engine) is None
    event = taken_away(engine).event
    assert event.who.startswith("engine ")
    assert event.reason.startswith(f"{how} disabled (")
    assert event.reason.endswith("by alice since 2026-03-01T12:00:00Z); run_skipped is off")
    log = (engine.settings.log_dir / ENGINE_LOG).read_text()
    assert "custom trigger of 2026-03-01T12:05:00.000000Z taken away" in log


def test_a_trigger_that_passed_while_the_engine_was_paused_is_taken_away(
    engine: ManualEngine,
) -> None:
    add(engine, run_skipped=False)
    engine.ask(RequestKind.PAUSE)
    engine.advance(HOUR // SECOND)
    engine.ask(RequestKind.RESUME)
    engine.advance(60)
    assert engine.instances("job") == []
    assert taken_away(engine).event.reason.startswith("engine paused (")


def test_a_trigger_that_passed_while_no_engine_was_up_is_taken_away(start: Starter) -> None:
    first = start()
    add(first, run_skipped=False)
    first.close()
    first.clock.advance(HOUR // SECOND)
    second = start()
    second.advance(60)
    assert second.instances("job") == []
    assert taken_away(second).event.reason == "no engine was up; run_skipped is off"


@pytest.mark.parametrize("how", ["job", "group"])
def test_with_run_skipped_a_trigger_that_a_switch_held_is_caught_up_once(
    engine: ManualEngine, how: str
) -> None:
    engine.system.groups.create("night", ALICE)
    add(engine, groups=("night",))
    switch(engine, how, on=False)
    engine.advance(HOUR // SECOND)
    switch(engine, how, on=True)
    engine.advance(60)
    (caught_up,) = engine.instances("job")
    assert caught_up.cause is Cause.TRIGGER
    assert trigger_of(engine) is None


def test_a_trigger_beyond_a_switch_runs_without_run_skipped_too(engine: ManualEngine) -> None:
    add(engine, run_skipped=False)
    switch(engine, "job", on=False)
    engine.advance(60)
    switch(engine, "job", on=True)
    engine.advance(240)
    (ran,) = engine.instances("job")
    assert (ran.cause, ran.started) == (Cause.TRIGGER, SOON)


def test_a_trigger_that_waited_for_a_run_to_end_runs_without_run_skipped_too(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    add(engine, run_skipped=False)
    number = engine.run("job")
    engine.advance(600)
    engine.world.end(number)
    engine.tick()
    assert [each.cause for each in engine.instances("job")] == [Cause.MANUAL, Cause.TRIGGER]


def test_a_job_that_expires_before_its_trigger_forgets_it(engine: ManualEngine) -> None:
    jobid = add(engine)
    engine.system.jobs.set_expiry("job", SOON, ALICE)
    assert trigger_of(engine) is None
    assert taken_away(engine).event.reason == "the job expires before it"
    with engine.database.begin() as tx:  # as an earlier release left it
        jobs.set_trigger(tx, jobid, SOON)
    engine.advance(600, step=60)
    assert engine.instances("job") == []
    assert taken_away(engine).event.reason == "the job expired at 2026-03-01T12:05:00Z"


def test_a_date_of_expiry_after_the_trigger_leaves_it(engine: ManualEngine) -> None:
    add(engine)
    engine.system.jobs.set_expiry("job", SOON + 1, ALICE)
    engine.advance(600, step=60)
    assert [each.cause for each in engine.instances("job")] == [Cause.TRIGGER]


@pytest.mark.parametrize("why", ["inactive", "expires"])
def test_a_job_cannot_give_itself_a_trigger_that_starts_nothing(
    engine: ManualEngine, why: str
) -> None:
    engine.world.ends_at_once = False
    expiry = SOON if why == "expires" else None
    engine.add(definition("job", MONTHLY, active=why != "inactive", expiry_date=expiry))
    number = engine.run("job")
    engine.world.call(number, "set_trigger", at=SOON, in_seconds=None)
    engine.tick()
    assert engine.world.replies()[number] == (True, False)
    assert trigger_of(engine) is None
