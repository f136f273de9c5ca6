"""A console that found an engine stays attached: it starts none of its own when that one ends."""

import shutil
from pathlib import Path

from app.client.store_client import StoreClient
from app.store.events import Event, SnapshotDone
from app.store.model import EngineHealth
from engine.config import Settings
from engine.control import open_system
from tests.cli.engines import serving
from tests.console.test_store_client import Reader


def is_read(event: Event) -> bool:
    return isinstance(event, SnapshotDone)


def has_no_engine(event: Event) -> bool:
    return isinstance(event, EngineHealth) and event.link == "none"


def test_an_engine_that_was_stopped_is_not_replaced_when_everything_is_read_anew(
    tmp_path: Path, sqlite_template: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "tocsin.db")
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'tocsin.db'}")
    client, reader = StoreClient(settings, may_host=True), Reader()
    try:
        with serving(tmp_path):
            client.start(reader.inbox)
            reader.wait_for(is_read)
        reader.wait_for(has_no_engine)
        reader.events.clear()
        client.resync()
        reader.wait_for(is_read)
        told = reader.wait_for(lambda event: isinstance(event, EngineHealth))
        assert isinstance(told, EngineHealth)
        assert (told.link, told.coming) == ("none", "")
        assert client.hosted is None
    finally:
        client.end(0)
    system = open_system(settings, create=False)
    assert len(system.sessions.all()) == 1, "the engine's, and none of ours"
    system.close()
