"""The small log beside the jobs: of the job under the cursor, and of no other one."""

from collections.abc import AsyncIterator

import pytest

from app.testing.desk import BytesLog
from app.testing.harness import Robot
from tests.console.away import AWAY, AwayDesk
from tests.console.conftest import Opened

CLOSE, ARCHIVE = "ledger-close", "invoice-archive"


@pytest.fixture
async def robot(console: Opened) -> AsyncIterator[Robot]:
    """The log of the last run of one job is in sight, and has the keys."""
    async with console(size=(120, 40)) as robot:
        for name in (CLOSE, ARCHIVE):
            job = robot.app.store.job(name)
            assert job is not None
            said = f"INFO JI {job.last_instanceid}: of {name}"
            lines = [f"2026-01-05T12:28:{at:02}.000000Z {said} {at}\n" for at in range(60)]
            robot.engine.logs[name] = "".join(lines).encode()
        await robot.command(f"job {CLOSE}")
        await robot.press("tab", "tab")
        assert robot.shows(f"of {CLOSE} 59")
        yield robot


@pytest.fixture
def desk(robot: Robot) -> AwayDesk:
    return AwayDesk.before(robot.engine)


async def test_a_log_that_could_not_be_opened_is_shown_once_the_store_is_back(
    robot: Robot, desk: AwayDesk
) -> None:
    desk.is_away = True
    robot.engine.lose(AWAY)
    await robot.command(f"job {ARCHIVE}")
    assert robot.shows(f"cannot be read: {AWAY}")
    desk.is_away = False
    robot.engine.come_back()
    await robot.settled()
    assert robot.shows(f"of {ARCHIVE} 59")
    assert not robot.shows("cannot be read")
    asked = desk.asked
    await robot.pass_time(60)
    assert desk.asked == asked, "it is there"


async def test_lines_that_come_late_are_not_shown_as_those_of_another_job(
    robot: Robot, desk: AwayDesk
) -> None:
    robot.engine.holds_answers = True
    await robot.press("g")
    await robot.command(f"job {ARCHIVE}")
    desk.is_away = True
    robot.engine.let_answer()
    await robot.settled()
    assert not robot.shows(f"of {CLOSE}")
    assert robot.shows(f"cannot be read: {AWAY}")


async def test_motions_that_are_typed_while_a_log_is_opened_move_in_it(robot: Robot) -> None:
    robot.engine.holds_answers = True
    await robot.command(f"job {ARCHIVE}")
    await robot.press("g", "j")
    robot.engine.let_answer()
    await robot.settled()
    assert not robot.shows(f"of {ARCHIVE} 59")
    assert not robot.shows(f"of {ARCHIVE} 0")
    assert robot.shows(f"of {ARCHIVE} 1")


@pytest.mark.parametrize("keys", ["", "f"])
async def test_a_log_that_is_slow_to_come_is_not_told_as_the_one_before(
    robot: Robot, desk: AwayDesk, keys: str
) -> None:
    desk.is_away = True
    await robot.command(f"job {ARCHIVE}")
    await robot.press(*keys)
    desk.is_away = False
    robot.engine.holds_answers = True
    await robot.command(f"job {CLOSE}")
    assert not robot.shows("reading ..."), "it may come at once"
    await robot.pass_time(1)
    assert robot.shows("reading ...")
    assert not robot.shows("cannot be read")
    robot.engine.let_answer()
    await robot.settled()
    assert robot.shows(f"of {CLOSE} 59")
    assert not robot.shows("reading ...")


async def test_a_log_that_was_slow_to_come_and_cannot_be_read_is_not_waited_for(
    robot: Robot,
) -> None:
    def refused() -> bytes:
        raise OSError(5, "Input/output error")

    def log(job_instanceid: int) -> BytesLog:
        del job_instanceid
        return BytesLog(ARCHIVE, refused)

    robot.engine.desk.instance_log = log  # type: ignore[method-assign]
    robot.engine.holds_answers = True
    await robot.command(f"job {ARCHIVE}")
    await robot.pass_time(1)
    assert robot.shows("reading ...")
    robot.engine.let_answer()
    await robot.settled()
    assert "cannot be read" in robot.status
    await robot.pass_time(1)
    assert not robot.shows("reading ...")
