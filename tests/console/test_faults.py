"""A fault of ours in what the mouse or a new size calls: told in a line, and on it goes."""

from collections.abc import Sequence

import pytest
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Size

from app.overlays.overlay import Overlay
from app.presentation.pieces import Piece
from app.sanitize import SafeText
from app.store.model import JobRow
from app.testing.harness import Robot
from app.widgets.text_panel import Line


class Faulty(Overlay):
    """Has a fault wherever the mouse reaches it, and in another size than the first."""

    def __init__(self) -> None:
        super().__init__()
        self._first: Size | None = None

    def lines(self, size: Size) -> Sequence[Line]:
        self._first = self._first or size
        if size != self._first:
            raise ZeroDivisionError
        return ()

    def click(self, y: int, *, twice: bool) -> None:
        raise ZeroDivisionError

    def wheel(self, step: int) -> None:
        raise ZeroDivisionError


async def goes_on(robot: Robot, what: str) -> None:
    """See that the fault was told, and that keys and the mouse are taken."""
    robot.app.boundary.faults.clear()
    assert robot.status.startswith(f"a fault in the console ({what}): ")
    while robot.app.overlays.top is not None:
        robot.app.overlays.top.close()
    await robot.press("j")
    assert robot.line_with("▸").split()[1] == "dunning-mail"
    await robot.click(robot.lines[1].index("Groups"), 1)
    assert robot.app.panes.current_name == "groups"


async def test_a_fault_in_what_is_clicked_over_a_pane_is_told(robot: Robot) -> None:
    robot.app.open(Faulty())
    await robot.settled()
    with pytest.raises(ZeroDivisionError):
        await robot.click(40, 12)
    await goes_on(robot, "a click")


@pytest.mark.parametrize("kind", [MouseScrollDown, MouseScrollUp])
async def test_a_fault_at_the_wheel_is_told(
    robot: Robot, kind: type[MouseScrollDown | MouseScrollUp]
) -> None:
    robot.app.open(Faulty())
    await robot.settled()
    with pytest.raises(ZeroDivisionError):
        await robot.mouse(kind, 40, 12)
    await goes_on(robot, "the wheel")


async def test_a_fault_in_another_size_is_told(robot: Robot) -> None:
    robot.app.open(Faulty())
    await robot.settled()
    with pytest.raises(ZeroDivisionError):
        await robot.resize(70, 16)
    await goes_on(robot, "a new size")


async def test_a_fault_in_what_a_click_on_a_line_of_the_frame_does_is_told(robot: Robot) -> None:
    robot.app.frame.info.set([Piece(SafeText("broken"))], ["no-such-action"])
    with pytest.raises(KeyError):
        await robot.click(0, 2)
    robot.app.show_frame()
    await goes_on(robot, "a click")


async def test_a_fault_in_new_rows_is_told_and_those_beside_it_are_shown(robot: Robot) -> None:
    robot.engine.add_job("beside-it", 30)
    no_number = JobRow([], "no number")  # type: ignore[arg-type]
    robot.engine.emit(robot.engine.row("beside-it"), no_number)
    robot.app.pump.wake()
    robot.app.boundary.faults.clear()
    await robot.settled()
    assert robot.status.startswith("a fault in the console (new rows): TypeError")
    assert robot.shows("beside-it")
