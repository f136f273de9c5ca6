"""What was painted is what an operator sees: nothing stays on the screen that has gone."""

import pytest
from textual.events import Resize

from app.panes.jobs import JobsPane
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console


async def test_the_words_of_an_empty_table_go_when_the_first_job_comes(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        assert robot.shows("tocsin load my-job.yaml")
        engine.add_job("price-feed", 30)
        engine.emit(engine.row("price-feed"))
        await robot.settled()
        assert robot.shows("price-feed")
        assert not robot.shows("tocsin load my-job.yaml")


async def test_the_words_of_an_empty_table_come_when_the_last_job_goes(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("price-feed", 30)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        engine.drop_job("price-feed")
        await robot.settled()
        assert not robot.shows("price-feed")
        assert robot.shows("tocsin load my-job.yaml")


async def test_a_place_that_nobody_repainted_is_found_at_the_end(clock: ManualClock) -> None:
    with pytest.raises(AssertionError, match="not yet"):
        async with open_console(ScriptedEngine(clock), clock) as robot:
            robot.app.painted.write(0, 12, "left over")


async def test_a_row_that_changes_after_the_size_did_is_painted(robot: Robot) -> None:
    pane = robot.app.pane_named("jobs")
    assert isinstance(pane, JobsPane)
    grid = pane.grid
    grid.post_message(Resize(grid.size, grid.size))  # it may come after the frame it tells of
    await robot.settled()
    robot.engine.begin("card-expiry-scan")
    await robot.settled()
    assert "◐ 0s" in robot.line_with("card-expiry-scan")
