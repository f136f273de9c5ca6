"""Marks of rows that are not there: they mark nothing, and keep nothing from being done."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.options import ConsoleOptions
from app.panes.groups import GroupsPane
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from app.view_state import load_view_state, save_view_state

OLD = 5  # a run from before those that are read at the start


def remembering(folder: Path, **views: Mapping[str, Any]) -> ConsoleOptions:
    """Return the options of a console that was left with these views."""
    save_view_state(folder, {name: dict(view) for name, view in views.items()})
    return ConsoleOptions(memory_folder=folder)


@pytest.mark.parametrize("first", ["jobs", "instances"])
async def test_a_marked_run_that_is_not_read_any_more_is_not_counted_and_hinders_nothing(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path, first: str
) -> None:
    options = remembering(tmp_path, console={"pane": first}, instances={"marks": [OLD]})
    engine.reads_slowly = True
    async with open_console(engine, clock, options=options) as robot:
        engine.resync()
        await robot.settled()
        await robot.press("3")
        assert not robot.shows("marked")
        await robot.press("R")
        assert "Rerun #881226 ledger-close" in robot.status
        await robot.press("escape")


async def test_the_mark_of_a_run_that_is_not_read_any_more_does_not_take_escape(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    options = remembering(tmp_path, console={"pane": "instances"}, instances={"marks": [OLD]})
    engine.reads_slowly = True
    async with open_console(engine, clock, options=options) as robot:
        engine.resync()
        await robot.settled()
        await robot.press("2", "3", "escape")
        assert robot.app.panes.current_name == "groups"


async def test_marks_of_the_last_time_wait_until_their_rows_were_read(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    jobid = engine.job("dunning-mail").jobid
    options = remembering(tmp_path, jobs={"marks": [jobid, 999]})
    engine.reads_slowly = True
    async with open_console(engine, clock, options=options) as robot:
        assert not robot.shows("marked")
        await robot.press("2", "1")
        engine.resync()
        await robot.settled()
        assert robot.shows("marked 1 ")
        assert "•" in robot.line_with("dunning-mail")
        await robot.press("2", "1", "d")
        assert engine.asked == ["disable dunning-mail"]
    kept, _ = load_view_state(tmp_path)
    assert kept["jobs"]["marks"] == [jobid]


async def test_a_marked_job_that_went_while_another_pane_was_in_sight_hinders_nothing(
    robot: Robot,
) -> None:
    await robot.press("space", "3")
    robot.engine.drop_job("card-expiry-scan")
    await robot.settled()
    await robot.press("1")
    assert not robot.shows("marked")
    await robot.press("d")
    assert robot.engine.asked == ["disable dunning-mail"]


async def test_a_group_that_is_made_anew_is_not_marked_as_the_one_before_was(robot: Robot) -> None:
    await robot.press("2", "G", "space", "1")
    robot.engine.drop_group("mail")
    await robot.settled()
    await robot.press("2", "1")
    robot.engine.add_group("mail")
    await robot.settled()
    await robot.press("2")
    assert not robot.shows("marked")


async def test_the_mark_of_a_job_in_a_group_goes_with_the_job(robot: Robot) -> None:
    await robot.press("2")
    await robot.press("enter", "space")
    pane = robot.app.pane_named("groups")
    assert isinstance(pane, GroupsPane)
    jobs = pane.table[0]
    (marked,) = jobs.marks
    await robot.press("1")
    robot.engine.drop_job(robot.app.store.jobs[marked].name)
    await robot.settled()
    await robot.press("2")
    await robot.press("d")
    assert len(robot.engine.asked) == 1
    assert not jobs.marks


async def test_a_mark_that_the_filter_hides_stays_while_other_panes_are_looked_at(
    robot: Robot,
) -> None:
    await robot.press("space")
    await robot.command("jobs name:dunning-mail")
    await robot.press("3", "1")
    assert robot.shows("marked 1 ")
    await robot.press("escape")
    assert "•" in robot.line_with("card-expiry-scan")
