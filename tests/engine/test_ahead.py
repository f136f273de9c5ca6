"""A due instant is decided about shortly before it comes, and committed when it has."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.domain.instance import Status
from engine.domain.request import RequestKind
from engine.scheduling.ahead import Ahead
from engine.scheduling.loop import Loop
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.support.builders import definition, every, instant

NOON = instant("2026-03-01T12:00:00")
LEAD = 3_000  # microseconds


@pytest.fixture
def loop(engine: ManualEngine) -> Iterator[Loop]:
    """The loop of the engine, turned by hand."""
    engine.world.ends_at_once = False
    loop = Loop(engine.life)
    engine.life.context.ahead.lead = LEAD
    yield loop
    loop.close()


def test_a_run_that_was_decided_ahead_has_its_due_instant_for_its_start(
    engine: ManualEngine, loop: Loop
) -> None:
    engine.add(definition("job", every(60)))
    due = NOON + 60_000_000
    engine.advance_to(due - 1_000_000)
    engine.clock.advance_to(due - LEAD + 1)
    loop.turn()
    (run,) = engine.instances("job")
    assert (run.due_at, run.started) == (due, due)
    assert [spec.due_at for spec in engine.world.prepared] == [due]
    engine.clock.advance_to(due + 1000)
    loop.turn()
    assert len(engine.instances("job")) == 1
    assert [spec.due_at for spec in engine.world.submitted] == [due]


def test_what_comes_later_than_the_lead_is_waited_for(engine: ManualEngine, loop: Loop) -> None:
    engine.add(definition("job", every(60)))
    due = NOON + 60_000_000
    engine.advance_to(due - 1_000_000)
    engine.clock.advance_to(due - LEAD - 100_000)
    assert loop.turn() == pytest.approx(0.1)
    assert engine.instances("job") == []
    assert engine.world.prepared == []


def test_an_engine_that_is_paused_decides_nothing_ahead(engine: ManualEngine, loop: Loop) -> None:
    engine.add(definition("job", every(60)))
    engine.ask(RequestKind.PAUSE)
    engine.advance_to(NOON + 59_000_000)
    engine.clock.advance_to(NOON + 60_000_000 - 1)
    loop.turn()
    assert engine.instances("job") == []


def test_what_was_made_ready_is_dropped_where_the_claim_fails(
    engine: ManualEngine, loop: Loop, home: Path
) -> None:
    engine.add(definition("job", every(60)))
    due = NOON + 60_000_000
    engine.advance_to(due - 1_000_000)
    engine.clock.advance_to(due - LEAD + 1)
    with somebody_refusing(home / "tocsin.db"):
        assert loop.turn() > 0
    assert engine.instances("job") == []
    assert engine.world.prepared == []
    engine.clock.advance_to(due)
    loop.turn()
    (run,) = engine.instances("job", Status.IN_PROGRESS)
    assert run.due_at == due


@contextlib.contextmanager
def somebody_refusing(store: Path) -> Iterator[None]:
    """Refuse the COMMIT of whatever moves a cursor."""
    with contextlib.closing(sqlite3.connect(store, isolation_level=None)) as connection:
        connection.executescript(
            """
            CREATE TABLE nobody (id INTEGER PRIMARY KEY);
            CREATE TABLE bad (id INTEGER REFERENCES nobody (id) DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER refuse AFTER UPDATE ON schedule_cursor BEGIN
                INSERT INTO bad VALUES (1);
            END;
            """
        )
        yield
        connection.executescript("DROP TRIGGER refuse; DROP TABLE bad; DROP TABLE nobody;")


def test_the_commit_waits_until_the_clock_shows_the_instant() -> None:
    clock = SystemClock()
    ahead = Ahead(clock, LEAD)
    due = clock.now() + LEAD - 500
    moment = ahead.moment(due)
    assert moment == due
    ahead.reach(moment)
    assert due <= clock.now()


def test_a_clock_that_was_set_back_is_waited_for_no_longer_than_the_lead() -> None:
    clock = ManualClock(NOON)
    ahead = Ahead(clock, LEAD)
    moment = ahead.moment(NOON + LEAD)
    clock.step(-3600)
    assert ahead.left(moment) == LEAD
    began = SystemClock().monotonic()
    ahead.reach(moment)
    assert SystemClock().monotonic() - began < 1


@pytest.mark.parametrize("wake", [None, NOON - 1, NOON, NOON + LEAD + 1])
def test_only_what_is_about_to_come_is_taken_for_now(wake: int | None) -> None:
    assert Ahead(ManualClock(NOON), LEAD).moment(wake) == NOON


def test_without_a_lead_nothing_is_decided_ahead() -> None:
    ahead = Ahead(ManualClock(NOON))
    assert ahead.moment(NOON + 1) == NOON
    assert ahead.left(NOON + 1) == 0


def test_between_two_turns_that_run_ahead_others_may_write() -> None:
    clock = ManualClock(NOON)
    ahead = Ahead(clock, LEAD)
    assert ahead.moment(NOON + 1) == NOON + 1
    clock.advance(0.000_001)
    ahead.reach(NOON + 1)
    assert ahead.moment(NOON + 2) == NOON + 1
    assert ahead.wait(NOON + 1_001) == 1_000  # the whole time until it is due
    assert ahead.wait(NOON + 50_001) == 50_000 - LEAD
    clock.advance(0.02)
    assert ahead.moment(NOON + 20_002) == NOON + 20_002
