import pytest

from engine.clock import DAY
from engine.domain.session import SessionStatus
from engine.errors import NotFoundError
from engine.persistence import changes, sessions
from engine.persistence.database import Database
from engine.persistence.failures import ConflictError
from tests.support.stores import NOON, a_session


def test_a_beat_counts_up(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        assert sessions.beat(tx, sessionid, NOON + 5)
        assert sessions.beat(tx, sessionid, NOON + 3)
        found = sessions.get(tx, sessionid)
    assert (found.beat_seq, found.beat_at) == (2, NOON + 3)


@pytest.mark.parametrize(
    "status", [SessionStatus.COMPLETE, SessionStatus.ABNORMAL, SessionStatus.RECOVERED]
)
def test_a_dead_session_never_lives_again(store: Database, status: SessionStatus) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        assert sessions.mark(tx, sessionid, status, NOON + 1)
        assert not sessions.beat(tx, sessionid, NOON + 2)
        assert not sessions.set_mode(tx, sessionid, "running")
        assert not sessions.set_supervisor(tx, sessionid, "there")
        assert not sessions.mark(tx, sessionid, SessionStatus.COMPLETE, NOON + 3)
        found = sessions.get(tx, sessionid)
    assert (found.status, found.ended, found.beat_seq) == (status, NOON + 1, 0)


def test_a_rescue_is_recorded_once(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        assert not sessions.recovered(tx, sessionid, NOON)
        sessions.mark(tx, sessionid, SessionStatus.ABNORMAL, NOON + 1)
        assert sessions.recovered(tx, sessionid, NOON + 2)
        assert not sessions.recovered(tx, sessionid, NOON + 3)
        assert sessions.get(tx, sessionid).status is SessionStatus.RECOVERED


def test_one_session_lives_under_a_key(store: Database) -> None:
    with store.begin() as tx:
        first = a_session(tx, "main")
    with pytest.raises(ConflictError), store.begin() as tx:
        a_session(tx, "main")
    with store.begin() as tx:
        sessions.close(tx, first, NOON)
        second = a_session(tx, "main")
        assert [each.sessionid for each in sessions.active(tx)] == [second]
        assert [each.sessionid for each in sessions.all_sessions(tx)] == [second, first]


def test_an_engine_tells_its_mode_and_its_supervisor(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        assert sessions.set_mode(tx, sessionid, "draining")
        assert sessions.set_supervisor(tx, sessionid, "/run/x.sock")
        found = sessions.get(tx, sessionid)
    assert (found.mode, found.supervisor) == ("draining", "/run/x.sock")


def test_a_beat_is_no_news_but_a_change_of_mode_is(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
    with store.read() as tx:
        seen = changes.current(tx)
    with store.begin() as tx:
        sessions.beat(tx, sessionid, NOON)
    with store.read() as tx:
        assert changes.sessions_since(tx, seen) == []
    with store.begin() as tx:
        sessions.set_mode(tx, sessionid, "paused")
    with store.read() as tx:
        assert [each.mode for each in changes.sessions_since(tx, seen)] == ["paused"]


def test_those_that_lived_in_a_time_are_found(store: Database) -> None:
    with store.begin() as tx:
        first = a_session(tx, "a", started=NOON)
        sessions.close(tx, first, NOON + 10)
        second = a_session(tx, "a", started=NOON + DAY)

        def lived(after: int, until: int) -> list[int]:
            return [each.sessionid for each in sessions.between(tx, after, until)]

        assert lived(NOON, NOON + 5) == [first]
        assert lived(NOON + 10, NOON + 20) == []
        assert lived(NOON + 20, NOON + 2 * DAY) == [second]
        assert lived(NOON - 5, NOON + 2 * DAY) == [first, second]


def test_an_unknown_session_is_refused(store: Database) -> None:
    with store.read() as tx, pytest.raises(NotFoundError, match="There is no session 4711"):
        sessions.get(tx, 4711)
