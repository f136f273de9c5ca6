"""The console looks for garbage from when everything was read, and keeps none of it for ever."""

import gc
from collections.abc import Iterator

import pytest

from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, open_console


@pytest.fixture
def collector_off() -> Iterator[None]:
    """As the console is started: the collector waits until the rows are there."""
    thresholds = gc.get_threshold()
    gc.disable()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.enable()


@pytest.mark.usefixtures("collector_off")
async def test_what_stays_is_frozen_once_whoever_pauses_the_collector_later(
    engine: ScriptedEngine, clock: ManualClock
) -> None:
    async with open_console(engine, clock) as robot:
        assert gc.isenabled()
        frozen = gc.get_freeze_count()
        assert frozen > 0
        gc.disable()  # as the client's thread does while it builds very many rows
        engine.begin("price-feed")
        await robot.settled()
        await robot.pass_time(2)
        assert not gc.isenabled()
        assert gc.get_freeze_count() <= frozen
