"""A log of which older lines lie in rotated files is read in the console as one."""

from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from app.client.log_file import FileLog
from app.panes.logs import LogsPane
from app.store.log_reader import FileReader
from app.store.log_scan import LogLine
from app.store.log_source import LogSource
from app.store.log_stretch import Stretch
from app.testing.harness import Robot
from engine.clock import HOUR, from_datetime
from engine.execution.runtime.log_file import LogFile
from engine.execution.runtime.log_format import lines

GENERATIONS = 4


class Written:
    """A log that is rotated every few lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = LogFile(str(path), 500, GENERATIONS)
        self._numbers = count(1)

    def write(self, number: int) -> list[tuple[int, int]]:
        """Write lines of the instances 1, 2, 3 …; return their places."""
        places = []
        for each in (next(self._numbers) for _ in range(number)):
            place = self._file.append(lines("INFO", each, b"line %d." % each))
            assert place is not None
            places.append(place)
        return places


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path / "job.log")


def said(line: LogLine) -> bytes:
    return line.head.rpartition(b": ")[2]


def is_written(head: bytes) -> bool:
    return b" LOG " not in head


def texts(source: LogSource) -> list[bytes]:
    found = FileReader(source).forward(0, 100, is_written)
    return [said(line) for line in found.lines]


def told(*numbers: int) -> list[bytes]:
    return [b"line %d." % number for number in numbers]


def test_rotated_files_come_before_the_one_that_is_written(written: Written) -> None:
    written.write(30)
    log = FileLog("job", written.path)
    assert written.path.stat().st_size < log.size() / 2
    assert texts(log) == told(*range(1, 31))
    before = FileReader(log).backward(log.size(), 100, is_written)
    assert [said(line) for line in before.lines] == told(*range(1, 31))


def test_what_is_written_and_rotated_meanwhile_goes_on_where_it_was(written: Written) -> None:
    written.write(10)
    log = FileLog("job", written.path)
    size = log.size()
    written.write(12)
    assert log.size() > size
    assert texts(log) == told(*range(1, 23))
    assert not FileReader(log).is_renewed(size)


def test_an_instance_is_found_in_a_rotated_file(written: Written) -> None:
    places = written.write(30)
    for number in (3, 17, 30):
        start, end = places[number - 1]
        log = FileLog(f"job #{number}", written.path, begins_at=start, ends_at=end)
        found = FileReader(log).forward(log.begins_at, 10, None)
        assert [said(line) for line in found.lines] == told(number)


def test_lines_of_a_time_in_a_rotated_file_are_found_by_it(written: Written) -> None:
    written.write(30)
    log = FileLog("job", written.path)
    whole = FileReader(log).forward(0, 100, is_written).lines
    stamp = whole[4].head[:27].decode()
    at = FileReader(log).at_time(stamp)
    assert at == whole[4].offset
    until = Stretch(until=from_datetime(datetime.fromisoformat(stamp))).of(log)
    assert texts(until) == [said(line) for line in whole[:4]]


def test_lines_that_a_rotation_removed_are_said_to_be_gone(written: Written) -> None:
    written.write(10)
    log = FileLog("job", written.path)
    written.write(60)
    with pytest.raises(OSError, match="removed by the rotation"):
        log.read(0, 10)
    assert texts(FileLog("job", written.path))[-1] == b"line 70."


def test_an_instance_of_which_the_beginning_is_gone_says_so(written: Written) -> None:
    start, end = written.write(70)[0]
    gone = FileLog("job #1", written.path, begins_at=start, ends_at=end)
    assert gone.title == "job #1, its beginning was rotated away"
    assert gone.size() == 0
    assert FileLog("job", written.path).title == "job"
    assert FileLog("job #71", written.path, begins_at=written.write(1)[0][0]).title == "job #71"


def test_a_stretch_before_the_oldest_line_that_is_kept_knows_that_others_were_there(
    written: Written,
) -> None:
    written.write(10)
    assert not FileLog("job", written.path).has_lost
    written.write(60)
    log = FileLog("job", written.path)
    stamps = [line.head[:27].decode() for line in FileReader(log).forward(0, 100, None).lines]
    first, last = (from_datetime(datetime.fromisoformat(each)) for each in (stamps[0], stamps[-1]))
    assert Stretch(until=first).of(log).has_lost
    assert not Stretch(since=last + 1, until=last + 2).of(log).has_lost


def test_a_log_that_was_taken_away_by_hand_is_begun_anew(written: Written) -> None:
    written.write(30)
    log = FileLog("job", written.path)
    size = log.size()
    written.path.unlink()
    written.write(1)
    assert FileReader(log).is_renewed(size)
    assert texts(log) == told(31)


def test_a_log_that_was_emptied_by_hand_is_begun_anew(written: Written) -> None:
    written.write(30)
    log = FileLog("job", written.path)
    size = log.size()
    written.path.write_bytes(b"")  # the same inode
    written.write(1)
    assert FileReader(log).is_renewed(size)
    assert texts(log) == told(31)


async def test_the_console_goes_to_a_time_in_a_rotated_file(robot: Robot, written: Written) -> None:
    written.write(30)
    await robot.press("o")
    pane = robot.app.pane_named("logs")
    assert isinstance(pane, LogsPane)
    pane.feed.open(FileReader(FileLog("job", written.path)))
    await robot.settled()
    await robot.press("g")
    assert robot.shows("line 1.")
    assert robot.shows("line 12.")


async def opened(robot: Robot, source: LogSource) -> LogsPane:
    await robot.press("o")
    pane = robot.app.pane_named("logs")
    assert isinstance(pane, LogsPane)
    pane.feed.open(FileReader(source))
    await robot.settled()
    return pane


async def test_an_instance_of_which_nothing_is_left_is_not_said_to_have_logged_nothing(
    robot: Robot, written: Written
) -> None:
    start, end = written.write(70)[0]
    await opened(robot, FileLog("job #1", written.path, begins_at=start, ends_at=end))
    assert robot.shows("nothing of it is kept: older lines were rotated away")


async def test_a_time_before_the_oldest_line_is_said_to_be_rotated_away(
    robot: Robot, written: Written
) -> None:
    written.write(70)
    early = Stretch(until=robot.clock.now() - HOUR)
    pane = await opened(robot, early.of(FileLog("job", written.path)))
    pane.stretch = early
    await robot.press("g")
    assert robot.shows("is kept: older ones were rotated away; esc shows all")


async def test_a_moment_before_the_oldest_line_is_not_said_to_have_none(
    robot: Robot, written: Written
) -> None:
    written.write(70)
    await robot.command("at -2h")
    until = Stretch(until=robot.app.travel.now)
    await opened(robot, until.of(FileLog("job", written.path)))
    assert robot.shows("nothing of then is kept: older lines were rotated away")
