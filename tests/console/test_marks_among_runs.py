"""Marks in the part Instances of the jobs: of runs, and meant while that part has the keys."""

from collections.abc import AsyncIterator

import pytest

from app.panes.jobs import JobsPane
from app.testing.harness import Robot
from tests.console.conftest import Opened


@pytest.fixture
async def robot(console: Opened) -> AsyncIterator[Robot]:
    """The keys are on the second run of the job `invoice-sync-eu`."""
    async with console(size=(120, 40)) as robot:
        await robot.command("job invoice-sync-eu")
        await robot.press("tab", "j")
        yield robot


def runs_of(robot: Robot) -> list[int]:
    """Return the numbers of the runs that an action means."""
    return [row.job_instanceid for row in robot.app.scene().selection.instances]


def job_at_cursor(robot: Robot) -> str:
    pane = robot.app.pane_named("jobs")
    assert isinstance(pane, JobsPane)
    assert pane.view.current is not None
    return pane.view.current.name


async def test_space_among_the_runs_marks_the_run_and_leaves_the_job_where_it_is(
    robot: Robot,
) -> None:
    (second,) = runs_of(robot)
    await robot.press("space")
    assert job_at_cursor(robot) == "invoice-sync-eu"
    assert "•" not in robot.line_with("invoice-sync-eu")
    assert "•" in robot.line_with(f"#{second}")
    await robot.press("space", "j")
    assert runs_of(robot) == [second, second - 1]
    assert robot.shows("marked 2 ")
    await robot.press("R")
    assert robot.status == "Rerun: choose one instance"
    await robot.press("o")
    assert robot.shows("2 instances by time")


@pytest.mark.parametrize(
    ("keys", "count"), [(("shift+down",), 2), (("V", "j", "j", "V"), 3), (("*",), 12)]
)
async def test_every_way_to_mark_goes_to_the_runs_where_they_have_the_keys(
    robot: Robot, keys: tuple[str, ...], count: int
) -> None:
    await robot.press(*keys)
    assert len(runs_of(robot)) == count
    assert robot.shows(f"marked {count} ")
    assert job_at_cursor(robot) == "invoice-sync-eu"


async def test_marked_jobs_are_not_meant_while_the_runs_have_the_keys(robot: Robot) -> None:
    await robot.press("shift+tab", "space", "tab")
    assert not robot.shows("marked")
    assert len(runs_of(robot)) == 1
    await robot.press("shift+tab")
    assert robot.shows("marked 1 ")
    assert runs_of(robot) == []


async def test_a_click_on_another_part_counts_its_marks(robot: Robot) -> None:
    await robot.press("space")
    at = next(y for y, line in enumerate(robot.lines) if "price-feed" in line)
    await robot.click(5, at)
    assert not robot.shows("marked")


async def test_escape_takes_the_marks_of_the_runs_first_then_those_of_the_jobs(
    robot: Robot,
) -> None:
    await robot.press("shift+tab", "space", "k", "tab", "space", "escape")
    assert len(runs_of(robot)) == 1
    await robot.press("shift+tab")
    assert robot.shows("marked 1 ")
    await robot.press("tab", "escape", "shift+tab")
    assert not robot.shows("marked")


async def test_marks_of_runs_go_when_another_job_is_looked_at(robot: Robot) -> None:
    await robot.press("space", "shift+tab", "j")
    await robot.press("k", "tab")
    assert not robot.shows("marked")
    assert len(runs_of(robot)) == 1


@pytest.mark.parametrize("key", ["space", "V", "shift+down", "*"])
async def test_nothing_is_marked_from_a_part_that_is_no_table(robot: Robot, key: str) -> None:
    await robot.press("tab", key)  # in the log
    assert robot.status.endswith(": rows are marked in tables: press tab")
    await robot.press("tab")
    assert not robot.shows("marked")
    assert job_at_cursor(robot) == "invoice-sync-eu"


async def test_in_a_wide_terminal_runs_of_several_jobs_are_marked(console: Opened) -> None:
    async with console(size=(200, 50)) as robot:
        await robot.press("tab", "space")
        assert robot.status == "Mark: rows are marked in tables: press tab"
        await robot.press("tab", "space", "shift+tab", "shift+tab", "j")
        await robot.press("tab", "tab")
        assert robot.shows("marked 1 ")
