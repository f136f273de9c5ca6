"""The oldest file of a log goes while the log is looked at: what is left of it is read like any."""

from datetime import datetime
from pathlib import Path

import pytest

from app.client.log_file import FileLog
from app.panes.logs import LogsPane
from app.store.log_match import Look, matching
from app.store.log_merge import MergedReader
from app.store.log_reader import FileReader, LogReader, reach_of
from app.store.log_scan import line_start
from app.store.log_stretch import Stretch
from app.testing.harness import Robot
from engine.clock import from_datetime
from tests.console.test_rotated_logs import Written, is_written, said, told

LAST = 70  # the line that is written last


@pytest.fixture
def written(tmp_path: Path) -> Written:
    log = Written(tmp_path / "job.log")
    log.write(10)
    return log


def left(written: Written) -> list[bytes]:
    """The lines that are left, as who opens the log now reads them."""
    found = FileReader(FileLog("job", written.path)).forward(0, 100, is_written)
    return [said(line) for line in found.lines]


def both_ways(reader: LogReader) -> list[list[bytes]]:
    on = reader.forward(reader.begins_at, 100, is_written)
    back = reader.backward(reader.end(), 100, is_written)
    assert on.is_done
    assert back.is_done
    return [[said(line) for line in found.lines] for found in (on, back)]


def test_what_is_left_is_walked_through_both_ways(written: Written) -> None:
    reader = FileReader(FileLog("job", written.path))
    assert both_ways(reader) == [told(*range(1, 11))] * 2
    written.write(60)
    assert both_ways(reader) == [left(written)] * 2
    assert reader.has_lost


def test_a_walk_from_what_is_gone_begins_with_what_is_left(written: Written) -> None:
    log = FileLog("job", written.path)
    reader = FileReader(log)
    written.write(60)
    assert said(reader.forward(0, 1, is_written).lines[0]) == left(written)[0]
    assert reader.backward(0, 9, None).is_done
    assert line_start(log, log.begins_at + 5) == log.begins_at
    assert reach_of(reader) == reach_of(FileReader(FileLog("job", written.path)))


def test_a_time_is_found_in_what_is_left(written: Written) -> None:
    reader = FileReader(FileLog("job", written.path))
    written.write(60)
    first = reader.forward(0, 100, is_written).lines
    assert reader.at_time(first[3].head[:27].decode()) == first[3].offset
    assert reader.at_time("2000-01-01T00:00:00.000000Z") == reader.begins_at


def test_matches_are_counted_in_what_is_left(written: Written) -> None:
    reader = FileReader(FileLog("job", written.path))
    written.write(60)
    found = reader.matching(0, matching("line", Look()), None)
    assert found.is_done
    assert len(found.offsets) == len(left(written))


def test_a_stretch_of_which_the_beginning_goes_is_what_is_left_of_it(written: Written) -> None:
    log = FileLog("job", written.path)
    third = FileReader(log).forward(0, 100, is_written).lines[2]
    since = from_datetime(datetime.fromisoformat(third.head[:27].decode()))
    reader = FileReader(Stretch(since=since).of(log))
    assert not reader.has_lost
    written.write(60)
    assert both_ways(reader) == [left(written)] * 2
    assert reader.has_lost


def test_an_instance_of_which_all_goes_has_no_line_any_more(written: Written) -> None:
    start, end = written.write(1)[0]
    reader = FileReader(FileLog("job #11", written.path, begins_at=start, ends_at=end))
    assert both_ways(reader) == [told(11)] * 2
    written.write(60)
    assert both_ways(reader) == [[], []]
    assert reader.has_lost


def test_logs_in_one_of_which_one_loses_lines_are_what_is_left_of_both(
    written: Written, tmp_path: Path
) -> None:
    other = Written(tmp_path / "other.log")
    other.write(3)
    logs = [FileLog(each.path.name, each.path) for each in (written, other)]
    reader = MergedReader("both", logs, ["job", "other"])
    assert both_ways(reader) == [told(*range(1, 11), 1, 2, 3)] * 2
    end = reader.end()
    written.write(60)
    expected = [*told(1, 2, 3), *left(written)]
    assert both_ways(reader) == [expected] * 2
    assert said(reader.forward(end, 1, is_written).lines[0]) == left(written)[0]


async def opened(robot: Robot, written: Written) -> LogsPane:
    """The pane with a log of which the beginning went after it was opened."""
    await robot.press("o")
    pane = robot.app.pane_named("logs")
    assert isinstance(pane, LogsPane)
    pane.feed.open(FileReader(FileLog("job", written.path)))
    await robot.settled()
    written.write(LAST - 10)
    pane.growth.poll()
    await robot.settled()
    assert robot.shows(f"line {LAST}.")
    return pane


async def test_the_start_is_the_oldest_line_that_is_left(robot: Robot, written: Written) -> None:
    await opened(robot, written)
    await robot.press("g")
    assert robot.shows(left(written)[0].decode())
    assert "cannot be read" not in robot.status


async def test_a_search_is_counted_and_goes_on_from_the_other_end(
    robot: Robot, written: Written
) -> None:
    await opened(robot, written)
    await robot.press("/", *f"line {LAST}", "enter")
    assert robot.shows("1 of 1")
    await robot.press("n")
    assert "went on from the other end" in robot.status
    assert robot.shows("1 of 1")


async def test_matches_that_went_with_their_file_are_not_counted_any_more(
    robot: Robot, written: Written
) -> None:
    pane = await opened(robot, written)
    await robot.press("/", *"line ", "enter")
    written.write(40)
    pane.growth.poll()
    await robot.settled()
    assert robot.shows(f" of {len(left(written))}") or robot.shows(f" {len(left(written))} matches")


async def test_a_filter_with_few_hits_comes_to_the_start_of_what_is_left(
    robot: Robot, written: Written
) -> None:
    await opened(robot, written)
    await robot.press("&", *f"line {LAST}", "enter")
    assert robot.shows(f"line {LAST}.")
    assert robot.shows("● follow")
    assert "cannot be read" not in robot.status
