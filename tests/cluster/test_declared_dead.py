"""An engine that a peer declared dead begins a new life, as it was told to in the one before."""

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from engine.clock import SystemClock
from engine.config import Settings
from engine.domain.eligibility import PAUSED
from engine.domain.request import Request, RequestKind
from engine.domain.session import Session, SessionStatus
from engine.domain.verdict import Reason
from engine.engine import Engine
from engine.events import Event, EventKind
from engine.persistence import holds, jobs, requests, sessions
from engine.persistence.database import Database
from tests.support.builders import definition
from tests.support.stores import opened

PATIENCE = 20.0
LONG = "import time\ndef run(): time.sleep(60)"


class Watched:
    """A real engine, what it tells, and the store that it shares."""

    def __init__(self, engine: Engine, database: Database) -> None:
        self.engine = engine
        self.database = database
        self._told: queue.Queue[Event] = queue.Queue()
        engine.events.subscribe(self._told.put)

    def until(self, kind: EventKind) -> Event:
        """Wait until it tells of something."""
        while (event := self._told.get(timeout=PATIENCE)).kind is not kind:
            pass
        return event

    def started(self) -> Session:
        """Wait for the begin of a life."""
        session = self.until(EventKind.ENGINE_STARTED).record
        assert isinstance(session, Session)
        return session

    def ask(self, kind: RequestKind, **payload: object) -> None:
        """Ask it for something."""
        with self.database.begin() as tx:
            now = SystemClock().now()
            requests.ask(tx, Request(str(kind), kind, payload, "ops", "test", now))
        self.engine.wake()

    def declare_dead(self, session: Session) -> None:
        """Do what a peer does first that has not seen it beat for a lease."""
        with self.database.begin() as tx:
            sessions.mark(tx, session.sessionid, SessionStatus.ABNORMAL, SystemClock().now())


@pytest.fixture
def watched(postgres_url: URL, tmp_path: Path) -> Iterator[Watched]:
    """An engine that has a job whose runs take a minute."""
    url = postgres_url.render_as_string(hide_password=False)
    engine = Engine(replace(Settings(tmp_path, url), lease_seconds=1.0, grace_seconds=0.5))
    with opened(postgres_url) as database:
        watched = Watched(engine, database)
        with database.begin() as tx:
            jobs.insert(tx, definition("long", code=LONG), SystemClock().now())
        engine.start()
        try:
            yield watched
        finally:
            engine.stop(0)
            assert engine.wait(PATIENCE)


def test_one_that_is_paused_stays_paused(watched: Watched) -> None:
    first = watched.started()
    watched.ask(RequestKind.PAUSE)
    watched.until(EventKind.ENGINE_MODE)
    watched.declare_dead(first)
    second = watched.started()
    assert second.sessionid != first.sessionid
    with watched.database.read() as tx:
        assert sessions.get(tx, second.sessionid).mode == PAUSED
        (hold,) = holds.open_holds(tx)
    assert (hold.reason, hold.who) == (Reason.PAUSED, "ops")
    assert hold.since >= second.started


@pytest.mark.parametrize("kind", [RequestKind.DRAIN, RequestKind.STOP])
def test_one_that_was_told_to_end_ends(watched: Watched, kind: RequestKind) -> None:
    only = watched.started()
    watched.ask(RequestKind.RUN, job="long")
    watched.until(EventKind.INSTANCE_STARTED)
    watched.ask(kind, grace=60)
    watched.until(EventKind.ENGINE_MODE)
    watched.declare_dead(only)
    assert watched.engine.wait(PATIENCE)
    with watched.database.read() as tx:
        assert [each.sessionid for each in sessions.all_sessions(tx)] == [only.sessionid]
