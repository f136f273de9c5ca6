"""What a run writes keeps its order where the room for its beginning is used up."""

from pathlib import Path

from engine.execution.job_log import parse_line
from engine.execution.runtime.capture import Capture
from engine.execution.runtime.log_file import LogFile
from engine.testing.clock import ManualClock


def test_a_line_stays_whole_when_the_beginning_is_full_between_its_halves(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    log = LogFile(str(path), 0, 0)
    capture = Capture(7, log, head=20, tail=1000)
    assert capture.output("OUT", b"first half, ")
    capture.output("ERR", b"more than there is room for\n")
    assert not capture.output("OUT", b"second half\n")
    capture.output("OUT", b"next\n")
    capture.finish()
    log.close()
    lines = [parse_line(line) for line in path.read_bytes().splitlines()]
    told = b"".join(line.text + b"\n" for line in lines if line.level == "OUT")
    assert told == b"first half, second half\nnext\n"


def test_pieces_of_a_line_are_put_together_for_a_moment_behind_the_beginning_too(
    tmp_path: Path,
) -> None:
    path = tmp_path / "job.log"
    log = LogFile(str(path), 0, 0)
    clock = ManualClock()
    capture = Capture(7, log, head=0, tail=1000, now=clock.monotonic)
    for data in (b"a", b"b", b"c"):
        capture.output("OUT", data)
        clock.advance(0.04)
    clock.advance(0.1)
    capture.output("OUT", b"d")
    capture.output("ERR", b"e")
    capture.output("OUT", b"f\n")
    capture.finish()
    log.close()
    lines = [parse_line(line) for line in path.read_bytes().splitlines()]
    assert [(line.level, line.text) for line in lines] == [
        ("OUT~", b"abc"),
        ("OUT~", b"d"),
        ("ERR~", b"e"),
        ("OUT", b"f"),
    ]


def test_what_is_kept_of_small_pieces_is_the_last_that_there_is_room_for(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    log = LogFile(str(path), 0, 0)
    clock = ManualClock()
    capture = Capture(7, log, head=0, tail=640, now=clock.monotonic)
    for number in range(1000):
        clock.advance(1)
        capture.output("OUT", b"%03d" % number)
    capture.finish()
    log.close()
    gap, *kept = [parse_line(line) for line in path.read_bytes().splitlines()]
    assert gap.text == b"2970 bytes dropped"
    assert [line.text for line in kept] == [b"%03d" % number for number in range(990, 1000)]
