"""Columns that were chosen stay so, whatever the layout leaves out."""

import json
import re
from pathlib import Path

import pytest

from app.options import ConsoleOptions
from app.testing.harness import Robot
from tests.console.conftest import Opened

MANUAL = Path(__file__).parents[2] / "docs" / "console.md"
LOW = (200, 24)  # few lines: the layout of the groups leaves out what is held, and descriptions


async def turn(robot: Robot, title: str) -> None:
    await robot.press("c")
    await robot.type(title)
    await robot.press("enter", "escape")


async def test_a_column_that_was_hidden_stays_hidden_in_another_pane_and_size(
    console: Opened,
) -> None:
    async with console(size=(180, 40)) as robot:
        await robot.press("2")
        assert robot.shows("DESCRIPTION")
        await turn(robot, "description")
        assert not robot.shows("DESCRIPTION")
        await robot.press("1", "2")
        assert not robot.shows("DESCRIPTION")
        await robot.resize(200, 50)
        assert not robot.shows("DESCRIPTION")


async def test_a_column_that_the_layout_leaves_out_is_shown_where_it_was_chosen(
    console: Opened,
) -> None:
    async with console(size=LOW) as robot:
        await robot.press("2")
        assert not robot.shows("DESCRIPTION")
        await turn(robot, "description")
        assert robot.shows("DESCRIPTION")
        await robot.press("1", "2")
        assert robot.shows("DESCRIPTION")


async def test_columns_that_were_named_are_shown_in_every_layout(console: Opened) -> None:
    async with console(size=LOW) as robot:
        await robot.press("2")
        await robot.command("cols jobs,held")
        for size in (LOW, (200, 50)):
            await robot.resize(*size)
            titles = robot.line_with("GROUP").split("SCHEDULE")[0]
            assert "JOBS" in titles
            assert "HELD" in titles
            assert "ERR" not in titles


async def test_what_was_shown_and_hidden_again_is_left_to_the_layout(console: Opened) -> None:
    async with console(size=LOW) as robot:
        await robot.press("2")
        await turn(robot, "description")
        await turn(robot, "description")
        assert not robot.shows("DESCRIPTION")
        await robot.resize(200, 50)
        assert robot.shows("DESCRIPTION")


async def test_the_columns_of_each_pane_are_remembered_and_not_what_a_layout_left_out(
    console: Opened, tmp_path: Path
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with console(size=LOW, options=options) as robot:
        await robot.press("2")
        await turn(robot, "err")
        await robot.press("1")
        await turn(robot, "schedule")
    async with console(size=(200, 50), options=options) as robot:
        assert not robot.line_with(" EN ").count("SCHEDULE")
        await robot.press("2")
        titles = robot.line_with("GROUP ").split("SCHEDULE")[0]
        assert " ERR" not in titles
        assert "DESCRIPTION" in titles


async def test_columns_that_were_chosen_go_along_to_a_moment_of_the_past(
    console: Opened,
) -> None:
    async with console(size=(180, 40)) as robot:
        await robot.press("2")
        await turn(robot, "description")
        await robot.command("at 1m")
        assert robot.shows("AS OF")
        assert not robot.shows("DESCRIPTION")


@pytest.mark.parametrize("columns", ["run", ["run"], {"run": 0}])
async def test_columns_that_were_kept_wrongly_are_ignored(
    console: Opened, tmp_path: Path, columns: object
) -> None:
    text = json.dumps({"version": 1, "views": {"jobs": {"columns": columns}}})
    (tmp_path / "console-state.json").write_text(text, encoding="utf-8")
    async with console(options=ConsoleOptions(memory_folder=tmp_path)) as robot:
        assert robot.shows("SCHEDULE")
        assert robot.status == ""


async def test_columns_that_an_earlier_console_hid_stay_hidden(
    console: Opened, tmp_path: Path
) -> None:
    views = {"jobs": {"hidden": ["schedule", 7, "gone"]}, "groups": {"hidden": ["description"]}}
    path = tmp_path / "console-state.json"
    path.write_text(json.dumps({"version": 1, "views": views}), encoding="utf-8")
    for _ in range(2):  # the second time from what the first one kept
        async with console(size=(180, 40), options=ConsoleOptions(memory_folder=tmp_path)) as robot:
            assert not robot.shows("SCHEDULE")
            await robot.press("2")
            assert robot.shows("DESCRIPTION")  # the layout of a small screen had left it out
            await robot.press("1")


async def test_the_columns_that_the_manual_names_are_there(robot: Robot) -> None:
    examples = re.findall(r"`:((?:cols|sort) [^`]+)`", MANUAL.read_text(encoding="utf-8"))
    assert len(examples) == 3
    for example in examples:
        await robot.press("3" if example == "sort live" else "1")
        await robot.command(example)
        assert "column" not in robot.status, example
