"""What is older than its retention goes, a little at a time, and the ledger stays clean."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import DAY, SECOND
from engine.config import Settings
from engine.errors import StoreError
from engine.scheduling.loop import Loop
from engine.scheduling.pruner import Pruner
from tests.engine.conftest import Starter
from tests.engine.test_failed_turns import refusing
from tests.support.builders import cron, definition, instant

NOON = instant("2026-03-01T12:00:00")


def test_instances_beyond_the_retention_are_pruned(start: Starter, home: Path) -> None:
    engine = start(settings=replace(Settings(home, ""), retention_days=2.0))
    engine.add(definition("daily", cron("0 0 * * *")))
    engine.add(definition("kept", cron("0 0 * * *"), retention=30.0))
    engine.add(definition("short", cron("0 0 * * *"), retention=0.5))
    engine.advance(6 * 86400, step=3600)
    engine.advance(3 * 3600, step=1800)
    assert [len(engine.instances(name)) for name in ("daily", "kept", "short")] == [2, 6, 1]
    now = engine.clock.now()
    assert all(ran.started >= now - 2 * DAY for ran in engine.instances("daily"))


def test_a_retention_of_zero_keeps_everything(start: Starter, home: Path) -> None:
    engine = start(settings=replace(Settings(home, ""), retention_days=0.0))
    engine.add(definition("daily", cron("0 0 * * *")))
    engine.advance(200 * 86400, step=43200)
    assert len(engine.instances("daily")) == 200


def test_an_idle_engine_goes_on_with_a_pass_at_the_pace_of_its_batches(
    start: Starter, home: Path
) -> None:
    engine = start(settings=replace(Settings(home, ""), retention_days=30.0))
    engine.world.ends_at_once = True
    engine.add(definition("once", cron("* * 1 3 *")))
    engine.advance(12 * 3600, step=60)
    runs = len(engine.instances("once"))
    assert 500 < runs < 1000
    loop = Loop(engine.life)
    engine.clock.advance_to(engine.clock.now() + 40 * DAY)
    try:
        waits = [loop.turn()]  # more than one batch is to go
        left = len(engine.instances("once"))
        engine.clock.advance_to(engine.clock.now() + SECOND)
        waits += [loop.turn(), loop.turn()]
    finally:
        loop.close()
    assert left == runs - 500
    assert len(engine.instances("once")) == 1  # the last one is what the job tells of itself
    assert waits[0] == pytest.approx(0.2)
    assert waits[-1] > 0.2


def test_what_a_failed_batch_passed_is_passed_anew(start: Starter, home: Path) -> None:
    engine = start(settings=replace(Settings(home, ""), retention_days=9.0))
    engine.add(definition("daily", cron("0 0 * * *")))
    engine.advance(5 * 86400, step=3600)
    engine.clock.advance_to(engine.clock.now() + 12 * DAY)
    pruner = Pruner(engine.life.context)
    engine.clock.advance(1)
    with refusing(engine, "BEFORE DELETE ON job_instance"), pytest.raises(StoreError):
        pruner.tick(engine.clock.now())
    pruner.tick(engine.clock.now())  # not at once: the next one may fail as well
    assert len(engine.instances("daily")) == 5
    engine.clock.advance(60)
    pruner.tick(engine.clock.now())
    assert len(engine.instances("daily")) == 1
    engine.tick()  # accounts for the days that passed unseen
