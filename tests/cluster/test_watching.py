"""How soon a lost peer is found: at the end of its lease, whatever else goes on."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from engine.config import ENGINE_LOG
from engine.domain.instance import Status
from engine.domain.session import SessionStatus
from engine.persistence import sessions
from engine.scheduling.loop import Loop
from engine.scheduling.rescuer import Rescuer
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.cluster.conftest import Joiner
from tests.support.builders import definition, every

LEASE = 10.0


@contextmanager
def configuration_held(engine: ManualEngine) -> Iterator[None]:
    """Hold what every turn waits for, as an operator's change does that hangs; turns wait 20 ms."""
    with engine.database.begin() as tx:
        tx.run_sql("SET SESSION lock_timeout = 20")  # of the connection that is used again
    with psycopg.connect(engine.settings.database_url) as holding:
        holding.execute("SELECT pg_advisory_xact_lock(1953456996, 0)")
        yield


def watch(rescuer: Rescuer, clock: ManualClock, seconds: float) -> None:
    """Let time pass, with a look every 0.4 seconds."""
    for _ in range(round(seconds / 0.4)):
        clock.advance(0.4)
        rescuer.tick(0)


def status_of(engine: ManualEngine, peer: ManualEngine) -> SessionStatus:
    """Return the status of a peer's session."""
    with engine.database.read() as tx:
        return sessions.get(tx, peer.life.session.sessionid).status


def test_a_peer_is_looked_at_again_at_the_very_end_of_its_lease(join: Joiner) -> None:
    first, second = join("a"), join("b")
    rescuer = Rescuer(second.life.context, second.life.scheduler)
    rescuer.tick(0)
    while status_of(second, first) is SessionStatus.ACTIVE:
        wait = rescuer.wait()
        assert 0 < wait <= 0.4
        second.clock.advance(wait)
        rescuer.tick(0)
    assert second.clock.monotonic() - first.life.heartbeat.deadline <= LEASE * 0.1 + 0.001
    assert status_of(second, first) is SessionStatus.RECOVERED


def test_a_lost_peer_is_rescued_though_the_own_turn_cannot_be_done(join: Joiner) -> None:
    first, second = join("a"), join("b")
    first.add(definition("one", every(60), single_instance=True))
    loop = Loop(second.life)
    try:
        while second.clock.monotonic() < first.life.heartbeat.deadline:
            second.life.heartbeat.beat()
            loop.turn()
            second.clock.advance(0.4)
        second.clock.advance(LEASE * 0.1)
        with configuration_held(second):
            second.life.heartbeat.beat()
            second.life.scheduler.look_closely()
            assert loop.turn() > 0
        assert status_of(second, first) is SessionStatus.RECOVERED
        assert "reach" in (second.settings.log_dir / ENGINE_LOG).read_text()
    finally:
        loop.close()


def test_a_peer_that_was_cut_off_as_this_engine_was_comes_back_first(join: Joiner) -> None:
    first, second = join("a"), join("b")
    first.add(definition("each", every(60)))
    first.advance(60)
    (number,) = first.world.running
    rescuer = Rescuer(second.life.context, second.life.scheduler)
    rescuer.tick(0)
    first.world.end(number)
    second.clock.advance(3.2 * LEASE)  # the database is away
    rescuer.tick(0)
    watch(rescuer, second.clock, 0.4 * LEASE)
    first.tick()  # it had the record of an end
    watch(rescuer, second.clock, 0.8 * LEASE)
    assert status_of(second, first) is SessionStatus.ACTIVE
    assert first.instances("each")[0].jobstatus is Status.COMPLETE


def test_a_lost_peer_is_rescued_half_a_lease_after_the_database_is_back(join: Joiner) -> None:
    first, second = join("a"), join("b")
    rescuer = Rescuer(second.life.context, second.life.scheduler)
    rescuer.tick(0)
    second.clock.advance(3.2 * LEASE)
    rescuer.tick(0)
    watch(rescuer, second.clock, 0.48 * LEASE)
    assert status_of(second, first) is SessionStatus.ACTIVE
    watch(rescuer, second.clock, 0.04 * LEASE)
    assert status_of(second, first) is SessionStatus.RECOVERED


def test_a_database_that_goes_again_and_again_keeps_no_lost_peer_alive(join: Joiner) -> None:
    first, second = join("a"), join("b")
    rescuer = Rescuer(second.life.context, second.life.scheduler)
    rescuer.tick(0)
    for _ in range(2):
        assert status_of(second, first) is SessionStatus.ACTIVE
        second.clock.advance(0.6 * LEASE)
        rescuer.tick(0)
    assert status_of(second, first) is SessionStatus.RECOVERED
