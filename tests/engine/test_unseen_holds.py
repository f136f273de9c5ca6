"""A switch holds a job and lets it go between two looks of its engine: what passed was held."""

import pytest
from sqlalchemy import event

from engine.clock import HOUR
from engine.control.actor import Actor
from engine.definitions.applying import Loader, load
from engine.domain.instance import Cause
from engine.domain.verdict import Reason, Verdict
from engine.testing.manual import ManualEngine
from tests.engine.conftest import Starter
from tests.support.builders import cron, definition, instant

NOON = instant("2026-03-01T12:00:00")
ALICE = Actor("alice", "test")
MINUTES = 60

both_ways = pytest.mark.parametrize("is_read_anew", [False, True])


def held_unseen(
    engine: ManualEngine, *, after: int = 50 * MINUTES, during: int = 20 * MINUTES, group: str = ""
) -> None:
    """Hold the job, or its group, while its engine is frozen."""
    for enabled, seconds in ((False, after), (True, during)):
        engine.clock.advance(seconds)
        if group:
            engine.system.groups.set_enabled([group], enabled, ALICE)
        else:
            engine.system.jobs.set_enabled(["job"], enabled, ALICE)


def look(engine: ManualEngine, *, is_read_anew: bool) -> None:
    """Let the engine go on, after a failed transaction or without one."""
    if is_read_anew:
        engine.life.reload(engine.clock.now())
    engine.tick()


def told(engine: ManualEngine) -> list[tuple[Verdict, Reason | None, int]]:
    return [(each.verdict, each.reason, each.count) for each in engine.verdicts("job")]


@both_ways
@pytest.mark.parametrize("group", ["", "night"])
def test_a_due_instant_that_passed_meanwhile_is_skipped(
    engine: ManualEngine, group: str, is_read_anew: bool
) -> None:
    engine.add(definition("job", cron("0 * * * *"), run_skipped=False, groups=("night",)))
    held_unseen(engine, group=group)
    look(engine, is_read_anew=is_read_anew)
    assert engine.instances("job") == []
    reason = Reason.GROUP_DISABLED if group else Reason.JOB_DISABLED
    assert told(engine) == [(Verdict.SKIPPED, reason, 1)]
    assert "by alice since 2026-03-01T12:50:00" in engine.verdicts("job")[0].detail
    engine.advance(60 * MINUTES)
    assert [ran.due_at for ran in engine.instances("job")] == [NOON + 2 * HOUR]


@both_ways
def test_the_last_of_them_is_caught_up_and_the_others_keep_the_reason(
    engine: ManualEngine, is_read_anew: bool
) -> None:
    engine.add(definition("job", cron("*/5 * * * *")))
    engine.advance(48 * MINUTES, step=60)
    ran = len(engine.instances("job"))
    held_unseen(engine, after=0)
    look(engine, is_read_anew=is_read_anew)
    (late,) = engine.instances("job")[ran:]
    assert (late.cause, late.due_at) == (Cause.SKIPPED, NOON + HOUR + HOUR // 12)
    assert told(engine) == [(Verdict.SKIPPED, Reason.JOB_DISABLED, 3)]


@both_ways
def test_one_that_passed_before_the_switch_or_after_it_runs_by_the_schedule(
    engine: ManualEngine, is_read_anew: bool
) -> None:
    engine.add(definition("job", cron("40 * * * *"), run_skipped=False))
    held_unseen(engine)
    look(engine, is_read_anew=is_read_anew)
    (ran,) = engine.instances("job")
    assert (ran.cause, ran.due_at) == (Cause.SCHEDULE, NOON + HOUR * 2 // 3)
    held_unseen(engine, after=10 * MINUTES, during=10 * MINUTES)  # until 13:30
    engine.clock.advance(15 * MINUTES)
    look(engine, is_read_anew=is_read_anew)
    _, ran = engine.instances("job")
    assert (ran.cause, ran.due_at) == (Cause.SCHEDULE, NOON + HOUR * 5 // 3)
    assert engine.verdicts("job") == []


@both_ways
def test_a_run_that_went_on_meanwhile_is_followed_by_no_catch_up(
    engine: ManualEngine, is_read_anew: bool
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", cron("0 * * * *"), run_skipped=False))
    engine.advance(60 * MINUTES)
    held_unseen(engine)
    look(engine, is_read_anew=is_read_anew)
    engine.world.end(engine.world.running[0])
    engine.tick()
    assert len(engine.instances("job")) == 1
    assert told(engine) == [(Verdict.SKIPPED, Reason.JOB_DISABLED, 1)]


def test_nor_is_one_that_was_adopted(start: Starter) -> None:
    first = start()
    first.world.ends_at_once = False
    first.add(definition("job", cron("0 * * * *"), run_skipped=False))
    first.advance(60 * MINUTES)
    first.kill()
    second = start()
    held_unseen(second)
    second.tick()
    second.world.end(second.world.running[0])
    second.tick()
    assert len(second.instances("job")) == 1
    assert told(second) == [(Verdict.SKIPPED, Reason.JOB_DISABLED, 1)]


def test_a_hundred_jobs_are_looked_back_at_in_one_query(engine: ManualEngine) -> None:
    made = [definition(f"job{n}", cron("0 * * * *"), groups=("night",)) for n in range(100)]
    load(engine.database, made, Loader("tester", "test"), engine.clock)
    asked: list[str] = []

    def note(*given: object) -> None:
        if "FROM job_holds" in str(given[2]):
            asked.append(str(given[2]))

    event.listen(engine.database._engine, "before_cursor_execute", note)
    engine.tick()
    engine.life.reload(engine.clock.now())
    assert asked == []  # nothing has passed
    held_unseen(engine, group="night")
    engine.life.reload(engine.clock.now())
    assert len(asked) == 1
    engine.tick()
