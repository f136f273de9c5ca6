"""The line of a log that was left is the one that is come back to, though files were rotated."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.client.log_file import FileLog
from app.options import ConsoleOptions
from app.store.log_stretch import Stretch
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from engine.clock import from_datetime
from tests.console.test_rotated_logs import Written

JOB, OTHER = "card-expiry-scan", "dunning-mail"


@pytest.fixture
def written(engine: ScriptedEngine, tmp_path: Path) -> Written:
    """The log of a job, which is on the disk; another's is there too, and is not rotated."""
    log = Written(tmp_path / f"{JOB}.log")
    other = Written(tmp_path / f"{OTHER}.log")
    other.write(3)
    log.write(40)
    paths = {JOB: log.path, OTHER: other.path}
    engine.desk.job_log = lambda name: FileLog(name, paths[name])  # type: ignore[method-assign]
    return log


def begins_at(written: Written) -> int:
    log = FileLog(JOB, written.path)
    return log.base + log.begins_at


def rotate(written: Written, number: int = 12) -> None:
    before = begins_at(written)
    written.write(number)
    assert begins_at(written) > before, "lines of the time of opening are gone"


def begin_anew(written: Written) -> None:
    for path in written.path.parent.glob(f"{JOB}.log*"):
        path.unlink()
    written.path.write_bytes(b"".join(b"<%s>\n" % (b"x" * 70) for _ in range(40)))


def log_lines(robot: Robot) -> list[str]:
    return [line.rstrip(" █┃│") for line in robot.lines[3:-2]]


@pytest.mark.parametrize("names", [JOB, f"{JOB} {OTHER}"])
async def test_it_is_come_back_to_after_a_restart(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path, written: Written, names: str
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with open_console(engine, clock, options=options) as robot:
        await robot.command(f"log {names}")
        await robot.press("/", *"line 25.", "enter")
        before = log_lines(robot)[:10]
    rotate(written)
    async with open_console(engine, clock, options=options) as robot:
        assert log_lines(robot)[:10] == before


async def test_it_is_come_back_to_from_another_log(robot: Robot, written: Written) -> None:
    await robot.command(f"log {JOB}")
    await robot.press("/", *"line 25.", "enter", "escape")
    before = log_lines(robot)[:10]
    await robot.press("1")
    await robot.command(f"log {OTHER}")
    rotate(written)
    await robot.press("[", "[")
    assert log_lines(robot)[:10] == before


async def test_it_gives_way_to_the_oldest_that_is_left(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path, written: Written
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with open_console(engine, clock, options=options) as robot:
        await robot.command(f"log {JOB}")
        await robot.press("g")
    rotate(written, 70)
    async with open_console(engine, clock, options=options) as robot:
        shown = log_lines(robot)
        await robot.press("g")
        assert log_lines(robot) == shown


async def test_it_is_a_whole_line_where_the_log_was_begun_anew(
    engine: ScriptedEngine, clock: ManualClock, tmp_path: Path, written: Written
) -> None:
    options = ConsoleOptions(memory_folder=tmp_path)
    async with open_console(engine, clock, options=options) as robot:
        await robot.command(f"log {JOB}")
        await robot.press("g")
        await robot.press("j", "j", "j")
    begin_anew(written)
    async with open_console(engine, clock, options=options) as robot:
        assert all(line.strip().startswith("<") for line in log_lines(robot) if line)


def test_a_place_in_a_stretch_is_one_of_its_log(written: Written) -> None:
    log = FileLog(JOB, written.path)
    assert Stretch(since=1).of(log).base == log.base
    late = from_datetime(datetime(2100, 1, 1, tzinfo=UTC))
    assert Stretch(since=late).of(log).base == log.base + log.size()
