"""What is told of sessions: which live, and which are lost."""

import pytest

from engine.clock import SECOND
from engine.control import System
from engine.domain.session import SessionStatus
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.support.stores import a_session


@pytest.fixture
def system(engine: ManualEngine) -> System:
    """A store on which nobody is alive."""
    return engine.system


def test_a_session_is_lost_from_the_end_of_its_lease_until_it_is_rescued(
    system: System, clock: ManualClock
) -> None:
    began = clock.now()
    with system.database.begin() as tx:
        a_session(tx, "dead", started=began, beat_at=began, lease_seconds=10.0)
        a_session(tx, "rescued", beat_at=0, status=SessionStatus.RECOVERED)
    clock.advance(9.9)
    assert [each.lost_at for each in system.sessions.all()] == [None, None]
    clock.advance(0.1)
    assert [each.lost_at for each in system.sessions.all()] == [None, began + 10 * SECOND]


def test_a_living_engine_is_not_lost_however_old_its_last_beat_looks(
    engine: ManualEngine, clock: ManualClock
) -> None:
    engine.open()
    clock.advance(60)
    assert [each.lost_at for each in engine.system.sessions.all()] == [None]
