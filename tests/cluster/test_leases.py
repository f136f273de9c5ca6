"""Leases on a shared database: what is not renewed runs out, and no dead session comes back."""

import queue
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import URL

from engine.clock import SystemClock
from engine.config import Settings
from engine.domain.instance import Status
from engine.domain.session import Session, SessionStatus
from engine.engine import Engine
from engine.events import Event, EventKind
from engine.persistence import instance_queries, jobs, sessions
from engine.persistence.database import Database
from engine.scheduling.heartbeat import Heartbeat
from engine.testing.clock import ManualClock
from tests.support.builders import definition, every
from tests.support.postgres import fresh_database

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
