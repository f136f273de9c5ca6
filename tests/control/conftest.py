"""A system API on a store of the test's own, and an engine on it that is ticked by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control import Actor, System
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld


@pytest.fixture
def clock() -> ManualClock:
    """2026-03-02T09:00:00Z, a Monday."""
    return ManualClock.at("2026-03-02T09:00:00Z")


@pytest.fixture
def engine(tmp_path: Path, clock: ManualClock) -> Iterator[ManualEngine]:
    """An engine that is not open yet, so that a test may have a store without one."""
    made = ManualEngine(tmp_path, clock=clock, world=ScriptedWorld(clock, ends_at_once=False))
    yield made
    made.database.close()


@pytest.fixture
def system(engine: ManualEngine) -> System:
    """The system API on the engine's store."""
    return engine.system


@pytest.fixture
def actor() -> Actor:
    """An operator."""
    return Actor("ops", "eu1 pts/3 from 10.0.0.7")
