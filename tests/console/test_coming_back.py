"""A store that was out of reach for a while: what happened meanwhile is shown, or read back."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.client.store_client import StoreClient
from app.options import ConsoleOptions
from app.store.events import Event, InstancesFrom, SnapshotBegun, SnapshotDone
from app.store.model import EngineHealth, InstanceRow, JobRow, Run
from app.store.store import ConsoleStore
from app.testing.harness import Robot
from engine.domain.instance import Cause, Status
from engine.persistence.migrate import HEAD
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.console.past.lived import ACTOR, opened
from tests.console.past.real_store import RealStore
from tests.console.test_store_client import Reader
from tests.support.builders import cron, definition, every

LONG = 1  # the number of the run that goes on for long


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> Iterator[ManualEngine]:
    """A store in which `long` has begun, and `often` runs every minute."""
    shutil.copy(sqlite_template, tmp_path / "tocsin.db")
    clock = ManualClock.at("2026-03-02T11:59:00Z")
    engine = ManualEngine(tmp_path, clock=clock, world=ScriptedWorld(clock, ends_at_once=False))
    engine.open()
    engine.add(definition("long", cron("0 12 * * *")))
    engine.advance(60)
    engine.add(definition("often", every(60)))
    assert engine.world.running == [LONG]
    yield engine
    engine.drop()


def run_often(store: ManualEngine, times: int) -> None:
    for _ in range(times):
        store.advance(60)
        for number in store.world.running:
            if number != LONG:
                store.world.end(number)
        store.tick()


@pytest.fixture
def client(store: ManualEngine) -> RealStore:
    client = RealStore(store.system, ACTOR)
    client.newest = 5
    return client


@pytest.fixture
async def robot(store: ManualEngine, client: RealStore) -> AsyncIterator[Robot]:
    run_often(store, 3)
    async with opened(client, store, ConsoleOptions()) as robot:
        yield robot


async def test_a_run_that_ended_while_the_store_was_out_of_reach_does_not_go_on_for_ever(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    assert robot.app.store.live == {LONG}
    store.world.end(LONG)
    run_often(store, 9)
    client.come_back()
    await robot.settled()
    known = robot.app.store
    assert known.live == set()
    assert known.instances[LONG].status is Status.COMPLETE
    row = known.job("long")
    assert row is not None
    assert (row.running, row.running_since, row.last_instanceid) == ((), None, LONG)


async def test_a_run_that_goes_on_meanwhile_goes_on_afterwards(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    run_often(store, 9)
    client.come_back()
    await robot.settled()
    row = robot.app.store.job("long")
    assert row is not None
    assert (row.running, robot.app.store.live) == ((LONG,), {LONG})


async def test_runs_that_were_missed_are_read_back_at_the_end_of_the_list(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    run_often(store, 9)
    client.come_back()
    await robot.settled()
    assert sorted(robot.app.store.instances) == [LONG, 9, 10, 11, 12, 13]
    row = robot.app.store.job("often")
    assert row is not None
    assert len(row.runs) == 5  # of the last ones in a row, none missing between them
    await robot.press("3", "end")
    assert sorted(robot.app.store.instances) == list(range(1, 14))


async def test_a_filter_does_not_claim_runs_that_were_missed(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    await robot.press("3", "/", *"name:often", "enter")
    run_often(store, 9)
    client.come_back()
    await robot.settled()
    assert robot.shows("12 of 13")


async def test_what_is_known_stays_where_the_newest_reach_it(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    run_often(store, 4)
    client.come_back()
    await robot.settled()
    assert sorted(robot.app.store.instances) == list(range(1, 9))


def test_a_client_that_gets_its_store_back_tells_how_its_runs_ended(store: ManualEngine) -> None:
    store.kill()
    client, reader = StoreClient(store.settings, may_host=False), Reader()
    file = str(store.database.path)
    try:
        client.start(reader.inbox)
        reader.wait_for(lambda event: isinstance(event, SnapshotDone))
        _say(file, "UPDATE alembic_version SET version_num = '9999'")
        reader.wait_for(lambda event: isinstance(event, EngineHealth) and event.problem != "")
        _say(file, _END_OF_LONG)
        _say(file, _MANY_RUNS)
        reader.events.clear()
        _say(file, f"UPDATE alembic_version SET version_num = '{HEAD}'")
        told = reader.wait_for(lambda event: _is_end_of(LONG, event))
        done = reader.wait_for(lambda event: isinstance(event, SnapshotDone))
        assert reader.events.index(told) < reader.events.index(done)
    finally:
        client.close()


_END_OF_LONG = """
    UPDATE job_instance SET jobstatus = 'COMPLETE', completed = started WHERE job_instanceid = 1
"""
_MANY_RUNS = """
    WITH RECURSIVE numbers(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2200)
    INSERT INTO job_instance (job_instanceid, jobid, jobstatus, started, completed, cause, fence)
    SELECT n, jobid, 'COMPLETE', started, started, cause, 1
    FROM job_instance, numbers WHERE job_instanceid = 1
"""


def _say(file: str, statement: str) -> None:
    with closing(sqlite3.connect(file, timeout=20)) as other:
        other.execute(statement)
        other.commit()


def _is_end_of(number: int, event: Event) -> bool:
    return isinstance(event, InstanceRow) and event.job_instanceid == number and not event.is_live


# -- the store alone ------------------------------------------------------------------------------


def run(number: int, status: Status = Status.COMPLETE) -> InstanceRow:
    done = None if status is Status.IN_PROGRESS else number + 1
    return InstanceRow(number, 1, "a", status, Cause.SCHEDULE, number, done)


def test_a_run_that_a_snapshot_does_not_tell_is_gone() -> None:
    store = ConsoleStore()
    store.apply([JobRow(1, "a"), run(10, Status.IN_PROGRESS)])
    changes = store.apply([SnapshotBegun(1), JobRow(1, "a"), SnapshotDone()])
    assert (store.live, store.instances, store.jobs[1].running) == (set(), {}, ())
    assert changes.instances_gone == {10}


def test_a_snapshot_that_is_broken_off_does_not_count_as_known() -> None:
    store = ConsoleStore()
    store.apply([JobRow(1, "a"), run(10)])
    store.apply([SnapshotBegun(1), JobRow(1, "a"), run(20, Status.IN_PROGRESS)])
    store.apply([SnapshotBegun(1), JobRow(1, "a"), InstancesFrom(15), run(15), run(20)])
    store.apply([SnapshotDone()])
    assert sorted(store.instances) == [15, 20]
    assert store.jobs[1].runs == (Run(Status.COMPLETE, 0.000001),) * 2


def test_a_fault_in_reading_is_told_and_the_reading_goes_on(store: ManualEngine) -> None:
    run_often(store, 3)
    path = store.database.path
    assert path is not None
    client, reader = StoreClient(store.settings, may_host=False), Reader()
    with closing(sqlite3.connect(path, isolation_level=None)) as behind:
        try:
            client.start(reader.inbox)
            reader.wait_for(lambda event: isinstance(event, SnapshotDone))
            behind.execute("UPDATE job_instance SET jobstatus = 'NO-WORD' WHERE job_instanceid = 3")
            client.resync()
            reader.wait_for(
                lambda event: (
                    isinstance(event, EngineHealth)
                    and "A fault of tocsin in reading the store" in event.problem
                    and "NO-WORD" in event.problem
                )
            )
            behind.execute("UPDATE job_instance SET jobstatus = 'ERROR' WHERE job_instanceid = 3")
            reader.wait_for(
                lambda event: isinstance(event, InstanceRow) and event.status is Status.ERROR
            )
        finally:
            client.close()
