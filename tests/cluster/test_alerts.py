"""Alerts of jobs that several engines run: whoever raised one, the next good run clears it."""

import pytest
from sqlalchemy import text

from engine.clock import SECOND
from engine.domain.instance import Ending
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.cluster.conftest import Joiner
from tests.support.builders import cron, definition


def alerts_of(engine: ManualEngine) -> list[tuple[str, str]]:
    current = engine.system.alerts.current()
    return [(each.alert.alert, each.alert.object_name) for each in current]


def test_a_good_run_clears_the_alert_that_a_peer_raised_before_it_stopped_for_good(
    join: Joiner, world: ScriptedWorld
) -> None:
    west, east = join("west"), join("east")
    west.add(definition("one", cron("* * * * *"), single_instance=True))
    east.tick()
    west.advance(60)
    world.end(world.running[0], Ending.EXIT_CODE, exit_code=3)
    west.tick()
    assert alerts_of(east) == [("JOB-INSTANCE-ERROR", "one")]
    west.close()
    east.advance(60, step=5)
    world.end(world.running[0])
    east.tick()
    assert alerts_of(east) == []


def test_a_rescue_that_finds_a_good_end_on_disk_clears_the_alert_that_a_peer_raised(
    join: Joiner, world: ScriptedWorld
) -> None:
    west, east = join("west"), join("east")
    west.add(definition("one", cron("0 * * * *"), single_instance=True))
    east.tick()
    west.advance(3600)
    east.tick()
    world.end(world.running[0], Ending.EXIT_CODE, exit_code=3)
    west.tick()
    good = west.run("one")
    west.kill()
    world.end(good)
    assert alerts_of(east) == [("JOB-INSTANCE-ERROR", "one")]
    east.advance(12, step=1)
    assert alerts_of(east) == []


def test_an_expiry_clears_the_alert_that_a_peer_raised(join: Joiner, world: ScriptedWorld) -> None:
    west, east = join("west"), join("east")
    expiry = west.clock.now() + 90 * SECOND
    west.add(definition("one", cron("* * * * *"), single_instance=True, expiry_date=expiry))
    east.tick()
    west.advance(60)
    world.end(world.running[0], Ending.EXIT_CODE, exit_code=3)
    west.tick()
    west.close()
    east.advance(60, step=5)
    assert alerts_of(east) == [("JOB-EXPIRED", "one")]


def set_zone(engine: ManualEngine, zone: str) -> None:
    """Let what engines read from now on name another zone."""
    with engine.database.begin() as tx:
        tx.execute(text("UPDATE jobs SET timezone = :zone"), {"zone": zone})
        tx.execute(text("UPDATE schedule_revisions SET timezone = :zone"), {"zone": zone})


@pytest.fixture
def half_stopped(join: Joiner) -> tuple[ManualEngine, ManualEngine]:
    """Two engines that share a job, and only the second one has the data of its zone."""
    west, east = join("west"), join("east")
    east.add(definition("one", cron("* * * * *"), single_instance=True))
    west.close()
    set_zone(east, "Mars/Olympus")
    west = join("west")
    set_zone(east, "UTC")
    assert alerts_of(east) == [("STOPPED-JOB", "one")]
    return west, east


def test_a_peers_good_run_leaves_the_alert_of_an_engine_that_cannot_plan_the_job(
    half_stopped: tuple[ManualEngine, ManualEngine], world: ScriptedWorld
) -> None:
    _, east = half_stopped
    east.advance(60)
    world.end(world.running[0])
    east.tick()
    assert alerts_of(east) == [("STOPPED-JOB", "one")]


def test_an_engine_that_could_not_plan_a_job_clears_its_alert_once_it_can(
    half_stopped: tuple[ManualEngine, ManualEngine],
) -> None:
    west, east = half_stopped
    east.add(definition("one", cron("*/2 * * * *"), single_instance=True))
    west.tick()
    assert alerts_of(east) == []
