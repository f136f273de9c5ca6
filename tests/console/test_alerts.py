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


async def test_alerts_that_are_raised_and_cleared_meanwhile_are_followed(robot: Robot) -> None:
    engine = robot.engine
    await robot.command("alerts")
    assert robot.shows("none stands")
    reason = "it expired and is not scheduled: longer than the box was"
    for name in ("ledger", "archive", "mail", "feed"):
        raise_alert(engine, name, reason)
    await robot.pass_time(1)
    assert told(robot) == ["archive", "feed", "ledger", "mail"]
    assert robot.frame.count(reason) == 4, "there is room for all of it"
    del engine.alerts[0]
    engine.emit(engine.health())
    await robot.pass_time(1)
    assert told(robot) == ["archive", "feed", "mail"]


async def test_an_alert_that_came_while_the_others_were_read_is_told(robot: Robot) -> None:
    robot.engine.holds_answers = True
    await robot.command("alerts")
    robot.engine.let_answer()
    await robot.settled()
    robot.engine.alerts.append(AlertView("JOB-EXPIRED", "ledger", "", robot.clock.now()))
    await robot.pass_time(1)
    assert told(robot) == ["ledger"]


async def test_the_age_of_an_alert_goes_on(robot: Robot) -> None:
    raise_alert(robot.engine, "ledger")
    await robot.command("alerts")
    assert "   0s  JOB-EXPIRED" in robot.line_with("ledger ")
    await robot.pass_time(61)
    assert "   1m  JOB-EXPIRED" in robot.line_with("ledger ")


async def test_the_alert_that_is_read_stays_where_it_is(robot: Robot) -> None:
    engine = robot.engine
    for number in range(40):
        raise_alert(engine, f"job-{number}", "it expired", ago=number * 10)
    await robot.command("alerts")
    await robot.press(*"jjjj")
    shown = told(robot)
    assert shown[0] == "job-2"
    raise_alert(engine, "new", "it expired", ago=-5)
    await robot.pass_time(5)
    assert told(robot) == shown
    engine.alerts = [each for each in engine.alerts if each.object_name not in {"job-0", "job-2"}]
    engine.emit(engine.health())
    await robot.pass_time(1)
    assert told(robot)[:2] == ["job-3", "job-4"], "the next one where it is gone"
    await robot.press("g")
    assert told(robot)[:2] == ["new", "job-1"]
    raise_alert(engine, "newer", "it expired", ago=-9)
    await robot.pass_time(5)
    assert told(robot)[:2] == ["newer", "new"], "whoever reads from the top sees what is new"
    engine.alerts.clear()
    engine.emit(engine.health())
    await robot.pass_time(1)
    assert robot.shows("none stands")


async def test_another_width_keeps_the_line_that_is_read(robot: Robot) -> None:
    reason = "it expired, and the reason of it is so long that it is broken into several rows"
    for number in range(20):
        raise_alert(robot.engine, f"job-{number}", reason, ago=number * 10)
    await robot.resize(120, 24)
    await robot.command("alerts")
    await robot.press(*"jjjjjjjj")
    assert told(robot)[0] == "job-4"
    await robot.resize(60, 24)
    assert told(robot)[0] == "job-4"
