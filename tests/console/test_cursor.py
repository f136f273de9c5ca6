"""The cursor of a table: when its row leaves it goes to the next, and stays on that one."""

from pathlib import Path

import pytest

from app.options import ConsoleOptions
from app.store.model import JobRow
from app.store.view import Order, TableView
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from app.view_state import save_view_state
from engine.domain.instance import Status

GOOD, BAD = Status.COMPLETE, Status.ERROR


def view_of(*jobids: int, reverse: bool = False) -> TableView[int, JobRow]:
    rows = {jobid: row(jobid) for jobid in jobids}
    by_name: Order[JobRow] = Order("name", lambda job: job.name, reverse, changes_often=False)
    view = TableView(rows, lambda job: job.name, by_name)
    view.rebuild()
    return view


def row(jobid: int, name: str = "") -> JobRow:
    return JobRow(jobid, name or f"job-{jobid}", "every 60s")


def take_in(
    view: TableView[int, JobRow], *, come: tuple[int, ...] = (), go: tuple[int, ...] = ()
) -> None:
    """Have rows come and go in one batch."""
    assert isinstance(view.rows, dict)
    view.rows.update((jobid, row(jobid)) for jobid in come)
    for jobid in go:
        del view.rows[jobid]
    view.apply(come, go)


async def runs(robot: Robot, name: str, status: Status) -> None:
    """Have a job run, and end so."""
    robot.engine.end(robot.engine.begin(name), status)
    await robot.settled()


def under_the_cursor(robot: Robot) -> str:
    return robot.line_with("▸").split()[1]


@pytest.fixture
async def failing(robot: Robot) -> Robot:
    """Failing jobs in sight, the cursor on the second of three."""
    for name in ("aaa", "bbb", "ccc", "ddd"):
        robot.engine.add_job(name)
    for name in ("bbb", "ccc", "ddd"):
        await runs(robot, name, BAD)
    await robot.command("jobs status:failed")
    await robot.press("g", "j")
    assert under_the_cursor(robot) == "ccc"
    return robot


# -- on the screen --------------------------------------------------------------------------------


async def test_an_order_means_the_row_that_the_cursor_went_to_whatever_comes_above(
    failing: Robot,
) -> None:
    await runs(failing, "ccc", GOOD)
    assert under_the_cursor(failing) == "ddd"
    await runs(failing, "aaa", BAD)
    assert under_the_cursor(failing) == "ddd"
    await failing.press("r")
    assert failing.engine.asked == ["run ddd"]


async def test_the_cursor_does_not_jump_back_when_its_old_row_comes_again(failing: Robot) -> None:
    await runs(failing, "ccc", GOOD)
    await runs(failing, "ccc", BAD)
    assert under_the_cursor(failing) == "ddd"


async def test_the_cursor_stays_where_it_went_when_its_job_was_deleted(failing: Robot) -> None:
    failing.engine.drop_job("ccc")
    await failing.settled()
    await runs(failing, "aaa", BAD)
    assert under_the_cursor(failing) == "ddd"


async def test_the_cursor_does_not_jump_back_after_its_row_left_while_another_pane_was_in_sight(
    failing: Robot,
) -> None:
    await failing.press("3")
    await runs(failing, "ccc", GOOD)
    await failing.press("1")
    assert under_the_cursor(failing) == "ddd"
    await runs(failing, "ccc", BAD)
    await runs(failing, "aaa", BAD)
    assert under_the_cursor(failing) == "ddd"


async def test_the_cursor_stays_on_the_first_row_that_comes_into_an_empty_filter(
    failing: Robot,
) -> None:
    await failing.command("jobs status:failed name:ccc")
    await runs(failing, "ccc", GOOD)
    await failing.command("jobs status:failed name:aaa,ccc")
    await runs(failing, "aaa", BAD)
    assert under_the_cursor(failing) == "aaa"
    await runs(failing, "ccc", BAD)
    assert under_the_cursor(failing) == "aaa"


async def test_the_cursor_stays_on_what_a_command_showed_of_a_filter(robot: Robot) -> None:
    await robot.press("g")
    first = under_the_cursor(robot)
    await robot.command("jobs status:failed")
    shown = under_the_cursor(robot)
    assert shown != first
    await runs(robot, first, BAD)
    assert under_the_cursor(robot) == shown
    await robot.press("escape")
    assert under_the_cursor(robot) == shown


async def test_the_cursor_returns_to_its_row_while_a_filter_is_typed(failing: Robot) -> None:
    await failing.press("/")
    await failing.type("ddd")
    assert under_the_cursor(failing) == "ddd"
    await failing.press("backspace", "backspace", "backspace")
    assert under_the_cursor(failing) == "ccc"
    await failing.type("bbb")
    await runs(failing, "aaa", BAD)
    await failing.press("escape")
    assert under_the_cursor(failing) == "ccc"


async def test_the_cursor_stays_on_what_a_typed_filter_showed_once_it_was_entered(
    failing: Robot,
) -> None:
    await failing.press("/")
    await failing.type("ddd")
    await failing.press("enter", "escape")
    assert under_the_cursor(failing) == "ddd"


@pytest.mark.parametrize("is_shown", [True, False])
async def test_the_cursor_waits_for_the_row_that_it_was_left_on_until_all_were_read(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path, is_shown: bool
) -> None:
    left_on = "price-feed" if is_shown else "invoice-archive"
    place = {"cursor": engine.job(left_on).jobid, "filter": "status:never,disabled"}
    save_view_state(tmp_path, {"jobs": place})
    engine.reads_slowly = True
    options = ConsoleOptions(memory_folder=tmp_path)
    async with open_console(engine, clock, options=options) as robot:
        engine.emit(engine.row("card-expiry-scan"))
        await robot.settled()
        assert under_the_cursor(robot) == "card-expiry-scan"
        engine.resync()
        await robot.settled()
        assert under_the_cursor(robot) == (left_on if is_shown else "card-expiry-scan")
        engine.change("invoice-archive", enabled=False)
        await robot.settled()
        assert robot.shows("invoice-archive")
        assert under_the_cursor(robot) == (left_on if is_shown else "card-expiry-scan")


# -- the view -------------------------------------------------------------------------------------


@pytest.mark.parametrize("reverse", [False, True])
def test_the_row_below_takes_the_place_whatever_else_the_batch_brings(reverse: bool) -> None:
    view = view_of(2, 4, 6, 8, reverse=reverse)
    view.move_to(view.keys.index(4))
    take_in(view, come=(1, 3, 5, 7, 9), go=(4,))
    assert view.current_key == (2 if reverse else 6)


def test_the_last_row_gives_its_place_to_the_one_above() -> None:
    view = view_of(1, 2, 3)
    view.move_to(2)
    take_in(view, go=(3,))
    take_in(view, come=(4,))
    assert view.current_key == 2


def test_a_cursor_that_was_sent_on_twice_stays_on_the_third_row() -> None:
    view = view_of(1, 2, 3, 4)
    view.move_to(1)
    take_in(view, go=(2,))
    take_in(view, go=(3,))
    take_in(view, come=(2, 3, 0))
    assert view.current_key == 4


def test_a_cursor_that_was_sent_on_goes_with_its_new_row_to_where_that_is_sorted() -> None:
    view = view_of(1, 2, 3)
    view.move_to(1)
    take_in(view, go=(2,))
    assert isinstance(view.rows, dict)
    view.rows[3] = row(3, "a-first")
    view.apply({3}, ())
    assert view.keys == [3, 1]
    assert view.current_key == 3


async def test_a_filter_that_lets_nothing_through_does_not_lose_the_place(robot: Robot) -> None:
    await robot.press("j")
    before = robot.line_with("▸")
    await robot.press("/")
    await robot.type("vat")  # passes another row on the way
    await robot.type("-nothing")
    await robot.press("enter")
    assert not robot.shows("vat-report-nl")
    await robot.press("escape")
    assert robot.line_with("▸") == before
