"""Stores for tests: the fixtures that give one of each kind, and builders of what goes into them.

A `conftest.py` that imports the fixtures has them, as in tests/persistence: `store` is an open,
empty store, once on SQLite and once on PostgreSQL.
"""

import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from engine.clock import SECOND, Instant
from engine.domain.instance import Cause, Ending, Status
from engine.domain.job import Definition, Execution
from engine.domain.schedule import RecurringSchedule
from engine.domain.session import Session, SessionStatus
from engine.persistence import instances, jobs, sessions
from engine.persistence.database import Database, Transaction
from engine.persistence.instances import Claim, Finish
from tests.support.ledgers import HAND_MADE, is_spoiled_on_purpose, problems_at
from tests.support.postgres import empty_store, fresh_database, shared_server

NOON: Instant = 1_795_694_400 * SECOND  # 2026-11-26T12:00:00Z
KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_address() -> URL:
    """The address of a PostgreSQL server on which databases may be created."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package that brings the server
        return shared_server()


@pytest.fixture(scope="session")
def postgres_shared(postgres_address: URL) -> Iterator[URL]:
    """The address of one PostgreSQL store, which the tests use one after the other."""
    with fresh_database(postgres_address) as address:
        Database.open(address).close()
        yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an empty store, to be copied: faster than making one for each test."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    Database.open(path).close()
    return path


@pytest.fixture(params=KINDS)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """The address of an empty store of each kind."""
    if request.param == "sqlite":
        yield new_sqlite(request.getfixturevalue("sqlite_template"), tmp_path)
        return
    yield request.getfixturevalue("postgres_url")


@pytest.fixture
def postgres_url(postgres_shared: URL, request: pytest.FixtureRequest) -> Iterator[URL]:
    """The address of an empty PostgreSQL store; what engines leave in it has to add up."""
    yield postgres_shared
    try:
        if not is_spoiled_on_purpose(request.node):
            assert problems_at(postgres_shared) == []
    finally:
        empty_store(postgres_shared)


@pytest.fixture
def store(store_url: URL) -> Iterator[Database]:
    """An open, empty store of each kind."""
    with opened(store_url) as database:
        yield database


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> URL:
    """The address of an empty SQLite store."""
    return new_sqlite(sqlite_template, tmp_path)


@pytest.fixture
def sqlite_store(sqlite_url: URL) -> Iterator[Database]:
    """An open, empty SQLite store."""
    with opened(sqlite_url) as database:
        yield database


def new_sqlite(template: Path, folder: Path) -> URL:
    """Copy the template into `folder` and return its address."""
    path = folder / "home" / "store.db"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(template, path)
    return URL.create("sqlite", database=str(path))


@contextmanager
def opened(url: URL | Path | str, **options: Any) -> Iterator[Database]:
    """Open a store and close it afterwards."""
    database = Database.open(url, **options)
    try:
        yield database
    finally:
        database.close()


def a_definition(name: str = "report", **values: Any) -> Definition:
    """Build a definition that runs every minute."""
    given = {"schedule": RecurringSchedule(60), "execution": Execution(code="def run(): pass\n")}
    return Definition(name, **{**given, **values})


def some_jobs(tx: Transaction, count: int, **values: Any) -> list[int]:
    """Store `count` jobs named `job-0` ... and return their ids in that order."""
    definitions = [a_definition(f"job-{number}", **values) for number in range(count)]
    ids = jobs.insert_many(tx, definitions, NOON)
    return [ids[definition.name] for definition in definitions]


def a_job(tx: Transaction, name: str = "report", **values: Any) -> int:
    """Store one job and return its id."""
    return jobs.insert(tx, a_definition(name, **values), NOON)


def a_session(tx: Transaction, key: str = "main", **values: Any) -> int:
    """Store a living session and return its id."""
    session = Session(
        sessionid=0,
        engine_key=key,
        host="host-a",
        pid=4242,
        boot_id=HAND_MADE,
        pid_started=17,
        version="0.1.0",
        status=SessionStatus.ACTIVE,
        started=NOON,
        ended=None,
        beat_seq=0,
        beat_at=NOON,
        lease_seconds=10.0,
    )
    return sessions.open_session(tx, replace(session, **values))


def claims_for(
    tx: Transaction, jobids: Sequence[int], sessionid: int, **values: Any
) -> list[Claim]:
    """Build one claim per job, due at noon."""
    given = {"started": NOON, "cause": Cause.SCHEDULE, "due_at": NOON, **values}
    ids = instances.next_ids(tx, len(jobids))
    return [
        Claim(job_instanceid=number, jobid=jobid, sessionid=sessionid, **given)
        for number, jobid in zip(ids, jobids, strict=True)
    ]


def a_running(tx: Transaction, jobid: int, sessionid: int, **values: Any) -> Claim:
    """Claim one instance, and insist that it was granted."""
    claim = claims_for(tx, [jobid], sessionid, **values)[0]
    assert instances.claim_many(tx, [claim]) == {claim.job_instanceid}
    return claim


def ended(claim: Claim, status: Status = Status.COMPLETE, **values: Any) -> Finish:
    """Build the end of a claimed instance, one second after noon."""
    ending = {
        Status.COMPLETE: Ending.RETURNED,
        Status.ERROR: Ending.EXCEPTION,
        Status.CRASH: Ending.LOST,
    }[status]
    given = {"completed": NOON + SECOND, "ending": ending, **values}
    return Finish(claim.job_instanceid, claim.jobid, status, **given)
