"""Engines that are ticked by hand and share one PostgreSQL store and one clock."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from engine.clock import SECOND
from engine.config import Settings
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.support.accounting import ledger_problems
from tests.support.stores import postgres_address, postgres_shared, postgres_url

__all__ = ["postgres_address", "postgres_shared", "postgres_url"]

Joiner = Callable[[str], ManualEngine]


def both(first: ManualEngine, second: ManualEngine, seconds: float, step: float) -> None:
    """Let time pass for two engines alike."""
    end = first.clock.now() + round(seconds * SECOND)
    while first.clock.now() < end:
        first.clock.advance(step)
        first.tick()
        second.tick()


@pytest.fixture
def world() -> ScriptedWorld:
    """The runs of all engines, at noon of 1 March 2026 UTC; they go on until a test ends them."""
    return ScriptedWorld(ManualClock.at("2026-03-01T12:00:00Z"), ends_at_once=False)


@pytest.fixture
def join(tmp_path: Path, postgres_url: URL, world: ScriptedWorld) -> Iterator[Joiner]:
    """Start an engine under a key; the ledger of all is to be clean at the end."""
    engines: list[ManualEngine] = []
    url = postgres_url.render_as_string(hide_password=False)

    def joiner(key: str) -> ManualEngine:
        home = tmp_path / key
        home.mkdir(exist_ok=True)
        settings = replace(Settings(home, url), instance_key=key, lease_seconds=10.0)
        assert isinstance(world.clock, ManualClock)
        engine = ManualEngine(
            home, clock=world.clock, world=world, database_url=url, settings=settings
        )
        engines.append(engine)
        return engine.open()

    yield joiner
    problems = ledger_problems(engines[-1].system) if engines else []  # while they live
    for engine in engines:
        engine.drop()
    assert problems == []
