"""What a run writes keeps its order where the room for its beginning is used up."""

from pathlib import Path

from engine.execution.job_log import parse_line
from engine.execution.runtime.capture import Capture
from engine.execution.runtime.log_file import LogFile


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
