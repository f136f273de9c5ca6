"""No room on the disk: the engine waits, says so, and goes on by itself."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.config import ENGINE_LOG, Settings
from engine.domain.instance import Status
from engine.engine import Engine
from engine.scheduling.loop import Loop
from engine.scheduling.room import RoomWatch
from engine.testing.manual import ManualEngine
from tests.support.builders import definition, every
from tests.support.room import room_for

PATIENCE = 20.0


@pytest.fixture
def loop(engine: ManualEngine) -> Iterator[Loop]:
    """The loop of the engine, turned by hand."""
    loop = Loop(engine.life)
    yield loop
    loop.close()


def test_what_ends_and_falls_due_while_the_disk_is_full_is_recorded_when_there_is_room(
    engine: ManualEngine, loop: Loop, home: Path
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", every(10)))
    engine.add(definition("never-late", every(10), run_skipped=False))
    engine.advance(10)
    running = list(engine.world.running)
    with room_for(0):
        engine.world.end(running[0])
        for _ in range(35):
            engine.clock.advance(1)
            engine.life.heartbeat.beat()
            loop.turn()
        assert engine.life.heartbeat.holds  # nobody else can take this store
        assert engine.world.running == [running[1]]
        (trouble,) = engine.system.engine.status().troubles
        assert trouble == "engine 'main' has written nothing to the store for 35 s"
    engine.life.heartbeat.beat()
    while loop.turn() == 0:
        pass
    assert engine.system.engine.status().troubles == ()
    assert engine.instances("job")[0].jobstatus is Status.COMPLETE
    assert engine.instances("never-late")[0].jobstatus is Status.IN_PROGRESS
    (alert,) = engine.system.alerts.current()
    assert alert.alert.alert == "STORE-AWAY"
    assert "was out of reach for 3" in alert.alert.reason
    log = (home / "logs" / ENGINE_LOG).read_text()
    assert " bytes of this log could not be written: " in log
    assert "the store is back" in log
    for number in engine.world.running:
        engine.world.end(number)
    engine.tick()
    report = engine.system.ledger.report()
    assert (report.total.due, report.total.unexplained) == (8, 0)


def test_a_disk_that_is_almost_full_is_an_alert_until_there_is_room(
    engine: ManualEngine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = RoomWatch(engine.life.context)
    logs, real = home / "logs", os.statvfs
    few = os.statvfs_result((4096, 4096, 25_600, 2, 2, 1000, 900, 900, 0, 255))
    with monkeypatch.context() as patched:
        patched.setattr(os, "statvfs", lambda path: few if path == logs else real(path))
        watch.tick(engine.clock.now())
    (alert,) = engine.system.alerts.current()
    assert (alert.alert.alert, alert.alert.kind) == ("DISK-FULL", "ongoing")
    assert alert.alert.reason == (
        f"0.0 MiB of 100.0 MiB are free at {logs}: when it is full, logs lose lines"
    )
    engine.clock.advance(10)
    watch.tick(engine.clock.now())
    assert engine.system.alerts.current() == []
    log = (logs / ENGINE_LOG).read_text()
    assert log.count("when it is full") == 1
    assert "there is room again" in log


def test_an_engine_on_a_full_disk_stops_when_it_is_told_to(home: Path) -> None:
    settings = Settings(home, f"sqlite:///{home / 'tocsin.db'}", grace_seconds=0.1)
    engine = Engine(settings)
    engine.start()
    with room_for(0):
        engine.stop()
        assert engine.wait(PATIENCE)
    following = Engine(settings)
    following.start()
    following.stop()
    assert following.wait(PATIENCE)


def test_a_log_of_the_store_that_fills_the_disk_is_cut_off(
    engine: ManualEngine, loop: Loop, home: Path
) -> None:
    log = home / "tocsin.db-wal"
    engine.world.ends_at_once = True
    engine.add(definition("job", every(1)))
    engine.advance(60, step=1)
    reserve = home / "tocsin.db.ballast"
    assert reserve.stat().st_blocks * 512 == reserve.stat().st_size == 4 << 20
    size = log.stat().st_size
    assert size > (home / "tocsin.db").stat().st_size
    with room_for(size):
        for _ in range(10):
            engine.clock.advance(1)
            engine.life.heartbeat.beat()
            loop.turn()
        assert log.stat().st_size < size
        assert not reserve.exists()
        assert engine.instances("job")[-1].due_at == engine.clock.now()
