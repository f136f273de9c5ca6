"""State data as YAML and JSON are written away from the screen, which takes keys meanwhile."""

import pytest
from msgspec.structs import replace

from app.client.saved_state import SavedStates
from app.client.views import SavedState, StateView
from app.testing.harness import Robot
from engine.clock import SECOND
from engine.control import Actor
from engine.testing.manual import ManualEngine
from tests.console.past.conftest import store

__all__ = ["store"]

JOB = "card-expiry-scan"
SECRET = "hunter2"


async def test_keys_are_taken_while_the_data_are_written(robot: Robot) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 1})
    await robot.press("s")
    robot.engine.holds_answers = True
    await robot.press("J")
    assert robot.shows("writing YAML ...")
    await robot.press("J")
    assert robot.shows("writing JSON ...")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows('"cursor": 1')


async def test_what_a_save_changed_is_compared_away_from_the_screen(robot: Robot) -> None:
    for cursor in (1, 2):
        robot.engine.desk.set_state(JOB, {"cursor": cursor})
    await robot.press("s")
    robot.engine.holds_answers = True
    await robot.press("D")
    assert robot.shows("comparing ...")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("~ cursor: 1 -> 2")


async def test_the_text_of_older_data_stays_until_the_newer_one_is_written(robot: Robot) -> None:
    robot.engine.desk.set_state(JOB, {"cursor": 1})
    await robot.press("s", "J")
    assert robot.shows("cursor: 1")
    robot.engine.begin(JOB)
    await robot.settled()
    robot.engine.desk.set_state(JOB, {"cursor": 2})
    await robot.pass_time(3)
    await robot.settled()
    assert robot.shows("cursor: 2")


async def test_what_is_hidden_again_is_out_of_sight_at_once(robot: Robot) -> None:
    robot.engine.desk.set_state(JOB, {"password": SECRET})
    await robot.press("s", "J", "H")
    assert robot.shows(SECRET)
    robot.engine.holds_answers = True
    await robot.press("H")
    assert not robot.shows(SECRET)
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows("********")


async def test_a_text_that_is_written_anew_stays_where_it_was_scrolled_to(robot: Robot) -> None:
    robot.engine.desk.set_state(JOB, {f"key{number}": number for number in range(200)})
    await robot.press("s", "J")
    await robot.press("G")
    assert robot.shows("key199: 199")
    await robot.press("H", "H")
    assert robot.shows("key199: 199")


@pytest.mark.parametrize("octets", [0, 7])
def test_the_size_of_a_save_is_counted_when_it_is_made(octets: int) -> None:
    data = {"a": 1} if octets else None
    save = SavedState(SECOND, data)
    assert save.octets == octets
    assert StateView(JOB, data, history=(save,)).octets == octets
    assert replace(save, data={"a": 12}).octets == 8


def test_saves_that_did_not_change_are_the_same_the_next_time(store: ManualEngine) -> None:
    states, actor = SavedStates(), Actor("ops", "test")
    store.system.state.set("quick", {"cursor": 1}, actor)
    first = states.of(store.system, "quick")
    store.system.state.set("quick", {"cursor": 2}, actor)
    second = states.of(store.system, "quick")
    assert second.data == {"cursor": 2}
    assert second.data is second.history[0].data
    assert second.history[1] is first.history[0]
    assert states.of(store.system, "long").data is None
    assert states.of(store.system, "quick").history == second.history
