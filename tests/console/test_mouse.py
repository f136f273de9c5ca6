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
