"""The alerts that stand, in the order and with the times in which they are read."""

from zoneinfo import ZoneInfo

from app.client.views import AlertView
from app.options import ConsoleOptions
from app.testing.engine import ScriptedEngine
from app.testing.harness import Robot
from engine.clock import HOUR, SECOND
from tests.console.conftest import Opened

PRAGUE = ZoneInfo("Europe/Prague")


def raise_alert(engine: ScriptedEngine, name: str, reason: str = "", *, ago: int = 0) -> None:
    since = engine.clock.now() - ago * SECOND
    engine.alerts.append(AlertView("JOB-EXPIRED", name, reason, since))
    engine.emit(engine.health())


def told(robot: Robot) -> list[str]:
    """The jobs whose alerts are in sight, from above."""
    rows = [line.split() for line in robot.lines if "JOB-EXPIRED" in line]
    return [row[row.index("JOB-EXPIRED") + 1] for row in rows]


async def test_the_newest_alert_comes_first(console: Opened) -> None:
    async with console(size=(100, 60)) as robot:
        for name, ago in (("second", 60), ("last", 7200), ("first", 5)):
            raise_alert(robot.engine, name, ago=ago)
        await robot.command("alerts")
        assert told(robot) == ["first", "second", "last"]
        await robot.press("escape", "7")
        assert told(robot) == ["first", "second", "last"]


async def test_times_of_alerts_are_those_of_the_viewer(console: Opened) -> None:
    reason = (
        "it expired at 2026-01-05T11:30:05.000000Z: `tocsin job expire ledger never` lets it run"
    )
    async with console(size=(100, 60), options=ConsoleOptions(zone=PRAGUE)) as robot:
        robot.engine.alerts.append(
            AlertView("JOB-EXPIRED", "ledger", reason, robot.clock.now() - HOUR)
        )
        await robot.command("alerts")
        assert "2026-01-05 12:30:05 CET    1h  JOB-EXPIRED  ledger" in robot.frame
        assert robot.shows("it expired at 2026-01-05 12:30:05 CET")
        assert robot.shows(":expire ledger never lets it run")
        await robot.press("escape", "7")
        assert robot.shows("it expired at 2026-01-05 12:30:05 CET")
