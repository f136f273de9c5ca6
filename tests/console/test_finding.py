"""What helps an operator in a hurry: the palette's letters, and what `u` would take back."""

from app.testing.harness import Robot


async def test_the_palette_finds_by_letters_in_order(robot: Robot) -> None:
    await robot.press("ctrl+p")
    await robot.type("thm")
    assert robot.shows("Theme")
    assert not robot.shows("nothing matches")


async def test_a_run_does_not_look_as_if_undo_would_take_it_back(robot: Robot) -> None:
    await robot.command("disable card-expiry-scan")
    assert robot.status.endswith("u undo")
    await robot.command("run invoice-archive")
    assert "invoice-archive runs as #" in robot.status
    assert robot.status.endswith("u undo: disabled card-expiry-scan")
