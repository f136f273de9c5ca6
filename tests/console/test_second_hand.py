"""The second hand: it rests while nothing in sight tells time, and not a moment longer."""

import os
from pathlib import Path

import pytest

from app.options import ConsoleOptions
from app.second_hand import LONGEST_REST
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from app.theming.library import ThemeLibrary

_NEWS_SECONDS = 15  # a message is told no longer than that


async def calm(robot: Robot, seconds: int = _NEWS_SECONDS) -> float:
    """Let time pass while the engine lives; return for how long the hand would rest then."""
    for _ in range(seconds):
        robot.engine.emit(robot.engine.health())
        await robot.settled()
        await robot.pass_time(1)
    return robot.app.second_hand.rest_seconds()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_nothing_in_sight_tells_time_on_idle_jobs(
    clock: ManualClock, size: tuple[int, int]
) -> None:
    engine = ScriptedEngine(clock)
    for number in range(3):
        engine.add_job(f"idle-{number}", 86_400)
    async with open_console(engine, clock, size=size) as robot:
        assert await calm(robot) == LONGEST_REST


async def test_it_rests_no_longer_than_until_the_minute_of_the_header(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("idle", 86_400)
    async with open_console(engine, clock) as robot:
        await calm(robot)
        clock.pass_time(58 - clock.now() // 1_000_000 % 60)
        engine.emit(engine.health())
        await robot.settled()
        await robot.pass_time(0)
        assert robot.app.second_hand.rest_seconds() == 2.0


async def test_it_beats_each_second_while_something_runs(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("nightly", 86_400)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        engine.begin("nightly")
        await robot.settled()
        assert await calm(robot) == 1.0


async def test_the_output_of_a_run_is_looked_for_each_second_however_old_the_run_is(
    clock: ManualClock,
) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("nightly", next_in=10 * 86_400)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        engine.begin("nightly")
        await robot.settled()
        await robot.pass_time(86_400 + 3 * 3600 + 100)  # "1d" stays "1d" for hours
        assert await calm(robot) == 1.0


async def test_it_beats_each_second_while_a_question_waits_for_its_answer(
    clock: ManualClock,
) -> None:
    engine = ScriptedEngine(clock)
    for name in ("hourly", "nightly"):
        engine.add_job(name, next_in=86_400)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        await robot.press("space", "space")
        assert await calm(robot, 62) == LONGEST_REST
        await robot.press("d")
        assert robot.app.router.question is not None
        assert not robot.app.frame.status.message
        assert robot.app.second_hand.rest_seconds() == 1.0


async def test_it_beats_each_second_until_an_undo_is_over(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("nightly", next_in=86_400)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        await robot.press("d")
        await robot.command("nonsense")  # an error stays, and tells no time
        assert robot.app.undo_journal.text
        assert await calm(robot, 2) == 1.0
        assert await calm(robot, 10) == LONGEST_REST


async def test_a_key_a_message_and_news_end_a_rest_within_a_second(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("nightly", next_in=86_400)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        hand = robot.app.second_hand

        async def rest() -> None:
            await calm(robot, 62)
            hand.stop()
            hand.start(lambda: None)
            assert 2.0 < hand.next_in <= LONGEST_REST

        await rest()
        await robot.press("tab")
        assert hand.next_in <= 1.0
        await rest()
        robot.app.say("news")
        assert hand.next_in <= 1.0
        await rest()
        engine.begin("nightly")
        await robot.settled()
        assert hand.next_in <= 1.0
        hand.stop()


async def test_it_beats_each_second_while_no_engine_is_alive(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("nightly", 86_400)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        assert await calm(robot) == LONGEST_REST
        engine.lose()
        await robot.settled()
        assert robot.app.second_hand.rest_seconds() == 1.0


async def test_it_beats_each_second_once_the_data_grow_old(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("nightly", 86_400)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        assert await calm(robot) == LONGEST_REST
        await robot.pass_time(4)
        assert "s old" in robot.header
        assert robot.app.second_hand.rest_seconds() == 1.0


async def test_it_rests_once_the_themes_were_read_and_beats_while_one_is_worked_on(
    clock: ManualClock, tmp_path: Path
) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("nightly", next_in=86_400)
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: mine\n")
    options = ConsoleOptions(library=ThemeLibrary([tmp_path]))
    async with open_console(engine, clock, size=(120, 40), options=options) as robot:
        assert await calm(robot) == LONGEST_REST
        mine.write_text("name: mine\ndescription: saved anew\n")
        os.utime(mine, ns=(1, 1))  # whatever the clock of the disk says
        assert await calm(robot, 1) == 1.0
        assert await calm(robot, 59) == 1.0
        assert await calm(robot, 1) == LONGEST_REST


async def test_a_job_that_is_due_in_hours_or_days_is_looked_at_no_more_often(
    clock: ManualClock,
) -> None:
    engine = ScriptedEngine(clock)
    for second in range(60):  # so that some minute begins with each second
        engine.add_job(f"daily-{second:02}", next_in=86_400 + 1800 + second)
    async with open_console(engine, clock, size=(200, 50)) as robot:
        assert await calm(robot) == LONGEST_REST


async def test_a_job_that_is_due_soon_is_counted_down_by_the_second(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("soon", next_in=50)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        assert await calm(robot) == 1.0
