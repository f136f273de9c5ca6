"""An engine ends while a run overruns: the next start catches up once what passed meanwhile."""

from collections.abc import Callable

import pytest

from engine.clock import HOUR
from engine.domain.instance import Ending, Status
from engine.domain.request import RequestKind
from engine.domain.verdict import Reason, Verdict
from engine.testing.manual import ManualEngine
from tests.engine.conftest import Starter
from tests.support.builders import cron, definition, instant

NOON = instant("2026-03-01T12:00:00")
Ender = Callable[[ManualEngine], None]


def overrunning(start: Starter, *, run_skipped: bool = True) -> ManualEngine:
    """An engine whose hourly job began at 13:00 and still runs at 15:30."""
    engine = start()
    engine.world.ends_at_once = False
    engine.add(definition("long", cron("0 * * * *"), run_skipped=run_skipped))
    engine.advance(3.5 * 3600, step=600)
    return engine


def stopped(engine: ManualEngine) -> None:
    engine.close()


def drained(engine: ManualEngine) -> None:
    engine.ask(RequestKind.DRAIN)
    engine.advance(600, step=60)
    engine.world.end(engine.world.running[0])
    engine.tick()
    engine.close()


def killed(engine: ManualEngine) -> None:
    engine.kill()
    for supervisor in engine.world.supervisors.values():
        supervisor.is_alive = False


ENDERS = pytest.mark.parametrize("end", [stopped, drained, killed])


@ENDERS
def test_one_run_catches_up_what_passed_during_a_run_that_the_engine_did_not_survive(
    start: Starter, end: Ender
) -> None:
    first = overrunning(start)
    end(first)
    second = start()
    _, late = second.instances("long")
    assert (late.due_at, late.late) == (NOON + 3 * HOUR, True)
    (passed,) = second.verdicts("long")
    assert (passed.verdict, passed.count) == (Verdict.COALESCED, 1)
    assert passed.job_instanceid == late.job_instanceid


@ENDERS
def test_what_fell_due_while_no_engine_was_up_joins_the_same_catch_up(
    start: Starter, end: Ender
) -> None:
    first = overrunning(start)
    end(first)
    first.clock.advance(4 * 3600)
    second = start()
    _, late = second.instances("long")
    assert (late.due_at, late.late) == (NOON + 7 * HOUR, True)
    assert sum(each.count for each in second.verdicts("long")) == 5


@ENDERS
def test_without_run_skipped_it_is_missed_and_nothing_is_run(start: Starter, end: Ender) -> None:
    first = overrunning(start, run_skipped=False)
    end(first)
    second = start()
    assert len(second.instances("long")) == 1
    (passed,) = second.verdicts("long")
    assert (passed.verdict, passed.count) == (Verdict.MISSED, 2)
    assert passed.reason is Reason.RUN_SKIPPED_OFF


@ENDERS
def test_until_the_next_start_the_ledger_says_that_it_waits(start: Starter, end: Ender) -> None:
    first = overrunning(start)
    end(first)
    first.clock.advance(600)
    report = first.system.ledger.report()
    assert (report.total.pending, report.unexplained) == (2, 0)


def test_a_draining_engine_lets_it_wait_for_the_next_start_however_long_other_runs_take(
    start: Starter,
) -> None:
    engine = overrunning(start)
    engine.add(definition("other"))
    engine.run("other")
    engine.ask(RequestKind.DRAIN)
    engine.world.end(engine.world.running[0])
    engine.tick()
    engine.advance(1200, step=60)
    report = engine.system.ledger.report()
    assert (report.total.pending, report.unexplained) == (2, 0)
    engine.world.ends_at_once = True
    engine.ask(RequestKind.RESUME)
    _, late = engine.instances("long")
    assert (late.due_at, late.late) == (NOON + 3 * HOUR, True)


@pytest.mark.parametrize("run_skipped", [True, False])
def test_a_run_that_is_adopted_is_followed_by_one_catch_up_as_if_its_engine_had_lived(
    start: Starter, run_skipped: bool
) -> None:
    first = overrunning(start, run_skipped=run_skipped)
    first.kill()
    second = start()
    second.advance(3600, step=600)
    (number,) = second.world.running
    second.world.ends_at_once = True
    second.world.end(number)
    second.tick()
    long, late = second.instances("long")
    assert (long.jobstatus, long.ending) == (Status.COMPLETE, Ending.RETURNED)
    assert (late.due_at, late.late) == (NOON + 4 * HOUR, True)
    (passed,) = second.verdicts("long")
    assert (passed.verdict, passed.count) == (Verdict.COALESCED, 2)
