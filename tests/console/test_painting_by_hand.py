"""A console that paints rows only when it is asked (`refresh: 0`): whole, and with their age."""

import pytest
from msgspec.structs import replace

from app.options import ConsoleOptions
from app.store.changes import Changes
from app.store.events import Event, Inbox, SnapshotBegun, SnapshotDone
from app.store.model import EngineHealth
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from app.testing.rest import at_rest
from tests.console.test_store import Loop, job, pump_of


class ByHand:
    """A pump that is asked, with what it painted."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.painted: list[Changes] = []
        self.loop = Loop()
        self.pump, self.clock = pump_of(self.loop, self.inbox, self.painted)
        self.pump.frames_per_second = 0
        self.clock.pass_time(5000)

    def comes(self, *events: Event) -> None:
        """Let events come, and time pass with whatever is to be done in it."""
        self.inbox.put(events)
        self.pump.wake()
        self.rest()

    def asks(self) -> None:
        self.pump.paint_soon()
        self.rest()

    def rest(self) -> None:
        """Do what is to be done within three seconds."""
        for _ in range(3):
            self.clock.pass_time(1)
            due = [each for each in self.loop.timers if each[0] <= 1]
            self.loop.timers = [each for each in self.loop.timers if each not in due]
            for _, callback in due:
                callback()

    @property
    def jobs(self) -> set[int]:
        """The jobs that were painted since this was last asked."""
        found = {each for changes in self.painted for each in changes.jobs}
        self.painted.clear()
        return found


def test_rows_are_painted_when_that_is_asked_for() -> None:
    hand = ByHand()
    hand.comes(job(1))
    assert hand.jobs == {1}, "the first rows are shown"
    hand.comes(job(1, fails=1))
    assert hand.jobs == set()
    hand.asks()
    assert hand.jobs == {1}
    hand.comes(job(1, fails=2))
    assert hand.jobs == set(), "once for each time that it was asked"
    hand.asks()
    hand.asks()
    hand.comes(job(1, fails=3))
    assert hand.jobs == {1}, "and not again where there was nothing new"


def test_the_first_load_and_each_one_that_is_asked_for_come_whole() -> None:
    hand = ByHand()
    for version in ("1", "2"):
        rows = [job(number, version=version) for number in range(300)]
        hand.asks()
        hand.comes(SnapshotBegun(300), *rows[:100])
        hand.comes(*rows[100:200])
        hand.comes(*rows[200:], SnapshotDone())
        assert hand.jobs == set(range(300))
        hand.comes(job(1, fails=1))
        assert hand.jobs == set()


def test_what_nobody_asked_for_is_taken_in_and_waits_in_no_queue() -> None:
    hand = ByHand()
    hand.comes(SnapshotBegun(0), SnapshotDone())
    for number in range(500):
        hand.comes(job(number))
    assert hand.jobs == set()
    assert len(hand.inbox) == 0
    hand.asks()
    assert hand.jobs == set(range(500))


def test_how_the_engine_is_is_told_while_rows_wait() -> None:
    hand = ByHand()
    hand.comes(SnapshotBegun(1), job(1), SnapshotDone())
    hand.painted.clear()
    hand.comes(job(1, fails=1), EngineHealth(problem="the store is out of reach"))
    assert [changes.is_health_alone for changes in hand.painted] == [True]
    hand.asks()
    assert hand.jobs == {1}


def test_what_is_painted_at_once_leaves_nothing_behind_and_asks_for_nothing() -> None:
    hand = ByHand()
    hand.comes(SnapshotBegun(0), SnapshotDone())
    hand.comes(job(1))
    assert (hand.jobs, hand.pump.rows_waiting) == (set(), 1)
    assert hand.pump.withheld_at is not None
    hand.pump.paint_now()
    assert (hand.jobs, hand.pump.rows_waiting) == ({1}, 0)
    assert hand.pump.withheld_at is None
    hand.pump.paint_now()
    assert hand.painted == []
    hand.comes(job(2))
    assert hand.jobs == set()


async def seen_again(robot: Robot, seconds: float) -> None:
    """Let time pass in which the store is looked at."""
    robot.clock.pass_time(seconds)
    robot.app.inbox.seen_at = robot.clock.now()
    await robot.pass_time(0)


async def test_the_header_tells_the_age_of_what_is_shown(
    engine: ScriptedEngine, clock: ManualClock
) -> None:
    async with open_console(engine, clock, options=ConsoleOptions(frames_per_second=0)) as robot:
        await seen_again(robot, 60)
        assert "live" in robot.header, "nothing is newer than what is shown"
        engine.emit(replace(engine.row("price-feed"), version="2"))
        await at_rest(robot.app)
        await seen_again(robot, 20)
        assert "data 20s old" in robot.header
        await robot.press("ctrl+r")
        assert "live" in robot.header
        await seen_again(robot, 60)
        assert "live" in robot.header


PAINTED_BY_HAND = ConsoleOptions(frames_per_second=0)


async def a_job_comes(robot: Robot) -> None:
    """Let a job come that is not shown, and time pass."""
    robot.engine.add_job("added-since")
    await at_rest(robot.app)
    await seen_again(robot, 300)
    assert "data 300s old" in robot.header
    assert not robot.shows("added-since")


@pytest.mark.parametrize(
    "keys",
    [("2", "1"), ("/", "a", "enter"), (">",), ("=",), ("f", "f")],
    ids=["another pane", "a filter", "another order", "the order turned", "frozen, and not"],
)
async def test_a_table_that_was_built_anew_is_of_now(
    engine: ScriptedEngine, clock: ManualClock, keys: tuple[str, ...]
) -> None:
    async with open_console(engine, clock, options=PAINTED_BY_HAND) as robot:
        await a_job_comes(robot)
        await robot.press(*keys)
        assert robot.shows("added-since")
        assert "live" in robot.header
        robot.engine.change("price-feed", version="2")
        await at_rest(robot.app)
        await seen_again(robot, 20)
        assert "data 20s old" in robot.header, "nobody asked for what came since"


async def test_what_is_wrong_is_told_over_rows_of_now(
    engine: ScriptedEngine, clock: ManualClock
) -> None:
    async with open_console(engine, clock, options=PAINTED_BY_HAND) as robot:
        await a_job_comes(robot)
        health = robot.app.live_store.health
        robot.engine.emit(replace(health, seen_at=clock.now(), problem="something is wrong"))
        await at_rest(robot.app)
        assert robot.shows("added-since")
        assert "live" in robot.header


async def test_a_frozen_table_that_is_built_anew_is_as_old_as_before(
    engine: ScriptedEngine, clock: ManualClock
) -> None:
    async with open_console(engine, clock, options=PAINTED_BY_HAND) as robot:
        await robot.press("f")
        await a_job_comes(robot)
        await robot.press("2", "1")
        assert not robot.shows("added-since")
        assert "data 300s old" in robot.header


async def test_a_view_that_is_frozen_before_rows_were_painted_is_of_now(
    engine: ScriptedEngine, clock: ManualClock
) -> None:
    async with open_console(engine, clock, size=(120, 40), options=PAINTED_BY_HAND) as robot:
        await a_job_comes(robot)
        await robot.press("f")
        assert robot.shows("added-since")
        assert "live" in robot.header
        assert "FROZEN 0s, 0 changes" in robot.header
        await robot.command("set refresh=10")
        assert "FROZEN 0s, 0 changes" in robot.header


async def test_what_came_since_a_view_was_frozen_is_counted_though_nobody_asks_for_it(
    engine: ScriptedEngine, clock: ManualClock
) -> None:
    async with open_console(engine, clock, size=(120, 40), options=PAINTED_BY_HAND) as robot:
        await robot.press("f")
        for name in ("price-feed", "ledger-close", "dunning-mail"):
            robot.engine.change(name, version="2")
            await robot.settled()
        await seen_again(robot, 1)
        assert "FROZEN 1s, 3 changes" in robot.header
        await robot.command("set refresh=10")
        assert "FROZEN 1s, 3 changes" in robot.header


async def test_what_came_before_a_moment_of_the_past_was_gone_to_is_no_change_since(
    engine: ScriptedEngine, clock: ManualClock
) -> None:
    async with open_console(engine, clock, size=(120, 40), options=PAINTED_BY_HAND) as robot:
        await a_job_comes(robot)
        await robot.command("at 12:29")
        assert "AS OF" in robot.header
        assert "since" not in robot.header
        robot.engine.change("price-feed", version="2")
        await seen_again(robot, 1)
        await seen_again(robot, 4)
        assert "1 change since" in robot.header
        await robot.press("L")
