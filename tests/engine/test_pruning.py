"""What is older than its retention goes, a little at a time, and the ledger stays clean."""

from dataclasses import replace
from pathlib import Path

from engine.clock import DAY
from engine.config import Settings
from tests.engine.conftest import Starter
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
