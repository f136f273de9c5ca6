"""A console that follows a real store: it shows what another fresh look would."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.options import ConsoleOptions
from app.testing.harness import Robot
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.console.past.lived import ACTOR, opened
from tests.console.past.real_store import RealStore
from tests.support.builders import cron, definition, every


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> Iterator[ManualEngine]:
    """A store in which `often` is due every minute, and `nightly` came last."""
    shutil.copy(sqlite_template, tmp_path / "tocsin.db")
    clock = ManualClock.at("2026-03-02T12:00:00Z")
    engine = ManualEngine(tmp_path, clock=clock, world=ScriptedWorld(clock, ends_at_once=False))
    engine.open()
    engine.add(definition("often", every(60)))
    engine.add(definition("nightly", cron("1 12 * * *")))
    yield engine
    engine.drop()


@pytest.fixture
def client(store: ManualEngine) -> RealStore:
    return RealStore(store.system, ACTOR)


@pytest.fixture
async def robot(store: ManualEngine, client: RealStore) -> AsyncIterator[Robot]:
    async with opened(client, store, ConsoleOptions()) as robot:
        yield robot


def run_once(store: ManualEngine) -> None:
    """Let a minute pass, and what is due run."""
    store.advance(60)
    for number in store.world.running:
        store.world.end(number)
    store.tick()


async def look(robot: Robot, client: RealStore) -> None:
    client.look()
    await robot.settled()


# -- jobs and groups that are deleted, and others that come in their place ------------------------


def add_in_place(store: ManualEngine, name: str, number: int) -> None:
    """Add a job with the number of one that was deleted, as a restored store may."""
    with store.database.begin() as tx:
        tx.execute(text("UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'jobs'"))
    assert store.add(definition(name, cron("0 3 * * 1"))) == number


async def test_a_job_that_gets_the_number_of_a_deleted_one_is_shown(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    before = robot.app.store.names["nightly"]
    store.system.jobs.delete(["nightly"], ACTOR)
    add_in_place(store, "weekly", before)
    await look(robot, client)
    assert robot.shows("weekly")
    assert not robot.shows("nightly")


async def test_the_mark_of_a_deleted_job_is_not_that_of_the_one_that_gets_its_number(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    await robot.press("g", "space")
    assert robot.shows("marked 1 ")
    before = robot.app.store.names["nightly"]
    store.system.jobs.delete(["nightly"], ACTOR)
    add_in_place(store, "weekly", before)
    await look(robot, client)
    assert robot.shows("weekly")
    assert not robot.shows("marked")


async def test_the_runs_of_a_deleted_job_go_with_it(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    run_once(store)
    await look(robot, client)
    await robot.press("3")
    assert robot.line_with("nightly")
    store.system.jobs.delete(["nightly"], ACTOR)
    await look(robot, client)
    assert not robot.shows("nightly")
    assert robot.line_with("often")


async def test_a_group_that_is_made_anew_at_once_is_there_with_its_switch(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    groups = store.system.groups
    groups.create("night", ACTOR)
    await look(robot, client)
    groups.delete(["night"], ACTOR)
    groups.create("night", ACTOR)
    groups.set_enabled(["night"], False, ACTOR)
    await look(robot, client)
    assert not robot.app.store.groups["night"].enabled
    groups.add("night", ["nightly"], ACTOR)
    await look(robot, client)
    row = robot.app.store.job("nightly")
    assert row is not None
    assert row.group_off == "night"
