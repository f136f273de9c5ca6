"""A store that was lived through for an hour, and the console on it."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.options import ConsoleOptions
from app.testing.harness import Robot
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.console.past.lived import ACTOR, end, opened, to
from tests.console.past.real_store import RealStore
from tests.support.builders import cron, definition


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> Iterator[ManualEngine]:
    """A store of which 03:00 to 03:41 were lived through.

    `long` ran from 03:10 to 03:25, `quick` every five minutes; `feed` was disabled at 03:05 and
    enabled at 03:30.
    """
    shutil.copy(sqlite_template, tmp_path / "tocsin.db")
    clock = ManualClock.at("2026-03-02T03:00:00Z")
    world = ScriptedWorld(clock, ends_at_once=False)
    engine = ManualEngine(tmp_path, clock=clock, world=world)
    engine.open()
    engine.add(definition("quick", cron("*/5 * * * *")))
    engine.add(definition("long", cron("10 3 * * *"), groups=("night",)))
    engine.add(definition("feed", cron("*/10 * * * *"), groups=("feeds",)))
    to(engine, 5)
    system = engine.system
    system.jobs.set_enabled(["feed"], False, ACTOR)
    to(engine, 25)
    end(engine, "long")
    to(engine, 30)
    system.jobs.set_enabled(["feed"], True, ACTOR)
    to(engine, 41)
    yield engine
    engine.drop()


@pytest.fixture
def client(store: ManualEngine) -> RealStore:
    return RealStore(store.system, ACTOR)


@pytest.fixture
async def robot(store: ManualEngine, client: RealStore) -> AsyncIterator[Robot]:
    async with opened(client, store, ConsoleOptions()) as robot:
        yield robot
