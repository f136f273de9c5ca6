"""A system API on a store of the test's own, and an engine on it that is ticked by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control import Actor, System
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.support.stores import (
    postgres_address,
    postgres_shared,
    postgres_url,
)

__all__ = ["postgres_address", "postgres_shared", "postgres_url"]


@pytest.fixture
def clock() -> ManualClock:
    """2026-03-02T09:00:00Z, a Monday."""
    return ManualClock.at("2026-03-02T09:00:00Z")


@pytest.fixture
def kind() -> str:
    """The kind of store; a module that parametrizes it is run on each."""
    return "sqlite"


@pytest.fixture
def engine(
    tmp_path: Path, clock: ManualClock, kind: str, request: pytest.FixtureRequest
) -> Iterator[ManualEngine]:
    """An engine that is not open yet, so that a test may have a store without one."""
    url = None
    if kind == "postgresql":
        url = request.getfixturevalue("postgres_url").render_as_string(hide_password=False)
    world = ScriptedWorld(clock, ends_at_once=False)
    made = ManualEngine(tmp_path, clock=clock, world=world, database_url=url)
    yield made
    made.drop()


@pytest.fixture
def system(engine: ManualEngine) -> System:
    """The system API on the engine's store."""
    return engine.system


@pytest.fixture
def actor() -> Actor:
    """An operator."""
    return Actor("ops", "eu1 pts/3 from 10.0.0.7")
