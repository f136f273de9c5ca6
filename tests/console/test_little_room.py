"""What does not fit says so, and what matters most is what stays."""

import re

import pytest
from msgspec.structs import replace

from app.client.views import AlertView
from app.testing.harness import Robot
from app.widgets.paint import PLAIN, own


async def test_a_line_that_is_cut_ends_in_a_sign(robot: Robot) -> None:
    robot.engine.add_job("tagged", tags={"area": "storage", "effect": "reads only", "team": "ops"})
    robot.engine.emit(robot.engine.row("tagged"))
    await robot.settled()
    await robot.command("job tagged")
    assert robot.line_with("tags: area=storage").rstrip().endswith("…")


def test_a_cut_line_fills_its_cells_exactly() -> None:
    for text in ("twelve cells", "日本語日本語", "日本語日本語a", "a日本語日本語"):
        for width in range(14):
            strip = PLAIN.strip([own(text[:3]), own(text[3:]), own("   ")], width)
            assert strip.cell_length == sum(each.cell_length for each in strip) == width


def test_blanks_that_do_not_fit_are_no_loss() -> None:
    assert PLAIN.strip([own("four"), own("    ")], 4).text == "four"
    assert PLAIN.strip([own("four"), own("  x")], 5).text == "four…"


async def test_the_header_tells_what_is_wrong_however_much_else_it_has_to_tell(
    robot: Robot,
) -> None:
    engine = robot.engine
    since = robot.clock.now()
    engine.alerts += [AlertView("JOB-EXPIRED", f"job-{each}", "", since) for each in range(3)]
    engine.begin("card-expiry-scan")
    engine.emit(engine.health())
    await robot.settled()
    await robot.press("f")
    await robot.pass_time(725)
    assert "attached" in robot.header
    assert "FROZEN" in robot.header
    assert "err 2" in robot.header
    assert "unexplained 0" in robot.header
    robot.app.environment = "stage"
    robot.app.is_read_only = True
    robot.app.show_frame()
    await robot.settled()
    assert "attached" in robot.header
    assert "unexplained 0" in robot.header


async def test_what_is_held_stays_in_the_header_as_long_as_there_is_room(robot: Robot) -> None:
    await robot.resize(70, 24)
    await robot.settled(robot.engine.emit(replace(robot.engine.health(), alerts=12)))
    assert "tocsin" not in robot.header
    assert " held 2 alerts 12 unexplained 0 " in robot.header
    await robot.resize(62, 24)
    assert " alerts 12 unexplained 0 " in robot.header


async def test_that_the_terminal_is_small_is_told_as_long_as_it_is(robot: Robot) -> None:
    await robot.resize(50, 12)
    assert robot.status == "50x12 is small: 60x15 shows more"
    await robot.resize(58, 14)
    assert robot.status == "58x14 is small: 60x15 shows more"
    await robot.resize(80, 24)
    assert robot.status == ""
    await robot.command("set refresh=2")
    told = robot.status
    await robot.resize(100, 30)
    assert robot.status == told


@pytest.mark.parametrize("keys", [("T",), ("W",), ("v",), ("S",)])
async def test_a_long_title_is_cut_and_leaves_the_corner(
    robot: Robot, keys: tuple[str, ...]
) -> None:
    name = "long-" * 40
    for known in tuple(robot.engine.jobs):
        robot.engine.drop_job(known)
    robot.engine.add_job(name)
    robot.engine.end(robot.engine.begin(name))
    await robot.settled()
    await robot.press(*keys)
    title = next(line for line in robot.lines if "┏" in line)
    assert re.search("long-.*… ━*┓", title), robot.frame


async def test_the_title_of_a_group_with_a_long_name_leaves_the_corner(robot: Robot) -> None:
    robot.engine.add_job("job", groups=("a-long-group-" * 12,))
    await robot.settled()
    await robot.resize(100, 30)
    await robot.press("2", "home")
    title = robot.line_with("┏")
    assert title.rstrip().endswith(("┓", "┐")), robot.frame
    assert re.search("a-long-group-.*… ─*┐", title), robot.frame


@pytest.mark.parametrize("width", [24, 40, 50, 60, 70])
async def test_all_seven_panes_are_in_the_tabs_and_can_be_clicked(robot: Robot, width: int) -> None:
    await robot.resize(width, 20)
    for number, title in ((7, "Engine"), (3, "Instances"), (1, "Jobs")):
        await robot.click(robot.lines[1].index(str(number)), 1)
        tabs = robot.lines[1]
        assert f"{number} {title}" in tabs
        assert [letter for letter in tabs if letter.isdigit()] == list("1234567")


@pytest.mark.parametrize("width", [40, 60, 80])
async def test_the_help_tells_what_each_key_does_to_the_last_word(robot: Robot, width: int) -> None:
    await robot.resize(width, 20)
    await robot.press("?")
    told = ""
    for _ in range(80):
        inside = [line.split("┃")[1] for line in robot.lines if line.count("┃") == 2]
        assert not any("…" in line for line in inside[1:-1])
        told += " " + " ".join(" ".join(inside).split())
        await robot.press("down")
    for words in ("with its options and the saved", "how it ended", "merged by time"):
        assert all(word in told for word in words.split())
    await robot.type("merged by time")
    await robot.press("enter")
    assert robot.app.panes.current_name == "logs"


@pytest.mark.parametrize("opens", ["S", "a", "?", "v"])
async def test_what_is_open_over_the_pane_fits_every_size_that_the_terminal_takes(
    robot: Robot, opens: str
) -> None:
    await robot.press(opens)
    for size in ((200, 50), (60, 20), (40, 15), (120, 40)):
        await robot.resize(*size)
        resized = robot.lines
        await robot.press("escape")
        await robot.press(opens)
        assert resized == robot.lines
        assert "┏━" in robot.frame
        assert "━┛" in robot.frame
