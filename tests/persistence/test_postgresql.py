import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import URL, text

from engine.domain.session import SessionStatus
from engine.errors import StoreError
from engine.persistence import groups, instances, jobs, sessions
from engine.persistence.database import Database, Transaction
from engine.persistence.failures import BusyError, ConnectionLostError, OutcomeUnknownError, Ticket
from tests.support.postgres import run_on
from tests.support.proxy import Proxy, proxied
from tests.support.stores import NOON, a_job, a_running, a_session, opened

PATIENCE = 1.0
END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def proxy(postgres_url: URL) -> Iterator[Proxy]:
    """A proxy before the store."""
    with proxied(postgres_url) as found:
        yield found


@pytest.fixture
def far_store(proxy: Proxy) -> Iterator[Database]:
    """The store as it is seen through the proxy, with little patience."""
    with opened(proxy.address, patience_seconds=PATIENCE) as store:
        yield store


def test_every_wait_on_the_server_has_an_end(postgres_url: URL) -> None:
    with (
        opened(postgres_url, patience_seconds=4, idle_seconds=2) as store,
        store.read() as tx,
    ):
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        values = [tx.run_sql(f"SHOW {name}").scalar_one() for name in names]
        level = tx.run_sql("SHOW transaction_isolation").scalar_one()
    assert values == ["4s", "2s", "2s"]
    assert level == "read committed"


def test_a_statement_that_takes_too_long_is_busy(postgres_url: URL) -> None:
    with (
        opened(postgres_url, patience_seconds=0.3) as store,
        pytest.raises(BusyError, match="statement timeout"),
        store.read() as tx,
    ):
        tx.execute(text("SELECT pg_sleep(30)"))


def test_a_row_that_is_locked_too_long_is_busy(postgres_url: URL) -> None:
    with opened(postgres_url) as store, opened(postgres_url, patience_seconds=0.6) as other:
        with store.begin() as tx:
            jobid = a_job(tx)
        with store.begin() as tx:
            jobs.set_trigger(tx, jobid, NOON)
            with pytest.raises(BusyError, match="lock timeout"), other.begin() as second:
                jobs.set_trigger(second, jobid, NOON + 1)


def test_a_transaction_that_is_frozen_loses_its_locks(postgres_url: URL) -> None:
    with opened(postgres_url, idle_seconds=0.2) as frozen, opened(postgres_url) as peer:
        with frozen.begin() as tx:
            sessionid, jobid = a_session(tx), a_job(tx)

        def freeze() -> None:
            with frozen.begin() as tx:
                a_running(tx, jobid, sessionid)
                with peer.begin() as rescue:  # waits until the frozen one is thrown out
                    assert sessions.mark(rescue, sessionid, SessionStatus.ABNORMAL, NOON)
                    assert instances.open_of_session(rescue, sessionid) == []
                jobs.set_trigger(tx, jobid, NOON)

        with pytest.raises(ConnectionLostError):
            freeze()
        with frozen.read() as tx:
            assert instances.all_open(tx) == []


def test_whoever_declares_a_session_dead_sees_all_it_claimed(postgres_url: URL) -> None:
    with opened(postgres_url) as engine, opened(postgres_url) as rescuer:
        with engine.begin() as tx:
            sessionid, jobid = a_session(tx), a_job(tx)

        def rescue() -> int:
            with rescuer.begin() as tx:
                sessions.mark(tx, sessionid, SessionStatus.ABNORMAL, NOON)
                return len(instances.open_of_session(tx, sessionid))

        with ThreadPoolExecutor(1) as pool:
            with engine.begin() as tx:
                a_running(tx, jobid, sessionid)
                seen = pool.submit(rescue)
                wait_for_lock(tx)
            assert seen.result() == 1


def wait_for_lock(tx: Transaction) -> None:
    """Wait until some transaction waits for a lock that another one holds."""
    for _ in range(2000):
        if tx.run_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one():
            return
    pytest.fail("nobody waits")


def test_nothing_is_claimed_after_an_acknowledged_change(postgres_url: URL) -> None:
    with opened(postgres_url) as engine, opened(postgres_url) as operator:
        with operator.begin() as tx:
            a_job(tx, groups=("g",))

        def look() -> bool:
            with engine.begin() as tx:
                tx.hold_configuration()
                return groups.get(tx, "g").enabled

        with ThreadPoolExecutor(1) as pool:
            with operator.begin() as tx:
                groups.set_enabled(tx, "g", enabled=False, who="ops", now=NOON)
                claim = pool.submit(look)
                wait_for_lock(tx)
            assert claim.result() is False


def test_a_change_waits_for_the_claims_that_are_being_made(postgres_url: URL) -> None:
    with opened(postgres_url) as engine, opened(postgres_url) as operator:
        with engine.begin() as tx:
            sessionid, jobid = a_session(tx), a_job(tx)

        def disable() -> int:
            with operator.begin() as tx:
                jobs.set_enabled(tx, jobid, enabled=False)
                return len(instances.all_open(tx))

        with ThreadPoolExecutor(1) as pool:
            with engine.begin() as tx:
                tx.hold_configuration()
                change = pool.submit(disable)
                wait_for_lock(tx)
                a_running(tx, jobid, sessionid)
            assert change.result() == 1


def test_after_a_restart_of_the_server_the_store_goes_on(postgres_url: URL) -> None:
    with opened(postgres_url) as store:
        with store.begin() as tx:
            a_job(tx)
        store.seen_change()
        run_on(postgres_url, END_OTHERS)
        with store.read() as tx:
            assert jobs.names(tx) == ["report"]
        with pytest.raises(StoreError):
            store.seen_change()
        store.seen_change()


def test_a_server_that_does_not_answer_is_given_up(far_store: Database, proxy: Proxy) -> None:
    with far_store.begin() as tx:
        a_job(tx)
    proxy.swallow_answers = True
    begun = time.monotonic()
    with (
        pytest.raises(ConnectionLostError, match=r"no answer within 1\.5 seconds"),
        far_store.read() as tx,
    ):
        jobs.names(tx)
    assert time.monotonic() - begun < 10
    proxy.heal()
    with far_store.read() as tx:
        assert jobs.names(tx) == ["report"]


def test_a_server_that_answers_no_connection_is_given_up(far_store: Database, proxy: Proxy) -> None:
    proxy.cut_all()
    proxy.swallow_requests = True
    with pytest.raises(ConnectionLostError, match="timeout"), far_store.read() as tx:
        jobs.names(tx)
    proxy.heal()
    proxy.refuses = True
    with pytest.raises(ConnectionLostError, match="cannot be reached"), far_store.read() as tx:
        jobs.names(tx)
    proxy.heal()
    with far_store.read() as tx:
        assert jobs.names(tx) == []


def is_commit(data: bytes) -> bool:
    """Whether a client's words are a COMMIT."""
    return b"COMMIT\0" in data


@pytest.mark.parametrize("arrived", [True, False])
def test_an_unknown_outcome_can_be_settled(
    far_store: Database, proxy: Proxy, postgres_url: URL, arrived: bool
) -> None:
    proxy.cut_on, proxy.passes_last_words = is_commit, arrived
    with pytest.raises(OutcomeUnknownError) as broken, far_store.begin() as tx:
        a_job(tx)
    with pytest.raises(StoreError), far_store.begin() as tx:
        a_job(tx)
    proxy.heal()
    outcome = far_store.settle(broken.value)
    while outcome is None:  # the server has not noticed yet
        outcome = far_store.settle(broken.value)
    assert outcome is arrived
    with opened(postgres_url) as store, store.read() as tx:
        assert jobs.names(tx) == (["report"] if arrived else [])


def test_a_lost_answer_to_commit_is_an_unknown_outcome(far_store: Database, proxy: Proxy) -> None:
    def swallow_from_commit_on(data: bytes) -> bool:
        proxy.swallow_answers = proxy.swallow_answers or is_commit(data)
        return False

    proxy.cut_on = swallow_from_commit_on
    with pytest.raises(OutcomeUnknownError) as broken, far_store.begin() as tx:
        a_job(tx)
    proxy.heal()
    assert far_store.settle(broken.value) is True


def test_a_transaction_that_goes_on_is_not_settled(postgres_url: URL) -> None:
    with opened(postgres_url) as store, store.begin() as tx:
        a_job(tx)
        doubt = OutcomeUnknownError("in doubt", ticket=tx.ticket)
        assert store.settle(doubt) is None
    with opened(postgres_url) as store:
        assert store.settle(doubt) is True


def test_a_transaction_without_a_number_is_settled_when_its_process_is_done(
    postgres_url: URL,
) -> None:
    with opened(postgres_url) as store:
        with store.begin() as tx:
            sessionid = a_session(tx)
        with store.begin() as tx:
            sessions.beat(tx, sessionid, NOON)
            doubt = OutcomeUnknownError("in doubt", ticket=tx.ticket)
            assert doubt.ticket.number == ""
            assert store.settle(doubt) is None
        assert store.settle(doubt) is False


def test_a_transaction_of_another_server_is_over(postgres_url: URL) -> None:
    with opened(postgres_url) as store:
        gone = Ticket(backend=2**22, number=str(2**60))
        assert store.settle(OutcomeUnknownError("in doubt", ticket=gone)) is False


def test_a_password_is_never_told(postgres_url: URL) -> None:
    with opened(postgres_url.set(password="secret")) as store:
        assert "secret" not in store.where
        with pytest.raises(StoreError) as refusal, store.read() as tx:
            tx.execute(text("SELECT * FROM nowhere"))
    assert "secret" not in str(refusal.value)


def test_a_twin_has_its_own_patience(postgres_url: URL) -> None:
    with opened(postgres_url) as store:
        twin = store.twin(patience_seconds=0.6)
        with store.begin() as tx:
            jobid = a_job(tx)
        with store.begin() as tx:
            jobs.set_trigger(tx, jobid, NOON)
            with pytest.raises(BusyError), twin.begin() as impatient:
                jobs.set_trigger(impatient, jobid, NOON)
        twin.close()
