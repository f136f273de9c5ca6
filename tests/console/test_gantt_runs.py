"""The Gantt chart has a bar where something ran, and says from when on it knows all that ran."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from app.client.views import RanView
from app.store.events import SnapshotDone
from app.store.model import InstanceRow
from app.store.store import KEPT_INSTANCES
from app.testing.desk import ScriptedDesk
from app.testing.harness import Robot
from engine.clock import DAY, HOUR, MINUTE, Instant
from engine.domain.instance import Cause, Status
from engine.errors import StoreError

NAME, FREQUENT = "card-expiry-scan", "price-feed"


def ran(
    robot: Robot, name: str, number: int, started: Instant, took: Instant | None = MINUTE
) -> InstanceRow:
    """Let the store have a run that the console was not told of; `took` None: it goes on."""
    status = Status.IN_PROGRESS if took is None else Status.COMPLETE
    completed = None if took is None else started + took
    jobid = robot.engine.job(name).jobid
    row = InstanceRow(number, jobid, name, status, Cause.SCHEDULE, started, completed)
    robot.engine.instances[number] = row
    return row


def every_five_minutes(robot: Robot, count: int) -> None:
    """Let nothing else have run, and the last of these runs have begun five minutes ago."""
    robot.engine.instances.clear()
    for number in range(count):
        ran(robot, NAME, 10_000 - number, robot.clock.now() - (number + 1) * 5 * MINUTE)


def bar(robot: Robot, name: str) -> str:
    """Return the cells of a job in the chart before now, or "" where it has no row."""
    found = [line for line in robot.lines if line.startswith(f" {name} ")]
    return found[0][25:].split("│")[0].rstrip() if found else ""


@pytest.mark.parametrize("has_ended", [False, True])
async def test_one_run_of_days_hides_no_others_that_the_console_was_not_told_of(
    robot: Robot, has_ended: bool
) -> None:
    now = robot.clock.now()
    long = ran(robot, FREQUENT, 1, now - 3 * DAY, 3 * DAY - MINUTE if has_ended else None)
    robot.engine.emit(long)
    ran(robot, NAME, 2, now - 100 * MINUTE)
    await robot.settled()
    await robot.press("6", "t")
    assert bar(robot, NAME).strip()


async def test_a_run_that_began_before_the_window_reaches_into_it(robot: Robot) -> None:
    ran(robot, NAME, 1, robot.clock.now() - 5 * HOUR, 4 * HOUR)
    await robot.press("6", "t")
    cells = bar(robot, NAME)
    assert cells, "it ran for the first hour of the window"
    assert not cells.startswith(" ")


async def test_a_chart_that_lacks_runs_says_from_when_on_it_is_whole(robot: Robot) -> None:
    every_five_minutes(robot, 20)
    robot.engine.most_ran = 10
    await robot.press("6", "t")
    assert robot.shows(" all since 11:35:05 ")
    robot.engine.most_ran = 20
    await robot.press("1", "6")
    assert not robot.shows(" all since ")


async def test_a_chart_that_is_moved_back_shows_whole_what_was_cut(robot: Robot) -> None:
    every_five_minutes(robot, 20)
    robot.engine.most_ran = 17
    await robot.press("6", "t")
    first = len(bar(robot, NAME)) - len(bar(robot, NAME).lstrip())
    await robot.press("<")
    assert not robot.shows(" all since ")
    await robot.press("n")
    assert robot.shows(" all since ")
    assert len(bar(robot, NAME)) - len(bar(robot, NAME).lstrip()) == first


async def test_other_jobs_leave_the_chart_of_one_job_whole(robot: Robot) -> None:
    now = robot.clock.now()
    for number in range(1, 41):
        ran(robot, FREQUENT, number, now - (41 - number) * 2 * MINUTE)
    ran(robot, NAME, 41, now - 100 * MINUTE)
    robot.engine.most_ran = 10
    await robot.command(f"timeline {NAME}")
    assert robot.shows("view:")
    assert bar(robot, NAME).strip()
    assert not robot.shows(" all since ")


async def test_the_chart_is_asked_for_once_as_long_as_the_console_is_told_of_all(
    robot: Robot,
) -> None:
    await robot.press("6", "t")
    ran(robot, NAME, 1, robot.clock.now() - HOUR)
    await robot.pass_time(60)
    await robot.press("left", "+", "-")
    assert not bar(robot, NAME)


async def test_what_was_missed_while_the_store_was_away_is_asked_for(robot: Robot) -> None:
    await robot.press("6", "t")
    ran(robot, NAME, 1, robot.clock.now() - HOUR)
    robot.engine.emit(SnapshotDone())
    await robot.settled()
    await robot.pass_time(1)
    assert bar(robot, NAME).strip()


async def test_a_run_that_ended_since_it_was_asked_for_is_shown_as_it_ended(robot: Robot) -> None:
    row = ran(robot, NAME, 1, robot.clock.now() - HOUR, None)
    await robot.press("6", "t")
    assert robot.app.viewpoint.symbols.growing in bar(robot, NAME)
    ended = replace(row, status=Status.ERROR, completed=row.started + MINUTE)
    robot.engine.emit(ended)
    await robot.settled()
    await robot.pass_time(1)
    assert bar(robot, NAME).strip() == "✗"


async def test_the_chart_says_that_earlier_runs_are_being_read(robot: Robot) -> None:
    robot.engine.holds_answers = True
    await robot.press("6", "t")
    assert robot.shows(" reading ... ")
    robot.engine.let_answer()
    await robot.settled()
    assert not robot.shows(" reading ... ")


AWAY = "what ran cannot be read: the store is out of reach"


class WatchedDesk(ScriptedDesk):
    """A desk that counts what it is asked, while the clock goes on, and whose store can be away."""

    most = 20  # times that the clock goes on: a console that asks without end comes to rest

    def __init__(self, robot: Robot, *, is_away: bool = False) -> None:
        super().__init__(robot.engine)
        self.asked = 0
        self.is_away = is_away
        self._clock = robot.clock
        robot.engine.desk = self

    def ran_between(self, since: Instant, until: Instant, jobids: Sequence[int] | None) -> RanView:
        self.asked += 1
        if self.asked < self.most:
            self._clock.pass_time(0.001)
        if self.is_away:
            raise StoreError("the store is out of reach")
        return super().ran_between(since, until, jobids)


async def test_a_chart_of_the_past_is_asked_for_once_while_the_clock_goes_on(robot: Robot) -> None:
    await robot.press("6", "t", "<")
    desk = WatchedDesk(robot)
    await robot.press("<")
    assert desk.asked == 1
    await robot.pass_time(1)
    await robot.pass_time(1)
    assert desk.asked == 1


async def test_a_chart_of_the_past_is_asked_for_anew_when_time_brought_other_runs_into_it(
    robot: Robot,
) -> None:
    await robot.press("6", "t", "<", "<")
    end = robot.clock.now() - 2 * HOUR
    ran(robot, NAME, 1, end + 20 * MINUTE)
    assert not bar(robot, NAME)
    await robot.pass_time(30 * 60)
    assert bar(robot, NAME).strip()


async def test_a_chart_of_the_past_waits_for_an_answer_that_takes_long(robot: Robot) -> None:
    ran(robot, NAME, 1, robot.clock.now() - 5 * HOUR)
    await robot.press("6", "t", "<")
    robot.engine.holds_answers = True
    await robot.press("<")
    await robot.pass_time(1)
    desk = WatchedDesk(robot)
    robot.engine.let_answer()
    await robot.settled()
    assert bar(robot, NAME).strip()
    assert desk.asked == 1


async def test_a_chart_that_was_moved_while_it_was_read_is_asked_for_where_it_is(
    robot: Robot,
) -> None:
    ran(robot, NAME, 1, robot.clock.now() - 8 * HOUR)
    robot.engine.holds_answers = True
    await robot.press("6", "t", "<", "<", "<", "<")
    desk = WatchedDesk(robot)
    robot.engine.let_answer()
    await robot.settled()
    assert bar(robot, NAME).strip()
    assert desk.asked == 2


@pytest.mark.parametrize("steps", [0, 2])
async def test_a_chart_that_cannot_be_read_is_asked_for_once_with_each_second(
    robot: Robot, steps: int
) -> None:
    ran(robot, NAME, 1, robot.clock.now() - (1 + 2 * steps) * HOUR)
    await robot.press("6")
    desk = WatchedDesk(robot, is_away=True)
    await robot.press("t", *"<" * steps)
    await robot.pass_time(1)
    asked = desk.asked
    await robot.press("left", "right")
    assert desk.asked == asked
    await robot.pass_time(1)
    await robot.pass_time(1)
    assert desk.asked == asked + 2
    assert robot.shows(" some are not read ")
    assert [told.text for told in robot.app.news.told] == [AWAY]
    assert robot.status.startswith(AWAY)
    desk.is_away = False
    await robot.pass_time(1)
    assert bar(robot, NAME).strip()
    assert not robot.shows(" some are not read ")
    assert not robot.status


async def test_a_run_that_ended_and_is_kept_no_more_is_shown_as_it_ended(robot: Robot) -> None:
    long, others = await lives_in_a_full_console(robot)
    await robot.press("6", "t")
    assert robot.app.viewpoint.symbols.growing in bar(robot, NAME)
    robot.engine.emit(replace(long, status=Status.ERROR, completed=long.started + MINUTE))
    await robot.settled()
    await robot.pass_time(1)
    robot.engine.emit(*others)
    await robot.settled()
    assert long.job_instanceid not in robot.app.store.instances
    await robot.pass_time(1)
    assert bar(robot, NAME).strip() == "✗"


async def test_a_run_that_ended_and_went_out_of_sight_is_not_shown_as_running_again(
    robot: Robot,
) -> None:
    long, others = await lives_in_a_full_console(robot)
    await robot.press("6", "t", "1")
    robot.engine.emit(replace(long, status=Status.ERROR, completed=long.started + MINUTE))
    robot.engine.emit(*others)
    await robot.settled()
    robot.engine.holds_answers = True
    await robot.press("6")
    assert not bar(robot, NAME)


async def lives_in_a_full_console(robot: Robot) -> tuple[InstanceRow, list[InstanceRow]]:
    """Let a run go on for an hour; return it, and runs after which no more of the ended are kept.

    Few enough of them for the console to have all that began since it was asked for.
    """
    now, first = robot.clock.now(), max(robot.engine.instances) + 1
    long = ran(robot, NAME, 1, now - HOUR, None)
    others = [
        InstanceRow(key, 0, FREQUENT, Status.COMPLETE, Cause.SCHEDULE, now - DAY, now - DAY)
        for key in range(first, first + KEPT_INSTANCES + KEPT_INSTANCES // 10)
    ]
    known = len(robot.app.store.instances) + 1
    robot.engine.emit(long, *others[known:])
    await robot.settled()
    return long, others[:known]
