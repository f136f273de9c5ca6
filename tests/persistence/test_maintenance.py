import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.clock import SECOND
from engine.domain.verdict import Hold, Reason, Stretch, Verdict
from engine.errors import StoreError
from engine.persistence import (
    copies,
    cursors,
    holds,
    instances,
    jobs,
    maintenance,
    state_data,
    verdicts,
)
from engine.persistence.cursors import Advance, NewCursor
from engine.persistence.database import Database, Transaction
from tests.support.stores import NOON, a_job, a_running, a_session, ended, opened, some_jobs

LIVELY = "'2026-11-26 12:00:00.000000'"

# A statement that breaks the busy store, and a part of what must be said about it.
MUTATIONS = {
    "an owner that is dead": (
        "UPDATE sessions SET sessionstatus = 'RECOVERED', ended = started WHERE instancekey = 'b'",
        "'job-3' is owned by session",
    ),
    "an owner that runs nothing": (
        "UPDATE jobs SET sessionid = (SELECT max(sessionid) FROM sessions) WHERE name = 'job-0'",
        "'job-0' is owned by session {b}, which runs no instance of it",
    ),
    "a run of a dead session": (
        "UPDATE sessions SET sessionstatus = 'RECOVERED', ended = started WHERE instancekey = 'a'",
        "is IN-PROGRESS under session {a}, which is not alive",
    ),
    "a run without a session": (
        "UPDATE job_instance SET sessionid = NULL WHERE jobstatus = 'IN-PROGRESS'",
        "is IN-PROGRESS under session None",
    ),
    "an end without a final status": (
        "UPDATE job_instance SET completed = started WHERE jobstatus = 'IN-PROGRESS'",
        "is IN-PROGRESS, but says that it ended",
    ),
    "a final status without an end": (
        "UPDATE job_instance SET completed = NULL WHERE jobstatus = 'COMPLETE'",
        "is COMPLETE, but does not say when or how it ended",
    ),
    "a final status without a how": (
        "UPDATE job_instance SET ending = NULL WHERE jobstatus = 'COMPLETE'",
        "is COMPLETE, but does not say when or how it ended",
    ),
    "a stale fence": (
        "UPDATE job_instance SET fence = 0 WHERE jobstatus = 'COMPLETE'",
        "has the fence 0",
    ),
    "a cursor that lags": (
        "UPDATE schedule_cursor SET accounted_until = began_at",
        "that its job's cursor has not reached",
    ),
    "two verdicts": (
        f"UPDATE verdicts SET first_due = {LIVELY}",
        "answers for an instant that was also skipped",
    ),
    "a stretch that ends before it begins": (
        f"UPDATE verdicts SET last_due = {LIVELY}, count = 5",
        "instants, which its first and last one do not allow",
    ),
    "a stretch of nothing": (
        "UPDATE verdicts SET count = 0",
        "has 0 instants",
    ),
    "a stretch of one that is long": ("UPDATE verdicts SET count = 1", "has 1 instants"),
    "a stretch of many that is short": (
        "UPDATE verdicts SET last_due = first_due",
        "has 3 instants",
    ),
    "state data that should be gone": (
        (
            "UPDATE job_state_data SET job_instanceid ="
            " (SELECT min(job_instanceid) FROM job_instance WHERE jobstatus = 'COMPLETE')"
        ),
        "'job-1' has state data of instance",
    ),
    "a last execution that goes on": (
        (
            "UPDATE jobs SET last_executed_job_instanceid = (SELECT max(job_instanceid)"
            " FROM job_instance WHERE jobstatus = 'IN-PROGRESS') WHERE name = 'job-1'"
        ),
        "which is still running",
    ),
    "a switch without a hold": (
        "DELETE FROM job_holds",
        "'job-2' is disabled, but no hold says since when",
    ),
    "a hold without a switch": (
        "UPDATE jobs SET enabled = (1 = 1) WHERE name = 'job-2'",
        "'job-2' is enabled, but a hold says that it is not",
    ),
    "a revision that ends before it begins": (
        (
            "INSERT INTO schedule_revisions (jobid, began_at, ended_at, timezone, dst_gap,"
            " dst_overlap)"
            f" SELECT jobid, '2027-01-01 00:00:00.000000', {LIVELY}, 'UTC', 'after', 'first'"
            " FROM jobs WHERE name = 'job-0'"
        ),
        "ends before it begins",
    ),
    "a session without an end": (
        "UPDATE sessions SET sessionstatus = 'COMPLETE' WHERE instancekey = 'a'",
        "is COMPLETE and does not say when it ended",
    ),
}
ON_SQLITE = {
    "an id from nowhere": (
        "UPDATE store_info SET last_job_instanceid = 0",
        "has an id that was never given",
    ),
    "a change from nowhere": (
        "UPDATE store_info SET change_seq = 0",
        "has a change number that was never given",
    ),
    "two scheduled runs at once": (
        (
            "INSERT INTO job_instance (job_instanceid, jobid, sessionid, jobstatus, started, cause,"
            " fence) SELECT job_instanceid - 1000, jobid, sessionid, jobstatus, started, cause,"
            " job_instanceid - 1000 FROM job_instance WHERE jobstatus = 'IN-PROGRESS'"
        ),
        "'job-3' is single_instance and has 2 scheduled runs at once",
    ),
    "an orphan": (
        "INSERT INTO job_tags (jobid, tag, value) VALUES (4711, 'a', 'b')",
        "of job_tags refers to a row of jobs that is gone",
    ),
}


def make_busy(store: Database) -> dict[str, int]:
    """Fill a store with one of everything, all of it in order; return the sessions."""
    with store.begin() as tx:
        first, second = a_session(tx, "a"), a_session(tx, "b")
        ids = some_jobs(tx, 3)
        single = a_job(tx, "job-3", single_instance=True)
        cursors.start_many(tx, [NewCursor(jobid, "main", NOON - SECOND) for jobid in ids])
        done = a_running(tx, ids[0], first, engine_key="main")
        instances.finish_many(tx, [ended(done)], first)
        jobs.record_executions(tx, [(ids[0], NOON, done.job_instanceid)])
        running = a_running(tx, ids[1], first, engine_key="main")
        cursors.advance_many(tx, [Advance(jobid, "main", NOON) for jobid in ids])
        state_data.save(tx, ids[1], {"at": 1}, running.job_instanceid, NOON)
        a_running(tx, single, second, single_instance=True, due_at=None)
        skipped = Stretch(ids[0], Verdict.SKIPPED, NOON + 1, NOON + 3, 3, Reason.HELD, "", "main")
        verdicts.add_many(tx, [skipped], NOON)
        jobs.set_enabled(tx, ids[2], enabled=False)
        holds.open_hold(tx, Hold(ids[2], Reason.JOB_DISABLED, NOON))
    return {"a": first, "b": second}


def test_a_busy_store_has_no_problems(store: Database) -> None:
    make_busy(store)
    with store.read() as tx:
        assert maintenance.problems(tx) == []


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_each_broken_invariant_is_told(store: Database, mutation: str) -> None:
    statement, told = MUTATIONS[mutation]
    key = make_busy(store)
    with store.begin() as tx:
        tx.run_sql(statement)
        found = maintenance.problems(tx)
    assert any(told.format(**key) in each for each in found), found


@pytest.mark.parametrize("mutation", ON_SQLITE)
def test_each_broken_invariant_of_a_file_is_told(sqlite_store: Database, mutation: str) -> None:
    statement, told = ON_SQLITE[mutation]
    make_busy(sqlite_store)
    assert sqlite_store.path is not None
    with closing(sqlite3.connect(sqlite_store.path)) as connection:  # no foreign keys are checked
        connection.execute(statement)
        connection.commit()
    with sqlite_store.read() as tx:
        found = maintenance.problems(tx)
    assert any(told in each for each in found), found


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_page_is_told(sqlite_store: Database, seed: int) -> None:
    make_busy(sqlite_store)
    assert sqlite_store.path is not None
    path = sqlite_store.path
    with sqlite_store.read() as tx:
        root = tx.run_sql(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_job_instance_started'"
        ).scalar_one()
    sqlite_store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(4096 * (root - 1) + (0 if seed % 2 else 8))
        file.write(random.Random(seed).randbytes(200))
    with opened(path) as damaged, damaged.read() as tx:
        found = maintenance.problems(tx)
    assert found
    assert not any("\n" in each for each in found)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_damaged_every_read_is_refused_as_a_store(
    sqlite_store: Database, seed: int
) -> None:
    make_busy(sqlite_store)
    assert sqlite_store.path is not None
    path = sqlite_store.path
    with sqlite_store.read() as tx:
        roots = [row[0] for row in tx.run_sql("SELECT rootpage FROM sqlite_master WHERE rootpage")]
    sqlite_store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    chance = random.Random(seed)
    with path.open("r+b") as file:
        for root in roots:
            if root > 1:
                file.seek(4096 * (root - 1))
                file.write(chance.randbytes(4096))
    for look in (jobs.all_jobs, jobs.names, instances.query, cursors.every, holds.open_holds):
        with pytest.raises(StoreError, match="is damaged"), opened(path) as damaged:
            read_with(damaged, look)


def read_with(store: Database, look: Callable[[Transaction], object]) -> None:
    """Read once."""
    with store.read() as tx:
        look(tx)


def test_the_size_of_a_store_is_told(store: Database) -> None:
    make_busy(store)
    size = maintenance.size(store)
    assert size.bytes > 100_000
    assert (size.rows["jobs"], size.rows["job_instance"], size.rows["sessions"]) == (4, 3, 2)
    assert (size.wal_bytes > 0) is (store.dialect == "sqlite")


def test_a_backup_is_a_whole_store_of_one_moment(sqlite_store: Database, tmp_path: Path) -> None:
    make_busy(sqlite_store)
    target = tmp_path / "backup.db"
    with sqlite_store.begin() as tx:
        a_job(tx, "not-committed")
        size = copies.copy_to(sqlite_store, target)
    assert size == target.stat().st_size
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup.db"]
    with opened(target) as copy, copy.read() as tx:
        assert maintenance.problems(tx) == []
        assert jobs.names(tx) == ["job-0", "job-1", "job-2", "job-3"]


def test_a_backup_replaces_nothing(sqlite_store: Database, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_text("mine")
    with pytest.raises(StoreError, match="a backup never replaces a file"):
        copies.copy_to(sqlite_store, target)
    assert target.read_text() == "mine"
    with pytest.raises(StoreError, match="cannot be written: No such file or directory"):
        copies.copy_to(sqlite_store, tmp_path / "nowhere" / "backup.db")


def test_a_damaged_store_gives_no_backup(sqlite_store: Database, tmp_path: Path) -> None:
    make_busy(sqlite_store)
    assert sqlite_store.path is not None
    path = sqlite_store.path
    sqlite_store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096 * 20 : 4096 * 40] = os.urandom(4096 * 20)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"The copy of .* is damaged|cannot be copied"):
        copies.copy_file(path, tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()
    assert [each for each in tmp_path.iterdir() if each.is_file()] == []


def test_a_server_is_backed_up_by_its_own_tools(postgres_url: str, tmp_path: Path) -> None:
    with opened(postgres_url) as store, pytest.raises(StoreError, match="pg_dump"):
        copies.copy_to(store, tmp_path / "backup.db")
