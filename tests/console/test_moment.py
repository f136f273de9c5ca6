"""`:moment INSTANT` tells what stood then, and leads to the timeline and the log of that time."""

from app.panes.schedule import SchedulePane
from app.testing.engine import ScriptedEngine
from app.testing.harness import Robot
from engine.clock import MINUTE, SECOND
from tests.console.scenes import LOG


async def test_it_tells_what_ran_was_due_and_was_switched_off(
    robot: Robot, engine: ScriptedEngine
) -> None:
    engine.begin("vat-report-nl")
    await robot.settled()
    await robot.pass_time(120)
    await robot.resize(120, 40)
    await robot.command("moment 1m")
    assert robot.shows("As of 2026-01-05 12:31:05 UTC")
    assert robot.shows("vat-report-nl")
    assert robot.shows("(1m00s), schedule, still runs")
    assert robot.shows("price-feed                   job disabled by ops")
    assert robot.shows("unexplained 0")
    await robot.press("escape")
    await robot.command("moment 11:00")
    assert robot.shows("Running: 0")


async def test_from_there_the_timeline_and_the_engine_log_are_one_key_away(
    robot: Robot, engine: ScriptedEngine
) -> None:
    engine.logs["engine"] = LOG
    await robot.command("moment 12:15")
    await robot.press("t")
    pane = robot.app.pane_named("schedule")
    assert isinstance(pane, SchedulePane)
    assert pane.gantt.at == robot.clock.now() - 15 * MINUTE - 5 * SECOND
    await robot.command("moment 12:15")
    await robot.press("o")
    assert "12:15:00" in robot.lines[3]


async def test_what_is_no_instant_is_refused_with_examples(robot: Robot) -> None:
    await robot.command("moment breakfast")
    assert "breakfast: tell an instant: 03:12, -2h or 2026-11-23 03:12" in robot.status
    await robot.command("moment")
    assert ":moment: tell an instant" in robot.status


async def test_a_run_is_told_in_whole_words_where_there_is_little_room(
    robot: Robot, engine: ScriptedEngine
) -> None:
    engine.begin("vat-report-nl")
    await robot.settled()
    await robot.pass_time(120)
    await robot.resize(60, 30)
    await robot.command("moment -1m")
    assert robot.line_with("vat-report-nl").split()[-2:] == ["since", "┃"]
    assert "    12:30:05 (1m00s), schedule, still runs " in robot.line_with("still runs")
