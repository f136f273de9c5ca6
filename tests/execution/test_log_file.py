"""A file of a log, written when there is no room."""

from pathlib import Path

from engine.execution.runtime.log_file import LogFile
from tests.support.room import room_for


def test_a_line_that_was_cut_is_ended_before_it_is_said_what_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    log = LogFile(str(path), 0, 0)
    log.append(b"first\n")
    with room_for(10):
        assert log.append(b"second\n") == (6, 10)
        assert log.append(b"third\n") is None
    log.append(b"fourth\n")
    log.close()
    first, second, told, fourth = path.read_bytes().splitlines()
    assert (first, second, fourth) == (b"first", b"seco", b"fourth")
    assert told.endswith(b" WARN  9 bytes of this log could not be written: File too large")
