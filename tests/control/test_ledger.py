"""The ledger explains every due instant, and finds what is wrong."""

import sqlite3
import time

import pytest
from msgspec.structs import replace

from engine.clock import MINUTE
from engine.control import Actor, System
from engine.control.ledger import LedgerReport
from engine.errors import NotFoundError
from engine.persistence import sessions
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, every

SUMS = ("due", "ran", "late", "coalesced", "skipped", "missed", "pending", "unexplained")


def sums(report: LedgerReport) -> dict[str, int]:
    """The sums that are not 0."""
    return {name: report.as_json()[name] for name in SUMS if report.as_json()[name]}


def tamper(engine: ManualEngine, statement: str) -> None:
    """Change the store behind the engine's back."""
    assert engine.database.path is not None
    with sqlite3.connect(engine.database.path) as connection:
        connection.execute(statement)
    connection.close()


@pytest.fixture
def opened(engine: ManualEngine) -> ManualEngine:
    """An engine that lives, with a job every ten minutes, whose runs end at once."""
    engine.world.ends_at_once = True
    engine.open()
    engine.add(definition("tick", every(600)))
    return engine


def test_what_ran_on_time_ran(opened: ManualEngine, system: System) -> None:
    opened.advance(3600, step=10)
    report = system.ledger.report()
    assert sums(report) == {"due": 6, "ran": 6}
    assert report.is_clean
    assert [each.name for each in report.jobs] == ["tick"]


def test_a_job_that_was_never_scheduled_was_never_due(engine: ManualEngine, system: System) -> None:
    assert system.ledger.report().due == 0


def test_a_window_and_a_job_can_be_asked_for(opened: ManualEngine, system: System) -> None:
    opened.add(definition("other", cron("*/30 * * * *")))
    start = opened.clock.now()
    opened.advance(7200, step=10)
    assert sums(system.ledger.report(job="other")) == {"due": 4, "ran": 4}
    inner = system.ledger.report(start + 30 * MINUTE, start + 60 * MINUTE, "tick")
    assert sums(inner) == {"due": 3, "ran": 3}
    with pytest.raises(NotFoundError):
        system.ledger.report(job="tock")


def test_a_disabled_job_is_skipped_while_it_is_held_and_afterwards(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    system.jobs.set_enabled(["tick"], False, actor)
    opened.advance(3600, step=60)
    held = system.ledger.report()
    assert sums(held) == {"due": 6, "skipped": 6}
    assert held.as_json()["skipped_by"] == {"job disabled": 6}
    system.jobs.set_enabled(["tick"], True, actor)
    opened.tick()
    after = system.ledger.report()
    assert sums(after) == {"due": 6, "late": 1, "skipped": 5}


def test_a_disabled_group_is_the_reason_for_its_jobs(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    system.groups.create("night", actor)
    system.groups.add("night", ["tick"], actor)
    system.groups.set_enabled(["night"], False, actor)
    opened.advance(1800, step=60)
    assert system.ledger.report().as_json()["skipped_by"] == {"group disabled": 3}


def test_while_no_engine_is_up_instants_are_missed_and_the_next_start_settles_them(
    opened: ManualEngine, system: System, clock: ManualClock
) -> None:
    opened.advance(600)
    opened.close()
    clock.advance(3600)
    down = system.ledger.report()
    assert sums(down) == {"due": 7, "ran": 1, "missed": 6}
    assert down.as_json()["missed_by"] == {"no engine was up": 6}
    opened.open()
    assert sums(system.ledger.report()) == {"due": 7, "ran": 1, "late": 1, "coalesced": 5}


def test_without_run_skipped_downtime_stays_missed(
    engine: ManualEngine, system: System, clock: ManualClock
) -> None:
    engine.open()
    engine.add(definition("tick", every(600), run_skipped=False))
    engine.close()
    clock.advance(3600)
    engine.open()
    assert system.ledger.report().as_json()["missed_by"] == {"no engine was up": 6}


def test_instants_that_pass_during_a_run_wait_for_its_end(
    opened: ManualEngine, system: System
) -> None:
    opened.world.ends_at_once = False
    opened.advance(600)
    opened.advance(1800, step=60)
    assert sums(system.ledger.report()) == {"due": 4, "ran": 1, "pending": 3}
    opened.world.end(opened.world.running[0])
    opened.tick()
    assert sums(system.ledger.report()) == {"due": 4, "ran": 1, "late": 1, "coalesced": 2}


def test_what_a_living_engine_leaves_alone_for_longer_than_a_lease_is_unexplained(
    opened: ManualEngine, system: System, clock: ManualClock
) -> None:
    clock.advance(600 + 5)
    assert sums(system.ledger.report()) == {"due": 1, "pending": 1}
    clock.advance(6)
    report = system.ledger.report()
    assert sums(report) == {"due": 1, "unexplained": 1}
    assert not report.is_clean


def test_a_turn_may_take_longer_than_a_short_lease(
    engine: ManualEngine, system: System, clock: ManualClock
) -> None:
    engine.settings = replace(engine.settings, lease_seconds=1.0)
    engine.open()
    engine.add(definition("tick", every(600)))
    clock.advance(600 + 4)
    assert sums(system.ledger.report()) == {"due": 1, "pending": 1}
    clock.advance(2)
    assert sums(system.ledger.report()) == {"due": 1, "unexplained": 1}


def test_what_passed_when_an_engine_was_stopped_during_a_run_waits_for_the_next_start(
    opened: ManualEngine, system: System, clock: ManualClock
) -> None:
    opened.world.ends_at_once = False
    opened.advance(600)
    opened.advance(1300, step=60)
    opened.close()  # ends the run; two instants passed meanwhile
    assert sums(system.ledger.report()) == {"due": 3, "ran": 1, "pending": 2}
    clock.advance(3600)
    later = system.ledger.report()
    assert (later.as_json()["pending"], later.unexplained) == (2, 0)
    opened.world.ends_at_once = True
    opened.open()
    assert system.ledger.report().is_clean


def test_what_passed_just_before_an_engine_was_killed_waits_for_the_next_start(
    opened: ManualEngine, system: System, clock: ManualClock
) -> None:
    clock.advance(598)
    opened.life.heartbeat.beat()
    clock.advance(2)
    opened.life.heartbeat.beat()
    opened.kill()
    clock.advance(300)
    assert sums(system.ledger.report()) == {"due": 1, "pending": 1}


@pytest.mark.spoils_the_ledger("an instance is deleted")
def test_a_lost_row_is_found(opened: ManualEngine, system: System) -> None:
    opened.advance(3600, step=10)
    tamper(opened, "DELETE FROM job_instance WHERE job_instanceid = 3")
    report = system.ledger.report()
    assert sums(report) == {"due": 6, "ran": 5, "unexplained": 1}
    ((name, problem),) = report.problems
    assert (name, problem.kind, problem.count) == ("tick", "unexplained", 1)
    assert report.as_json()["problems"][0]["first"] == "2026-03-02T09:30:00.000000Z"


@pytest.mark.spoils_the_ledger("an instance is moved to an instant that was never due")
def test_a_run_of_an_instant_that_was_never_due_is_found(
    opened: ManualEngine, system: System
) -> None:
    opened.advance(3600, step=10)
    tamper(
        opened,
        "UPDATE job_instance SET due_at = '2026-03-02 09:31:00.000000' WHERE job_instanceid = 3",
    )
    report = system.ledger.report()
    kinds = sorted((problem.kind, problem.count) for _, problem in report.problems)
    assert kinds == [("never due", 1), ("unexplained", 1)]


@pytest.mark.spoils_the_ledger("a stretch is written twice")
def test_two_verdicts_for_one_instant_are_found(opened: ManualEngine, system: System) -> None:
    opened.advance(3600)  # one run for the last, five coalesced
    assert sums(system.ledger.report()) == {"due": 6, "late": 1, "coalesced": 5}
    tamper(
        opened,
        "INSERT INTO verdicts"
        " (jobid, engine_key, verdict, detail, first_due, last_due, count, created)"
        " SELECT jobid, engine_key, 'skipped', '', last_due, last_due, 1, created FROM verdicts",
    )
    assert system.ledger.report().total.doubled == 1
    tamper(opened, "UPDATE verdicts SET last_due = '2026-03-02 10:00:00.000000', count = 6")
    assert system.ledger.report().total.doubled > 1


@pytest.mark.spoils_the_ledger("a stretch counts one less than it stands for")
def test_a_stretch_that_counts_wrongly_is_found(opened: ManualEngine, system: System) -> None:
    opened.advance(3600)
    tamper(opened, "UPDATE verdicts SET count = 4")
    assert system.ledger.report().unexplained == 1
    tamper(opened, "UPDATE verdicts SET count = 7")
    assert system.ledger.report().total.never_due == 2


def test_a_changed_schedule_keeps_the_past_checkable(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.advance(3600, step=60)
    system.jobs.set_schedule("tick", cron("*/20 * * * *"), actor)
    opened.tick()
    opened.advance(3600, step=60)
    assert sums(system.ledger.report()) == {"due": 9, "ran": 9}


def test_a_year_of_missed_half_minutes_is_counted_at_once(
    engine: ManualEngine, system: System, clock: ManualClock
) -> None:
    engine.open()
    engine.add(definition("tick", every(30)))
    engine.close()
    clock.advance(365 * 86_400)
    began = time.perf_counter()
    assert system.ledger.report().as_json()["missed"] == 365 * 2880
    engine.open()
    assert sums(system.ledger.report()) == {
        "due": 365 * 2880,
        "late": 1,
        "coalesced": 365 * 2880 - 1,
    }
    assert time.perf_counter() - began < 10


def test_what_an_engine_never_came_to_before_its_stop_waits_for_the_next_start(
    opened: ManualEngine, system: System
) -> None:
    opened.advance(3600, step=10)
    own = opened.life.session
    opened.close()
    opened.clock.advance(1200)
    begun = replace(own, engine_key=own.engine_key, started=opened.clock.now(), ended=None)
    with opened.database.begin() as tx:  # a machine so busy that it claimed nothing
        slow = sessions.open_session(tx, begun)
    opened.clock.advance(1200)
    with opened.database.begin() as tx:
        sessions.close(tx, slow, opened.clock.now())
    assert sums(system.ledger.report()) == {"due": 10, "ran": 6, "missed": 2, "pending": 2}


@pytest.mark.parametrize("hours", [1, 5])
def test_what_the_clock_was_set_over_while_a_job_ran_is_explained_though_it_is_switched_off(
    opened: ManualEngine, system: System, actor: Actor, hours: int
) -> None:
    opened.world.ends_at_once = False
    opened.advance(600)
    opened.clock.step(hours * 3600)
    opened.tick()
    system.jobs.set_active(["tick"], False, actor)
    opened.tick()
    opened.world.end(1)
    opened.tick()
    opened.advance(3600, step=600)
    report = system.ledger.report()
    assert report.is_clean
    assert (report.total.due, report.total.ran) == (1 + 6 * hours, 1)


@pytest.mark.parametrize("seconds", [900, 20_000])
def test_what_the_clock_was_set_over_before_an_engine_was_killed_is_explained(
    opened: ManualEngine, system: System, actor: Actor, seconds: int
) -> None:
    opened.clock.step(seconds)
    opened.life.clock_watch.look()
    opened.life.heartbeat.beat()
    opened.kill()
    opened.clock.advance(60)
    system.jobs.set_active(["tick"], False, actor)
    opened.open()
    opened.advance(3600, step=600)
    report = system.ledger.report()
    assert report.is_clean
    assert (report.total.due, report.total.pending) == (seconds // 600, 0)
