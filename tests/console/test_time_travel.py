"""`:at 03:12` shows every pane as of then, from a real store; `:live` returns to the place left."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.actions.all import all_actions
from app.actions.perform import why_not
from app.client.desk_then import desk_then
from app.options import ConsoleOptions
from app.presentation.symbols import SYMBOLS
from app.testing.golden import check_frame
from app.testing.harness import SIZES, Robot, SeenConsole
from app.theming.library import ThemeLibrary
from engine.clock import MINUTE
from engine.config import ENGINE_LOG
from engine.control import Actor
from engine.domain.instance import Status
from engine.errors import TocsinError
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.console.real_store import RealStore
from tests.support.builders import cron, definition

FRAMES = Path(__file__).parent / "frames"
THEMES = ThemeLibrary()
READ_ONLY = "read only: as of 03:12 UTC; :live returns"
ACTOR = Actor("ops", "eu1 pts/3")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ManualEngine]:
    """A store of which 03:00 to 03:41 were lived through.

    `long` ran from 03:10 to 03:25, `quick` every five minutes; `feed` was disabled at 03:05 and
    enabled at 03:30.
    """
    clock = ManualClock.at("2026-03-02T03:00:00Z")
    world = ScriptedWorld(clock, ends_at_once=False)
    engine = ManualEngine(tmp_path, clock=clock, world=world)
    engine.open()
    engine.add(definition("quick", cron("*/5 * * * *")))
    engine.add(definition("long", cron("10 3 * * *"), groups=("night",)))
    engine.add(definition("feed", cron("*/10 * * * *"), groups=("feeds",)))
    to(engine, 5)
    system = engine.system
    system.jobs.set_enabled(["feed"], False, ACTOR)
    to(engine, 25)
    end(engine, "long")
    to(engine, 30)
    system.jobs.set_enabled(["feed"], True, ACTOR)
    to(engine, 41)
    yield engine
    engine.drop()


START = 1_772_420_400_000_000  # 2026-03-02T03:00:00Z


def to(engine: ManualEngine, minute: int) -> None:
    """Let time pass until 03:`minute`; `quick` and `feed` take ten seconds, `long` goes on."""
    while engine.clock.now() < START + minute * MINUTE:
        engine.advance(10)
        for each in engine.system.instances.query(statuses=(Status.IN_PROGRESS,)):
            if each.name != "long":
                engine.world.end(each.instance.job_instanceid)
        engine.tick()


def end(engine: ManualEngine, name: str) -> None:
    """Let the running instance of a job end."""
    for each in engine.system.instances.query(job=name, statuses=(Status.IN_PROGRESS,)):
        engine.world.end(each.instance.job_instanceid)
    engine.tick()


@pytest.fixture
def client(store: ManualEngine) -> RealStore:
    return RealStore(store.system, ACTOR)


@asynccontextmanager
async def opened(
    client: RealStore, store: ManualEngine, options: ConsoleOptions
) -> AsyncIterator[Robot]:
    """Open the console on a real store."""
    app = SeenConsole(client, all_actions(), options, store.clock)
    app.ticks_by_itself = False
    async with app.run_test(size=(120, 40)) as pilot:
        robot = Robot(app, pilot, client, store.clock)  # type: ignore[arg-type] # not scripted
        await robot.settled()
        yield robot
        await robot.settled()


@pytest.fixture
async def robot(store: ManualEngine, client: RealStore) -> AsyncIterator[Robot]:
    async with opened(client, store, ConsoleOptions()) as robot:
        yield robot


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


async def test_another_day_is_told_with_its_date(robot: Robot, store: ManualEngine) -> None:
    store.clock.advance(2 * 86_400)
    await robot.command("at 2026-03-02 03:12")
    assert "AS OF 2026-03-02 03:12 UTC - read only" in robot.header


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
    await robot.press("L")
    assert robot.shows("tick 40")


async def test_state_data_are_those_of_the_save_in_force(robot: Robot, store: ManualEngine) -> None:
    store.system.state.set("quick", {"cursor": "first"}, ACTOR)
    to(store, 43)
    store.system.state.set("quick", {"cursor": "second"}, ACTOR)
    await robot.command("state quick")
    assert robot.shows("second")
    await robot.command("at 03:42")
    assert robot.shows("first")
    assert not robot.shows("second")
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


async def test_a_small_screen_keeps_the_banner(robot: Robot) -> None:
    await robot.command("at 03:12")
    for size in ((80, 24), (60, 15)):
        await robot.resize(*size)
        assert "AS OF 03:12 UTC - read only" in robot.header


@pytest.mark.parametrize("size", ["80x24", "120x40"])
@pytest.mark.parametrize("pane", ["jobs", "groups", "instances", "schedule"])
async def test_frames(robot: Robot, pane: str, size: str) -> None:
    await robot.resize(*SIZES[size])
    await robot.command("at 03:12")
    await robot.command(pane)
    check_frame(FRAMES / f"moment-{pane}-{size}.txt", robot.frame)


@pytest.mark.parametrize("name", THEMES.names)
async def test_the_banner_stands_out_in_every_theme(
    store: ManualEngine, client: RealStore, name: str
) -> None:
    options = ConsoleOptions(theme=THEMES.choose(name), symbols=SYMBOLS["ascii"])
    async with opened(client, store, options) as robot:
        await robot.command("at 03:12")
        assert " AS OF 03:12 UTC - read only " in robot.header
        banner = next(
            segment for segment in robot.app.frame.header.render_line(0) if "AS OF" in segment.text
        )
        brand = robot.app.frame.header.render_line(0)._segments[-1]
        assert banner.style != brand.style
