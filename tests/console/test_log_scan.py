"""Walking through logs gives the same lines as splitting the whole file, wherever chunks end."""

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from app.store import log_scan
from app.store.log_lines import is_error, parse_line, rank_of
from app.store.log_match import Look, matching, shown_lines
from app.store.log_reader import FileReader
from app.store.log_scan import LogLine, backward, forward, line_start, offset_at
from tests.support.logs import MemoryLog


def whole_lines(data: bytes) -> list[LogLine]:
    lines, at = [], 0
    for part in data.split(b"\n")[:-1]:
        lines.append(LogLine(at, part[: log_scan.HEAD], len(part) + 1))
        at += len(part) + 1
    return lines


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_scan, "CHUNK", 7)
    monkeypatch.setattr(log_scan, "HEAD", 12)


texts = st.lists(st.binary(max_size=30).map(lambda part: part.replace(b"\n", b"")), max_size=20)


@pytest.mark.usefixtures("small_chunks")
@settings(max_examples=300)
@given(parts=texts, most=st.integers(1, 30), budget=st.sampled_from([7, 1000]))
def test_forward_finds_every_line_once(parts: list[bytes], most: int, budget: int) -> None:
    data = b"".join(part + b"\n" for part in parts)
    log = MemoryLog(data)
    found, at = [], 0
    while True:
        walk = forward(log, at, most, budget=budget)
        found += walk.lines
        at = walk.reached
        if walk.is_done:
            break
    assert found == whole_lines(data)


def test_matches_behind_a_line_that_is_longer_than_one_look_are_counted() -> None:
    long = b"x" * (log_scan.BUDGET + log_scan.CHUNK)
    reader = FileReader(MemoryLog(b"needle\n" + long + b"\nneedle\n"))
    offsets: list[int] = []
    at = looks = 0
    while at < reader.size():
        found = reader.matching(at, matching("needle", Look()), None)
        assert found.reached > at
        offsets += found.offsets
        at = found.reached
        looks += 1
    assert offsets == [0, 7 + len(long) + 1]
    assert looks == 2


@pytest.mark.usefixtures("small_chunks")
@settings(max_examples=300)
@given(parts=texts, most=st.integers(1, 30), budget=st.sampled_from([7, 1000]))
def test_backward_finds_every_line_once(parts: list[bytes], most: int, budget: int) -> None:
    data = b"".join(part + b"\n" for part in parts)
    log = MemoryLog(data)
    found: list[LogLine] = []
    at = len(data)
    while True:
        walk = backward(log, at, most, budget=budget)
        found = walk.lines + found
        at = walk.reached
        if walk.is_done:
            break
    assert found == whole_lines(data)


@pytest.mark.usefixtures("small_chunks")
def test_a_line_that_is_still_being_written_is_left_for_later() -> None:
    log = MemoryLog(b"one\ntwo\nthr")
    walk = forward(log, 0, 10)
    assert [line.head for line in walk.lines] == [b"one", b"two"]
    assert walk.reached == 8
    log.data += b"ee\n"
    assert [line.head for line in forward(log, walk.reached, 10).lines] == [b"three"]


def test_a_test_of_lines_leaves_the_others_out_both_ways() -> None:
    data = b"".join(b"%d\n" % number for number in range(100))
    log = MemoryLog(data)
    has_seven = shown_lines(0, "7", b"")
    assert [line.head for line in forward(log, 0, 3, has_seven).lines] == [b"7", b"17", b"27"]
    assert [line.head for line in backward(log, len(data), 2, has_seven).lines] == [b"87", b"97"]


def test_a_walk_stops_after_its_budget_and_says_where() -> None:
    data = b"x" * 99 + b"\n"
    log = MemoryLog(data * 100_000)
    walk = forward(log, 0, 10, lambda head: b"never" in head, budget=1_000_000)
    assert walk.lines == []
    assert not walk.is_done
    assert 1_000_000 <= walk.reached < 1_500_000


def test_the_start_of_a_line_is_found_from_any_byte_of_it() -> None:
    log = MemoryLog(b"one\ntwo\nthree\n")
    assert [line_start(log, at) for at in (0, 2, 4, 5, 8, 13)] == [0, 0, 4, 4, 8, 8]


def stamped(second: int, text: str = "x") -> bytes:
    return f"2026-11-23T07:{second // 60:02}:{second % 60:02}.000000Z INFO  {text}\n".encode()


def test_a_time_is_found_by_halving() -> None:
    data = b"".join(stamped(second, "y" * 300) for second in range(3600))
    log = MemoryLog(data)
    for second in (0, 1, 1799, 3599):
        wanted = stamped(second)[:27]
        offset = offset_at(log, wanted, 27)
        assert data[offset : offset + 27] == wanted
    assert offset_at(log, b"2027", 27) == len(data)


def test_lines_are_taken_apart() -> None:
    line = b"2026-11-23T07:15:00.123456Z ERROR JI 42: no such table"
    parsed = parse_line(LogLine(0, line, len(line) + 1))
    assert parsed == ("2026-11-23T07:15:00.123456Z", "ERROR", 42, b"no such table", 0)
    assert is_error(line)
    assert rank_of(b"no stamp ERROR") == 1
    assert parse_line(LogLine(0, b"plain", 6)).text == b"plain"


def test_lines_follow_each_other_without_gaps() -> None:
    data = b"".join(stamped(second) for second in range(50))
    lines = backward(MemoryLog(data), len(data), 100).lines
    assert all(one.end == other.offset for one, other in pairwise(lines))
