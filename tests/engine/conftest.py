"""An engine that is ticked by hand, whose ledger must be clean when the test is over."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.support.accounting import ledger_problems
from tests.support.stores import sqlite_template

__all__ = ["sqlite_template"]

Starter = Callable[..., ManualEngine]


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    """A home with an empty store."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    shutil.copy(sqlite_template, folder / "tocsin.db")
    return folder


@pytest.fixture
def start(home: Path) -> Iterator[Starter]:
    """Start engines, one after the other, on one store; the last one's ledger is to be clean."""
    clock = ManualClock.at("2026-03-01T12:00:00Z")
    engines: list[ManualEngine] = []

    def starter(**options: object) -> ManualEngine:
        before = engines[-1] if engines else None
        world = before.world if before is not None else None
        engine = ManualEngine(home, clock=clock, world=world, **options)  # type: ignore[arg-type]
        engines.append(engine)
        return engine.open()

    yield starter
    problems = ledger_problems(engines[-1].system) if engines else []  # while it lives
    for engine in engines:
        engine.drop()
    assert problems == []


@pytest.fixture
def engine(start: Starter) -> ManualEngine:
    """An engine on an empty store, at noon of 1 March 2026 UTC, whose runs end at once."""
    return start()
