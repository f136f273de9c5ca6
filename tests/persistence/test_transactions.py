import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import URL, bindparam, event, text, update
from sqlalchemy.exc import CompileError

from engine.errors import StoreError
from engine.persistence import audit, changes, jobs, maintenance, sessions, state_data
from engine.persistence.database import Database
from engine.persistence.failures import BusyError, DiskFullError
from engine.persistence.tables import jobs as table
from tests.support.stores import NOON, a_job, a_session, opened, some_jobs


def names_in(store: Database) -> list[str]:
    """Return the names of all jobs."""
    with store.read() as tx:
        return jobs.names(tx)


def test_what_raises_is_undone_whole(store: Database) -> None:
    def fail() -> None:
        with store.begin() as tx:
            a_job(tx)
            message = "in the middle"
            raise ValueError(message)

    with pytest.raises(ValueError, match="in the middle"):
        fail()
    assert names_in(store) == []
    with store.begin() as tx:
        a_job(tx)
    assert names_in(store) == ["report"]


def test_a_refused_statement_undoes_the_transaction(store: Database) -> None:
    def fail() -> None:
        with store.begin() as tx:
            a_job(tx)
            tx.execute(text("INSERT INTO nowhere VALUES (1)"))

    with pytest.raises(StoreError, match=r"The store .* refused: .*nowhere"):
        fail()
    assert names_in(store) == []


def test_an_error_of_our_own_statement_is_not_told_as_one_of_the_store(store: Database) -> None:
    wrong = update(table).where(table.c.jobid == bindparam("name")).values(version="2")
    with pytest.raises(CompileError), store.begin() as tx:
        tx.execute(wrong, {"name": 1})


def test_reading_writes_nothing(store: Database) -> None:
    with store.read() as tx:
        before = changes.current(tx)
    assert names_in(store) == []
    with store.read() as tx:
        assert changes.current(tx) == before


def test_a_reader_of_a_file_sees_one_moment_and_stops_no_writer(sqlite_store: Database) -> None:
    with sqlite_store.read() as reader:
        assert jobs.names(reader) == []
        for number in range(20):
            with sqlite_store.begin() as tx:
                a_job(tx, f"job-{number}")
        assert jobs.names(reader) == []
    assert len(names_in(sqlite_store)) == 20


def test_a_writer_that_waits_too_long_is_busy(sqlite_store: Database) -> None:
    with opened(sqlite_store.url, patience_seconds=0.2) as other, sqlite_store.begin() as tx:
        a_job(tx)
        with pytest.raises(BusyError, match="is busy: another process"), other.begin():
            pytest.fail("two write at once")
    with opened(sqlite_store.url, patience_seconds=0.2) as other, other.begin() as tx:
        a_job(tx, "later")
    assert names_in(sqlite_store) == ["later", "report"]


def test_many_threads_share_a_store(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)

    def work(_: int) -> None:
        for _ in range(15):
            with store.begin() as tx:
                jobs.bump_reset(tx, jobid)
            with store.read() as tx:
                jobs.get_by_id(tx, jobid)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    with store.read() as tx:
        assert jobs.get_by_id(tx, jobid).reset_seq == 90


def test_transactions_of_one_thread_may_overlap(store: Database) -> None:
    with ExitStack() as stack:
        readers = [stack.enter_context(store.read()) for _ in range(5)]
        assert [jobs.names(tx) for tx in readers] == [[]] * 5
        writer = stack.enter_context(store.begin())
        a_job(writer)
        with store.read() as tx:
            assert jobs.names(tx) == []
    assert names_in(store) == ["report"]


def test_a_connection_is_used_again(store: Database) -> None:
    def identity() -> int:
        with store.read() as tx:
            if tx.dialect == "postgresql":
                return int(tx.run_sql("SELECT pg_backend_pid()").scalar_one())
            return id(tx.connection())

    assert len({identity() for _ in range(5)}) == 1


def test_a_closed_store_keeps_nothing_open(sqlite_url: URL) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    store = Database.open(sqlite_url)
    threads = [threading.Thread(target=names_in, args=(store,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.seen_change()
    assert open_files() > before
    store.close()
    assert open_files() == before


def test_a_full_disk_undoes_the_transaction_and_room_heals_it(sqlite_store: Database) -> None:
    with sqlite_store.begin() as tx:
        jobid = a_job(tx)
        pages = int(tx.run_sql("PRAGMA page_count").scalar_one())
    with sqlite_store.read() as tx:
        tx.run_sql(f"PRAGMA max_page_count={pages + 20}")

    def fill() -> None:
        with sqlite_store.begin() as tx:
            a_session(tx)
            for number in range(100):
                state_data.save(tx, jobid, {"filler": "x" * 10_000}, number, NOON)

    for _ in range(3):
        with pytest.raises(DiskFullError, match="The disk is full: nothing was written to"):
            fill()
    with sqlite_store.read() as tx:
        assert sessions.all_sessions(tx) == []
        assert state_data.get(tx, jobid) is None
        assert maintenance.problems(tx) == []
    with sqlite_store.begin() as tx:  # what fits is still written
        a_job(tx, "small")
    with sqlite_store.read() as tx:
        tx.run_sql(f"PRAGMA max_page_count={pages + 5000}")
    fill()
    with sqlite_store.read() as tx:
        assert len(state_data.history(tx, jobid)) == 20


def test_a_store_whose_file_was_deleted_is_not_made_anew(sqlite_url: URL) -> None:
    path = Path(str(sqlite_url.database))
    store = Database.open(sqlite_url)
    path.unlink()
    store._connections.drop_idle()
    with pytest.raises(StoreError, match="cannot be opened: it is gone"), store.begin():
        pytest.fail("there is nothing to write to")
    store.close()
    assert not path.exists()


def test_a_connection_in_use_is_closed_after_its_transaction_when_the_store_was(
    store: Database,
) -> None:
    with store.begin() as tx:
        a_job(tx)
        store.close()
        connection = tx._connection
        assert not connection.closed
    assert connection.closed


def test_values_that_cannot_be_stored_are_refused_in_one_line(store: Database) -> None:
    def add(before: object) -> None:
        with store.begin() as tx:
            audit.add(
                tx,
                event="E",
                object_type="job",
                object_name="a",
                who="ops",
                source="cli",
                created=NOON,
                before=before,
            )

    for value in (float("nan"), object(), {1, 2}):
        with pytest.raises(StoreError) as refusal:
            add(value)
        assert "\n" not in str(refusal.value)
    with store.read() as tx:
        assert audit.query(tx) == []


def test_all_jobs_are_read_in_three_queries_whatever_their_number(store: Database) -> None:
    with store.begin() as tx:
        some_jobs(tx, 300, groups=("g", "h"), tags={"a": "b", "c": "d"})
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(store._engine, "before_cursor_execute", note)
    with store.read() as tx:
        asked.clear()
        assert len(jobs.all_jobs(tx)) == 300
        assert len(asked) == 3
