"""The groups and filters beside the jobs of a wide screen: the cursor stays on what it is on."""

from collections.abc import AsyncIterator

import pytest

from app.panes.jobs import JobsPane
from app.testing.harness import Robot
from tests.console.conftest import Opened

LEFT = 28  # cells of the list


@pytest.fixture
async def wide(console: Opened) -> AsyncIterator[Robot]:
    async with console(size=(200, 50)) as robot:
        yield robot


async def stand_on(robot: Robot, text: str) -> None:
    """Give the list the keys, and go down from its first line to the one that says `text`."""
    rows = [line[:LEFT] for line in robot.lines]
    here = next(y for y, row in enumerate(rows) if row[1:].startswith("all "))
    there = next(y for y, row in enumerate(rows) if text in row)
    await robot.press("shift+tab", "g", *"j" * (there - here))


async def jobs_shown(robot: Robot) -> str:
    """Open the line under the cursor, and return by which filter the jobs are shown then."""
    await robot.press("enter")
    pane = robot.app.pane_named("jobs")
    assert isinstance(pane, JobsPane)
    return pane.view.filter_text


async def test_the_cursor_stays_on_its_group_when_others_come_and_go_above_it(wide: Robot) -> None:
    await stand_on(wide, "mail")
    wide.engine.add_group("accounts")
    wide.engine.add_group("backups")
    await wide.pass_time(1)
    wide.engine.drop_group("billing")
    await wide.pass_time(1)
    assert await jobs_shown(wide) == 'group:"mail"'


async def test_the_cursor_stays_on_its_filter_when_a_group_is_created(wide: Robot) -> None:
    await stand_on(wide, "never ran")
    wide.engine.add_group("accounts")
    await wide.pass_time(1)
    assert await jobs_shown(wide) == "status:never"


async def test_the_cursor_goes_to_the_line_below_a_group_that_is_gone(wide: Robot) -> None:
    await stand_on(wide, "billing")
    wide.engine.drop_group("billing")
    await wide.pass_time(1)
    wide.engine.add_group("accounts")
    await wide.pass_time(1)
    assert await jobs_shown(wide) == 'group:"mail"'
