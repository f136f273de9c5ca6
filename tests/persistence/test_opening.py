import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL

from engine.errors import StoreError
from engine.persistence import groups, jobs
from engine.persistence.backend import address_of
from engine.persistence.database import Database
from engine.persistence.file_systems import network_file_system
from tests.support.postgres import fresh_database, run_on
from tests.support.stores import a_job, opened


def raw(path: Path, *statements: str) -> None:
    """Run statements on a file behind the store's back."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_store_is_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "home" / "deep" / "tocsin.db"
    with opened(path) as store, store.read() as tx:
        assert [group.name for group in groups.all_groups(tx)] == ["DEFAULT"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["tocsin.db"]


@pytest.mark.parametrize("left", ["-wal", "-journal"])
def test_no_store_is_made_beside_what_one_left_that_is_gone(tmp_path: Path, left: str) -> None:
    path = tmp_path / "tocsin.db"
    (tmp_path / f"tocsin.db{left}").write_bytes(b"left by a killed engine")
    with pytest.raises(StoreError, match=f"but tocsin.db{left} of one that was there"):
        Database.open(path)
    assert not path.exists()


@pytest.mark.parametrize("form", ["path", "text", "url", "sqlalchemy"])
def test_a_file_may_be_named_in_four_ways(tmp_path: Path, form: str) -> None:
    path = tmp_path / "tocsin.db"
    given: dict[str, URL | Path | str] = {
        "path": path,
        "text": str(path),
        "url": f"sqlite:///{path}",
        "sqlalchemy": URL.create("sqlite", database=str(path)),
    }
    with opened(given[form]) as store:
        assert (store.path, store.dialect, store.where) == (path, "sqlite", str(path))


def test_a_store_is_durable_and_checks_references(sqlite_store: Database) -> None:
    with sqlite_store.read() as tx:
        values = {
            name: tx.run_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_what_is_not_there_is_not_made_by_who_only_reads(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no store at"):
        Database.open(tmp_path / "tocsin.db", migrate=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder; a store is a file"):
        Database.open(tmp_path)


def test_a_store_needs_a_file() -> None:
    with pytest.raises(StoreError, match="A store is a file"):
        Database.open("sqlite://")


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(StoreError, match="is no address of a database"):
        Database.open("://")
    with pytest.raises(StoreError, match="'mysql' is no database that tocsin knows"):
        Database.open("mysql://host/db")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    path.touch()
    with pytest.raises(StoreError, match="is empty: it has been cut off"):
        Database.open(path)
    assert path.stat().st_size == 0


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.db"
    path.write_text("not a database, but long enough to be one " * 200)
    with pytest.raises(StoreError, match="it is no SQLite database"):
        Database.open(path)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    raw(path, "CREATE TABLE jobs (id INTEGER)")
    with pytest.raises(StoreError, match="is a SQLite database, but not a tocsin store"):
        Database.open(path)


@pytest.mark.parametrize("kept", [100, 4096, 50_000, 150_000])
def test_a_truncated_store_is_refused(sqlite_url: URL, kept: int) -> None:
    path = Path(str(sqlite_url.database))
    assert path.stat().st_size > kept
    os.truncate(path, kept)
    with pytest.raises(StoreError, match=r"is damaged|no SQLite database") as refusal:
        Database.open(path)
    assert "\n" not in str(refusal.value)


def test_a_newer_store_is_refused(sqlite_url: URL) -> None:
    path = Path(str(sqlite_url.database))
    raw(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="A newer program wrote the store"):
        Database.open(path)


def test_a_newer_store_on_a_server_is_refused(postgres_address: URL) -> None:
    with fresh_database(postgres_address) as address:
        Database.open(address).close()
        run_on(address, "UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StoreError, match="does not know its revision 9999"):
            Database.open(address)


def test_tables_of_another_program_on_a_server_are_left_alone(postgres_address: URL) -> None:
    with fresh_database(postgres_address) as address:
        run_on(address, "CREATE TABLE jobs (id int)")
        with pytest.raises(StoreError, match="has a table 'jobs' of another program"):
            Database.open(address)


def test_an_empty_server_is_no_store_for_who_only_reads(postgres_address: URL) -> None:
    with fresh_database(postgres_address) as address:
        with pytest.raises(StoreError, match="There is no store in postgresql://"):
            Database.open(address, migrate=False)
        with opened(address) as store, store.begin() as tx:
            a_job(tx)
        with opened(address, migrate=False) as store, store.read() as tx:
            assert jobs.names(tx) == ["report"]


def test_a_server_out_of_reach_is_told_without_its_password(tmp_path: Path) -> None:
    address = f"postgresql://someone:secret@/db?host={tmp_path}"
    with pytest.raises(StoreError, match=r"cannot be reached: ") as error:
        Database.open(address, patience_seconds=2)
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


CHECK_AS_NOBODY = """
import os, sys
from engine.persistence.database import Database
from engine.errors import StoreError
Database.open(sys.argv[1]).close()  # loads what the other user may not even read
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    Database.open(sys.argv[1])
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_store_is_refused(tmp_path: Path, what: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tocsin-") as name:  # where nobody may look
        folder = Path(name)
        path = folder / "tocsin.db"
        Database.open(path).close()
        folder.chmod(0o777 if what == "file" else 0o555)
        path.chmod(0o444 if what == "file" else 0o666)
        code = [sys.executable, "-c", CHECK_AS_NOBODY, str(path)]
        done = subprocess.run(code, capture_output=True, text=True, check=False)
        folder.chmod(0o700)
    assert "cannot be written: the file or its folder is read-only" in done.stdout, done.stderr


MOUNTS = """\
22 1 252:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home rw - nfs4 server:/home rw
31 30 252:1 / /home/local rw - ext4 /dev/vdb rw
32 22 0:41 / /mnt/with\\040space rw - cifs //server/share rw
33 22 0:42 / /over rw - ext4 /dev/vdc rw
34 33 0:43 / /over rw - fuse.sshfs host: rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", None),
        ("/home/me", "nfs4"),
        ("/homework", None),
        ("/home/local/me", None),
        ("/mnt/with space/x", "cifs"),
        ("/over/x", "fuse.sshfs"),
    ],
)
def test_network_file_systems_are_recognised(tmp_path: Path, folder: str, kind: str | None) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert network_file_system(Path(folder), mounts) == kind


def test_where_nothing_tells_a_file_system_is_taken_as_local(tmp_path: Path) -> None:
    assert network_file_system(tmp_path, tmp_path / "missing") is None


IMPORTED = """
import sys
from engine.persistence.database import Database
from engine.persistence import jobs
store = Database.open(sys.argv[1], migrate=False)
with store.read() as tx:
    jobs.all_jobs(tx)
slow = ("alembic", "sqlalchemy.orm", "psycopg", "sqlalchemy.dialects.postgresql")
print([name for name in sys.modules if name.startswith(slow)])
"""


def test_reading_a_file_loads_neither_alembic_nor_the_orm_nor_postgresql(sqlite_url: URL) -> None:
    code = [sys.executable, "-c", IMPORTED, str(sqlite_url.database)]
    done = subprocess.run(code, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("address", "hosts", "ports"),
    [
        ("postgresql://ops@a:5433,b:5434/jobs", "a,b", "5433,5434"),
        ("postgresql://ops:x%2Cy@a,b:5434/jobs?sslmode=require", "a,b", "5432,5434"),
        ("postgresql+psycopg://10.0.0.1,10.0.0.2", "10.0.0.1,10.0.0.2", "5432,5432"),
    ],
)
def test_several_hosts_are_named_as_libpq_names_them(address: str, hosts: str, ports: str) -> None:
    found = address_of(address)
    assert (found.host, found.port) == (None, None)
    assert (found.query["host"], found.query["port"]) == (hosts, ports)
    assert str(found.query.get("sslmode", "")) in address
    assert found.password in {None, "x,y"}


def test_one_host_stays_as_it_is() -> None:
    found = address_of("postgresql://ops@db.example.org:6000/jobs")
    assert (found.host, found.port, found.query) == ("db.example.org", 6000, {})
