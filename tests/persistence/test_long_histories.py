"""What is asked of a long history costs as much as of a short one."""

from collections.abc import Callable

import pytest
from sqlalchemy import URL, text

from engine.clock import DAY, HOUR, MINUTE, Instant
from engine.persistence import instance_queries, instance_spans, past
from engine.persistence.database import Database, Transaction
from engine.persistence.pruning import Portion, Sweep
from engine.persistence.transaction import sqlite_of
from tests.support.stores import NOON, a_job, a_running, a_session, opened, some_jobs

SHORT, LONG = 1_000, 8_000  # instances
COLUMNS = "jobid, sessionid, jobstatus, started, completed, cause, fence"

# A run each minute up to noon, of two jobs in turn.
ON_SQLITE = f"""
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {{count}})
INSERT INTO job_instance ({COLUMNS})
SELECT (SELECT min(jobid) FROM jobs) + i % 2, 1, 'COMPLETE', at, at, 'schedule', 1 FROM (
    SELECT i, strftime('%Y-%m-%d %H:%M:%S.000000', '2026-11-26 12:00:00',
                       (i - {{count}}) || ' minutes') AS at FROM n)
"""
ON_A_SERVER = f"""
INSERT INTO job_instance ({COLUMNS})
SELECT (SELECT min(jobid) FROM jobs) + i % 2, 1, 'COMPLETE', at, at, 'schedule', 1 FROM (
    SELECT i, timestamptz '2026-11-26T12:00:00Z' + (i - {{count}}) * interval '1 minute' AS at
    FROM generate_series(0, {{count}} - 1) AS i) AS n
"""

ASKED: dict[str, Callable[[Transaction], object]] = {
    "the last that began": lambda tx: past.newest_instance(tx, NOON - 30 * MINUTE),
    "what ran at a moment": lambda tx: instance_queries.running_at(tx, NOON - 30 * MINUTE, 500),
    "the last runs of jobs": lambda tx: instance_spans.last_of_jobs(tx, [1, 2], 16),
    "what is old of a job": lambda tx: Sweep(Portion(1, NOON - LONG * MINUTE)).go(tx, 10),
    "some of what is old": lambda tx: Sweep(Portion(None, NOON)).go(tx, 10),
    "some of what is old of a job": lambda tx: Sweep(Portion(1, NOON)).go(tx, 10),
}


def steps(store: Database, ask: Callable[[Transaction], object]) -> int:
    """Return how many steps SQLite's machine takes for an answer."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with store.begin() as tx:
        file = sqlite_of(tx.connection())
        file.set_progress_handler(count, 1)
        ask(tx)
        file.set_progress_handler(None, 1)
    return taken


@pytest.mark.parametrize("question", ASKED)
def test_an_answer_takes_no_more_steps_where_the_history_is_longer(
    sqlite_store: Database, question: str
) -> None:
    with sqlite_store.begin() as tx:
        a_session(tx)
        some_jobs(tx, 2)
        tx.execute(text(ON_SQLITE.format(count=SHORT)))
    few = steps(sqlite_store, ASKED[question])
    with sqlite_store.begin() as tx:
        tx.execute(text("DELETE FROM job_instance"))
        tx.execute(text(ON_SQLITE.format(count=LONG)))
    assert steps(sqlite_store, ASKED[question]) < few * 2


ON_SERVERS = (
    "the last that began",
    "what ran at a moment",
    "the last runs of jobs",
    "some of what is old",
)


@pytest.mark.parametrize("question", ON_SERVERS)
def test_a_server_answers_by_its_indexes(postgres_url: URL, question: str) -> None:
    with opened(postgres_url, patience_seconds=60.0) as store:  # many rows, on any machine
        with store.begin() as tx:
            a_session(tx)
            some_jobs(tx, 2)
            tx.execute(text(ON_A_SERVER.format(count=20 * LONG)))  # small ones are scanned
            tx.execute(text("SELECT brin_summarize_new_values('ix_job_instance_started')"))
            tx.execute(text("ANALYZE job_instance"))
        read = text(
            "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables "
            "WHERE relname = 'job_instance'"
        )
        with store.begin() as tx:
            ASKED[question](tx)
            scanned, found = tx.rows(read)[0]
            assert (scanned, found < 2 * LONG) == (0, True)


def began(tx: Transaction, jobid: int, sessionid: int, at: Instant) -> int:
    """Store an instance that began at an instant, and return its id."""
    return a_running(tx, jobid, sessionid, due_at=None, started=at).job_instanceid


def test_the_last_that_began_is_found_behind_a_stretch_without_any_run(store: Database) -> None:
    before = (900 * DAY, 50 * DAY, 3 * DAY, 2 * HOUR, MINUTE)
    with store.begin() as tx:
        own = a_job(tx), a_session(tx)
        last = 0
        for each in before:
            number = began(tx, *own, NOON - each)
            assert past.newest_instance(tx, NOON - each - 1) == last
            assert past.newest_instance(tx, NOON - each) == number
            last = number
        began(tx, *own, NOON)
        later = began(tx, *own, NOON)
        assert past.newest_instance(tx, NOON) == later
