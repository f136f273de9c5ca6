"""The runs beside the jobs while the view is frozen: those of then, and orders for those of now."""

from collections.abc import AsyncIterator

import pytest

from app.store.model import InstanceRow
from app.testing.harness import Robot
from tests.console.conftest import Opened
from tests.console.test_gone_rows import GONE, crowded_out

JOB = "invoice-sync-eu"


@pytest.fixture
async def robot(console: Opened) -> AsyncIterator[Robot]:
    """The keys are on the first run of the job `invoice-sync-eu`, which goes on."""
    async with console(size=(120, 40)) as robot:
        robot.engine.begin(JOB)
        await robot.command(f"job {JOB}")
        await robot.press("tab")
        yield robot


def runs_of(robot: Robot) -> tuple[InstanceRow, ...]:
    """Return the runs that an action means."""
    return robot.app.scene().selection.instances


def listed(robot: Robot) -> list[str]:
    """Return the lines of runs, without the cursor."""
    lines = [line.replace("▸", " ") for line in robot.lines]
    return [line.split("│")[0].rstrip() for line in lines if " #8" in line]


@pytest.mark.parametrize("width", [110, 170])
async def test_the_runs_beside_the_jobs_are_of_then_after_a_resize_too(
    robot: Robot, width: int
) -> None:
    await robot.press("f")
    shown = listed(robot)
    assert shown
    robot.engine.end(runs_of(robot)[0].job_instanceid)
    newest = robot.engine.begin(JOB)
    await robot.settled()
    await robot.resize(width, 40)
    await robot.resize(120, 40)
    await robot.press("j", "k", "4", "1")
    assert listed(robot) == shown
    await robot.press("f")
    assert robot.shows(f"#{newest}")
    assert listed(robot) != shown


async def test_an_order_for_a_frozen_run_is_for_the_run_as_it_is_by_now(robot: Robot) -> None:
    await robot.press("f")
    robot.engine.end(runs_of(robot)[0].job_instanceid)
    await robot.settled()
    assert not runs_of(robot)[0].is_live
    await robot.press("x")
    assert robot.engine.asked == []
    assert robot.status == "Stop: nothing of it runs"


async def test_marks_of_runs_that_went_mean_none_and_never_another(robot: Robot) -> None:
    await robot.press("j", "space", "space", "f")
    await crowded_out(robot, robot.engine.job("card-expiry-scan"))
    assert robot.shows("marked 2 ")
    for key, title in (("R", "Rerun"), ("o", "Output"), ("enter", "Output")):
        await robot.press(key)
        assert robot.status == f"{title}: {GONE}"
    await robot.press("f")
    assert not robot.shows("marked")


async def test_of_marked_runs_the_one_that_goes_on_is_stopped(robot: Robot) -> None:
    live = runs_of(robot)[0].job_instanceid
    await robot.press("space", "space", "x")
    assert f"#{live}" in robot.status
    assert "2 instances" not in robot.status
    await robot.press("escape")


async def test_a_run_that_went_is_said_to_be_gone_where_it_is_opened_in_the_pane_of_all(
    robot: Robot,
) -> None:
    await robot.press("3", "f")
    await crowded_out(robot, robot.engine.job("card-expiry-scan"))
    await robot.press("j", "enter")
    assert robot.app.panes.current_name == "instances"
    assert robot.status == f"Output: {GONE}"
    await robot.press("f")
