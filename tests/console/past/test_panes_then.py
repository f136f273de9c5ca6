"""Each pane as of a moment of the past, from a real store; what nobody kept is told as unknown."""

from app.testing.harness import Robot
from engine.config import ENGINE_LOG
from engine.testing.manual import ManualEngine
from tests.console.past.lived import ACTOR, to
from tests.console.past.real_store import RealStore


async def test_instances_are_as_they_were_and_the_header_says_so(robot: Robot) -> None:
    await robot.press("3")
    assert "COMPLETE" in robot.line_with("long")
    await robot.command("at 03:12")
    assert "AS OF 03:12 UTC - read only" in robot.header
    assert robot.header.rstrip().endswith("now 03:41 UTC")
    assert "run 1" in robot.header
    assert "RUNNING" in robot.line_with("long")
    assert "2m00s" in robot.line_with("long")
    assert len([line for line in robot.lines if "quick" in line]) == 2, "03:05 and 03:10"
    await robot.command("at 03:27")
    assert "AS OF 03:27 UTC" in robot.header
    assert "COMPLETE" in robot.line_with("long")


async def test_jobs_have_the_switches_runs_and_next_starts_of_then(robot: Robot) -> None:
    await robot.command("at 03:12")
    feed = robot.line_with(" feed ").split()
    assert feed[2:4] == ["feeds", "off"]
    assert "disabled" in feed
    assert "◐ 2m" in robot.line_with(" long ")
    quick = robot.line_with("quick")
    assert "✓ 2m" in quick
    assert "in 3m" in quick
    assert robot.shows("held 1")
    await robot.command("at 03:32")
    assert robot.line_with(" feed ").split()[2:4] == ["feeds", "on"]


def group(robot: Robot, name: str) -> list[str]:
    """Return the cells of a group, at the left of its pane."""
    line = next(line for line in robot.lines if f" {name} " in line[: len(line) // 3])
    return line[line.index(f" {name} ") + len(name) + 2 :].split()


async def test_groups_have_the_counts_and_switches_of_then(
    robot: Robot, store: ManualEngine, client: RealStore
) -> None:
    store.system.groups.set_enabled(["night"], False, ACTOR)
    store.system.groups.delete(["feeds"], ACTOR)
    client.look()
    await robot.settled()
    await robot.press("2")
    assert not robot.shows(" feeds ")
    assert group(robot, "night")[:2] == ["off", "1"]
    await robot.command("at 03:12")
    assert group(robot, "night")[:4] == ["on", "1", "1", "-"]
    assert group(robot, "feeds")[:4] == ["on", "?", "?", "?"]
    await robot.press("1")
    assert robot.line_with(" feed ").split()[2] == "?", "nobody kept who was in that group"


async def test_logs_end_at_that_instant(robot: Robot, store: ManualEngine) -> None:
    lines = [f"2026-03-02T03:{minute:02}:00.000000Z INFO  tick {minute}" for minute in range(41)]
    (store.settings.log_dir / ENGINE_LOG).write_text("\n".join(lines) + "\n")
    await robot.press("4")
    assert robot.shows("tick 40")
    await robot.command("at 03:12")
    assert robot.shows("tick 12")
    assert not robot.shows("tick 13")
    await robot.command("logs since:2m")
    assert robot.shows("tick 10")
    assert not robot.shows("tick 9")
    await robot.press("L")
    assert robot.shows("tick 40")


async def test_state_data_are_those_of_the_save_in_force(robot: Robot, store: ManualEngine) -> None:
    store.system.state.set("quick", {"cursor": "first"}, ACTOR)
    to(store, 43)
    store.system.state.set("quick", {"cursor": "second"}, ACTOR)
    await robot.command("state quick")
    assert robot.shows("second")
    to(store, 44)
    store.system.state.clear(["quick"], ACTOR)
    await robot.command("at 03:42")
    assert robot.shows("first")
    assert not robot.shows("second")
    to(store, 45)
    await robot.command("at 03:44:30")
    assert robot.shows("cleared by ops")
    assert "saved" not in robot.lines[2]
    await robot.command("at 03:12")
    assert robot.shows("no state data")


async def test_state_data_of_which_all_saves_came_later_are_not_kept(
    robot: Robot, store: ManualEngine
) -> None:
    for number in range(25):
        store.system.state.set("quick", {"cursor": number}, ACTOR)
    await robot.command("state quick")
    await robot.command("at 03:12")
    assert robot.shows("not kept: every save that is kept came later")
    assert "quick  not kept" in robot.lines[2]


async def test_the_schedule_shows_the_timeline_around_that_moment(robot: Robot) -> None:
    await robot.command("at 03:12")
    await robot.press("6")
    assert robot.shows("gantt")
    assert robot.shows("03:12")
    assert robot.shows("long")
    await robot.command("heatmap")
    assert robot.shows("the Gantt chart tells what ran")


async def test_the_engine_pane_tells_of_the_sessions_of_then(
    robot: Robot, store: ManualEngine
) -> None:
    await robot.command("at 03:12")
    await robot.press("7")
    assert robot.shows("ACTIVE")
    assert robot.shows("unexplained")
