"""Reading logs: their end, what is added, what is sought, and little of the rest."""

import os
import resource
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from engine.execution import log_reader
from engine.execution.job_log import JobLogs, LogLine, parse_line
from engine.execution.log_reader import LONGEST_LINE, follow, search_back, slice_of, tail
from engine.execution.runtime.log_file import LogFile
from engine.execution.runtime.log_format import pieces


def write(path: Path, lines: list[bytes]) -> None:
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def test_the_last_lines_come_oldest_first_across_rotated_files(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    write(tmp_path / "job.log.2", [b"1", b"2"])
    write(tmp_path / "job.log.1", [b"3", b"4"])
    write(path, [b"5"])
    assert tail(path, 2) == [b"4", b"5"]
    assert tail(path, 4) == [b"2", b"3", b"4", b"5"]
    assert tail(path, 99) == [b"1", b"2", b"3", b"4", b"5"]
    assert tail(path, 0) == []
    assert tail(tmp_path / "none.log", 5) == []


@given(
    lines=st.lists(st.binary(max_size=300).map(lambda data: data.replace(b"\n", b"")), max_size=60),
    count=st.integers(0, 70),
    block=st.integers(1, 64),
    ends=st.booleans(),
)
def test_the_tail_is_what_reading_everything_gives(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[bytes],
    count: int,
    block: int,
    ends: bool,
) -> None:
    path = tmp_path_factory.mktemp("tail") / "job.log"
    data = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    path.write_bytes(data)
    everything = data.split(b"\n")
    if not everything[-1]:
        everything.pop()
    usual, log_reader._BLOCK = log_reader._BLOCK, block
    try:
        assert tail(path, count) == (everything[-count:] if count else [])
        offsets = [(offset, line) for _, offset, line in search_back(path, b"")]
    finally:
        log_reader._BLOCK = usual
    for offset, line in offsets:
        assert data[offset : offset + len(line)] == line
    assert [line for _, line in offsets] == everything[::-1]


def test_the_end_of_a_log_of_gigabytes_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    with path.open("wb") as file:
        file.truncate(8 << 30)  # a hole: it takes no space
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + b"".join(b"line %d\n" % n for n in range(1000)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    assert tail(path, 3) == [b"line 997", b"line 998", b"line 999"]
    (hit,) = islice(search_back(path, b"LINE 500"), 1)
    assert hit[2] == b"line 500"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 1.0


class Waits:
    """Stands for waiting: does one thing after the other, and then wants it to end."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self._steps: Iterator[Callable[[], object]] = iter(steps)

    def __call__(self, seconds: float) -> bool:
        assert 0 < seconds <= 1
        step = next(self._steps, None)
        if step is None:
            return True
        step()
        return False


def append(path: Path, data: bytes) -> Callable[[], object]:
    def add() -> None:
        with path.open("ab") as file:
            file.write(data)

    return add


def test_what_is_added_follows_the_last_lines(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    write(path, [b"1", b"2", b"3"])
    wait = Waits(append(path, b"4\n5"), append(path, b"5\n"), append(path, b"6\n7\n"))
    assert list(follow(path, wait, last=2)) == [b"2", b"3", b"4", b"55", b"6", b"7"]


def test_what_is_added_while_the_last_lines_are_being_shown_follows_them(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    write(path, [b"1", b"2", b"3"])
    lines = follow(path, Waits(lambda: None), last=2)
    shown = [next(lines)]
    append(path, b"4\n")()
    assert shown + list(lines) == [b"2", b"3", b"4"]


def test_what_is_rotated_while_the_last_lines_are_being_shown_follows_them(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    log = LogFile(str(path), 100, 3)
    for letter in (b"a", b"b"):
        log.append(letter * 99 + b"\n")
    lines = follow(path, Waits(lambda: None), last=3)
    shown = [next(lines)]
    for letter in (b"c", b"d"):
        log.append(letter * 99 + b"\n")
    shown += lines
    log.close()
    assert [line[:1] for line in shown if b"LOG " not in line] == [b"a", b"b", b"c", b"d"]


def test_following_begins_before_there_is_a_log(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    assert list(follow(path, Waits(lambda: None, append(path, b"first\n")))) == [b"first"]


def test_following_goes_on_across_rotation(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    log = LogFile(str(path), 100, 3)
    log.append(b"a" * 99 + b"\n")

    def add(letter: bytes) -> Callable[[], object]:
        return lambda: log.append(letter * 99 + b"\n")

    def burst() -> None:
        for letter in (b"d", b"e"):
            log.append(letter * 99 + b"\n")

    lines = list(follow(path, Waits(add(b"b"), add(b"c"), burst), last=1))
    log.close()
    assert [line[:1] for line in lines if b"LOG " not in line] == [b"a", b"b", b"c", b"d", b"e"]


def test_a_long_line_is_followed_without_a_pause(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    write(path, [b"1"])
    long = b"x" * (500 << 10)
    assert list(follow(path, Waits(append(path, long + b"\n2\n")))) == [b"1", long, b"2"]


def test_a_line_without_an_end_is_followed_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    write(path, [b"1"])
    long = b"x" * (5 << 20)
    lines = list(follow(path, Waits(append(path, long + b"\n2\n"))))
    assert (lines[0], lines[-1], b"".join(lines[1:-1])) == (b"1", b"2", long)
    assert max(map(len, lines)) <= 2 * LONGEST_LINE


def test_a_rotated_file_is_followed_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    write(path, [b"1"])
    long = b"x" * (200 << 10)

    def burst() -> None:
        append(path, long + b"\n2\n" + long + b"\n3\ntorn")()
        path.rename(tmp_path / "job.log.1")
        write(path, [b"4"])

    expected = [b"1", long, b"2", long, b"3", b"torn", b"4"]
    assert list(follow(path, Waits(burst))) == expected


def test_what_is_written_to_a_log_that_was_emptied_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    write(path, [b"1", b"a longer line"])
    wait = Waits(lambda: path.write_bytes(b""), append(path, b"2\n"), append(path, b"3\n"))
    assert list(follow(path, wait)) == [b"1", b"a longer line", b"2", b"3"]


def test_what_is_sought_is_found_last_first(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    write(tmp_path / "job.log.1", [b"Error one", b"fine"])
    write(path, [b"error two", b"fine", b"ERROR three"])
    assert [line for _, _, line in search_back(path, b"error")] == [
        b"ERROR three",
        b"error two",
        b"Error one",
    ]
    found = list(search_back(path, b"error", ignore_case=False))
    assert [(file.name, offset, line) for file, offset, line in found] == [
        ("job.log", 0, b"error two")
    ]


def test_a_slice_is_found_however_often_the_log_was_rotated(tmp_path: Path) -> None:
    logs = LogFile(str(tmp_path / "job.log"), 500, 4)
    places: dict[int, tuple[int, int]] = {}
    for run in range(1, 31):
        line = f"2026-11-23T07:15:00.123456Z OUT   JI {run}: line of {run}\n".encode()
        first, last = logs.append(line), logs.append(line)
        assert first is not None
        assert last is not None
        places[run] = (first[0], last[1])
    logs.close()
    whole = 0
    for run, (start, end) in places.items():
        found = slice_of(tmp_path / "job.log", run, start, end)
        lines = list(found.lines)
        assert all(f"JI {run}: line of {run}".encode() in line for line in lines)
        assert len(lines) == 2 if found.is_whole else len(lines) < 2
        whole += found.is_whole
    assert 10 < whole < 30


def test_a_slice_of_a_run_that_goes_on_reaches_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    write(path, [b"x OUT   JI 1: a", b"x OUT   JI 2: b", b"x OUT   JI 1: c"])
    assert list(slice_of(path, 1, 0).lines) == [b"x OUT   JI 1: a", b"x OUT   JI 1: c"]
    assert list(slice_of(path, 1, None).lines) == []


def test_lines_are_taken_apart() -> None:
    line = parse_line(b"2026-11-23T07:15:00.123456Z OUT~  JI 42: a: b \n")
    assert line == LogLine("2026-11-23T07:15:00.123456Z", "OUT~", 42, b"a: b ")
    assert (line.is_output, line.ends_line) == (True, False)
    strange = parse_line(b"\xff\x00 no line of ours")
    assert strange == LogLine("", "", None, b"\xff\x00 no line of ours")


@given(data=st.binary(max_size=400))
def test_pieces_give_back_the_bytes_that_were_written(data: bytes) -> None:
    framed = pieces("OUT", b"2026-11-23T07:15:00.123456Z OUT   JI 42: ", data)
    again = b""
    for line in framed.split(b"\n")[:-1]:
        parts = parse_line(line)
        assert (parts.level.rstrip("~"), parts.job_instanceid) == ("OUT", 42)
        again += parts.text + (b"\n" if parts.ends_line else b"")
    assert again == data


def test_rotation_by_two_writers_loses_no_line(tmp_path: Path) -> None:
    one = LogFile(str(tmp_path / "job.log"), 300, 50)
    two = JobLogs(tmp_path, rotate_at=300, generations=50)
    for number in range(60):
        one.append(b"2026-11-23T07:15:00.123456Z OUT   JI 1: %d\n" % number)
        two.write("job", 2, "INFO", str(number))
    one.close()
    lines = [parse_line(line) for line in tail(tmp_path / "job.log", 1000)]
    for run in (1, 2):
        texts = [line.text for line in lines if line.job_instanceid == run]
        assert texts == [b"%d" % number for number in range(60)]
