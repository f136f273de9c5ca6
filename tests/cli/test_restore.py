"""`tocsin restore` goes back to a backup, and keeps what it replaces."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.persistence.database import Database
from engine.persistence.engine_lock import EngineLock
from tests.cli.support import Cli

USER, GROUP = 12_345, 12_346

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can restore another's store")


@pytest.fixture
def backup(cli: Cli, tmp_path: Path) -> Path:
    """A copy of a store with three jobs, of which one was deleted afterwards."""
    copy = tmp_path / "copy.db"
    assert cli("backup", copy).status == 0
    assert cli("job", "delete", "probe").status == 0
    return copy


def names(cli: Cli, *options: str) -> set[str]:
    return {each["name"] for each in cli(*options, "job", "list", "--json").data}


def test_a_restored_store_is_as_it_was_and_what_it_replaced_is_kept(cli: Cli, backup: Path) -> None:
    assert names(cli) == {"report", "ledger-close"}
    told = cli("restore", backup, "--json").data
    assert names(cli) == {"report", "probe", "ledger-close"}
    kept = Path(told["kept"])
    assert kept.name == "tocsin.db.before-restore"
    assert names(cli, "--db", f"sqlite:///{kept}") == {"report", "ledger-close"}
    assert backup.exists()
    assert cli("audit", "list", "--json").data[0]["event"] == "STORE-RESTORED"
    assert cli("restore", backup, "--json").data["kept"] == f"{kept}.2"


def test_it_is_refused_while_an_engine_is_alive(cli: Cli, home: Path, backup: Path) -> None:
    lock = EngineLock(home / "tocsin.db")
    lock.acquire({"pid": 4242})
    said = cli("restore", backup)
    lock.release()
    assert said.status == 1
    assert "pid 4242" in said.reason
    assert names(cli) == {"report", "ledger-close"}


def test_it_is_refused_while_somebody_reads_the_store(cli: Cli, home: Path, backup: Path) -> None:
    database = Database.open(home / "tocsin.db")
    with database.read() as tx:
        tx.run_sql("SELECT count(*) FROM jobs").scalar_one()
        said = cli("restore", backup)
    database.close()
    assert said.status == 1
    assert "close the consoles" in said.reason


def test_what_is_no_backup_changes_nothing(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE x (y)")
    for name in ("none", "text", "other.db"):
        assert cli("restore", tmp_path / name).status == 1
    assert len(names(cli)) == 3


def test_a_damaged_store_is_kept_as_it_is(cli: Cli, home: Path, backup: Path) -> None:
    damaged = b"\0" * 8192
    for beside in ("-wal", "-shm"):
        (home / f"tocsin.db{beside}").unlink(missing_ok=True)
    (home / "tocsin.db").write_bytes(damaged)
    told = cli("restore", backup, "--json").data
    assert Path(told["kept"]).read_bytes() == damaged
    assert len(names(cli)) == 3


def test_a_store_that_is_gone_comes_back(cli: Cli, home: Path, backup: Path) -> None:
    for path in home.glob("tocsin.db*"):
        path.unlink()
    assert cli("restore", backup, "--json").data["kept"] is None
    assert len(names(cli)) == 3


def test_the_log_of_a_store_that_is_gone_is_not_read_into_the_backup(
    cli: Cli, home: Path, backup: Path
) -> None:
    store, log = home / "tocsin.db", home / "tocsin.db-wal"
    with closing(sqlite3.connect(store)) as engine:
        engine.execute("UPDATE jobs SET name = 'later' WHERE name = 'report'")
        engine.commit()
        left = log.read_bytes()  # as a killed engine leaves it
    assert left
    store.unlink()
    log.write_bytes(left)
    assert cli("restore", backup, "--json").data["kept"] is None
    assert names(cli) == {"report", "probe", "ledger-close"}
    assert (home / "tocsin.db.before-restore-wal").read_bytes() == left


def give(home: Path) -> None:
    """Make a home another user's, whose engine was never started."""
    for path in (home, *home.iterdir()):
        os.chown(path, USER, GROUP)
    assert not (home / "tocsin.db.engine.lock").exists()


def whose(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, found.st_mode & 0o777


def test_who_may_use_the_store_may_use_the_restored_one(cli: Cli, home: Path, backup: Path) -> None:
    (home / "tocsin.db").chmod(0o660)
    kept = Path(cli("restore", backup, "--json").data["kept"])
    assert whose(home / "tocsin.db") == (os.geteuid(), os.getegid(), 0o660)
    assert kept.stat().st_mode & 0o777 == 0o660
    assert (home / "tocsin.db.engine.lock").stat().st_mode & 0o777 == 0o600


@as_root
def test_what_root_restores_belongs_to_whom_the_store_belonged(
    cli: Cli, home: Path, backup: Path
) -> None:
    give(home)
    (home / "tocsin.db").chmod(0o660)
    kept = Path(cli("restore", backup, "--json").data["kept"])
    assert whose(home / "tocsin.db") == whose(kept) == (USER, GROUP, 0o660)
    assert whose(home / "tocsin.db.engine.lock") == (USER, GROUP, 0o600)
    assert {whose(path)[:2] for path in home.iterdir()} == {(USER, GROUP)}
    assert len(names(cli)) == 3


@as_root
@pytest.mark.parametrize("is_damaged", [True, False])
def test_what_root_restores_where_no_store_is_belongs_to_whom_the_folder_does(
    cli: Cli, home: Path, backup: Path, *, is_damaged: bool
) -> None:
    for path in home.glob("tocsin.db*"):
        path.unlink()
    if is_damaged:
        (home / "tocsin.db").write_bytes(b"\0" * 8192)
        (home / "tocsin.db").chmod(0o600)
    give(home)
    assert (cli("restore", backup, "--json").data["kept"] is not None) is is_damaged
    assert whose(home / "tocsin.db") == (USER, GROUP, 0o600)
    assert {whose(path)[:2] for path in home.iterdir()} == {(USER, GROUP)}


@as_root
def test_a_lock_that_was_there_stays_whose_it_was(cli: Cli, home: Path, backup: Path) -> None:
    lock = home / "tocsin.db.engine.lock"
    lock.touch(0o640)
    os.chown(lock, USER + 1, GROUP)
    assert cli("restore", backup).status == 0
    assert whose(lock) == (USER + 1, GROUP, 0o640)
