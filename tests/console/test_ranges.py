"""A range of rows that `V` begins and ends: it is seen, and can be taken back."""

from app.actions.all import all_actions
from app.testing.harness import Robot
from tests.console.conftest import Opened

BEGUN = "range begun"


async def test_a_range_that_was_begun_is_seen_until_it_ends(robot: Robot) -> None:
    await robot.press("V", "j", "j")
    assert BEGUN in robot.lines[2]
    await robot.press("V")
    assert BEGUN not in robot.lines[2]
    assert robot.shows("marked 3 ")


async def test_escape_drops_a_range_before_it_clears_the_filter_and_marks(robot: Robot) -> None:
    await robot.press("space")
    await robot.command("filter group:billing")
    await robot.press("V", "j", "escape")
    assert robot.status == "nothing marked: the range is dropped"
    assert BEGUN not in robot.lines[2]
    assert robot.shows("/group:billing")
    await robot.press("j", "V")
    assert "a range begins here" in robot.status
    assert robot.shows("marked 1 ")


async def test_escape_leaves_the_pane_only_when_no_range_is_begun(robot: Robot) -> None:
    await robot.press("2", "3", "V", "escape")
    assert robot.app.panes.current_name == "instances"
    await robot.press("escape")
    assert robot.app.panes.current_name == "groups"


async def test_a_range_whose_first_row_the_filter_hides_waits_until_it_is_shown_again(
    robot: Robot,
) -> None:
    await robot.press("V")
    await robot.command("filter group:billing")
    assert BEGUN not in robot.lines[2]
    await robot.press("escape")
    assert BEGUN in robot.lines[2]
    await robot.press("escape")
    assert BEGUN not in robot.lines[2]


async def test_a_range_is_of_the_table_that_it_was_begun_in(console: Opened) -> None:
    async with console(size=(120, 40)) as robot:
        await robot.command("job invoice-sync-eu")
        await robot.press("V", "tab", "j", "V")
        assert "a range begins here" in robot.status
        await robot.press("escape")
        assert robot.status == "nothing marked: the range is dropped"
        assert not robot.shows("marked 2")


async def test_a_range_among_the_jobs_of_a_group_is_dropped_before_their_part_is_left(
    robot: Robot,
) -> None:
    await robot.press("2")
    await robot.press("enter", "V")
    assert BEGUN in robot.lines[2]
    await robot.press("j", "escape")
    assert BEGUN not in robot.lines[2]
    chosen = robot.app.scene().selection
    assert (len(chosen.jobs), len(chosen.groups)) == (1, 0)


async def test_the_beginning_of_a_range_names_the_key_that_ends_it(console: Opened) -> None:
    registry = all_actions().remapped({"mark.range": ("ctrl+v",)})
    async with console(registry=registry) as robot:
        await robot.press("ctrl+v")
        assert robot.status == "a range begins here: move, then ctrl+v marks up to there"
