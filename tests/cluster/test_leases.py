"""Leases on a shared database: what is not renewed runs out, and no dead session comes back."""

import queue
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from engine.clock import SystemClock
from engine.config import Settings
from engine.domain.instance import Status
from engine.domain.session import Session, SessionStatus
from engine.engine import Engine
from engine.errors import EngineError
from engine.events import Event, EventKind
from engine.identity import Identity, own_identity
from engine.persistence import instance_queries, jobs, sessions
from engine.persistence.database import Database
from engine.scheduling.heartbeat import Heartbeat
from engine.scheduling.predecessors import find_dead
from engine.testing.clock import ManualClock
from tests.support.builders import definition, every
from tests.support.postgres import fresh_database
from tests.support.proxy import proxied
from tests.support.stores import opened

PATIENCE = 20.0


def test_a_beat_that_finds_no_database_leaves_the_old_deadline(postgres_address: URL) -> None:
    clock = ManualClock()
    deadlines: list[float] = []
    with fresh_database(postgres_address) as url:
        database = Database.open(url)
        with database.begin() as tx:
            session = Session(
                0, "a", "h", 1, "", 1, "", SessionStatus.ACTIVE, clock.now(), None, 0, 0, 10.0
            )
            number = sessions.open_session(tx, session)
        heartbeat = Heartbeat(clock, database, number, 10.0, deadlines.append)
        assert heartbeat.beat()
    clock.advance(5)  # the database is gone
    assert not heartbeat.beat()
    assert heartbeat.failure
    assert len(deadlines) == 1
    clock.advance(5)
    assert not heartbeat.holds
    database.close()


def test_an_engine_that_was_declared_dead_begins_a_new_session_by_itself(
    postgres_url: URL, tmp_path: Path
) -> None:
    url = postgres_url.render_as_string(hide_password=False)
    engine = Engine(replace(Settings(tmp_path, url), lease_seconds=1.0, grace_seconds=0.5))
    started: queue.Queue[Session] = queue.Queue()

    def take(event: Event) -> None:
        if event.kind is EventKind.ENGINE_STARTED:
            started.put(event.record)

    engine.events.subscribe(take)
    engine.start()
    try:
        first = started.get(timeout=PATIENCE)
        database = Database.open(url)
        with database.begin() as tx:
            jobs.insert(tx, definition("job", every(1)), SystemClock().now())
            sessions.mark(tx, first.sessionid, SessionStatus.ABNORMAL, SystemClock().now())
        second = started.get(timeout=PATIENCE)
        assert second.sessionid != first.sessionid
        ended: queue.Queue[Event] = queue.Queue()
        engine.events.subscribe(ended.put)
        while ended.get(timeout=PATIENCE).kind is not EventKind.INSTANCE_ENDED:
            pass
    finally:
        engine.stop(0)
        assert engine.wait(PATIENCE)
    with database.read() as tx:
        assert sessions.get(tx, first.sessionid).status is SessionStatus.RECOVERED
        rows = instance_queries.query(tx)
    assert {row.jobstatus for row in rows} == {Status.COMPLETE}
    database.close()


class Cut:
    """Cuts the connection of an engine at `word`, once the row of a new session was sent."""

    def __init__(self, word: bytes) -> None:
        self._word = word
        self._opens = self._is_over = False

    def __call__(self, sent: bytes) -> bool:
        self._opens = self._opens or b"INSERT INTO sessions" in sent
        if self._is_over or not self._opens or self._word not in sent:
            return False
        self._is_over = True
        return True


@pytest.mark.parametrize(
    "word",
    [
        pytest.param(b"COMMIT", id="its commit is not answered"),
        pytest.param(b"pg_advisory_xact_lock_shared", id="what it left cannot be read"),
    ],
)
def test_an_engine_whose_new_session_did_not_come_about_takes_it_for_dead_and_begins_another(
    postgres_url: URL, tmp_path: Path, word: bytes
) -> None:
    started: queue.Queue[Session] = queue.Queue()

    def take(event: Event) -> None:
        if event.kind is EventKind.ENGINE_STARTED:
            started.put(event.record)

    with proxied(postgres_url) as proxy, opened(postgres_url) as database:
        url = proxy.address.render_as_string(hide_password=False)
        engine = Engine(replace(Settings(tmp_path, url), lease_seconds=60.0, grace_seconds=0.5))
        engine.events.subscribe(take)
        engine.start()
        try:
            first = started.get(timeout=PATIENCE)
            proxy.cut_on = Cut(word)
            with database.begin() as tx:
                sessions.mark(tx, first.sessionid, SessionStatus.ABNORMAL, SystemClock().now())
            engine.wake()
            next_one = started.get(timeout=PATIENCE)
        finally:
            engine.stop(0)
            assert engine.wait(PATIENCE)
        with database.read() as tx:
            lives = [(each.sessionid, each.status) for each in sessions.of_engine(tx, "main")]
    assert lives == [
        (first.sessionid, SessionStatus.RECOVERED),
        (first.sessionid + 1, SessionStatus.RECOVERED),
        (next_one.sessionid, SessionStatus.COMPLETE),
    ]


class Watched(ManualClock):
    """A clock of which each look takes two seconds, and sees the engine beat, or not."""

    def __init__(self, database: Database, beats_for: int | None = None) -> None:
        super().__init__()
        self._database = database
        self._beats_for = beats_for

    def monotonic(self) -> float:
        self.advance(2)
        if self._beats_for is not None:
            with self._database.begin() as tx:
                sessions.beat(tx, self._beats_for, self.now())
        return super().monotonic()


def open_session_of(database: Database, process: Identity) -> int:
    with database.begin() as tx:
        where = process.host, process.pid, process.boot_id, process.pid_started
        row = Session(0, "a", *where, "", SessionStatus.ACTIVE, 0, None, 0, 0, 10.0)
        return sessions.open_session(tx, row)


def test_a_session_of_this_very_process_for_which_nobody_beats_is_dead_after_its_lease(
    postgres_url: URL,
) -> None:
    here = own_identity()
    with opened(postgres_url) as database:
        left = open_session_of(database, here)
        (dead,) = find_dead(database, "a", Watched(database), here)
    assert dead.sessionid == left


def test_a_session_of_this_very_process_that_beats_is_alive(postgres_url: URL) -> None:
    here = own_identity()
    with opened(postgres_url) as database:
        alive = open_session_of(database, here)
        with pytest.raises(EngineError, match=f"Engine 'a' is alive: pid {here.pid}"):
            find_dead(database, "a", Watched(database, alive), here)
