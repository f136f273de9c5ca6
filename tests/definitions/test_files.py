"""Only regular files are read, each once, and never through a link."""

import os
import socket
from pathlib import Path

import pytest

from engine.definitions.files import LARGEST_FILE
from engine.definitions.reader import read
from tests.definitions.support import JOB, problems_in


def _names(*paths: Path) -> list[str]:
    return [definition.name for definition in read(paths).definitions]


def _job(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(JOB.replace("sample", name))


def test_folders_are_read_with_all_below_them_in_order(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "sub/c.yaml", "sub/deeper/d.yaml"):
        _job(tmp_path / name, Path(name).stem)
    assert _names(tmp_path) == ["a", "b", "c", "d"]


def test_hidden_backup_and_other_files_are_ignored(tmp_path: Path) -> None:
    _job(tmp_path / "a.yaml", "a")
    for name in (".b.yaml", "c.yaml~", "d.yaml.swp", "e.txt", ".git/f.yaml", "#g.yaml#"):
        _job(tmp_path / name, "other")
    assert _names(tmp_path) == ["a"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    _job(tmp_path / "a.yaml", "a")
    assert _names(tmp_path, tmp_path / "a.yaml", tmp_path / "." / "a.yaml") == ["a"]


def test_a_file_given_by_name_may_have_any_name(tmp_path: Path) -> None:
    _job(tmp_path / "job.txt", "a")
    assert _names(tmp_path / "job.txt") == ["a"]


def test_a_path_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert problems_in(tmp_path / "none") == ["none: there is no such file or folder"]
    assert problems_in(tmp_path / "a\0b") == ["a\\x00b: there is no such file or folder"]


def test_a_path_that_is_too_long_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    name = "n" * 5000
    assert problems_in(tmp_path / name) == [f"{name}: cannot be read: File name too long"]


def test_links_are_refused_and_linked_folders_are_not_followed(tmp_path: Path) -> None:
    _job(tmp_path / "real" / "a.yaml", "a")
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    (jobs / "linked").symlink_to(tmp_path / "real")
    reading = read([jobs])
    assert reading.definitions == ()
    assert reading.warnings == (f"{jobs}/linked: a link to a folder; it is not followed",)
    (jobs / "a.yaml").symlink_to(tmp_path / "real" / "a.yaml")
    (jobs / "b.yaml").symlink_to(tmp_path / "nowhere")
    what = "is a symbolic link; only regular files are read: name the file itself"
    assert problems_in(jobs) == [f"jobs/a.yaml:1:1: {what}", f"jobs/b.yaml:1:1: {what}"]


def test_a_folder_given_through_a_link_is_read(tmp_path: Path) -> None:
    _job(tmp_path / "real" / "a.yaml", "a")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (definition,) = read([tmp_path / "link"]).definitions
    assert definition.source == str(tmp_path / "real" / "a.yaml")


def test_pipes_sockets_devices_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "s.yaml"))
        problems = problems_in(tmp_path / "pipe.yaml", tmp_path / "s.yaml", Path("/dev/null"))
    assert problems == [
        "pipe.yaml:1:1: is a named pipe; only regular files are read",
        "s.yaml:1:1: cannot be opened: No such device or address",
        "/dev/null:1:1: is a device; only regular files are read",
    ]


def test_a_file_of_256_kib_is_read_and_a_larger_one_is_named(tmp_path: Path) -> None:
    comment = "#" * (LARGEST_FILE - len(JOB) - 1) + "\n"
    (tmp_path / "a.yaml").write_text(JOB + comment)
    assert _names(tmp_path) == ["sample"]
    (tmp_path / "b.yaml").write_text(JOB + "##" + comment)
    with (tmp_path / "c.yaml").open("wb") as file:
        file.truncate(4 * 2**30)
    assert problems_in(tmp_path / "b.yaml", tmp_path / "c.yaml") == [
        (
            "b.yaml:1:1: has 262,146 bytes; at most 262,144 are accepted; "
            "share its jobs out over several files of one folder"
        ),
        (
            "c.yaml:1:1: has 4,294,967,296 bytes; at most 262,144 are accepted; "
            "share its jobs out over several files of one folder"
        ),
    ]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"name: a\ndesc: \xe9t\xe9\n", "is not UTF-8: byte 0xe9 on line 2"),
        ("name: a\n".encode("utf-16"), "is UTF-16; only UTF-8 is accepted"),
    ],
)
def test_only_utf8_is_read(tmp_path: Path, data: bytes, problem: str) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    assert problems_in(tmp_path / "a.yaml") == [f"a.yaml:1:1: {problem}"]


def test_a_byte_order_mark_of_utf8_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + JOB.encode())
    assert _names(tmp_path) == ["sample"]


def test_the_name_of_a_file_cannot_colour_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.yaml").write_text("x: 1\n")
    (problem, *_) = problems_in(tmp_path)
    assert "\x1b" not in problem


def test_problems_of_all_files_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(JOB + "nam: x\n")
    (tmp_path / "a.yaml").write_text(JOB + "tmeout: 1\nnam: x\n")
    assert [
        problem.partition(": ")[0] for problem in problems_in(tmp_path / "b.yaml", tmp_path)
    ] == [
        "b.yaml:6:1",
        "a.yaml:6:1",
        "a.yaml:7:1",
    ]


def test_a_file_that_anybody_may_write_is_read_with_a_warning(tmp_path: Path) -> None:
    for name in ("a.yaml", "a.py"):
        (tmp_path / name).write_text("name: a\nduration: 9\ncode: a.py\n")
        (tmp_path / name).chmod(0o666)
    (tmp_path / "a.py").write_text("def run(): pass\n")
    warnings = read([tmp_path]).warnings
    assert [line.partition(": ")[0] for line in warnings] == [
        f"{tmp_path}/a.yaml",
        f"{tmp_path}/a.py",
    ]
    assert all("anybody on this machine may write it" in line for line in warnings)
