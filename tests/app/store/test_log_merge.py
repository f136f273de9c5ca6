"""Several logs read as one: every line once, in the order of time, from any place both ways."""

from hypothesis import given, settings, strategies as st

from app.store.log_match import Look, matching, shown_lines
from app.store.log_merge import MergedReader
from app.store.log_reader import FileReader, count_on
from app.store.log_scan import LogLine
from tests.support.logs import MemoryLog


def at(second: int, text: str) -> bytes:
    return f"2026-11-23T07:{second // 60:02}:{second % 60:02}.000000Z INFO  {text}\n".encode()


def merged(*logs: MemoryLog) -> MergedReader:
    return MergedReader("merged", logs, [f"log{index}" for index in range(len(logs))])


def texts(lines: list[LogLine]) -> list[str]:
    return [f"{line.origin} {line.head.decode().rpartition('  ')[2]}" for line in lines]


def all_forward(reader: MergedReader, most: int) -> list[LogLine]:
    lines, place = [], 0
    while True:
        found = reader.forward(place, most, None)
        lines += found.lines
        place = found.reached
        if found.is_done:
            return lines


def all_backward(reader: MergedReader, most: int) -> list[LogLine]:
    lines: list[LogLine] = []
    place = reader.end()
    while True:
        found = reader.backward(place, most, None)
        lines = found.lines + lines
        place = found.reached
        if found.is_done:
            return lines


seconds = st.lists(st.integers(0, 300), max_size=25).map(sorted)


@settings(max_examples=150, deadline=None)
@given(logs=st.lists(seconds, min_size=1, max_size=4), most=st.integers(1, 30))
def test_every_line_comes_once_in_order_both_ways(logs: list[list[int]], most: int) -> None:
    sources = [MemoryLog(b"".join(at(each, f"s{each}") for each in log)) for log in logs]
    wanted = sorted((second, index) for index, log in enumerate(logs) for second in log)
    expected = [f"log{index} s{second}" for second, index in wanted]
    on = all_forward(merged(*sources), most)
    back = all_backward(merged(*sources), most)
    assert texts(on) == expected
    assert back == on
    ends = [line.end for line in on]
    assert [line.offset for line in on] == [0, *ends[:-1]][: len(on)], "places have no gaps"


def test_lines_without_an_instant_stay_with_the_line_before_them() -> None:
    first = MemoryLog(at(1, "one") + b"Traceback\n  File\n" + at(5, "five"))
    second = MemoryLog(at(1, "eins") + at(3, "drei"))
    reader = merged(first, second)
    heads = [line.head.decode()[-9:] for line in reader.forward(0, 9, None).lines]
    assert [each.split("  ")[-1] for each in heads] == [
        "one", "Traceback", "File", "eins", "drei", "five",
    ]  # fmt: skip
    assert reader.backward(reader.end(), 9, None).lines == reader.forward(0, 9, None).lines


def test_what_is_written_later_comes_next_and_new_lines_are_counted() -> None:
    logs = [MemoryLog(at(1, "a")), MemoryLog(at(2, "b"))]
    reader = merged(*logs)
    end = reader.end()
    logs[1].data += at(3, "c")
    logs[0].data += at(4, "d") + b"half a li"
    assert count_on(reader, end, None)[0] == 2
    found = reader.forward(end, 9, None)
    assert texts(found.lines) == ["log1 c", "log0 d"]
    logs[0].data = b""
    assert reader.is_renewed(found.reached), "one was begun anew"


def test_a_time_is_found_in_all_of_them() -> None:
    logs = [MemoryLog(b"".join(at(each, f"x{each}") for each in range(start, 600, 2)))
            for start in (0, 1)]  # fmt: skip
    reader = merged(*logs)
    place = reader.at_time("2026-11-23T07:05:00.000000Z")
    assert texts(reader.forward(place, 3, None).lines) == ["log0 x300", "log1 x301", "log0 x302"]
    assert texts(reader.backward(place, 1, None).lines) == ["log1 x299"]


def test_a_place_that_nobody_remembers_is_walked_to() -> None:
    logs = [MemoryLog(b"".join(at(each, f"x{each}") for each in range(start, 600, 2)))
            for start in (0, 1)]  # fmt: skip
    reader = merged(*logs)
    lines = all_forward(reader, 1000)
    assert merged(*logs).forward(lines[401].offset, 2, None).lines == lines[401:403]


def test_a_line_is_read_whole_from_its_own_log() -> None:
    logs = [MemoryLog(at(1, "a")), MemoryLog(at(0, "b") + at(2, "c" * 20_000))]
    reader = merged(*logs)
    line = reader.forward(0, 9, None).lines[-1]
    assert reader.whole(line, 1 << 20) == at(2, "c" * 20_000)


def test_of_instances_each_log_gives_its_own_lines_alone() -> None:
    log = MemoryLog(at(1, "JI 1: mine") + at(2, "JI 2: other") + at(3, "JI 1: mine too"))
    log.needle, log.ends_at = b"JI 1:", len(log.data)
    reader = merged(log, MemoryLog(at(2, "JI 3: between")))
    assert texts(reader.forward(0, 9, None).lines) == [
        "log0 JI 1: mine", "log1 JI 3: between", "log0 JI 1: mine too",
    ]  # fmt: skip


chunks = st.lists(
    st.sampled_from(
        [
            "find me", "FIND me", "nothing", "", "find" * 3, "fi\x1b[1mnd", "\x1b[31mother",
            "2026-01-05T12:00:00.000000Z INFO  JI 31: fine", "\x1b]0;find\x07",
        ]
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    parts=chunks,
    needle=st.sampled_from(["find", "Find", "FIND", "!find", "me", "31", "#31", "12:00", "Z"]),
)
def test_matches_are_the_lines_that_a_walk_would_find(parts: list[str], needle: str) -> None:
    log = MemoryLog("".join(f"{part}\n" for part in parts).encode() + b"find unfinished")
    has = shown_lines(0, needle, b"")
    walk = FileReader(log).forward(0, 100, has)
    found = FileReader(log).matching(0, matching(needle, Look()), None)
    assert list(found.offsets) == [line.offset for line in walk.lines]
    assert found.is_done
    assert found.reached == FileReader(log).end()


def test_matches_are_counted_on_from_where_the_last_count_stopped() -> None:
    log = MemoryLog(b"x" * 300_000 + b" find\nfind\nother\n" * 3)
    reader = FileReader(log)
    find = matching("find", Look())
    first = reader.matching(0, find, None)
    log.data += b"find\n"
    more = reader.matching(first.reached, find, None)
    assert len(first.offsets) == 6
    assert list(more.offsets) == [len(log.data) - 5]
