"""A backup, and going back to one, where the file system knows no hard links: a stick, a share."""

import errno
import os
from pathlib import Path
from stat import S_ISDIR

import pytest

from engine.errors import StoreError
from engine.persistence import copies, jobs, maintenance, restoring
from engine.persistence.database import Database
from tests.support.stores import opened, some_jobs

fsync = os.fsync


def refuse_links(
    monkeypatch: pytest.MonkeyPatch, number: int = errno.EPERM, meanwhile: Path | None = None
) -> None:
    """Let the kernel answer as it does on such a file system; a file is made just then."""

    def refuse(source: Path, target: Path) -> None:
        if meanwhile is not None:
            meanwhile.write_text("mine")
        raise OSError(number, os.strerror(number), source, None, target)

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_backup_gets_its_name(
    sqlite_store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with sqlite_store.begin() as tx:
        some_jobs(tx, 3)
    refuse_links(monkeypatch, number)
    target = tmp_path / "backup.db"
    assert copies.copy_to(sqlite_store, target) == target.stat().st_size
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup.db"]
    with opened(target) as copy, copy.read() as tx:
        assert maintenance.problems(tx) == []
        assert len(jobs.names(tx)) == 3


def test_a_backup_replaces_nothing_that_was_made_meanwhile(
    sqlite_store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "backup.db"
    refuse_links(monkeypatch, meanwhile=target)
    with pytest.raises(StoreError, match="a backup never replaces a file"):
        copies.copy_to(sqlite_store, target)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup.db"]
    assert target.read_text() == "mine"


def test_a_backup_that_cannot_get_its_name_leaves_nothing(
    sqlite_store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*names: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), *names)

    refuse_links(monkeypatch)
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StoreError, match="cannot be written: Input/output error"):
        copies.copy_to(sqlite_store, tmp_path / "backup.db")
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_share_that_cannot_sync_a_folder_takes_a_backup(
    sqlite_store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        if S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse)
    copies.copy_to(sqlite_store, tmp_path / "backup.db")
    with opened(tmp_path / "backup.db") as copy, copy.read() as tx:
        assert maintenance.problems(tx) == []


def test_the_store_that_a_backup_replaces_is_kept(
    sqlite_store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, store = tmp_path / "backup.db", tmp_path / "store.db"
    copies.copy_to(sqlite_store, backup)
    with sqlite_store.begin() as tx:
        some_jobs(tx, 3)
    copies.copy_to(sqlite_store, store)
    store.chmod(0o640)
    refuse_links(monkeypatch)
    kept = restoring.restore_file(backup, f"sqlite:///{store}", {})[1]
    assert kept is not None
    assert kept.stat().st_mode & 0o777 == 0o640
    for path, number in ((store, 0), (kept, 3)):
        with opened(path) as found, found.read() as tx:
            assert maintenance.problems(tx) == []
            assert len(jobs.names(tx)) == number
