"""The store is out of reach for a while: the engine says so, loses nothing, and goes on."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.config import ENGINE_LOG
from engine.domain.instance import Cause, Status
from engine.domain.request import Request, RequestKind
from engine.persistence import cursors, instances, requests
from engine.persistence.cursors import Advance
from engine.persistence.instances import Claim
from engine.scheduling.loop import Loop
from engine.testing.manual import ManualEngine
from tests.support.builders import definition, every, instant

NOON = instant("2026-03-01T12:00:00")


@contextlib.contextmanager
def somebody_writing(store: Path) -> Iterator[None]:
    """Hold the store's write lock, as a process that hangs in a transaction does."""
    with contextlib.closing(sqlite3.connect(store, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.fixture
def loop(engine: ManualEngine) -> Iterator[Loop]:
    """The loop of the engine, turned by hand."""
    loop = Loop(engine.life)
    yield loop
    loop.close()


def test_a_result_that_could_not_be_written_is_written_when_the_store_is_back(
    engine: ManualEngine, loop: Loop, home: Path
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", every(60)))
    engine.advance(60)
    (number,) = engine.world.running
    engine.world.end(number)
    with somebody_writing(home / "tocsin.db"):
        assert loop.turn() > 0
    log = (home / "logs" / ENGINE_LOG).read_text()
    assert "the store is out of reach" in log
    assert engine.instances("job")[0].jobstatus is Status.IN_PROGRESS
    loop.turn()
    assert engine.instances("job")[0].jobstatus is Status.COMPLETE
    assert "the store is back" in (home / "logs" / ENGINE_LOG).read_text()
    engine.advance(60)
    loop.turn()
    assert len(engine.instances("job")) == 2


def test_a_claim_whose_answer_was_lost_is_found_and_handed_over(engine: ManualEngine) -> None:
    engine.world.ends_at_once = False
    jobid = engine.add(definition("job", every(60), options={"a": 1}))
    engine.clock.advance(60)
    session = engine.life.session.sessionid
    with engine.database.begin() as tx:  # committed, and the engine was not told
        (number,) = instances.next_ids(tx, 1)
        due = NOON + 60_000_000
        claim = Claim(number, jobid, session, due, Cause.SCHEDULE, due, "main", options={"a": 1})
        instances.claim_many(tx, [claim])
        cursors.advance_many(tx, [Advance(jobid, "main", due)])
    engine.life.reload(engine.clock.now())
    assert engine.world.running == [number]
    assert engine.world.submitted[0].options == {"a": 1}
    engine.world.end(number)
    engine.tick()
    (ran,) = engine.instances("job")
    assert ran.jobstatus is Status.COMPLETE


def test_an_engine_whose_lease_may_be_over_claims_nothing_until_it_is_renewed(
    engine: ManualEngine, loop: Loop
) -> None:
    engine.add(definition("job", every(60)))
    engine.clock.advance(60)  # no beat in all that time
    loop.turn()
    assert engine.instances("job") == []
    engine.life.heartbeat.beat()
    loop.turn()
    assert len(engine.instances("job")) == 1


def test_a_run_asked_of_an_engine_whose_lease_may_be_over_waits_until_it_is_renewed(
    engine: ManualEngine, loop: Loop
) -> None:
    engine.add(definition("job"))
    engine.clock.advance(60)  # as after a machine was asleep
    asked = Request("id", RequestKind.RUN, {"job": "job"}, "ops", "test", engine.clock.now())
    with engine.database.begin() as tx:
        requests.ask(tx, asked)
    for _ in range(2):
        loop.turn()
    assert engine.instances("job") == []
    engine.life.heartbeat.beat()
    loop.turn()
    assert len(engine.instances("job")) == 1
    with engine.database.read() as tx:
        answered = requests.get(tx, "id")
    assert answered is not None
    assert answered.ok
