"""A console on a server: its engine died where nobody here can see it, or its store goes away."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine

from app.client.rows import session_row
from app.client.store_client import StoreClient
from app.store.events import Event, Inbox, SnapshotDone
from app.store.model import EngineHealth
from engine.config import Settings
from engine.errors import StoreError
from engine.persistence.transaction import HOLD_CONFIGURATION
from tests.console.test_store_client import Reader
from tests.support.ghosts import leave_a_dead_engine
from tests.support.hosting import hosting_on
from tests.support.proxy import proxied

LEASE = 1.0


def settings_of(home: Path, address: URL) -> Settings:
    """Return the settings of a home whose store is at an address."""
    return Settings(home, address.render_as_string(hide_password=False))


def test_an_engine_is_hosted_once_the_lease_of_a_dead_one_out_of_sight_is_over(
    tmp_path: Path, postgres_url: URL
) -> None:
    url = postgres_url.render_as_string(hide_password=False)
    leave_a_dead_engine(url, LEASE)
    told: list[EngineHealth] = []
    is_hosted = threading.Event()

    def take() -> None:
        events: list[Event] = list(inbox.take(10_000))
        while not inbox.sleep():
            events += inbox.take(10_000)
        told.extend(event for event in events if isinstance(event, EngineHealth))
        if any(each.link == "hosted" for each in told):
            is_hosted.set()

    inbox = Inbox(wake=take)
    client = StoreClient(Settings(tmp_path, url), may_host=True)
    client.start(inbox)
    try:
        assert is_hosted.wait(30.0)
    finally:
        client.end(0)
    coming = next(each for each in told if each.coming)
    assert coming.coming == "an engine starts here in 1s"
    assert coming.problem == (
        "engine 'main' (pid 8 on elsewhere) may live: "
        "if it gives no sign for its lease of 1s, one starts here"
    )


def test_a_peer_that_is_lost_later_is_not_replaced_when_everything_is_read_anew(
    tmp_path: Path, postgres_url: URL
) -> None:
    url = postgres_url.render_as_string(hide_password=False)
    leave_a_dead_engine(url, LEASE)
    client = StoreClient(Settings(tmp_path, url, instance_key="mine"), may_host=True)
    reader = Reader()
    client.start(reader.inbox)
    try:
        reader.wait_for(lambda event: isinstance(event, EngineHealth) and event.session is not None)
        reader.wait_for(lambda event: isinstance(event, EngineHealth) and event.session is None)
        reader.events.clear()
        client.resync()
        reader.wait_for(lambda event: isinstance(event, SnapshotDone))
        assert client.hosted is None
    finally:
        client.end(0)


def test_a_start_in_which_the_store_went_away_is_tried_again_when_that_is_back(
    tmp_path: Path, postgres_url: URL
) -> None:
    with proxied(postgres_url) as proxy, hosting_on(settings_of(tmp_path, proxy.address)) as made:
        hosting, system = made

        def goes_away(_coming: str, _why: str) -> None:
            proxy.refuses = True
            proxy.cut_all()

        with pytest.raises(StoreError):
            hosting.begin(system, goes_away)
        assert hosting.engine is None
        assert hosting.why_none.startswith("no engine could be started here: ")
        proxy.heal()
        assert hosting.begin(system, lambda *_: None, anew=True)
        assert hosting.is_alive


def test_an_engine_that_died_out_of_sight_is_not_forgotten_where_the_store_goes_away(
    tmp_path: Path, postgres_url: URL
) -> None:
    leave_a_dead_engine(postgres_url.render_as_string(hide_password=False), 3600)
    with proxied(postgres_url) as proxy, hosting_on(settings_of(tmp_path, proxy.address)) as made:
        hosting, system = made
        hosting.begin(system, lambda *_: None)
        proxy.refuses = True
        proxy.cut_all()
        with pytest.raises(StoreError):
            hosting.reconsider(system, EngineHealth())
        proxy.heal()
        assert hosting.foretold(EngineHealth()).coming == ""
        hosting.reconsider(system, EngineHealth())
        assert hosting.foretold(EngineHealth()).coming == "an engine starts here"


def test_a_start_that_failed_behind_its_session_is_tried_again(
    tmp_path: Path, postgres_url: URL
) -> None:
    with hosting_on(settings_of(tmp_path, postgres_url)) as (hosting, system):
        with create_engine(postgres_url).begin() as other:  # a load that takes long
            other.exec_driver_sql(HOLD_CONFIGURATION.replace("_shared", ""))
            assert hosting.begin(system, lambda *_: None)
            assert hosting.engine is None
            assert hosting.why_none.startswith("no engine could be started here: ")
        assert hosting.begin(system, lambda *_: None, anew=True)
        assert hosting.is_alive


def test_a_session_that_came_to_nothing_and_could_not_be_ended_is_no_engine(
    tmp_path: Path, postgres_url: URL
) -> None:
    with proxied(postgres_url) as proxy, hosting_on(settings_of(tmp_path, proxy.address)) as made:
        hosting, system = made

        def is_behind_the_session(sent: bytes) -> bool:
            proxy.refuses = proxy.refuses or HOLD_CONFIGURATION.encode() in sent
            return proxy.refuses

        proxy.cut_on = is_behind_the_session
        with pytest.raises(StoreError):
            hosting.begin(system, lambda *_: None)
        assert hosting.engine is None
        proxy.heal()
        (left,) = system.living.engines()
        hosting.reconsider(system, EngineHealth(link="attached", session=session_row(left)))
        assert hosting.begin(system, lambda *_: None, anew=True)
        assert hosting.is_alive
