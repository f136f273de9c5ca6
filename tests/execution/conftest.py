"""A driver for each test, and the proof that no process of it is left."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.execution.orphans import end_orphans
from tests.execution.driver import Driver, kill, make
from tests.execution.engines import Engine, owner_of


@pytest.fixture
def drivers(tmp_path: Path) -> Iterator[Callable[..., Driver]]:
    """Make drivers with settings of their own; whatever they started is gone at the end."""
    made: list[Driver] = []

    def build(**settings: Any) -> Driver:
        driver = make(tmp_path, session=str(len(made) + 1), **settings)
        driver.executor.start()
        made.append(driver)
        return driver

    yield build
    addresses = [driver.executor.address for driver in made]
    for driver in made:
        driver.executor.close()
        driver.executor.poll()
    left = {address: end_orphans(address) for text in addresses for address in text.splitlines()}
    assert not any(left.values()), f"processes were left behind: {left}"


@pytest.fixture
def driver(drivers: Callable[..., Driver]) -> Driver:
    """A driver with a supervisor of its own."""
    return drivers()


@pytest.fixture
def driver_of_one(drivers: Callable[..., Driver]) -> Driver:
    """A driver that runs one process at a time."""
    return drivers(max_processes=1)


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[Callable[..., Engine]]:
    """Start engines; what they leave is ended."""
    started: list[Engine] = []

    def start(code: str, count: int = 1, mode: str = "answers") -> Engine:
        started.append(Engine(tmp_path, code, count, mode))
        return started[-1]

    yield start
    for engine in started:
        engine.kill()
        supervisor = owner_of(engine.address)
        if supervisor > 0:
            kill(supervisor)
        end_orphans(engine.address)


@pytest.fixture
def heir(tmp_path: Path) -> Iterator[Driver]:
    """The engine that comes after the killed one; it has no supervisor of its own."""
    driver = make(tmp_path, "8")
    yield driver
    driver.executor.close()
