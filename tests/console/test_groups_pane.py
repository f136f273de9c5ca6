"""The groups pane: what it counts is what its jobs do now, in the rows and in their order."""

import re

from app.panes.groups import GroupsPane
from app.testing.harness import Robot


def counts(robot: Robot) -> dict[str, list[str]]:
    """Return JOBS, RUN, ERR, HELD of each group, from above."""
    rows = [line[4:].split("┃")[0].split() for line in robot.lines if line.startswith("┃")]
    return {words[0]: words[2:6] for words in rows if words[1:2] in (["on"], ["off"])}


async def test_a_group_that_is_disabled_counts_its_jobs_as_held_in_a_second(robot: Robot) -> None:
    await robot.resize(120, 40)
    await robot.press("2")
    before = {"billing": ["5", "-", "2", "1"], "DEFAULT": ["7", "-", "2", "2"]}
    assert before.items() <= counts(robot).items()
    await robot.press("d")
    await robot.pass_time(1)
    await robot.press("y")
    await robot.pass_time(1)
    after = {"billing": ["5", "-", "2", "5"], "DEFAULT": ["7", "-", "2", "6"]}
    assert after.items() <= counts(robot).items()


async def test_groups_in_order_of_what_runs_change_places_when_a_run_begins(robot: Robot) -> None:
    await robot.resize(120, 40)
    await robot.press("2")
    pane = robot.app.pane_named("groups")
    assert isinstance(pane, GroupsPane)
    pane.sort_by("run", reverse=True)
    await robot.settled()
    for name in ("dunning-mail", "dunning-mail", "card-expiry-scan"):
        robot.engine.begin(name)
    await robot.settled()
    await robot.pass_time(1)
    found = counts(robot)
    assert found["mail"] == ["1", "2", "-", "1"]
    assert list(found) == ["DEFAULT", "mail", "billing"]


async def test_the_jobs_of_no_group_have_a_title_without_a_dash(robot: Robot) -> None:
    await robot.press("2")
    assert robot.shows("Jobs - billing ")
    await robot.press("/")
    await robot.type("nothing-is-called-so")
    assert not robot.shows("billing ")
    assert re.search("[─━] Jobs [─━]", robot.frame)
    await robot.press("escape")
    assert robot.shows("Jobs - billing ")
