"""The mouse where something is open over a pane: it reaches that, and what stands there."""

from textual.events import MouseDown, MouseScrollDown, MouseUp

from app.testing.harness import Robot


async def test_the_mouse_reaches_nothing_behind_an_open_menu(robot: Robot) -> None:
    await robot.click(6, 6)
    await robot.press("a")
    await robot.type("disable")
    before = robot.lines
    for x, y in ((0, 8), (25, 3), (14, 1), (2, 23)):  # a row, a title, a tab, the key bar
        await robot.mouse(MouseDown, x, y)
        await robot.mouse(MouseUp, x, y)
        await robot.mouse(MouseScrollDown, x, y)
        assert robot.lines == before
    await robot.press("enter")
    assert robot.line_with("▸").split()[1] == "invoice-archive"
    assert robot.engine.asked == ["disable invoice-archive"]


async def test_the_mouse_chooses_in_an_open_menu(robot: Robot) -> None:
    await robot.click(6, 6)
    await robot.press("a")
    line = next(y for y, line in enumerate(robot.lines) if "Disable" in line)
    await robot.mouse(MouseScrollDown, 20, line)
    for _ in range(2):
        await robot.mouse(MouseDown, 20, line)
        await robot.mouse(MouseUp, 20, line)
    assert robot.engine.asked == ["disable invoice-archive"]


async def test_a_click_beside_the_entries_of_a_menu_chooses_none(robot: Robot) -> None:
    await robot.press("a", "pagedown")
    before = robot.lines
    top = next(y for y, line in enumerate(before) if "Actions" in line)
    end = next(y for y, line in enumerate(before) if "enter choose" in line)
    for y in (
        top,
        top + 1,
        end - 1,
        end,
    ):  # the frame, what is typed, what is told below, the frame
        await robot.click(20, y, times=2)
        assert robot.lines == before


async def test_a_click_on_what_explains_an_entry_is_one_on_the_entry(robot: Robot) -> None:
    await robot.press("?")
    explained = robot.line_with("Rerun").split("┃")[1]
    assert explained.startswith(" R")
    below = next(y for y, line in enumerate(robot.lines) if "Rerun" in line) + 1
    await robot.click(40, below)
    assert robot.line_with("Rerun").split("┃")[1].startswith("▸R")


def place_of(robot: Robot, text: str) -> tuple[int, int]:
    """Return the cell and the line where the screen says `text` first."""
    y = next(y for y, line in enumerate(robot.lines) if text in line)
    return robot.lines[y].index(text), y


async def test_a_click_on_the_name_of_a_view_of_the_schedule_shows_it(robot: Robot) -> None:
    await robot.press("6")
    for name, shows in (("agenda", "Tue 2026-01-06"), ("gantt", "11:00"), ("heatmap", "peak")):
        assert not robot.shows(shows)
        await robot.click(*place_of(robot, f"{name} "))
        assert robot.shows(shows)


async def test_a_click_on_an_hour_of_the_heat_map_puts_the_cursor_there(robot: Robot) -> None:
    await robot.press("6")
    x, y = place_of(robot, "Wed 07")
    await robot.click(x + 7 + 2 * 13, y)
    assert robot.shows(" Wed 07 13:00  ")
    await robot.press("right")
    assert robot.shows(" Wed 07 14:00  ")
    await robot.click(x + 7 + 2 * 24, y)  # beside the hours
    await robot.click(x, y, times=2)
    assert robot.shows(" Wed 07 14:00  ")
    await robot.click(x + 7 + 2 * 2 + 1, y, times=2)
    assert robot.line_with("view:").split()[1:3] == ["heatmap", "gantt"]
    assert not robot.shows("peak")
    selected = robot.app.pane_named("schedule").selection().jobs
    assert [job.name for job in selected] == ["ledger-close"]  # the next one after that hour


async def test_a_click_in_narrow_hours_of_the_heat_map_hits_the_one_under_it(robot: Robot) -> None:
    await robot.resize(60, 24)
    await robot.press("6")
    x, y = place_of(robot, "Wed 07")
    await robot.click(x + 7 + 13, y)
    assert robot.shows(" Wed 07 13:00  ")


async def test_a_click_in_the_gantt_chart_puts_both_cursors_there(robot: Robot) -> None:
    await robot.press("6", "t")
    x, y = place_of(robot, "11:00")
    row = place_of(robot, "invoice-sync-eu")[1]
    await robot.click(x, row)
    assert robot.lines[2].split()[-1].startswith("11:0")
    assert [job.name for job in robot.app.pane_named("schedule").selection().jobs] == [
        "invoice-sync-eu"
    ]
    before = robot.lines[2].split()[-1]
    await robot.click(3, place_of(robot, "invoice-archive")[1])  # its name tells no time
    assert robot.lines[2].split()[-1] == before
    await robot.click(x + 18, y)  # the axis
    assert robot.lines[2].split()[-1].startswith("12:0")
    await robot.click(x, row, times=2)
    assert robot.shows("level DEBUG+")


async def test_a_click_on_a_line_of_the_agenda_chooses_its_jobs(robot: Robot) -> None:
    await robot.press("6", "t", "t")
    x, y = place_of(robot, "vat-report-nl")
    await robot.click(x, y)
    pane = robot.app.pane_named("schedule")
    assert [job.name for job in pane.selection().jobs] == ["vat-report-nl"]
    await robot.click(x, y, times=2)
    assert robot.line_with("▸").split()[1] == "vat-report-nl"


async def test_a_click_on_lines_without_a_cursor_leaves_them_where_they_are(robot: Robot) -> None:
    await robot.resize(80, 12)
    await robot.press("7")
    before = robot.lines
    await robot.click(5, 7)
    assert robot.lines == before
