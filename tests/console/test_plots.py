"""Durations of a job as a plot, failures over time above the instances, lag in a wide header."""

import pytest

from app.panes.logs import LogsPane
from app.testing.engine import ScriptedEngine
from app.testing.harness import Robot
from tests.console.conftest import BAD, GOOD, Opened


async def test_the_plot_tells_about_the_run_under_its_cursor_and_opens_its_log(
    robot: Robot,
) -> None:
    await robot.command("durations invoice-archive")
    assert robot.shows("Durations of invoice-archive")
    assert robot.shows("#881221 error")
    assert robot.shows("9 runs, 1 failed: p50 11m  p95 11m  longest 11m")
    await robot.press("h")
    assert robot.shows("#881220 complete")
    await robot.press("g")
    assert robot.shows("#881213 complete")
    await robot.press("o")
    assert not robot.shows("Durations of")
    logs = robot.app.pane_named("logs")
    assert isinstance(logs, LogsPane)
    assert logs.subject == "instance 881213"


async def test_an_outlier_is_marked_and_counted(robot: Robot, engine: ScriptedEngine) -> None:
    engine.ran("dunning-mail", *((GOOD, 2.0),) * 30, (GOOD, 900.0), (GOOD, 2.0))
    await robot.settled()
    await robot.command("durations dunning-mail")
    assert robot.shows("32 runs, 0 failed, 1 outlier (^): p50 2.0s  p95 2.0s  longest 15m")


async def test_a_job_that_never_ended_has_no_plot(robot: Robot) -> None:
    await robot.command("durations dunning-mail")
    assert robot.shows("no run of it has ended yet")


async def test_the_plot_of_more_runs_than_fit_goes_along(
    robot: Robot, engine: ScriptedEngine
) -> None:
    engine.ran("dunning-mail", (BAD, 9.0), *((GOOD, 2.0),) * 120)
    await robot.settled()
    await robot.command("durations dunning-mail")
    assert not any("✗" in line for line in robot.lines[3:20] if "mail" not in line)
    await robot.press("g")
    assert robot.shows("took 9.0s")
    assert any("✗" in line for line in robot.lines[15:20])


async def test_failures_are_counted_over_time_as_they_come_and_as_the_filter_says(
    robot: Robot, engine: ScriptedEngine
) -> None:
    await robot.press("3")
    assert robot.shows("now  3 of 26 failed")
    engine.ran("dunning-mail", (BAD, 2.0))
    await robot.settled()
    await robot.pass_time(1)
    assert robot.shows("now  4 of 27 failed")
    await robot.press("/")
    await robot.type("invoice-archive")
    await robot.press("enter")
    await robot.pass_time(1)
    assert robot.shows("now  1 of 9 failed")


@pytest.mark.parametrize(("size", "slot"), [((120, 40), "2h00"), ((200, 50), "1h00")])
async def test_failures_over_time_take_the_room_that_a_wide_screen_has(
    console: Opened, size: tuple[int, int], slot: str
) -> None:
    async with console(size=size) as robot:
        await robot.press("3")
        line = robot.line_with("3 of 26 failed")
        assert line.endswith(f"{slot} each")
        assert size[0] - len(line) < 12


async def test_a_wide_header_shows_how_late_runs_start(
    console: Opened, engine: ScriptedEngine
) -> None:
    async with console(size=(200, 50)) as robot:
        assert "lag 0ms" in robot.header
        engine.ran("dunning-mail", (GOOD, 2.0), lag=2.5)
        await robot.settled()
        assert "lag 2.5s" in robot.header
        await robot.resize(120, 40)
        assert "lag" not in robot.header
