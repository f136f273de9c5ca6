"""State data that others edit or clear while the state pane shows them: seen, at little cost."""

from typing import cast

import pytest

from app.client.desk import Desk
from app.client.views import StateView
from app.panes.state import StatePane
from app.testing.harness import Robot
from engine.errors import EngineError

JOB = "card-expiry-scan"


class CountedDesk:
    """A desk that counts how often state data are read, and fails while it has a `problem`.

    A read that takes long brings what there was when it began: `slow`.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.reads = 0
        self.problem = ""
        self.slow: StateView | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self._desk, name)

    def state(self, name: str) -> StateView:
        self.reads += 1
        if self.problem:
            raise EngineError(self.problem)
        return self.slow or self._desk.state(name)


@pytest.fixture
async def desk(robot: Robot) -> CountedDesk:
    """The state data of a job that rests are in sight."""
    robot.engine.desk.set_state(JOB, {"cursor": 1})
    desk = CountedDesk(robot.engine.desk)
    robot.engine.desk = cast("Desk", desk)
    await robot.command(f"state {JOB}")
    assert robot.shows("cursor  1")
    desk.reads = 0
    return desk


async def seconds(robot: Robot, count: int) -> None:
    for _ in range(count):
        await robot.pass_time(1)


async def test_state_data_that_others_clear_or_edit_are_seen_within_ten_seconds(
    robot: Robot, desk: CountedDesk
) -> None:
    await seconds(robot, 3)
    robot.engine.desk.clear_state(JOB)
    await seconds(robot, 10)
    assert not robot.shows("cursor")
    assert robot.shows("cleared by ops")
    robot.engine.desk.set_state(JOB, {"cursor": 2})
    await seconds(robot, 10)
    assert robot.shows("cursor  2")


async def test_the_state_data_of_a_job_that_rests_are_read_no_more_often(
    robot: Robot, desk: CountedDesk
) -> None:
    await seconds(robot, 60)
    assert desk.reads == 6
    await robot.press("1")
    await seconds(robot, 60)
    assert desk.reads == 6


async def test_an_answer_that_takes_long_is_waited_for(robot: Robot, desk: CountedDesk) -> None:
    robot.engine.begin(JOB)
    await robot.settled()
    desk.reads = 0
    robot.engine.holds_answers = True
    await seconds(robot, 30)
    robot.engine.let_answer()
    await robot.settled()
    assert desk.reads == 1
    await seconds(robot, 2)
    assert desk.reads == 2


async def test_another_job_is_read_at_once_while_an_answer_takes_long(
    robot: Robot, desk: CountedDesk
) -> None:
    robot.engine.holds_answers = True
    await seconds(robot, 10)
    robot.engine.desk.set_state("price-feed", {"cursor": 7})
    await robot.command("state price-feed")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("cursor  7")
    desk.problem = "disk I/O error"
    await seconds(robot, 11)
    desk.problem = ""
    robot.engine.desk.set_state("price-feed", {"cursor": 8})
    await seconds(robot, 3)
    assert robot.shows("cursor  8"), "a question that failed is no question that is waited for"


async def test_an_older_save_that_is_looked_at_stays_while_others_edit(
    robot: Robot, desk: CountedDesk
) -> None:
    await seconds(robot, 1)
    robot.engine.desk.set_state(JOB, {"cursor": 2})
    await seconds(robot, 9)
    await robot.press("tab", "j")
    assert robot.shows("cursor  1")
    robot.engine.desk.set_state(JOB, {"cursor": 3})
    await seconds(robot, 10)
    assert desk.reads == 2
    assert robot.shows("cursor  1")


async def test_state_data_in_a_frozen_view_stay_as_they_were(
    robot: Robot, desk: CountedDesk
) -> None:
    await robot.press("f")
    robot.engine.desk.clear_state(JOB)
    await seconds(robot, 30)
    assert robot.shows("cursor  1")
    await robot.press("f")
    assert robot.shows("cleared by ops")


@pytest.mark.parametrize("stops", ["", "f", ":at 12:30:30"])
async def test_state_data_that_cannot_be_read_are_read_again_in_a_view_that_stands_still_too(
    robot: Robot, desk: CountedDesk, stops: str
) -> None:
    robot.engine.desk.set_state("price-feed", {"cursor": 7})
    await robot.pass_time(60)
    await robot.press(*stops, *(["enter"] if len(stops) > 1 else []))
    desk.problem = "the disk says no"
    await robot.command("state price-feed")
    assert robot.shows("Read again every 2 s")
    desk.reads = 0
    await seconds(robot, 4)
    assert desk.reads == 2
    desk.problem = ""
    await seconds(robot, 2)
    assert robot.shows("cursor  7")


async def test_why_state_data_cannot_be_read_anew_is_told_once_and_they_stay_in_sight(
    robot: Robot, desk: CountedDesk
) -> None:
    desk.problem = "the disk says no"
    await seconds(robot, 10)
    assert "the disk says no" in robot.status
    robot.app.say("something else")
    await seconds(robot, 10)
    assert robot.status.startswith("something else")
    assert robot.shows("cursor  1")
    desk.problem = ""
    robot.engine.desk.set_state(JOB, {"cursor": 2})
    await seconds(robot, 2)
    assert robot.shows("cursor  2")


async def overtaken(robot: Robot, desk: CountedDesk) -> None:
    """Have a read take so long that the next one is answered before it; `cursor` is 2 since."""
    robot.engine.holds_answers = True
    run = robot.engine.begin(JOB)
    await robot.settled()
    before = desk.state(JOB)
    robot.engine.desk.set_state(JOB, {"cursor": 2})
    robot.engine.holds_answers = False
    robot.engine.end(run)
    await robot.settled()
    assert robot.shows("cursor  2")
    desk.slow = before


async def test_an_answer_that_a_later_one_overtook_is_not_shown_any_more(
    robot: Robot, desk: CountedDesk
) -> None:
    await overtaken(robot, desk)
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("cursor  2")


async def test_a_problem_of_a_read_that_a_later_one_overtook_is_not_told(
    robot: Robot, desk: CountedDesk
) -> None:
    await overtaken(robot, desk)
    desk.problem = "the disk says no"
    robot.engine.let_answer()
    await robot.settled()
    assert "the disk says no" not in robot.status


async def test_an_answer_is_shown_while_another_one_is_waited_for(
    robot: Robot, desk: CountedDesk
) -> None:
    pane = robot.app.pane_named("state")
    assert isinstance(pane, StatePane)
    robot.engine.desk.set_state(JOB, {"cursor": 2})
    robot.engine.holds_answers = True
    pane.reload()
    robot.engine.let_answer()
    robot.engine.holds_answers = True
    pane.reload()  # before the answer has reached the pane
    await robot.settled()
    assert desk.reads == 1
    assert robot.shows("cursor  2")
    robot.engine.let_answer()
