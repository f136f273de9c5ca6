"""What helps an operator in a hurry: the palette's letters, and what `u` would take back."""

from app.testing.harness import Robot


async def test_the_palette_finds_by_letters_in_order(robot: Robot) -> None:
    await robot.press("ctrl+p")
    await robot.type("thm")
    assert robot.shows("Theme")
    assert not robot.shows("nothing matches")


async def test_the_open_palette_tells_why_not_as_it_is_now_and_keeps_its_place(
    robot: Robot,
) -> None:
    await robot.command("job card-expiry-scan")
    key = robot.engine.begin("card-expiry-scan")
    await robot.settled()
    await robot.press("ctrl+p", *["down"] * 8)
    assert "Kill what runs" in robot.line_with("┃▸")
    row = robot.lines.index(robot.line_with("┃▸"))
    robot.engine.end(key)
    await robot.settled()
    assert "(nothing of it runs)" in robot.lines[row - 1]
    assert "Kill                (nothing of it runs)" in robot.lines[row]
    assert robot.lines[row] == robot.line_with("┃▸")
    await robot.type("stop")
    await robot.press("down")
    assert "(nothing of it runs)" in robot.line_with("Stop  ")
    robot.engine.begin("card-expiry-scan")
    await robot.settled()
    assert "Ask what runs to stop" in robot.line_with("Stop  ")
    assert "Stop engine" in robot.line_with("┃▸")


async def test_the_palette_keeps_its_place_between_actions_of_one_name(robot: Robot) -> None:
    await robot.press("ctrl+p")
    await robot.type("timeline")
    await robot.press("down")
    chosen = robot.lines.index(robot.line_with("┃▸t"))
    robot.engine.change("card-expiry-scan", enabled=False)
    await robot.settled()
    assert robot.lines.index(robot.line_with("┃▸t")) == chosen


async def test_the_open_palette_tells_that_it_is_too_late_to_undo(robot: Robot) -> None:
    await robot.command("disable card-expiry-scan")
    await robot.press("ctrl+p")
    await robot.type("undo")
    assert "Take the last reversible action back" in robot.line_with("┃▸u")
    await robot.pass_time(11)
    assert "(too late" in robot.line_with("┃▸u")


async def test_a_run_does_not_look_as_if_undo_would_take_it_back(robot: Robot) -> None:
    await robot.command("disable card-expiry-scan")
    assert robot.status.endswith("u undo")
    await robot.command("run invoice-archive")
    assert "invoice-archive runs as #" in robot.status
    assert robot.status.endswith("u undo: disabled card-expiry-scan")
