"""Exit records: durable before they are told, exact after a power cut, and few."""

import json
from pathlib import Path

import pytest

from engine.domain.instance import Ending
from engine.execution.exit_records import read_exits
from engine.execution.runtime.exit_file import ExitFile
from engine.execution.runtime.plain import dumps
from tests.support.room import room_for


def record(run: int, ending: str = "returned", **more: object) -> bytes:
    return dumps({"id": run, "ending": ending, "at": 1, "began": True, "log": "", **more})


def test_what_was_synced_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "1.exits"
    file = ExitFile(str(path))
    file.add(1, record(1, code=0))
    assert read_exits(path) == []
    assert file.sync() == [record(1, code=0)]
    file.add(2, record(2, "exception", error=["ValueError", "no", "trace"], failed=True))
    file.sync()
    first, second = read_exits(path)
    assert (first.job_instanceid, first.ending, first.exit_code) == (1, Ending.RETURNED, 0)
    assert second.error is not None
    assert (second.error.name, second.errors_above_warning) == ("ValueError", True)


def test_a_line_cut_short_was_told_to_nobody(tmp_path: Path) -> None:
    path = tmp_path / "1.exits"
    whole = record(1) + b"\n"
    for cut in range(len(record(2)) + 1):
        path.write_bytes(whole + record(2)[:cut])
        assert [ended.job_instanceid for ended in read_exits(path)] == [1]
    path.write_bytes(whole + b"\0" * 4096 + b"\n" + record(3) + b"\n")
    assert [ended.job_instanceid for ended in read_exits(path)] == [1, 3]


def test_an_error_that_an_older_supervisor_took_on_trust_is_texts(tmp_path: Path) -> None:
    path = tmp_path / "1.exits"
    told: tuple[object, ...] = (
        [5, "b", ""],
        ["a", "b", "", "d"],
        ["a"],
        7,
        {"a": 1},
        [None, [], {}],
    )
    lines = [record(run, "exception", error=each) for run, each in enumerate(told)]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    errors = [ended.error for ended in read_exits(path)]
    assert len(errors) == len(told)
    for error in errors:
        assert error is not None
        assert {type(part) for part in (error.name, error.description, error.traceback)} == {str}


def test_a_missing_file_has_none(tmp_path: Path) -> None:
    assert read_exits(tmp_path / "none.exits") == []


def test_what_is_acknowledged_goes_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "1.exits"
    file = ExitFile(str(path))
    for run in (1, 2):
        file.add(run, record(run))
    file.sync()
    file.acknowledge([1])
    assert sorted(file.kept) == [2]
    assert 2 in [ended.job_instanceid for ended in read_exits(path)]
    file.remove()
    assert path.exists()
    file.acknowledge([2])
    assert path.stat().st_size == 0
    file.remove()
    assert not path.exists()


def test_the_file_stays_small_while_one_record_waits(tmp_path: Path) -> None:
    path = tmp_path / "1.exits"
    file = ExitFile(str(path))
    for run in range(1, 3001):
        file.add(run, record(run, detail="x" * 3000))
        file.sync()
        if run > 1:
            file.acknowledge([run])
    assert path.stat().st_size < 5 << 20
    assert read_exits(path)[0].job_instanceid == 1
    file.add(9999, record(9999))
    file.sync()
    assert 9999 in [ended.job_instanceid for ended in read_exits(path)]


def test_plain_json_is_json() -> None:
    data = {"a": [1, -2.5, None, True, "p\u0159\u00ed\U0001f600\n\0"], "b": {}}
    assert json.loads(dumps(data)) == data


@pytest.mark.parametrize("size", [0, 20, 150])
def test_a_full_disk_keeps_no_end_from_being_told_and_holds_all_when_there_is_room(
    tmp_path: Path, size: int
) -> None:
    path = tmp_path / "1.exits"
    file = ExitFile(str(path))
    with room_for(size):
        for run in range(1, 6):
            file.add(run, record(run))
            assert file.sync() == [record(run)]
        assert len(read_exits(path)) < 5
        file.acknowledge([2])
    file.add(6, record(6))
    assert file.sync() == [record(6)]
    assert {1, 3, 4, 5, 6} <= {ended.job_instanceid for ended in read_exits(path)}
