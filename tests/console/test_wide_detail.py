"""The wide detail tells state data and the next three due instants of the job at the cursor."""

import pytest

from app.client.views import DueView, SavedState, StateView
from app.testing.desk import ScriptedDesk
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot
from engine.errors import NotFoundError, StoreError, TocsinError
from tests.console.away import AwayDesk
from tests.console.conftest import Opened


def save(engine: ScriptedEngine, name: str, **data: object) -> None:
    engine.states.setdefault(name, []).append(SavedState(engine.clock.now(), data, 1))


def detail(robot: Robot) -> str:
    return "\n".join(line[143:] for line in robot.lines[3:36])


async def on_sync(robot: Robot) -> None:
    await robot.command("job invoice-sync-eu")


async def test_state_data_and_the_next_three_instants_are_told(
    console: Opened, engine: ScriptedEngine
) -> None:
    pages = {str(number): number for number in range(12)}
    save(engine, "invoice-sync-eu", cursor="2026-01-05", token="s3cret", retries=0, pages=pages)
    async with console(size=(200, 50)) as robot:
        await on_sync(robot)
        told = detail(robot)
        assert "next      2026-01-05 12:32:05 UTC" in told
        assert "then      12:37:05  12:42:05" in told
        assert "STATE (4 keys)" in told
        assert "  cursor   2026-01-05" in told
        assert "  token    ********" in told
        assert "▸ pages    {12 keys}" in told
        assert told.index("STATE") < told.index("LAST ERROR")
        await robot.command("job ledger-close")
        assert "STATE" not in detail(robot)
        assert "LAST ERROR" in detail(robot)


async def test_hostile_and_long_state_data_stay_in_their_column(
    console: Opened, engine: ScriptedEngine
) -> None:
    many = {f"key-{number}": number for number in range(40)}
    save(engine, "invoice-sync-eu", **{"\x1b[31m" + "k" * 90: "v\n\x1b]0;x\x07" * 90}, **many)
    async with console(size=(200, 50)) as robot:
        await on_sync(robot)
        told = detail(robot)
        assert "␛[31mkkkkkkkkkkkkkk…  v␊␛]0;x␇" in told
        assert "more: s" in told
        assert "TimeoutError" in told or "LAST ERROR" in told, "the error keeps its place"


async def test_nothing_is_asked_while_nothing_changes(
    console: Opened, engine: ScriptedEngine, clock: ManualClock
) -> None:
    save(engine, "invoice-sync-eu", cursor=1)
    async with console(size=(200, 50)) as robot:
        await on_sync(robot)
        save(engine, "invoice-sync-eu", cursor=2)
        for _ in range(5):
            await robot.pass_time(30)
        assert "cursor  1" in detail(robot), "no change of the job was told: nothing was asked"
        key = engine.begin("invoice-sync-eu")
        await robot.settled()
        assert "cursor  2" in detail(robot)
        save(engine, "invoice-sync-eu", cursor=3)
        await robot.pass_time(6)
        assert "cursor  3" in detail(robot), "a run may save at any time"
        engine.states["invoice-sync-eu"].append(SavedState(clock.now(), None, key))
        engine.end(key)
        await robot.settled()
        assert "STATE" not in detail(robot)


async def test_what_comes_late_is_not_told_of_another_job(
    console: Opened, engine: ScriptedEngine
) -> None:
    save(engine, "invoice-sync-eu", cursor=1)
    async with console(size=(200, 50)) as robot:
        engine.holds_answers = True
        await on_sync(robot)
        await robot.command("job ledger-close")
        engine.let_answer()
        await robot.settled()
        assert "STATE" not in detail(robot)


async def test_a_moment_of_the_past_tells_the_state_data_of_then(
    console: Opened, engine: ScriptedEngine, clock: ManualClock
) -> None:
    save(engine, "invoice-sync-eu", cursor="then")
    clock.pass_time(600)
    save(engine, "invoice-sync-eu", cursor="now")
    async with console(size=(200, 50)) as robot:
        await on_sync(robot)
        assert "cursor  now" in detail(robot)
        await robot.command("at 5m")
        await on_sync(robot)
        assert "cursor  then" in detail(robot)
        await robot.command("live")
        assert "cursor  now" in detail(robot)


@pytest.mark.parametrize("is_frozen", [False, True])
async def test_what_could_not_be_read_is_asked_for_again(
    console: Opened, engine: ScriptedEngine, is_frozen: bool
) -> None:
    save(engine, "invoice-sync-eu", cursor=1)
    async with console(size=(200, 50)) as robot:
        desk = AwayDesk.before(engine)
        desk.is_away = True
        if is_frozen:
            await robot.press("f")
        await on_sync(robot)
        assert "STATE" not in detail(robot)
        desk.is_away = False
        await robot.pass_time(5)
        assert "cursor  1" in detail(robot)
        asked = desk.asked
        await robot.pass_time(60)
        assert desk.asked == asked


class HalfAwayDesk(ScriptedDesk):
    """A desk that can read state data, but not what is due."""

    def __init__(self, engine: ScriptedEngine, error: TocsinError) -> None:
        super().__init__(engine)
        self.asked = 0
        self._error = error

    def next_dues(self, name: str, count: int) -> list[DueView]:
        self.asked += 1
        raise self._error

    def state(self, name: str) -> StateView:
        raise self._error


AWAY, GONE = StoreError("the store is locked"), NotFoundError("job", "invoice-sync-eu", [])


@pytest.mark.parametrize(
    ("is_frozen", "error", "times"), [(False, AWAY, 4), (True, AWAY, 4), (True, GONE, 0)]
)
async def test_what_cannot_be_read_is_asked_for_every_few_seconds_unless_the_job_is_gone(
    console: Opened, engine: ScriptedEngine, is_frozen: bool, error: TocsinError, times: int
) -> None:
    whole, desk = engine.desk, HalfAwayDesk(engine, error)
    async with console(size=(200, 50)) as robot:
        if is_frozen:
            await robot.press("f")
        engine.desk = desk
        await on_sync(robot)
        assert "then   " not in detail(robot)
        asked = desk.asked
        for _ in range(20):
            await robot.pass_time(1)
        assert desk.asked == asked + times
        engine.desk = whole
        await robot.pass_time(5)
        assert ("then   " in detail(robot)) is (error is AWAY)
