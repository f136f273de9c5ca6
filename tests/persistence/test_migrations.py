import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, inspect, text

from engine.errors import StoreError
from engine.persistence import engine_lock, groups, jobs, maintenance, migrate, pruning
from engine.persistence.database import Database
from engine.persistence.migrate import first_rows
from engine.persistence.migrations import run as migrations
from engine.persistence.tables import metadata
from tests.support.postgres import fresh_database
from tests.support.stores import NOON, a_job, a_session, opened

HEAD = migrate.HEAD
VERSIONS = Path(migrations.__file__).parent / "versions"


@contextmanager
def migrated(address: URL) -> Iterator[Database]:
    """Make a store by running every revision, instead of all tables at once."""
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(address.database))) as connection:
            connection.execute(f"PRAGMA application_id={migrate.APPLICATION_ID}")
    with raw_connection(address) as begun:
        migrations.run(begun)
        first_rows(begun, NOON)
    with opened(address) as store:
        yield store


@contextmanager
def raw_connection(address: URL) -> Iterator[Connection]:
    """Give a transaction on a database that need not be a store."""
    from sqlalchemy import create_engine

    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield URL.create("sqlite", database=str(tmp_path / "tocsin.db"))
        return
    with fresh_database(request.getfixturevalue("postgres_address")) as address:
        yield address


both = pytest.mark.parametrize("empty_url", ["sqlite", "postgresql"], indirect=True)


@both
def test_the_revisions_make_what_the_tables_say(empty_url: URL) -> None:
    with migrated(empty_url) as store, store.read() as tx:
        context = MigrationContext.configure(tx.connection(), opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_revisions_and_the_tables_make_the_same_file(tmp_path: Path) -> None:
    by_steps = URL.create("sqlite", database=str(tmp_path / "by-steps.db"))
    with migrated(by_steps) as one, opened(tmp_path / "at-once.db") as other:
        assert described(one) == described(other)


def test_the_revisions_and_the_tables_make_the_same_schema(postgres_address: URL) -> None:
    with (
        fresh_database(postgres_address) as by_steps,
        fresh_database(postgres_address) as at_once,
        migrated(by_steps) as one,
        opened(at_once) as other,
    ):
        assert described(one) == described(other)


def described(store: Database) -> list[tuple[str, ...]]:
    """Return all that the database itself says of its schema."""
    if store.dialect == "sqlite":
        # A table that was given its name by ALTER TABLE has it in quotes.
        plain = "replace(replace(replace(sql, char(10), ' '), char(9), ''), char(34), '')"
        query = f"SELECT name, {plain} FROM sqlite_master"
    else:
        query = (
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable,"
            " coalesce(column_default, '') || coalesce(character_maximum_length::text, '')"
            " FROM information_schema.columns WHERE table_schema = 'public'"
            " UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            "  WHERE connamespace = 'public'::regnamespace"
            " UNION ALL SELECT sequencename, data_type::text FROM pg_sequences"
        )
    with store.read() as tx:
        rows = tx.rows(text(query))
    return sorted(
        (str(row[0]), " ".join(str(row[1]).replace("( ", "(").replace(" )", ")").split()))
        for row in rows
    )


@both
def test_the_number_of_a_row_that_is_gone_is_given_to_no_other(empty_url: URL) -> None:
    with migrated(empty_url) as store, store.begin() as tx:
        given: list[tuple[int, int, int]] = []
        for name in ("report", "another"):
            group = groups.create(tx, name)
            given.append((a_job(tx, name), group.groupid, a_session(tx)))
            for table in ("jobs", "groups", "sessions"):
                tx.execute(text(f"DELETE FROM {table}"))
        assert all(late > early for early, late in zip(*given, strict=True))


@both
def test_a_store_made_by_steps_works(empty_url: URL) -> None:
    with migrated(empty_url) as store:
        with store.begin() as tx:
            a_job(tx)
            a_session(tx)
        with store.read() as tx:
            assert jobs.names(tx) == ["report"]
            assert maintenance.problems(tx) == []


def test_every_revision_is_known_to_the_program() -> None:
    found = sorted(path.name[1:5] for path in VERSIONS.glob("r*.py"))
    assert tuple(found) == migrate.REVISIONS
    assert migrate.REVISIONS[-1] == migrate.HEAD


@both
def test_the_oldest_store_is_upgraded_step_by_step(empty_url: URL) -> None:
    if empty_url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(empty_url.database))) as connection:
            connection.execute(f"PRAGMA application_id={migrate.APPLICATION_ID}")
    with raw_connection(empty_url) as begun:
        migrations.run(begun, migrate.REVISIONS[0])
        first_rows(begun, NOON)
    with opened(empty_url) as store:
        with store.begin() as tx:
            a_job(tx)
        with store.read() as tx:
            assert jobs.names(tx) == ["report"]
            assert pruning.pruned_until(tx) == {}
            assert maintenance.problems(tx) == []


def test_a_number_that_was_given_before_an_upgrade_is_not_given_after_it(tmp_path: Path) -> None:
    path = tmp_path / "older.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id={migrate.APPLICATION_ID}")
    address = URL.create("sqlite", database=str(path))
    with raw_connection(address) as begun:
        migrations.run(begun, "0005")
        first_rows(begun, NOON)
        begun.execute(
            text(
                "INSERT INTO removals (object_type, objectid, name, change_seq)"
                " VALUES ('job', 57, 'gone', 1), ('group', 9, 'gone', 1)"
            )
        )
    with opened(address) as store, store.begin() as tx:
        assert (a_job(tx), groups.create(tx, "new").groupid) == (58, 10)


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("jobs") as table:
        table.add_column(sa.Column("colour", sa.Text(), nullable=False, server_default="red"))
    with op.batch_alter_table("sessions") as table:
        table.alter_column("mode", type_=sa.Text())
{more}
"""


@pytest.fixture
def older_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """The address of a store in which a session owns a job; its file or database is its own."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            address = URL.create("sqlite", database=str(tmp_path / "store.db"))
        else:
            server = request.getfixturevalue("postgres_address")
            address = stack.enter_context(fresh_database(server))
        with opened(address) as store, store.begin() as tx:
            jobs.own(tx, a_job(tx, single_instance=True), a_session(tx))
        yield address


@pytest.fixture
def next_program(older_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make this program a newer one, with one more revision; return that revision's file."""
    del older_url  # made while the program was the older one
    scripts = tmp_path / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for path in VERSIONS.glob("r*.py"):
        (scripts / "versions" / path.name).write_text(path.read_text())
    newest = scripts / "versions" / "r0099_colour.py"
    newest.write_text(NEXT.format(head=HEAD, more=""))
    monkeypatch.setattr(migrate, "HEAD", "0099")
    monkeypatch.setattr(migrate, "REVISIONS", (*migrate.REVISIONS, "0099"))
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)
    return newest


of_both = pytest.mark.parametrize("older_url", ["sqlite", "postgresql"], indirect=True)
of_a_server = pytest.mark.parametrize("older_url", ["postgresql"], indirect=True)
of_a_file = pytest.mark.parametrize("older_url", ["sqlite"], indirect=True)


def asked(address: URL, sql: str) -> list[tuple[Any, ...]]:
    """Run a query behind the store's back."""
    with raw_connection(address) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


@of_both
@pytest.mark.usefixtures("next_program")
def test_an_older_store_is_upgraded_with_all_that_is_in_it(older_url: URL) -> None:
    with opened(older_url) as store, store.read() as tx:
        job = jobs.get(tx, "report")
        assert maintenance.problems(tx) == [
            f"job 'report' is owned by session {job.sessionid}, which runs no instance of it"
        ]
    assert asked(older_url, "SELECT name, colour FROM jobs") == [("report", "red")]
    assert asked(older_url, "SELECT version_num FROM alembic_version") == [("0099",)]


@of_a_file
@pytest.mark.usefixtures("next_program")
def test_a_copy_of_the_older_file_is_kept(older_url: URL) -> None:
    Database.open(older_url).close()
    copy = Path(str(older_url.database)).with_name("store.db.before-0099")
    address = older_url.set(database=str(copy))
    assert copy.stat().st_mode & 0o777 == 0o600
    assert asked(address, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert asked(address, "SELECT name FROM jobs") == [("report",)]


@of_a_file
@pytest.mark.usefixtures("next_program")
def test_a_second_copy_does_not_replace_the_first(older_url: URL) -> None:
    path = Path(str(older_url.database))
    first = path.with_name("store.db.before-0099")
    first.write_text("an earlier copy")
    Database.open(older_url).close()
    assert first.read_text() == "an earlier copy"
    assert path.with_name("store.db.before-0099.2").exists()


@of_both
def test_an_upgrade_that_fails_changes_nothing(next_program: Path, older_url: URL) -> None:
    broken = '    op.execute("INSERT INTO nowhere VALUES (1)")'
    next_program.write_text(NEXT.format(head=HEAD, more=broken))
    with pytest.raises(StoreError, match="nowhere"):
        Database.open(older_url)
    with raw_connection(older_url) as connection:
        columns = {column["name"] for column in inspect(connection).get_columns("jobs")}
    assert "colour" not in columns
    assert asked(older_url, "SELECT version_num FROM alembic_version") == [(HEAD,)]


@of_a_file
def test_an_upgrade_that_would_break_a_reference_is_undone(
    next_program: Path, older_url: URL
) -> None:
    orphan = "    op.execute(\"INSERT INTO job_tags VALUES (4711, 'a', 'b')\")"
    next_program.write_text(NEXT.format(head=HEAD, more=orphan))
    with pytest.raises(StoreError, match="would break a row of 'job_tags'; it was undone"):
        Database.open(older_url)
    assert asked(older_url, "SELECT * FROM job_tags") == []


@of_both
@pytest.mark.usefixtures("next_program")
def test_who_only_reads_does_not_upgrade(older_url: URL) -> None:
    with pytest.raises(StoreError, match=f"has revision {HEAD}; this program needs 0099"):
        Database.open(older_url, migrate=False)


@of_a_file
@pytest.mark.usefixtures("next_program")
def test_a_store_in_use_by_an_older_engine_is_not_upgraded(older_url: URL) -> None:
    lock = engine_lock.EngineLock(Path(str(older_url.database)))
    lock.acquire({"pid": 1})
    with pytest.raises(
        StoreError, match=r"Engine pid 1 is using the store .* of an older revision: stop it first"
    ):
        Database.open(older_url)
    lock.release()
    Database.open(older_url).close()
    assert asked(older_url, "SELECT colour FROM jobs") == [("red",)]


@of_both
@pytest.mark.usefixtures("next_program")
def test_of_programs_that_upgrade_at_once_one_does_it(older_url: URL) -> None:
    def open_and_close() -> str:
        with opened(older_url) as store, store.read() as tx:
            return jobs.names(tx)[0]

    with ThreadPoolExecutor(4) as pool:
        found = [each.result() for each in [pool.submit(open_and_close) for _ in range(4)]]
    assert found == ["report"] * 4
    assert asked(older_url, "SELECT colour FROM jobs") == [("red",)]


@of_a_server
def test_an_upgrade_may_take_longer_than_any_answer(next_program: Path, older_url: URL) -> None:
    lasting = '    op.execute("SELECT pg_sleep(0.8)")'
    next_program.write_text(NEXT.format(head=HEAD, more=lasting))
    Database.open(older_url, patience_seconds=0.4).close()
    assert asked(older_url, "SELECT colour FROM jobs") == [("red",)]
