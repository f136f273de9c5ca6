"""A driver for each test, and the proof that no process of it is left."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.execution.orphans import end_orphans
from tests.execution.driver import Driver, make


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
