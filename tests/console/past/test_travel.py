"""`:at 03:12` goes to a moment of the past, read only; `:live` returns to the place left."""

from pathlib import Path

import pytest

from app.actions.perform import why_not
from app.client.desk_then import desk_then
from app.options import ConsoleOptions
from app.presentation.instants import zone_named
from app.testing.harness import Robot
from engine.clock import MINUTE
from engine.errors import TocsinError
from engine.testing.manual import ManualEngine
from tests.console.past.lived import ACTOR, START, opened
from tests.console.past.real_store import RealStore

READ_ONLY = "read only: as of 03:12 UTC; :live returns"


async def test_another_day_is_told_with_its_date(robot: Robot, store: ManualEngine) -> None:
    store.clock.advance(2 * 86_400)
    await robot.command("at 2026-03-02 03:12")
    assert "AS OF 2026-03-02 03:12 UTC - read only" in robot.header


async def test_what_changes_something_is_refused_with_the_reason_and_reaches_no_engine(
    robot: Robot, store: ManualEngine
) -> None:
    events = len(store.system.audit.query())
    await robot.command("at 03:12")
    await robot.press("r")
    assert "Run: read only: as of 03:12 UTC; :live returns" in robot.status
    scene = robot.app.scene()
    changing = [each for each in robot.app.registry if each.danger or each.id == "undo"]
    assert {why_not(each, scene) for each in changing} == {READ_ONLY}
    await robot.command("disable quick")
    assert "read only: as of 03:12 UTC; :live returns" in robot.status
    await robot.press("a")
    assert robot.shows("read only: as of 03:12 UTC")
    await robot.press("escape")
    with pytest.raises(TocsinError, match="read only"):
        robot.app.client.ask(
            lambda desk: desk_then(desk, desk.past(START + 12 * MINUTE)).disable(["quick"])
        ).result()
    assert len(store.system.audit.query()) == events


async def test_what_nobody_kept_is_listed_with_that_reason(robot: Robot) -> None:
    await robot.command("at 03:12")
    await robot.press("v")
    assert "not kept as of 03:12 UTC; :live returns" in robot.status
    await robot.press("f")
    assert "stands still as of 03:12 UTC" in robot.status


async def test_what_happens_meanwhile_changes_no_pane_of_then_and_is_there_on_return(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    await robot.press("3")
    await robot.command("at 03:12")
    before = robot.lines[2:]
    store.system.jobs.set_enabled(["quick"], False, ACTOR)
    number = store.run("long")
    client.look()
    await robot.settled()
    store.clock.advance(5)
    robot.app.second()
    await robot.settled()
    assert robot.lines[2:] == before
    assert "changes since" in robot.header
    await robot.press("L")
    assert robot.shows(f"#{number}")
    assert "AS OF" not in robot.header


async def test_the_place_of_each_pane_is_as_it_was_left(robot: Robot) -> None:
    await robot.command("filter !nothing")
    await robot.command("sort schedule")
    await robot.press("j", "space")
    pane = robot.app.panes.pane("jobs")
    place, frame = pane.place(), robot.lines[1:]
    await robot.command("at 03:12")
    assert robot.shows("/!nothing"), "the filter goes along"
    await robot.press("k", "space", "escape", "3", "4", "1")
    await robot.command("live")
    assert robot.app.panes.pane("jobs") is pane
    assert pane.place() == place
    assert robot.lines[1:-2] == frame[:-2]


async def test_both_times_are_told_in_the_zone_of_the_viewer(
    client: RealStore, store: ManualEngine
) -> None:
    options = ConsoleOptions(zone=zone_named("Europe/Prague"))
    async with opened(client, store, options) as robot:
        await robot.command("at 04:12")
        assert "AS OF 04:12 CET - read only" in robot.header
        assert robot.header.rstrip().endswith("now 04:41 CET")


async def test_escape_leaves_filter_and_views_first_and_then_the_past(robot: Robot) -> None:
    await robot.command("at 03:12")
    await robot.press("3")
    await robot.command("filter job:quick")
    await robot.press("escape")
    assert not robot.shows("/job:quick")
    await robot.press("escape")
    assert robot.app.panes.current_name == "jobs"
    assert "AS OF" in robot.header
    await robot.press("escape")
    assert "AS OF" not in robot.header


async def test_steps_go_earlier_and_later_and_end_at_now(robot: Robot) -> None:
    await robot.press(",")
    assert "no moment of the past is shown" in robot.status
    await robot.command("at 03:22")
    await robot.press(",")
    assert "AS OF 03:12 UTC" in robot.header
    await robot.press(".", ".")
    assert "AS OF 03:32 UTC" in robot.header
    await robot.command("at +1m")
    assert "AS OF 03:33 UTC" in robot.header
    await robot.press(".")
    assert "AS OF" not in robot.header


async def test_what_is_asked_of_now_is_answered_when_its_pane_is_back(
    robot: Robot, client: RealStore
) -> None:
    await robot.command("state quick")
    client.holds_answers = True
    await robot.command("state long")
    await robot.command("at 03:12")
    assert "AS OF" not in robot.header, "it is read away from the screen"
    await robot.press("1", "j")
    client.let_answer()
    await robot.settled()
    assert "AS OF" in robot.header
    await robot.press("L")
    await robot.press("5")
    assert robot.shows("long")


async def test_the_future_and_what_is_no_instant_are_refused(robot: Robot) -> None:
    await robot.command("at breakfast")
    assert "breakfast: tell an instant: 03:12, -2h or 2026-11-23 03:12" in robot.status
    await robot.command("at 2030-01-01")
    assert "still to come" in robot.status
    assert "AS OF" not in robot.header
    await robot.command("live")
    assert "this is now" in robot.status


async def test_a_lost_engine_is_told_over_the_past(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    await robot.command("at 03:12")
    store.close()
    client.lose()
    await robot.settled()
    assert "no engine now" in robot.header
    assert "AS OF 03:12 UTC" in robot.header


async def test_a_time_without_an_engine_is_told_as_such(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    store.close()
    client.lose()
    store.clock.advance(3600)
    await robot.command("at 5m")
    assert "UTC - read only  no engine was up" in robot.header
    await robot.command("at 03:12")
    assert "was up" not in robot.header


async def test_what_is_remembered_at_the_end_is_the_place_now(
    client: RealStore, store: ManualEngine, tmp_path: Path
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with opened(client, store, options) as robot:
        await robot.command("filter long")
        await robot.command("at 03:12")
        await robot.press("escape", "3")
        assert "AS OF" in robot.header
    async with opened(client, store, options) as robot:
        assert robot.app.panes.current_name == "jobs"
        assert robot.shows("/long")
        assert "AS OF" not in robot.header


async def test_a_small_screen_keeps_the_banner(robot: Robot) -> None:
    await robot.command("at 03:12")
    for size in ((80, 24), (60, 15)):
        await robot.resize(*size)
        assert "AS OF 03:12 UTC - read only" in robot.header


async def test_panes_of_now_fit_a_terminal_that_was_resized_meanwhile(robot: Robot) -> None:
    await robot.press("2", "1")
    await robot.command("at 03:12")
    await robot.resize(80, 24)
    await robot.press("L")
    assert "long" in robot.line_with("10 3 * * *")
    assert robot.app.panes.pane("jobs").size.width == 80
    await robot.press("2")
    assert all(len(line) <= 80 for line in robot.lines)
    assert robot.shows("night")


async def test_a_look_that_was_frozen_is_frozen_on_return(robot: Robot) -> None:
    await robot.press("f")
    assert "FROZEN" in robot.header
    await robot.command("at 03:12")
    assert "FROZEN" not in robot.header
    await robot.press("L")
    assert "FROZEN" in robot.header
    await robot.press("f")
    assert "FROZEN" not in robot.header


async def test_what_is_typed_or_asked_on_arrival_is_left_and_nothing_is_done(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    client.holds_answers = True
    await robot.command("at 03:12")
    await robot.press("/", "l", "o")
    client.let_answer()
    await robot.settled()
    assert "AS OF" in robot.header
    assert not robot.shows("/lo")
    await robot.press("L")
    assert not robot.shows("/lo"), "it was never entered"
    client.holds_answers = True
    await robot.command("at 03:12")
    await robot.command("reset quick")
    client.let_answer()
    await robot.settled()
    await robot.press("y")
    assert "AS OF" in robot.header
    assert "JOB-RESET" not in {each.event.event for each in store.system.audit.query()}
