"""A fingerprint of the files moves when anything changes that a load would see."""

import os
from pathlib import Path

from engine.definitions.watching import snapshot
from tests.definitions.support import JOB


def test_it_stays_while_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(JOB)
    before = snapshot([tmp_path])
    (tmp_path / "output.txt").write_text("a job's own file")
    (tmp_path / ".hidden.yaml").write_text(JOB)
    assert snapshot([tmp_path]) == before


def test_it_moves_with_definitions_and_code_that_appear_change_or_go(tmp_path: Path) -> None:
    seen = {snapshot([tmp_path])}
    (tmp_path / "a.yaml").write_text(JOB)
    seen.add(snapshot([tmp_path]))
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "code.py").write_text("x = 1\n")
    seen.add(snapshot([tmp_path]))
    (tmp_path / "lib" / "code.py").write_text("x = 12\n")
    seen.add(snapshot([tmp_path]))
    (tmp_path / "a.yaml").rename(tmp_path / "b.yaml")
    seen.add(snapshot([tmp_path]))
    assert len(seen) == 5


def test_it_moves_when_a_file_is_written_with_the_same_size_and_time(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(JOB)
    status = file.stat()
    before = snapshot([file])
    (tmp_path / "new").write_text(JOB.replace("sample", "simple"))
    (tmp_path / "new").rename(file)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file.stat().st_size == status.st_size
    assert snapshot([file]) != before


def test_code_elsewhere_is_watched_when_it_is_named(tmp_path: Path) -> None:
    jobs, code = tmp_path / "jobs", tmp_path / "code.py"
    jobs.mkdir()
    code.write_text("x = 1\n")
    before = snapshot([jobs], [code])
    code.write_text("x = 22\n")
    assert snapshot([jobs], [code]) != before


def test_a_folder_that_goes_is_a_change_and_no_error(tmp_path: Path) -> None:
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    (jobs / "a.yaml").write_text(JOB)
    before = snapshot([jobs])
    (jobs / "a.yaml").unlink()
    jobs.rmdir()
    assert snapshot([jobs]) != before
