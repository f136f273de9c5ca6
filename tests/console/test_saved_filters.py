"""Filters by name: those of the settings, and those that were saved here, from start to start."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TypeVar

import pytest

from app.client.desk import Desk
from app.client.store_client import StoreClient
from app.memory import Memory
from app.options import ConsoleOptions
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from app.view_state import FILE
from engine.config import Settings

T = TypeVar("T")


async def _names(
    engine: ScriptedEngine, clock: ManualClock, home: Path, filters: dict[str, str], save: str = ""
) -> dict[str, str]:
    """Open the console once, save the filter `save` as it says, and return those that are there."""
    options = ConsoleOptions(memory_folder=home, filters=filters)
    async with open_console(engine, clock, options=options) as robot:
        if save:
            name, text = save.split("=")
            await robot.command(f"jobs {text}")
            await robot.command(f"save {name}")
        return dict(robot.app.saved_filters)


async def type_filter(robot: Robot, text: str) -> None:
    await robot.press("/")
    await robot.type(text)
    await robot.press("enter")


async def test_a_filter_of_the_settings_that_was_changed_or_removed_is_so_at_the_next_start(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    await _names(engine, clock, tmp_path, {"mine": "group:mail", "old": "fails:0"})
    found = await _names(engine, clock, tmp_path, {"mine": "group:billing"})
    assert found == {"mine": "group:billing"}


async def test_a_filter_that_was_saved_here_is_there_at_each_next_start(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    await _names(engine, clock, tmp_path, {"mine": "group:mail"}, save="kept=status:failed")
    for _ in range(2):
        found = await _names(engine, clock, tmp_path, {})
        assert found == {"kept": "status:failed"}


async def test_one_that_was_saved_here_wins_over_one_of_the_settings(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    settings = {"mine": "group:mail"}
    await _names(engine, clock, tmp_path, settings, save="mine=status:failed")
    assert await _names(engine, clock, tmp_path, settings) == {"mine": "status:failed"}


async def test_a_filter_is_on_disk_as_soon_as_it_is_said_to_be_kept(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    async with open_console(engine, clock, options=ConsoleOptions(memory_folder=tmp_path)) as robot:
        await robot.command("jobs status:failed")
        await robot.command("save mine")
        assert robot.status == "kept as mine: status:failed"
        assert Memory(tmp_path).filters() == {"mine": "status:failed"}


async def test_a_filter_that_cannot_be_written_says_so_and_can_be_used(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with open_console(engine, clock, options=options) as robot:
        (tmp_path / FILE).mkdir()
        await robot.command("jobs status:failed")
        await robot.command("save mine")
        assert robot.status.startswith("mine is there until you leave: the view was not saved: ")
        await robot.press("escape")
        await robot.command("use mine")
        assert robot.shows("/status:failed")


async def test_a_filter_whose_write_did_not_get_its_turn_is_kept_when_the_console_is_left(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    engine.holds_answers = True
    await _names(engine, clock, tmp_path, {}, save="mine=status:failed")
    assert Memory(tmp_path).filters() == {"mine": "status:failed"}


async def test_a_filter_that_waits_for_a_store_out_of_reach_says_so_and_is_kept(
    engine: ScriptedEngine,
    clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "tocsin.db").write_text("garbage")
    client = StoreClient(Settings(tmp_path, f"sqlite:///{tmp_path / 'tocsin.db'}"), may_host=False)
    options = ConsoleOptions(memory_folder=tmp_path)

    def ask(question: Callable[[Desk], T], *, is_order: bool = False) -> "Future[T]":
        answer = client.ask(question, is_order=is_order)
        wait([answer])
        return answer

    client.begin()
    monkeypatch.setattr(engine, "ask", ask)
    async with open_console(engine, clock, options=options) as robot:
        await robot.command("jobs status:failed")
        await robot.command("save mine")
        assert robot.status.startswith("mine is kept when you leave: ")
    client.close()
    assert Memory(tmp_path).filters() == {"mine": "status:failed"}


async def test_what_two_consoles_of_one_home_keep_is_all_there_at_the_next_start(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with open_console(engine, clock, options=options) as second:
        await type_filter(second, "group:mail")
        await second.command("save theirs")
        async with open_console(ScriptedEngine(clock), clock, options=options) as first:
            await first.press("3")
            await type_filter(first, "status:failed")
            await first.command("save mine")
    kept = Memory(tmp_path)
    assert kept.filters() == {"theirs": "group:mail", "mine": "status:failed"}
    assert kept.strings("console", "filters") == ["status:failed", "group:mail"]
    assert kept.views["instances"]["filter"] == "status:failed", "the other was never there"


async def test_a_filter_that_another_console_saved_later_stays(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with open_console(engine, clock, options=options) as first:
        await type_filter(first, "group:mail")
        await first.command("save mine")
        async with open_console(ScriptedEngine(clock), clock, options=options) as second:
            await type_filter(second, "status:failed")
            await second.command("save mine")
    assert Memory(tmp_path).filters() == {"mine": "status:failed"}
