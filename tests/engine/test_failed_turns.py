"""A turn fails after it began: what it would have done is done when the store works again."""

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest

from engine.clock import HOUR, MINUTE, SECOND
from engine.control.actor import Actor
from engine.domain.instance import Cause, Status
from engine.domain.request import RequestKind
from engine.domain.verdict import Reason, Verdict
from engine.errors import StoreError
from engine.scheduling.loop import Loop
from engine.testing.manual import ManualEngine
from tests.engine.conftest import Starter
from tests.support.accounting import ledger_problems
from tests.support.builders import cron, definition, instant

NOON = instant("2026-03-01T12:00:00")
ALICE = Actor("alice", "test")
NO_CURSOR_MOVES = "BEFORE UPDATE ON schedule_cursor"
NO_CLAIM = "BEFORE INSERT ON job_instance"


@contextlib.contextmanager
def refusing(engine: ManualEngine, what: str = NO_CURSOR_MOVES) -> Iterator[None]:
    """Let the store refuse what a turn writes, when it has begun to write."""
    told = f"CREATE TRIGGER refusing {what} BEGIN SELECT RAISE(ROLLBACK, 'not now'); END"
    with altered(engine, told, "DROP TRIGGER refusing"):
        yield


@contextlib.contextmanager
def altered(engine: ManualEngine, change: str, back: str) -> Iterator[None]:
    """Alter the store for a while."""
    assert engine.database.path is not None
    with contextlib.closing(sqlite3.connect(engine.database.path)) as connection:
        connection.execute(change)
        yield
        connection.execute(back)


def turn(engine: ManualEngine) -> Loop:
    """Turn the loop of an engine until it meets with a failure."""
    loop = Loop(engine.life)
    engine.life.heartbeat.beat()
    while loop.turn() == 0:
        pass
    return loop


def go_on(engine: ManualEngine, loop: Loop, seconds: float = 0.25) -> None:
    """Let the loop come to its next turn, and do all that there is to do."""
    engine.clock.advance(seconds)
    engine.life.heartbeat.beat()
    loop.turn()
    loop.close()
    engine.tick()


def started_anew(dead: ManualEngine, refused: str) -> ManualEngine:
    """The next engine on the store of a dead one; its first turn fails."""
    engine = ManualEngine(dead.settings.home, clock=dead.clock, world=dead.world)
    with refusing(engine, refused), pytest.raises(StoreError):
        engine.open()
    engine.life.reload(engine.clock.now())
    engine.tick()
    return engine


@pytest.mark.parametrize("run_skipped", [True, False])
def test_a_due_instant_whose_claim_failed_runs_when_the_store_is_back(
    engine: ManualEngine, run_skipped: bool
) -> None:
    engine.add(definition("job", cron("0 * * * *"), run_skipped=run_skipped))
    engine.clock.advance(3600)
    with refusing(engine):
        loop = turn(engine)
    assert engine.instances("job") == []
    go_on(engine, loop)
    (ran,) = engine.instances("job")
    assert (ran.cause, ran.due_at) == (Cause.SCHEDULE, NOON + HOUR)
    assert engine.verdicts("job") == []


def test_instants_that_passed_until_the_store_was_back_coalesce_into_one_run(
    engine: ManualEngine,
) -> None:
    engine.add(definition("job", cron("* * * * *"), run_skipped=False))
    engine.clock.advance(60)
    with refusing(engine):
        loop = turn(engine)
    go_on(engine, loop, 120)
    (ran,) = engine.instances("job")
    assert (ran.cause, ran.due_at, ran.late) == (Cause.SCHEDULE, NOON + 3 * MINUTE, True)
    (passed,) = engine.verdicts("job")
    assert (passed.verdict, passed.count) == (Verdict.COALESCED, 2)


def test_the_catch_up_that_an_overrun_owes_runs_though_its_claim_failed(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", cron("0 * * * *"), run_skipped=False))
    engine.advance(3.5 * 3600, step=600)
    engine.world.end(engine.world.running[0])
    with refusing(engine), pytest.raises(StoreError):
        engine.tick()  # the end is recorded, the catch-up is not claimed
    assert engine.instances("job")[0].completed is not None
    engine.life.reload(engine.clock.now())
    engine.tick()
    _, late = engine.instances("job")
    assert (late.due_at, late.late) == (NOON + 3 * HOUR, True)
    (passed,) = engine.verdicts("job")
    assert (passed.verdict, passed.count) == (Verdict.COALESCED, 1)


def test_a_pause_during_a_run_leaves_its_catch_up_though_the_store_was_read_anew(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", cron("0 * * * *"), run_skipped=False))
    engine.advance(1.9 * 3600, step=600)
    engine.ask(RequestKind.PAUSE)
    engine.advance(600)
    engine.ask(RequestKind.RESUME)
    engine.life.reload(engine.clock.now())
    engine.world.end(engine.world.running[0])
    with refusing(engine), pytest.raises(StoreError):
        engine.tick()
    engine.life.reload(engine.clock.now())
    engine.tick()
    _, late = engine.instances("job")
    assert (late.cause, late.due_at, late.late) == (Cause.SCHEDULE, NOON + 2 * HOUR, True)


@pytest.mark.parametrize("run_skipped", [True, False])
def test_the_catch_up_that_an_adopted_run_owes_runs_though_its_claim_failed(
    start: Starter, run_skipped: bool
) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", cron("0 * * * *"), run_skipped=run_skipped))
    first.advance(3.5 * 3600, step=600)
    first.kill()
    second = start()
    second.world.end(second.world.running[0])
    with refusing(second), pytest.raises(StoreError):
        second.tick()
    second.life.reload(second.clock.now())
    second.tick()
    _, late = second.instances("job")
    assert (late.due_at, late.late) == (NOON + 3 * HOUR, True)


def test_a_switch_that_took_the_catch_up_of_a_run_away_has_done_so_after_a_failure_too(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", cron("0 * * * *"), run_skipped=False))
    engine.advance(3600)
    for enabled in (False, True):
        engine.system.jobs.set_enabled(["job"], enabled, ALICE)
        engine.advance(600)
    engine.advance(2 * 3600)
    engine.life.reload(engine.clock.now())
    engine.world.end(engine.world.running[0])
    engine.tick()
    assert len(engine.instances("job")) == 1
    (missed,) = engine.verdicts("job")
    assert (missed.verdict, missed.reason) == (Verdict.MISSED, Reason.RUN_SKIPPED_OFF)


def test_a_run_that_was_adopted_is_not_begun_again_after_a_failure(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job"))
    number = first.run("job")
    first.kill()
    second = start()
    second.life.reload(second.clock.now())
    second.tick()
    assert [spec.job_instanceid for spec in second.world.submitted] == [number]


def test_a_store_that_cannot_be_read_between_makes_no_difference(engine: ManualEngine) -> None:
    engine.add(definition("job", cron("0 * * * *"), run_skipped=False))
    engine.clock.advance(3600)
    with refusing(engine):
        loop = turn(engine)
    hide = "ALTER TABLE {} RENAME TO {}"
    names = ("job_tags", "away")
    with altered(engine, hide.format(*names), hide.format(*reversed(names))):
        assert loop.turn() > 0
    go_on(engine, loop)
    (ran,) = engine.instances("job")
    assert (ran.cause, ran.due_at) == (Cause.SCHEDULE, NOON + HOUR)


def test_what_passed_while_no_engine_was_up_is_missed_though_telling_it_failed_at_first(
    start: Starter,
) -> None:
    first = start()
    first.add(definition("job", cron("0 * * * *"), run_skipped=False))
    first.close()
    first.clock.advance(2.5 * 3600)
    second = started_anew(first, NO_CURSOR_MOVES)
    (missed,) = second.verdicts("job")
    assert (missed.verdict, missed.reason, missed.count) == (Verdict.MISSED, Reason.NO_ENGINE, 2)
    second.drop()


@pytest.mark.parametrize("is_seen", [True, False])
@pytest.mark.parametrize("run_skipped", [True, False])
def test_what_passed_while_a_job_was_disabled_is_skipped_though_the_turn_that_tells_it_failed(
    engine: ManualEngine, run_skipped: bool, is_seen: bool
) -> None:
    engine.add(definition("job", cron("0 * * * *"), run_skipped=run_skipped))
    engine.system.jobs.set_enabled(["job"], False, ALICE)
    engine.advance(2.5 * 3600, step=600)
    engine.system.jobs.set_enabled(["job"], True, ALICE)
    if is_seen:  # before the failure; else the store is read anew first
        with refusing(engine):
            turn(engine).close()
    engine.life.reload(engine.clock.now())
    engine.tick()
    skipped = engine.verdicts("job")[0]
    assert (skipped.verdict, skipped.reason) == (Verdict.SKIPPED, Reason.JOB_DISABLED)
    assert skipped.count + len(engine.instances("job")) == 2
    assert len(engine.instances("job")) == run_skipped


def test_runs_of_a_disabled_group_are_asked_to_stop_though_the_turn_that_saw_it_failed(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", groups=("night",)))
    engine.add(definition("minutely", cron("* * * * *")))
    number = engine.run("job")
    engine.clock.advance(60)
    engine.system.groups.set_enabled(["night"], False, ALICE)
    with refusing(engine):
        loop = turn(engine)
    (supervisor,) = engine.world.supervisors.values()
    assert supervisor.asked == []
    go_on(engine, loop)
    assert supervisor.asked == [number]


@pytest.mark.parametrize("by", ["a pause", "a switch"])
def test_what_passed_during_a_run_that_ended_while_its_job_was_held_has_its_verdict_all_the_same(
    engine: ManualEngine, by: str
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", cron("* * * * *")))
    engine.advance(60)
    (number,) = engine.world.running
    engine.advance(150)
    if by == "a pause":
        engine.ask(RequestKind.PAUSE)
    else:
        engine.system.jobs.set_enabled(["job"], False, ALICE)
        engine.tick()
    engine.advance(100)
    engine.world.end(number)
    with refusing(engine), pytest.raises(StoreError):
        engine.tick()  # the end is recorded, what passed before the pause is not told
    assert engine.instances("job")[0].completed is not None
    engine.life.reload(engine.clock.now())
    engine.tick()
    (overlap,) = engine.verdicts("job")
    assert (overlap.verdict, overlap.reason) == (Verdict.SKIPPED, Reason.OVERLAP)
    assert overlap.count == 2
    engine.advance(60)
    assert ledger_problems(engine.system) == []


def test_a_crash_is_made_up_for_though_the_claim_of_its_catch_up_failed_at_first(
    start: Starter,
) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("daily", cron("0 13 * * *")))
    first.advance(3600)
    first.kill()
    for supervisor in first.world.supervisors.values():
        supervisor.is_alive = False
    second = started_anew(first, NO_CLAIM)
    crashed, again = second.instances("daily")
    assert (crashed.jobstatus, again.stands_for) == (Status.CRASH, NOON + HOUR)
    second.life.reload(second.clock.now())
    second.world.end(again.job_instanceid)
    second.advance(HOUR // SECOND, step=600)
    assert len(second.instances("daily")) == 2  # once
    second.drop()
