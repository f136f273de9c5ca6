"""A console that can host no engine, or read no store, says why, and tries again."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.client.hosting import Hosting
from app.client.store_client import StoreClient
from app.store.events import Event, SnapshotDone
from app.store.model import EngineHealth
from engine.config import Settings
from engine.control import open_system
from engine.control.system import System
from engine.persistence.engine_lock import EngineLock
from engine.testing.clock import ManualClock
from tests.cli.engines import serving
from tests.console.test_store_client import Reader
from tests.support.hosting import hosting_on


def is_hosted(event: Event) -> bool:
    return isinstance(event, EngineHealth) and event.link == "hosted"


def problem_in(home: Path) -> str:
    """Return the first problem that a hosting client tells."""
    reader = Reader()
    client = StoreClient(Settings(home, f"sqlite:///{home / 'tocsin.db'}"), may_host=True)
    client.start(reader.inbox)
    try:
        found = reader.wait_for(
            lambda event: isinstance(event, EngineHealth) and event.problem != ""
        )
    finally:
        client.end(0)
    return found.problem if isinstance(found, EngineHealth) else ""


def test_an_engine_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "run").write_text("in the way")
    assert problem_in(tmp_path).startswith("no engine could be started here: ")


@pytest.fixture
def failed(tmp_path: Path) -> Iterator[tuple[StoreClient, Reader]]:
    """A client whose engine could not be started, with what was in the way gone by now."""
    tmp_path.chmod(0o700)
    (tmp_path / "run").write_text("in the way")
    client = StoreClient(Settings(tmp_path, f"sqlite:///{tmp_path / 'tocsin.db'}"), may_host=True)
    reader = Reader()
    client.start(reader.inbox)
    try:
        reader.wait_for(lambda event: isinstance(event, EngineHealth) and event.problem != "")
        reader.wait_for(lambda event: isinstance(event, SnapshotDone))
        (tmp_path / "run").unlink()
        yield client, reader
    finally:
        client.end(0)


def test_a_start_that_failed_is_tried_again_when_everything_is_read_anew(
    failed: tuple[StoreClient, Reader],
) -> None:
    client, reader = failed
    client.resync()
    reader.wait_for(is_hosted)


def test_a_start_that_failed_is_not_made_up_for_once_another_engine_was_there(
    failed: tuple[StoreClient, Reader], tmp_path: Path
) -> None:
    client, reader = failed
    with serving(tmp_path):
        reader.wait_for(lambda event: isinstance(event, EngineHealth) and event.link == "attached")
        reader.events.clear()
    gone = reader.wait_for(lambda event: isinstance(event, EngineHealth) and not event.session)
    assert isinstance(gone, EngineHealth)
    assert gone.problem == ""
    reader.events.clear()
    client.resync()
    reader.wait_for(lambda event: isinstance(event, SnapshotDone))
    assert client.hosted is None


@pytest.fixture
def hosting(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[Hosting, System, ManualClock]]:
    """What may host an engine on an empty store, that store, and the clock that both live by."""
    shutil.copy(sqlite_template, tmp_path / "tocsin.db")
    clock = ManualClock()
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'tocsin.db'}")
    with hosting_on(settings, clock) as (made, system):
        yield made, system, clock


def test_a_start_that_the_store_let_fail_is_tried_again_a_while_later(
    hosting: tuple[Hosting, System, ManualClock], tmp_path: Path
) -> None:
    here, system, clock = hosting
    store, aside = tmp_path / "tocsin.db", tmp_path / "aside.db"
    told: list[str] = []

    def goes_away(_coming: str, why: str) -> None:
        told.append(why)
        store.rename(aside)
        store.write_text("garbage")

    def is_there(_coming: str, why: str) -> None:
        told.append(why)

    assert here.begin(system, goes_away)
    assert here.engine is None
    aside.rename(store)
    clock.advance(9)
    assert not here.begin(system, is_there)
    clock.advance(1)
    assert here.begin(system, is_there)
    assert here.is_alive
    assert told[0] == here.why_none == ""
    assert told[1].startswith("no engine could be started here: ")


def test_a_start_that_another_one_was_in_the_way_of_is_tried_again_a_while_later(
    hosting: tuple[Hosting, System, ManualClock], tmp_path: Path
) -> None:
    here, system, clock = hosting
    lock = EngineLock(tmp_path / "tocsin.db")
    lock.acquire({"pid": 0, "host": "here"})  # as a restore holds it, with no session
    assert here.begin(system, lambda *_: None)
    assert "no engine could be started here: Another engine" in here.why_none
    lock.release()
    assert not here.begin(system, lambda *_: None)
    clock.advance(10)
    assert here.begin(system, lambda *_: None)
    assert here.is_alive


@pytest.mark.parametrize("is_before", [True, False])
def test_no_engine_starts_once_the_console_is_left(
    hosting: tuple[Hosting, System, ManualClock], is_before: bool
) -> None:
    here, system, _ = hosting
    if is_before:
        here.leave()
    # Or while the definitions of the home are loaded.
    begins = here.begin(system, lambda *_: here.leave())
    assert begins is not is_before
    assert not here.is_alive
    assert system.living.engines() == []


def test_a_fault_in_the_start_of_an_engine_leaves_none_that_is_dead(
    tmp_path: Path, sqlite_template: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "tocsin.db")
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'tocsin.db'}")
    faulty = replace(settings, lease_seconds="soon")
    system = open_system(settings)
    hosting = Hosting(faulty, lambda: None, may_host=True)
    hosting.begin(system, lambda *_: None)
    system.close()
    assert hosting.engine is None
    assert "could be started here: a fault of tocsin, TypeError: " in hosting.why_none


def test_a_store_that_is_none_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "tocsin.db").write_text("garbage")
    assert "is not a tocsin store" in problem_in(tmp_path)
