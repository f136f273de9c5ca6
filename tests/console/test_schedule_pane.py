"""What the schedule pane tells of the hours to come, and that the header has room between words."""

import re
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from app.client.forecast import by_job, of_some
from app.panes.gantt_rows import gantt_rows
from app.panes.schedule import SchedulePane
from app.presentation.agenda import agenda
from app.presentation.gantt import around
from app.presentation.pieces import plain
from app.presentation.symbols import SYMBOLS
from app.store.model import EngineHealth, JobRow, SessionRow
from app.store.store import ConsoleStore
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot
from app.widgets.header_line import HeaderFacts, header_pieces
from app.widgets.paint import own
from engine.clock import HOUR, MINUTE, SECOND, Instant, to_datetime
from engine.control.job_view import JobView
from engine.domain.instance import Status
from tests.console.away import AwayDesk
from tests.console.scenes import LOG


def views(clock: ManualClock, **schedules: str | int) -> list[JobView]:
    engine = ScriptedEngine(clock)
    jobs = [engine.add_job(name, schedule) for name, schedule in schedules.items()]
    return [JobView(job, clock.now() + 10 * SECOND) for job in jobs]


async def test_the_hour_under_the_cursor_names_its_jobs_however_far_it_is(robot: Robot) -> None:
    await robot.press("6")
    assert robot.shows("invoice-archive              x1")
    await robot.press("down", "down", "right")
    assert robot.shows("7 starts of 7 jobs")
    assert robot.shows("invoice-archive              x1")
    assert robot.shows("and 4 more")
    assert robot.shows("Upcoming")  # in sight on the smallest screen too
    await robot.resize(120, 40)
    assert robot.shows("invoice-sync-eu              x1")
    assert robot.shows("and 1 more")


async def test_one_start_of_one_job_is_told_in_the_singular(robot: Robot) -> None:
    await robot.command("schedule 7d invoice-archive")
    await robot.command("heatmap")
    await robot.press("down", "down", "right")
    assert robot.shows("  1 start of 1 job")


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu"])
async def test_an_hour_of_the_heat_map_begins_with_that_of_the_viewers_clock(
    robot: Robot, zone: str
) -> None:
    await robot.press("6")
    pane = robot.app.pane_named("schedule")
    assert isinstance(pane, SchedulePane)
    assert _begins(pane.heat.start, "UTC") == "12:00"
    await robot.command(f"set zone={zone}")
    assert _begins(pane.heat.start, zone).endswith(":00")


def _begins(at: Instant | None, zone: str) -> str:
    assert at is not None
    return f"{to_datetime(at).astimezone(ZoneInfo(zone)):%H:%M}"


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
    line = plain(header_pieces(store, HeaderFacts(now), width, SYMBOLS["unicode"]))
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


async def test_a_forecast_that_is_renewed_while_another_pane_is_in_sight_is_drawn_whole(
    robot: Robot,
) -> None:
    await robot.press("6")
    before = robot.lines[5:]
    robot.engine.holds_answers = True
    await robot.pass_time(61)  # it is asked for anew
    await robot.press("1")
    robot.engine.add_job("another", next_in=3600)
    robot.engine.let_answer()
    await robot.settled()
    await robot.press("6")
    assert robot.lines[5:] != before
    assert robot.lines == robot.app.painted_anew().lines


async def test_the_heat_map_follows_a_switch_within_a_second(robot: Robot) -> None:
    await robot.press("6")
    before = robot.line_with("Tue 06")
    await robot.command("disable invoice-archive")
    robot.engine.jobs.pop("invoice-archive")  # of which the scripted forecast knows no switch
    assert robot.line_with("Tue 06") == before
    await robot.pass_time(1)
    assert robot.line_with("Tue 06") != before


async def test_the_screen_is_drawn_anew_whatever_is_drawn_already(robot: Robot) -> None:
    await robot.press("6")
    pane = robot.app.pane_named("schedule")
    assert isinstance(pane, SchedulePane)
    pane.list.lines = [[own("nobody told the screen")]]
    await robot.settled()
    assert not robot.shows("nobody told")
    await robot.press("ctrl+l")
    assert robot.shows("nobody told the screen")
    pane.list.show([])


async def test_enter_in_the_gantt_chart_opens_the_log_at_the_time_cursor(robot: Robot) -> None:
    robot.engine.logs["invoice-archive"] = LOG
    await robot.command("timeline invoice-archive")
    await robot.press("+", *["left"] * 20)
    at = robot.lines[2].split()[-1]
    assert f" {at} " in robot.lines[3]
    await robot.press("enter")
    assert robot.shows("invoice-archive")
    assert robot.shows("level DEBUG+")
    assert at[:5] in robot.lines[3]


async def test_the_info_line_tells_what_ran_at_the_time_cursor(robot: Robot) -> None:
    await robot.command("timeline invoice-archive")
    await robot.press("-", "-", "-")
    row = next(line for line in robot.lines if line.startswith(" invoice-archive"))
    before_now = row.rindex("│") - row.rindex("✗")
    await robot.press(*["left"] * before_now)
    assert "error" in robot.lines[2]
    await robot.press("n")
    assert "error" not in robot.lines[2]


async def test_the_time_of_a_log_line_is_shown_in_the_gantt_chart(robot: Robot) -> None:
    robot.engine.logs["card-expiry-scan"] = LOG
    await robot.press("o")
    await robot.command("goto 12:10")
    await robot.press("t")
    assert robot.shows("view:")
    assert robot.lines[2].endswith("12:10:00")


async def test_runs_older_than_the_console_keeps_are_asked_for(robot: Robot) -> None:
    engine = robot.engine
    (number,) = engine.ran("card-expiry-scan", (Status.COMPLETE, 600.0), every=9 * 86_400)
    await robot.settled()
    row = robot.app.store.instances.pop(number)  # as after many more runs
    await robot.command("timeline card-expiry-scan")
    pane = robot.app.pane_named("schedule")
    assert isinstance(pane, SchedulePane)
    pane.show_time(row.started)
    await robot.settled()
    assert f"#{number} complete" in robot.lines[2]


@pytest.mark.parametrize("width", [60, 69, 70, 80, 100, 120])
async def test_the_heat_map_tells_whole_counts_and_peaks_at_every_width(
    robot: Robot, width: int
) -> None:
    while len(robot.engine.jobs) < 100:
        robot.engine.add_job(f"job-{len(robot.engine.jobs)}")
    await robot.settled()
    await robot.resize(width, 20)
    await robot.press("6")
    assert robot.line_with("Wed 07").split()[-2:] == ["2,400", "00:00"]
    heading = robot.line_with("starts  peak")
    assert heading.split()[-2:] == ["starts", "peak"]
    noon = heading.index("12") - heading.index("00")
    assert noon in {12, 24}
    assert len(robot.line_with("Wed 07").split()[2]) == 2 * noon


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_a_long_name_leaves_room_for_how_often_and_how_long_it_runs(
    robot: Robot, width: int
) -> None:
    for name in tuple(robot.engine.jobs):
        robot.engine.drop_job(name)
    for name in ("a" * 200, "あ" * 60):
        robot.engine.add_job(name)
        for _ in range(3):
            robot.engine.end(robot.engine.begin(name), after=90.0)
    await robot.settled()
    await robot.resize(width, 30)
    await robot.press("6")
    for start in ("   aaaa", "   ああ"):
        assert re.search(r"… +x1 +p95 ", robot.line_with(start))


async def test_enter_in_the_heat_map_goes_to_that_hour_of_the_agenda(robot: Robot) -> None:
    await robot.press("6", "down")
    await robot.press(*["left"] * 12)
    await robot.press("down", "enter")
    assert robot.shows("agenda")
    selected = robot.app.pane_named("schedule").selection().jobs
    assert [job.name for job in selected] != ["invoice-sync-eu"]


def test_what_is_due_often_is_one_line_and_hides_nothing_else() -> None:
    now = 1_767_616_200 * SECOND
    often = [(now + step * 10 * SECOND, "pulse") for step in range(400)]
    coming = sorted([*often, (now + 5 * HOUR, "nightly")])
    lines = [line.text for line in agenda(coming, now, UTC, 60, SYMBOLS["unicode"])]
    assert lines == ["often │ pulse every 10s", "17:30 │ nightly"]


def test_how_often_is_told_as_in_the_list_of_jobs_and_only_about_where_it_varies() -> None:
    now = 1_767_616_200 * SECOND
    slow = [(now + step * 90 * SECOND, "slow") for step in range(40)]
    sevens = [(now + minute * MINUTE, "sevens") for minute in range(300) if minute % 60 % 7 == 0]
    (line,) = agenda(sorted([*slow, *sevens]), now, UTC, 60, SYMBOLS["unicode"])
    assert line.text == "often │ slow every 90s  sevens about every 6m"


def test_a_job_of_which_only_the_first_dues_are_known_goes_on_to_the_end_of_the_chart(
    clock: ManualClock,
) -> None:
    now = clock.now()
    store = ConsoleStore()
    coming = [(now + step * 10 * SECOND, "pulse") for step in range(1, 401)]
    axis = around(now, 24 * HOUR, 96)
    ((_, bars),) = gantt_rows([], store, coming, axis, now, None)
    assert axis.cell(max(bar.start for bar in bars)) == 95
    assert len(bars) < 600


@pytest.mark.parametrize("back", [1, 3600])
async def test_the_forecast_is_asked_for_anew_at_once_when_the_clock_is_set_back(
    robot: Robot, back: int
) -> None:
    desk = AwayDesk.before(robot.engine)
    await robot.command("agenda")
    asked = desk.asked
    await robot.pass_time(-back)
    assert desk.asked == asked + 1
    await robot.pass_time(1)
    assert desk.asked == asked + 1


async def test_a_run_that_began_before_the_clock_was_set_back_is_told_at_the_time_cursor(
    robot: Robot,
) -> None:
    """It began, by the clock, ten minutes from now, and goes on for no time."""
    key = robot.engine.begin("invoice-archive")
    await robot.command("timeline invoice-archive")
    await robot.pass_time(-600)
    cells = robot.lines[4]
    ahead = cells.index(robot.app.viewpoint.symbols.growing) - cells.index("│")
    assert ahead > 0
    await robot.press(*["right"] * ahead)
    assert f" #{key} running 12:30:05 0m" in robot.lines[2]


async def test_a_job_whose_run_began_before_the_clock_was_set_back_runs_for_no_time(
    robot: Robot,
) -> None:
    key = robot.engine.begin("invoice-archive")
    await robot.command("job invoice-archive")
    await robot.pass_time(-600)
    assert robot.shows(f" running #{key} for 0ms")
