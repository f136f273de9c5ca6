"""Whatever the palette offers does its work in every pane, or says why it cannot."""

import pytest

from app.actions.perform import why_not
from app.actions.registry import PANES
from app.testing.harness import Robot

_OUTSIDE = {"quit", "quit.now", "suspend", "state.edit"}  # they leave the console, or the screen


@pytest.mark.parametrize("pane", PANES)
async def test_everything_in_the_palette_works_or_says_why_not(robot: Robot, pane: str) -> None:
    app = robot.app
    for action in app.registry:
        if action.is_motion or action.id in _OUTSIDE:
            continue
        app.go(pane)
        before = app.news.told[-1] if app.news.told else None
        reason = why_not(action, app.scene())
        app.perform_in(action, app.scene())
        await robot.settled()
        if reason:
            assert app.news.told[-1] is not before, action.id
        app.prompt(None)
        app.router.question = None
        while app.overlays.top is not None:
            app.overlays.shut(app.overlays.top)
    await robot.settled()


async def test_a_command_about_groups_never_touches_the_job_under_the_cursor(robot: Robot) -> None:
    await robot.command("job invoice-archive")
    await robot.command("disablegroup")
    assert "Disable group: no group is selected" in robot.status
    await robot.command("enablegroup")
    assert "Enable group: no group is selected" in robot.status
    assert robot.engine.asked == []
    await robot.command("disablegroup billing")
    robot.clock.pass_time(1)
    await robot.press("y")
    assert not robot.engine.groups["billing"].enabled


async def test_a_sort_that_means_nothing_says_what_can_be_sorted_by(robot: Robot) -> None:
    await robot.command("sort colour")
    assert robot.status.startswith("there is no column colour to sort by; there are name, ")
    await robot.command("sort")
    assert robot.status.startswith("name a column: name, ")
    await robot.press("4")
    await robot.command("sort name")
    assert "Sort: rows are sorted in tables: press 1, 2 or 3" in robot.status


async def test_a_saved_filter_keeps_all_the_words_of_its_name(robot: Robot) -> None:
    await robot.command("jobs group:billing")
    await robot.command("save money first")
    await robot.press("escape")
    await robot.command("use money first")
    assert robot.shows("/group:billing")


async def test_what_never_ran_says_so_when_its_errors_are_asked_for(robot: Robot) -> None:
    await robot.command("job card-expiry-scan")
    await robot.press("E")
    assert robot.status == "Errors: it never ran"
    await robot.press("i")
    assert robot.status == "Info: it never ran"
    await robot.press("R")
    assert robot.status == "Rerun: it never ran"


async def test_going_to_nothing_says_what_can_be_gone_to(robot: Robot) -> None:
    await robot.command("goto")
    assert robot.status == "where to? 02:00, -15m or #881140"
