"""A filter of instances looks through those that the console has not read yet, too."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from app.client.views import PastView
from app.options import ConsoleOptions
from app.store.model import InstanceRow
from app.testing.desk import ScriptedDesk
from app.testing.harness import Robot
from engine.clock import MINUTE, Instant
from engine.domain.instance import Cause, Status
from engine.errors import StoreError
from tests.console.conftest import Opened

OLDER, LONG = 3_000, 1_500


def lived(robot: Robot, *failed: int, is_live: bool = False) -> None:
    """Give the store runs from before those that the console has read, a minute between them.

    One that went on for long the console knows.
    """
    engine = robot.engine
    first = min(engine.instances)
    jobid = engine.job("card-expiry-scan").jobid
    begin = engine.instances[first].started
    for back in range(1, OLDER + 1):
        status = Status.ERROR if back in failed else Status.COMPLETE
        started = begin - back * MINUTE
        key = first - back
        engine.instances[key] = InstanceRow(
            key, jobid, "card-expiry-scan", status, Cause.SCHEDULE, started, started + 1
        )
    key = first - LONG
    run = engine.instances[key]
    if is_live:
        run = replace(run, status=Status.IN_PROGRESS, completed=None)
    engine.instances[key] = run
    engine.emit(engine.instances[key])


@pytest.mark.parametrize("is_live", [True, False])
async def test_failures_from_before_what_was_read_are_found(robot: Robot, is_live: bool) -> None:
    lived(robot, 700, 2_900, is_live=is_live)
    await robot.settled()
    keys = min(robot.engine.instances) + OLDER
    await robot.press("3")
    assert not robot.shows(" since ")
    await robot.press("/", *"status:error name:card", "enter")
    await robot.settled()
    assert robot.shows(f"#{keys - 700}")
    assert robot.shows(f"#{keys - 2_900}")
    assert " since " not in robot.lines[2]  # there are no more


async def test_what_is_not_read_yet_is_told_and_read_at_the_end_of_the_list(robot: Robot) -> None:
    lived(robot, *range(1, OLDER, 20))
    await robot.press("3")
    await robot.press("/", *"status:error name:card", "enter")
    await robot.settled()
    shown = robot.lines[2]
    assert "24 of 501 since 03:36:05 " in shown
    await robot.press("G")
    await robot.settled()
    assert robot.lines[2] != shown
    for _ in range(10):
        await robot.press("G")
        await robot.settled()
    assert "150 of" in robot.lines[2]
    assert " since " not in robot.lines[2]


async def test_older_runs_come_at_the_end_of_the_list_where_a_whole_page_is_known_already(
    robot: Robot,
) -> None:
    lived(robot)
    engine = robot.engine
    newest = sorted(engine.instances)[-600:]
    engine.emit(*(engine.instances[key] for key in newest))
    await robot.settled()
    await robot.press("3")
    assert "601  sort" in robot.lines[2]  # with the one that went on for long
    await robot.press("G")
    await robot.settled()
    assert "1,001  sort" in robot.lines[2]  # two pages and that one


class AwayDesk(ScriptedDesk):
    """A desk whose store is out of reach when runs are asked for."""

    asked = 0

    def instances(self, job: str | None, *, before_id: int | None, limit: int) -> list[InstanceRow]:
        self.asked += 1
        raise StoreError("the store is out of reach")


AWAY = "older runs cannot be read: the store is out of reach"


async def test_a_filter_looks_on_for_older_runs_when_the_store_is_back(robot: Robot) -> None:
    lived(robot, 700)
    engine = robot.engine
    there, away = engine.desk, AwayDesk(engine)
    engine.desk = away
    await robot.press("3")
    await robot.press("/", *"status:error name:card", "enter")
    assert robot.status.startswith(AWAY)
    assert "reading older ones" not in robot.lines[2]
    assert " since " in robot.lines[2]
    asked = away.asked
    await robot.pass_time(1)
    await robot.pass_time(1)
    assert away.asked == asked + 2
    assert [told.text for told in robot.app.news.told] == [AWAY]
    engine.desk = there
    await robot.pass_time(1)
    assert robot.shows(f"#{min(engine.instances) + OLDER - 700}")
    assert " since " not in robot.lines[2]
    assert not robot.status


async def test_the_end_of_the_list_brings_older_runs_when_the_store_is_back(robot: Robot) -> None:
    lived(robot)
    engine = robot.engine
    there, engine.desk = engine.desk, AwayDesk(engine)
    await robot.press("3", "G")
    await robot.press("g", "G")
    known = len(robot.app.store.instances)
    assert robot.status.startswith(AWAY)
    engine.desk = there
    await robot.press("g", "G")
    assert len(robot.app.store.instances) > known


async def test_what_cannot_be_read_is_not_asked_for_where_nobody_wants_it_any_more(
    robot: Robot,
) -> None:
    lived(robot, 700)
    away = AwayDesk(robot.engine)
    await robot.press("3", "G")
    await robot.press("g")
    robot.engine.desk = away
    await robot.press("/", *"status:error name:card", "enter")
    assert robot.status.startswith(AWAY)
    await robot.press("escape")
    asked = away.asked
    await robot.pass_time(5)
    assert away.asked == asked
    await robot.press("/", *"status:error name:card", "enter")
    assert [told.text for told in robot.app.news.told] == [AWAY, AWAY]


FAILED = ("/", *"status:error name:card", "enter")


async def test_a_filter_of_a_frozen_view_reads_nothing_until_it_follows_again(robot: Robot) -> None:
    lived(robot, 700, 2_900)
    await robot.resize(120, 40)
    await robot.press("3", "f", *FAILED)
    assert " since " in robot.lines[2]
    await robot.press("G")
    assert "FROZEN 0s, 0 changes" in robot.header
    assert len(robot.app.store.instances) < 500
    await robot.press("f")
    assert robot.shows(f"#{min(robot.engine.instances) + OLDER - 700}")
    assert robot.shows(f"#{min(robot.engine.instances) + OLDER - 2_900}")
    assert " since " not in robot.lines[2]


async def test_the_end_of_a_frozen_list_brings_older_runs_once_it_follows_again(
    robot: Robot,
) -> None:
    lived(robot)
    await robot.resize(120, 40)
    await robot.press("3", "f", "G")
    known = len(robot.app.store.instances)
    assert known < 500
    assert "FROZEN 0s, 0 changes" in robot.header
    await robot.press("f")
    assert len(robot.app.store.instances) > known


async def test_a_page_that_comes_when_the_view_was_frozen_is_read_again_later(robot: Robot) -> None:
    lived(robot, 300)
    await robot.resize(120, 40)
    await robot.press("3")
    robot.engine.holds_answers = True
    await robot.press(*FAILED, "f")
    assert "reading older ones" in robot.lines[2]
    robot.engine.let_answer()
    await robot.settled()
    assert " since " in robot.lines[2]
    assert "FROZEN 0s, 0 changes" in robot.header
    await robot.press("f")
    assert robot.shows(f"#{min(robot.engine.instances) + OLDER - 300}")
    assert " since " not in robot.lines[2]


async def test_a_look_for_older_runs_goes_on_when_the_pane_is_shown_again(robot: Robot) -> None:
    lived(robot, 2_900)
    await robot.press("3")
    robot.engine.holds_answers = True
    await robot.press(*FAILED, "1")
    robot.engine.let_answer()
    await robot.settled()
    assert len(robot.app.store.instances) < OLDER
    await robot.press("3")
    assert robot.shows(f"#{min(robot.engine.instances) + OLDER - 2_900}")
    assert " since " not in robot.lines[2]


async def test_a_filter_that_a_restart_brought_back_looks_for_older_runs(
    console: Opened, tmp_path: Path
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with console(options=options) as robot:
        engine = robot.engine
        lived(robot, 700)
        first = min(engine.instances)
        await robot.press("3", *FAILED)
    older = {key: engine.instances.pop(key) for key in sorted(engine.instances)[:-500]}
    engine.holds_answers = True
    async with console(options=options) as robot:
        engine.instances.update(older)
        engine.let_answer()
        await robot.settled()
        assert "status:error" in robot.lines[2]
        assert robot.shows(f"#{first + OLDER - 700}")
        assert " since " not in robot.lines[2]


class CountedDesk(ScriptedDesk):
    """A desk that counts how often runs are asked for."""

    asked = 0

    def instances(self, job: str | None, *, before_id: int | None, limit: int) -> list[InstanceRow]:
        self.asked += 1
        return super().instances(job, before_id=before_id, limit=limit)


@pytest.mark.parametrize("is_brought_back", [False, True], ids=["typed", "brought back"])
async def test_a_filter_from_before_the_first_rows_looks_for_older_runs_once_they_come(
    console: Opened, tmp_path: Path, is_brought_back: bool
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with console(options=options) as robot:
        engine = robot.engine
        lived(robot, 700)
        first = min(engine.instances) + OLDER
        if is_brought_back:
            await robot.press("3", *FAILED)
    engine.reads_slowly = True
    engine.desk = desk = CountedDesk(engine)
    async with console(options=options) as robot:
        if not is_brought_back:
            await robot.press("3", *FAILED)
        older = {key: engine.instances.pop(key) for key in sorted(engine.instances)[:-20]}
        engine.resync()
        engine.instances.update(older)
        assert desk.asked == 0
        await robot.settled()
        assert robot.shows(f"#{first - 700}")
        assert " since " not in robot.lines[2]
        asked = desk.asked
        for _ in range(5):
            engine.begin("price-feed")
            await robot.settled()
            await robot.pass_time(1)
        assert desk.asked == asked, "all of them are known"


async def test_runs_that_come_do_not_ask_again_for_older_ones_that_cannot_be_read(
    robot: Robot,
) -> None:
    lived(robot, 700)
    robot.engine.desk = away = AwayDesk(robot.engine)
    await robot.press("3", *FAILED)
    asked = away.asked
    for _ in range(5):
        robot.engine.begin("price-feed")
        await robot.settled()
    assert away.asked == asked, "that is tried again by the second"


class ShortPast(ScriptedDesk):
    """A desk that tells only the last runs of a moment of the past, as that of a long history."""

    def past(self, at: Instant) -> PastView:
        view = super().past(at)
        runs = [row for row in view.rows if isinstance(row, InstanceRow)]
        left_out = sorted(run.job_instanceid for run in runs)[:-5]
        kept = [
            row
            for row in view.rows
            if not (isinstance(row, InstanceRow) and row.job_instanceid in left_out)
        ]
        return replace(view, rows=tuple(kept))


async def test_a_filter_of_a_moment_of_the_past_looks_through_all_that_had_run(
    robot: Robot,
) -> None:
    lived(robot, 700, 2_900)
    robot.engine.desk = ShortPast(robot.engine)
    await robot.press("3")
    await robot.command("at 12:29")
    await robot.press(*FAILED)
    assert robot.shows(f"#{min(robot.engine.instances) + OLDER - 2_900}")
    assert " 2 of 3," in robot.lines[2]
    assert "older" not in robot.lines[2]
