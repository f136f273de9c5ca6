"""Reading on in one instance's part of a log: each line once, and no byte of it twice."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.execution.runtime.log_file import LogFile
from engine.execution.slice_follower import SliceFollower

LIMIT = 60  # bytes: each line is rotated before the next one is written


def line(text: object, run: int = 1) -> bytes:
    return f"2026-11-23T07:15:00.123456Z OUT   JI {run}: {text}\n".encode()


def look(follower: SliceFollower, *, has_ended: bool = False) -> tuple[list[str], bool]:
    """Return the texts that were added, and whether they are all."""
    with follower.added(has_ended=has_ended) as added:
        texts = [each.decode().rpartition("JI 1: ")[2] for each in added.lines]
        return texts, added.is_whole


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "job.log"
    path.write_bytes(line("another's", 2) + line("a") + line("b"))
    return path


@pytest.fixture
def follower(path: Path) -> SliceFollower:
    """One that has read `a` and `b`."""
    follower = SliceFollower(path, 1, len(line("another's", 2)))
    assert look(follower) == (["a", "b"], True)
    return follower


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


@pytest.mark.parametrize("seed", range(20))
def test_each_line_comes_once_and_what_rotation_removed_is_told(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    log = LogFile(str(tmp_path / "job.log"), chance.randint(LIMIT, 700), chance.randint(0, 4))
    log.append(line("another's", 2))
    (start, _) = log.append(line(0)) or (0, 0)
    follower = SliceFollower(tmp_path / "job.log", 1, start)
    assert look(follower) == (["0"], True)
    written = 0
    for _ in range(40):
        first = written + 1
        for _ in range(chance.choice((0, 1, 3, 10, 30))):
            written += 1
            log.append(line(written))
            if chance.random() < 0.3:
                log.append(line("another's", 2))
        texts, is_whole = look(follower)
        expected = [str(number) for number in range(first, written + 1)]
        assert texts == expected[len(expected) - len(texts) :]
        assert is_whole == (len(texts) == len(expected))
    log.close()


def test_of_a_long_log_only_what_was_added_is_read(
    path: Path, follower: SliceFollower, bytes_read: Callable[[], int]
) -> None:
    append(path, line("x" * 900) * 10_000)
    before = bytes_read()
    assert len(look(follower)[0]) == 10_000
    assert bytes_read() - before > 9_000_000
    before = bytes_read()
    assert look(follower) == ([], True)
    append(path, line("c"))
    assert look(follower) == (["c"], True)
    assert bytes_read() - before < 100_000


@pytest.fixture
def bytes_read() -> Callable[[], int]:
    """Tell how many bytes this process has read so far."""
    return lambda: int(Path("/proc/self/io").read_text().split()[1])


def test_a_line_that_is_being_written_comes_whole(path: Path, follower: SliceFollower) -> None:
    append(path, line("c") + line("d")[:-3])
    assert look(follower) == (["c"], True)
    append(path, line("d")[-3:] + line("e")[:-1])
    assert look(follower) == (["d"], True)
    assert look(follower, has_ended=True) == (["e"], True)


def test_a_rotated_file_is_read_to_its_end(path: Path, follower: SliceFollower) -> None:
    append(path, line("c"))
    log = LogFile(str(path), LIMIT, 3)
    log.append(line("d"))
    append(path.with_name("job.log.1"), line("late"))  # by who had not seen the rotation yet
    append(path.with_name("job.log.1"), line("torn")[:-1])
    assert look(follower) == (["c", "late", "torn", "d"], True)
    log.append(line("e"))
    assert look(follower) == (["e"], True)
    log.close()


@pytest.mark.parametrize("free", ["job.log", "job.log.1", "job.log.2"])
def test_a_name_is_free_for_a_moment_while_a_log_is_rotated(
    path: Path, follower: SliceFollower, free: str
) -> None:
    log = LogFile(str(path), LIMIT, 9)
    for text in ("c", "d", "e"):
        log.append(line(text))
    log.close()
    numbers = [0, 1, 2, 3][["job.log", "job.log.1", "job.log.2"].index(free) :]
    for number in reversed(numbers):
        name = f"job.log.{number}" if number else "job.log"
        path.with_name(name).rename(path.with_name(f"job.log.{number + 1}"))
    assert look(follower) == (["c", "d", "e"], True)


def test_a_log_that_was_emptied_is_read_anew(path: Path, follower: SliceFollower) -> None:
    path.write_bytes(b"")
    assert look(follower) == ([], True)
    append(path, line("c"))
    assert look(follower) == (["c"], True)


def test_a_log_that_was_taken_away_is_read_when_it_is_there_again(
    path: Path, follower: SliceFollower
) -> None:
    path.rename(path.with_name("elsewhere"))  # its inode is not given to the new one
    assert look(follower) == ([], True)
    path.write_bytes(line("c") + line("another's", 2) * 9)
    assert look(follower) == (["c"], True)


def test_a_beginning_that_is_gone_is_told_once(path: Path) -> None:
    log = LogFile(str(path), LIMIT, 1)
    for text in ("c", "d", "e"):
        log.append(line(text))
    follower = SliceFollower(path, 1, 0)
    assert look(follower) == (["d", "e"], False)
    assert look(follower) == ([], True)
    log.close()


def test_a_log_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    follower = SliceFollower(tmp_path / "job.log", 1, 0)
    assert look(follower) == ([], False)
    assert look(follower) == ([], True)
    (tmp_path / "job.log").write_bytes(line("a"))
    assert look(follower) == (["a"], True)
