"""How soon a lost peer is found: at the end of its lease, whatever else goes on."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from engine.config import ENGINE_LOG
from engine.domain.session import SessionStatus
from engine.persistence import sessions
from engine.scheduling.loop import Loop
from engine.scheduling.rescuer import Rescuer
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
        loop.turn()
        second.clock.advance(LEASE)
        with configuration_held(second):
            second.life.heartbeat.beat()
            second.life.scheduler.look_closely()
            assert loop.turn() > 0
        assert status_of(second, first) is SessionStatus.RECOVERED
        assert "reach" in (second.settings.log_dir / ENGINE_LOG).read_text()
    finally:
        loop.close()
