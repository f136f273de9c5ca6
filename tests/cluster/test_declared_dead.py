"""An engine that a peer declared dead begins a new life, as it was told to in the one before."""

import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from engine.clock import Instant, SystemClock
from engine.config import ENGINE_LOG, Settings
from engine.control.actor import Actor
from engine.domain.eligibility import PAUSED
from engine.domain.request import Request, RequestKind
from engine.domain.session import Session, SessionStatus
from engine.domain.verdict import Reason
from engine.engine import Engine
from engine.events import Event, EventKind
from engine.persistence import holds, jobs, requests, sessions
from engine.persistence.database import Database
from engine.persistence.failures import SessionDeadError
from engine.scheduling.life import Life
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedExecutor, ScriptedWorld
from tests.cluster.conftest import Joiner
from tests.support.builders import definition, every
from tests.support.stores import opened

OPS = Actor("ops", "test")
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


def test_one_that_is_to_hand_over_keeps_no_run_that_a_peer_answers_for(
    watched: Watched,
) -> None:
    only = watched.started()
    watched.ask(RequestKind.RUN, job="long")
    watched.until(EventKind.INSTANCE_STARTED)
    watched.declare_dead(only)
    watched.engine.hand_over()
    assert watched.engine.wait(PATIENCE)
    told = (watched.engine.settings.log_dir / ENGINE_LOG).read_text()
    assert "declared dead by a peer, and ends its runs" in told


@pytest.fixture
def replaced(join: Joiner) -> tuple[ManualEngine, ManualEngine]:
    """An engine that was frozen in a run until it was rescued, and the one that took its place."""
    old, peer = join("west"), join("east")
    old.system.groups.create("night", OPS)
    old.add(definition("each", every(60)))
    old.system.groups.add("night", ["each"], OPS)
    old.advance(60)
    peer.tick()
    peer.advance(12, step=1)
    new = join("west")
    new.advance(600)
    return old, new


def paused_by(engine: ManualEngine) -> list[str]:
    """Return who has paused an engine, as the holds that are open tell."""
    with engine.database.read() as tx:
        found = holds.open_holds(tx)
    assert {each.reason for each in found} <= {Reason.PAUSED}
    return [each.who for each in found]


def test_one_that_was_replaced_tells_no_verdicts_beside_those_of_the_other(
    replaced: tuple[ManualEngine, ManualEngine],
) -> None:
    old, new = replaced
    new.world.end(new.instances("each")[-1].job_instanceid)
    new.tick()
    new.system.groups.set_enabled(["night"], False, OPS)
    told = len(new.verdicts("each"))
    old.world.end(old.world.running[0])
    old.life.scheduler.turn(old.clock.now())  # its late result is refused
    assert old.life.context.refused == 1
    with pytest.raises(SessionDeadError):
        old.life.scheduler.turn(old.clock.now())
    assert len(new.verdicts("each")) == told


def test_one_that_was_replaced_answers_no_request(
    replaced: tuple[ManualEngine, ManualEngine],
) -> None:
    old, new = replaced
    with new.database.begin() as tx:
        pause = Request("id", RequestKind.PAUSE, {}, "ops", "test", new.clock.now(), "west")
        requests.ask(tx, pause)
    with pytest.raises(SessionDeadError):
        old.life.scheduler.turn(old.clock.now())
    new.tick()
    with new.database.read() as tx:
        assert sessions.get(tx, new.life.session.sessionid).mode == PAUSED


@pytest.mark.parametrize(
    "act",
    [
        lambda life, _: life.begin_stop(),
        lambda life, _: life.close(),
        lambda life, _: life.hand_over(),
        lambda life, now: life.reload(now),
    ],
    ids=["stop", "close", "hand over", "reload"],
)
def test_one_that_was_replaced_turns_no_switch_of_the_other(
    replaced: tuple[ManualEngine, ManualEngine], act: Callable[[Life, Instant], None]
) -> None:
    old, new = replaced
    new.ask(RequestKind.PAUSE)
    deadlines = {each.deadline for each in old.world.supervisors.values()}
    with pytest.raises(SessionDeadError):
        act(old.life, old.clock.now())
    assert paused_by(new) == ["tester"]
    assert {each.deadline for each in old.world.supervisors.values()} == deadlines


def test_one_that_is_replaced_while_it_begins_turns_no_switch_of_the_other(
    join: Joiner, world: ScriptedWorld
) -> None:
    peer = join("east")

    def frozen(session: str) -> ScriptedExecutor:
        """Let others go on for as long as it takes to be declared dead."""
        sessionid = int(session.partition("-")[0])
        with peer.database.begin() as tx:
            sessions.mark(tx, sessionid, SessionStatus.ABNORMAL, peer.clock.now())
        join("west").ask(RequestKind.PAUSE)
        return world.executor(session)

    late = ManualEngine(
        peer.settings.home,
        clock=peer.clock,
        world=world,
        database_url=peer.settings.database_url,
        settings=replace(peer.settings, instance_key="west"),
        executor_for=frozen,
    )
    with pytest.raises(SessionDeadError):
        late.open()
    late.database.close()
    assert paused_by(peer) == ["tester"]
