"""What the schedule pane tells of the hours to come, and that the header has room between words."""

import pytest

from app.client.forecast import by_job, of_some
from app.presentation.pieces import plain
from app.sanitize import SafeText
from app.store.model import EngineHealth, JobRow, SessionRow
from app.store.store import ConsoleStore
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot
from app.widgets.header_line import HeaderFacts, header_pieces
from engine.clock import HOUR, SECOND, Instant
from engine.control.job_view import JobView


def views(clock: ManualClock, **schedules: str | int) -> list[JobView]:
    engine = ScriptedEngine(clock)
    jobs = [engine.add_job(name, schedule) for name, schedule in schedules.items()]
    return [JobView(job, clock.now() + 10 * SECOND) for job in jobs]


async def test_the_hour_under_the_cursor_names_its_jobs_however_far_it_is(robot: Robot) -> None:
    await robot.press("6")
    assert robot.shows("invoice-sync-eu              x1")
    await robot.press("down", "down", "right")
    assert robot.shows("invoice-sync-eu              x1")
    assert robot.shows("and 1 more")


def test_a_frequent_job_is_counted_and_named_in_full(clock: ManualClock) -> None:
    now: Instant = clock.now()
    both = views(clock, often=10, seldom="0 13 * * *")
    assert by_job(both, now, now + HOUR) == (("often", 359), ("seldom", 1))
    coming = of_some(both, now, 2).coming
    last = max(due for due, name in coming if name == "often")
    assert last > now + HOUR


@pytest.mark.parametrize("width", range(60, 140))
def test_the_counts_of_the_header_never_touch_the_time(width: int, clock: ManualClock) -> None:
    store = ConsoleStore()
    store.apply([JobRow(1, "a", enabled=False)])
    now = clock.now()
    session = SessionRow(1, "main", "vm", 1, "0", "ACTIVE", now, None, now, 10.0, "running")
    store.apply([EngineHealth("attached", now, now, session=session, alerts=3, unexplained=0)])
    line = plain(header_pieces(store, HeaderFacts(now), width, SafeText("*")))
    assert "unexplained 0" in line
    assert not line.partition("unexplained 0")[2].strip() or "unexplained 0 " in line


async def test_a_forecast_that_comes_while_another_pane_is_in_sight_is_drawn_later(
    robot: Robot,
) -> None:
    robot.engine.holds_answers = True
    await robot.press("6")
    assert robot.shows("counting what is to come")
    await robot.press("7")
    robot.engine.let_answer()
    await robot.settled()
    await robot.press("6")
    assert robot.shows("starts  peak")
