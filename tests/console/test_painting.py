"""What was painted is what an operator sees: nothing stays on the screen that has gone."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.events import Resize

from app.panes.jobs import JobsPane
from app.panes.table_pane import TablePane
from app.presentation.pieces import Piece
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from app.testing.painted import ONE_CELL, Painted
from engine.clock import SECOND


async def test_the_words_of_an_empty_table_go_when_the_first_job_comes(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        assert robot.shows("tocsin load my-job.yaml")
        engine.add_job("price-feed", 30)
        engine.emit(engine.row("price-feed"))
        await robot.settled()
        assert robot.shows("price-feed")
        assert not robot.shows("tocsin load my-job.yaml")


async def test_the_words_of_an_empty_table_come_when_the_last_job_goes(clock: ManualClock) -> None:
    engine = ScriptedEngine(clock)
    engine.add_job("price-feed", 30)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        engine.drop_job("price-feed")
        await robot.settled()
        assert not robot.shows("price-feed")
        assert robot.shows("tocsin load my-job.yaml")


async def test_a_place_that_nobody_repainted_is_found_at_the_end(clock: ManualClock) -> None:
    with pytest.raises(AssertionError, match="not yet"):
        async with open_console(ScriptedEngine(clock), clock) as robot:
            robot.app.painted.write(0, 12, "left over")


def test_what_is_painted_as_one_cell_each_is_one_cell_wide() -> None:
    fast = [char for char in map(chr, range(0x110000)) if ONE_CELL.fullmatch(char)]
    assert {"a", "│", "▸", "✓", "…"} < set(fast)
    assert [char for char in fast if cell_len(char) != 1] == []


def test_wide_signs_take_two_cells_and_marks_none() -> None:
    painted = Painted()
    painted.resize(8, 1)
    painted.write(0, 0, "│e\u0301日本x│")
    assert painted.lines == ["│e\u0301日本x│"]
    painted.write(4, 0, "││││││")
    assert painted.lines == ["│e\u0301日││││"]


async def test_the_line_that_was_gone_to_before_is_set_off_no_more(robot: Robot) -> None:
    await robot.command("theme night")
    lines = [f"2026-01-05T12:0{number}:00.000000Z ERROR JI 1: no {number}" for number in range(4)]
    robot.engine.logs["card-expiry-scan"] = ("\n".join(lines) + "\n").encode()
    await robot.press("o")
    for key in ("{", "{", "}", "}"):
        before = robot.app.painted.looks
        await robot.press(key)
        assert robot.app.painted.looks == robot.app.painted_anew().looks != before


async def test_the_age_of_a_run_goes_on_in_the_table(robot: Robot) -> None:
    robot.engine.begin("card-expiry-scan")
    await robot.settled()
    await robot.pass_time(1)
    assert "◐ 1s" in robot.line_with("card-expiry-scan")
    await robot.pass_time(60)
    assert "◐ 1m" in robot.line_with("card-expiry-scan")
    await robot.pass_time(58)
    assert "◐ 1m" in robot.line_with("card-expiry-scan")
    await robot.pass_time(1)
    assert "◐ 2m" in robot.line_with("card-expiry-scan")


async def test_a_cell_is_looked_at_again_when_its_row_was_told_anew(robot: Robot) -> None:
    clock, engine = robot.clock, robot.engine
    name = "card-expiry-scan"
    engine.emit(replace(engine.row(name), next_at=clock.now() + 179 * SECOND))
    await robot.settled()
    await robot.pass_time(1)
    assert "in 2m" in robot.line_with(name)
    engine.emit(replace(engine.row(name), next_at=clock.now() + 121 * SECOND))
    await robot.settled()
    await robot.pass_time(2)
    assert "in 1m" in robot.line_with(name)


async def test_seconds_in_which_nothing_changes_paint_nothing(robot: Robot) -> None:
    await robot.pass_time(1)
    before = robot.app.painted.updates
    for _ in range(20):
        robot.app.inbox.seen_at = robot.clock.now()
        await robot.pass_time(1)
    assert robot.app.painted.updates == before


@pytest.mark.parametrize("pane", ["2", "4", "5", "6", "7"])
async def test_no_pane_paints_while_nothing_changes(robot: Robot, pane: str) -> None:
    await robot.resize(120, 40)
    await robot.press(pane)
    await robot.pass_time(1)
    before = robot.app.painted.updates
    for _ in range(5):
        robot.app.inbox.seen_at = robot.clock.now()
        await robot.pass_time(1)
    assert robot.app.painted.updates == before


async def test_a_row_that_changes_after_the_size_did_is_painted(robot: Robot) -> None:
    pane = robot.app.pane_named("jobs")
    assert isinstance(pane, JobsPane)
    grid = pane.grid
    grid.post_message(Resize(grid.size, grid.size))  # it may come after the frame it tells of
    await robot.settled()
    robot.engine.begin("card-expiry-scan")
    await robot.settled()
    assert "◐ 0s" in robot.line_with("card-expiry-scan")


async def asked_why(robot: Robot) -> list[bool]:
    """Return what grows each time that it is looked for why the table in sight is empty."""
    pane = robot.app.panes.current
    assert isinstance(pane, TablePane)
    asked: list[bool] = []
    words = pane.grid.empty_words.ask

    def counted() -> Sequence[Sequence[Piece]]:
        asked.append(True)
        return words()

    pane.grid.empty_words.ask = counted
    await robot.pass_time(1)
    asked.clear()
    return asked


async def test_why_a_table_is_empty_is_looked_for_once_a_paint(robot: Robot) -> None:
    await robot.press("/", *"zzzz", "enter")
    asked = await asked_why(robot)
    robot.app.redraw()
    await robot.settled()
    assert asked == [True]
    assert robot.shows("Nothing matches")


async def test_why_a_table_is_empty_is_told_of_the_rows_by_now(robot: Robot) -> None:
    await robot.press("/")
    await robot.type("name:late status:failing")
    await robot.press("enter")
    assert robot.line_with("lets nothing through").split()[0] == "name:late"
    robot.engine.add_job("late-comer")
    await robot.settled()
    assert robot.line_with("leaves nothing of the rest").split()[0] == "status:failing"


@pytest.mark.parametrize("rows", [1, 300], ids=["one by one", "many at once"])
async def test_rows_that_a_filter_keeps_out_repaint_nothing_while_the_reason_is_the_same(
    robot: Robot, rows: int
) -> None:
    engine = robot.engine
    for number in range(rows):
        engine.add_job(f"kept-out-{number}", next_in=7200 + number)
    await robot.press("/", *"name:zzzz", "enter")
    asked = await asked_why(robot)
    painted = robot.app.painted.updates
    for turn in range(10):
        for number in range(rows):
            engine.change(f"kept-out-{number}", version=str(turn))
        await robot.settled()
    await robot.pass_time(1)
    assert robot.app.painted.updates == painted
    assert 1 <= len(asked) <= 2, "not with each batch"


async def test_another_reason_is_told_within_a_second_however_fast_rows_come(robot: Robot) -> None:
    await robot.press("/", *"name:late status:failing", "enter")
    await asked_why(robot)
    for name in ("early", "late-comer"):
        robot.engine.add_job(name)
        await robot.settled()
    assert robot.line_with("lets nothing through").split()[0] == "name:late"
    await robot.pass_time(1)
    assert robot.line_with("leaves nothing of the rest").split()[0] == "status:failing"


async def test_a_console_without_jobs_paints_nothing_while_the_engine_lives(
    clock: ManualClock,
) -> None:
    engine = ScriptedEngine(clock)
    async with open_console(engine, clock, size=(120, 40)) as robot:
        await robot.pass_time(1)
        painted = robot.app.painted.updates
        for _ in range(5):
            clock.pass_time(1)
            engine.emit(engine.health())
            await robot.settled()
            await robot.pass_time(0)
        assert robot.app.painted.updates == painted
