"""A console on a server whose engine died where nobody here can see it."""

import threading
from pathlib import Path

from sqlalchemy import URL

from app.client.store_client import StoreClient
from app.store.events import Event, Inbox, SnapshotDone
from app.store.model import EngineHealth
from engine.config import Settings
from tests.console.test_store_client import Reader
from tests.support.ghosts import leave_a_dead_engine

LEASE = 1.0


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
