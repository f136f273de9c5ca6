"""The part Instances of the jobs keeps its place: the run that was chosen, and the keys."""

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


def run_of(robot: Robot) -> int:
    """Return the number of the run that an action means."""
    (row,) = robot.app.scene().selection.instances
    return row.job_instanceid


async def test_who_comes_back_from_a_log_goes_on_with_the_next_run(robot: Robot) -> None:
    second = run_of(robot)
    await robot.press("o", "escape")
    assert run_of(robot) == second
    await robot.press("j", "o", "escape")
    assert run_of(robot) == second - 1


async def test_who_goes_back_finds_the_run_that_was_chosen_after_a_look_at_another_job(
    robot: Robot,
) -> None:
    second = run_of(robot)
    await robot.press("o")
    await robot.command("job ledger-close")
    assert run_of(robot) != second
    await robot.press("[", "[")
    assert run_of(robot) == second


async def test_who_goes_back_to_a_job_that_went_has_the_runs_of_the_one_in_its_place(
    robot: Robot,
) -> None:
    await robot.press("o")
    await robot.command("job ledger-close")
    robot.engine.drop_job("invoice-sync-eu")
    await robot.settled()
    await robot.press("[", "[", "space")
    (job,) = robot.app.scene().selection.jobs
    pane = robot.app.pane_named("jobs")
    assert isinstance(pane, JobsPane)
    assert pane.view.current_key == job.jobid
    assert robot.shows("marked 1 ")


async def test_the_run_stays_chosen_when_the_view_follows_again(robot: Robot) -> None:
    second = run_of(robot)
    await robot.press("f")
    robot.engine.end(robot.engine.begin("invoice-sync-eu"))
    await robot.press("f")
    assert robot.line_with(f"#{second}").count("▸") == 1
    assert run_of(robot) == second


async def test_the_run_stays_chosen_when_everything_is_read_anew(robot: Robot) -> None:
    second = run_of(robot)
    await robot.press("ctrl+r")
    assert run_of(robot) == second


@pytest.mark.parametrize("width", [110, 80, 170])
async def test_the_run_stays_chosen_and_the_keys_where_they_are_after_a_resize(
    robot: Robot, width: int
) -> None:
    second = run_of(robot)
    await robot.resize(width, 40)
    await robot.resize(120, 40)
    assert run_of(robot) == second


async def test_the_keys_stay_with_the_runs_in_a_terminal_that_has_more_parts(
    robot: Robot,
) -> None:
    second = run_of(robot)
    await robot.resize(170, 40)
    assert run_of(robot) == second
    await robot.press("j")
    assert run_of(robot) != second


async def test_the_keys_go_to_the_table_where_their_part_is_not_there(console: Opened) -> None:
    async with console(size=(170, 40)) as robot:
        pane = robot.app.panes.current
        assert pane is not None
        await robot.press("tab")
        detail = pane.active_part
        await robot.resize(120, 40)
        assert pane.active_part is pane.parts[0]
        await robot.resize(170, 40)
        assert pane.active_part is detail


async def test_the_runs_of_all_jobs_stay_where_they_are_when_another_job_is_looked_at(
    console: Opened,
) -> None:
    async with console(size=(170, 40)) as robot:
        await robot.press("tab", "tab", "j", "j", "j")
        chosen = run_of(robot)
        await robot.press("shift+tab", "shift+tab", "j")
        await robot.press("tab", "tab")
        assert run_of(robot) == chosen


async def test_a_run_of_another_job_is_left_where_only_those_of_one_are_shown(
    console: Opened,
) -> None:
    async with console(size=(170, 40)) as robot:
        await robot.command("job invoice-sync-eu")
        await robot.press("tab", "tab", *"jjjjj")
        await robot.press("space")
        assert robot.app.scene().selection.jobs[0].name != "invoice-sync-eu"
        await robot.resize(120, 40)
        assert not robot.shows("marked")
        assert robot.app.scene().selection.jobs[0].name == "invoice-sync-eu"
        newest = max(
            row.job_instanceid
            for row in robot.engine.instances.values()
            if row.name == "invoice-sync-eu"
        )
        assert run_of(robot) == newest


async def test_the_newest_run_is_shown_where_nobody_chose_another(robot: Robot) -> None:
    await robot.press("k", "shift+tab", "3")
    key = robot.engine.begin("invoice-sync-eu")
    robot.engine.end(key)
    await robot.settled()
    await robot.press("1")
    await robot.press("tab")
    assert run_of(robot) == key


async def test_another_job_begins_with_its_newest_run(robot: Robot) -> None:
    await robot.press("shift+tab")
    await robot.command("job invoice-archive")
    await robot.press("tab")
    row = robot.engine.job("invoice-archive")
    newest = max(key for key, each in robot.engine.instances.items() if each.jobid == row.jobid)
    assert run_of(robot) == newest
