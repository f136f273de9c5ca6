"""A file of a log: rotated, and written when there is no room."""

from pathlib import Path

import pytest

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


@pytest.mark.parametrize("generations", [0, 1, 2])
def test_a_log_is_written_on_however_often_it_is_rotated(tmp_path: Path, generations: int) -> None:
    path = tmp_path / "job.log"
    log = LogFile(str(path), 60, generations)
    places = [log.append(b"%058d\n" % number + b"\n") for number in range(6)]
    log.close()
    assert None not in places
    assert b"%058d" % 5 in path.read_bytes()
    older = [tmp_path / f"job.log.{number}" for number in range(1, generations + 1)]
    assert sorted(tmp_path.iterdir()) == [path, *older]
    for age, file in enumerate(older, 1):
        assert b"%058d" % (5 - age) in file.read_bytes()
