"""A console that only looks, or only attaches: it takes the store as it is, or does not open."""

import os
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.client.store_client import StoreClient
from app.testing.terminal import Terminal
from app.view_state import FILE
from engine.config import Settings
from engine.errors import EngineError, StoreVersionError
from tests.cli.engines import serving
from tests.support.first_looks import FirstLooks


@pytest.fixture
def settings(tmp_path: Path, sqlite_template: Path) -> Settings:
    shutil.copy(sqlite_template, tmp_path / "tocsin.db")
    return Settings(tmp_path, f"sqlite:///{tmp_path / 'tocsin.db'}")


@pytest.fixture(params=[False, True], ids=["by itself", "looks first"])
def looks(request: pytest.FixtureRequest, first_looks: FirstLooks) -> FirstLooks | None:
    """What makes a first look for a client; None: it has none."""
    return first_looks if request.param else None


def client_of(settings: Settings, looks: FirstLooks | None, *, needs_engine: bool) -> StoreClient:
    first_look = None if looks is None else looks()
    if first_look is not None:
        first_look.ask(settings)
    client = StoreClient(settings, may_host=False, needs_engine=needs_engine, first_look=first_look)
    client.begin()
    return client


@pytest.mark.parametrize("option", ["--read-only", "--attach"])
def test_a_home_that_is_not_there_is_refused_and_not_made(tmp_path: Path, option: str) -> None:
    home = tmp_path / "typo"
    terminal = Terminal([sys.executable, "-m", "app", "--home", str(home), "console", option])
    try:
        assert terminal.wait_for_text("There is no store at")
        assert terminal.wait_for_end(10) == 1
    finally:
        terminal.close()
    assert not home.exists()


def test_the_view_of_a_store_that_is_elsewhere_is_kept_in_a_home_of_its_own(
    settings: Settings, tmp_path: Path
) -> None:
    home, place = tmp_path / "mine", ["--db", settings.database_url]
    command = [sys.executable, "-m", "app", "--home", str(home), *place, "console", "--read-only"]
    terminal = Terminal(command)
    try:
        assert terminal.wait_for_text("no engine")
        terminal.write(b"q")
        assert terminal.wait_for_end(10) == 0
    finally:
        terminal.close()
    assert [each.name for each in home.iterdir()] == [FILE]


def test_an_older_store_is_refused_and_not_upgraded(
    settings: Settings, looks: FirstLooks | None
) -> None:
    with closing(sqlite3.connect(settings.home / "tocsin.db")) as store:
        store.execute("UPDATE alembic_version SET version_num = '0003'")
        store.commit()
        client = client_of(settings, looks, needs_engine=False)
        with pytest.raises(StoreVersionError, match="has revision 0003"):
            client.require()
        client.close()
        assert store.execute("SELECT version_num FROM alembic_version").fetchone() == ("0003",)


def test_one_that_needs_an_engine_is_refused_without_and_opens_with_one(
    settings: Settings, looks: FirstLooks | None
) -> None:
    refused = client_of(settings, looks, needs_engine=True)
    with pytest.raises(EngineError, match=r"No engine is alive on .*, --attach needs one"):
        refused.require()
    refused.close()  # no thread goes on where the next first look is forked
    with serving(settings.home):
        client = client_of(settings, looks, needs_engine=True)
        client.require()
        client.close()


def test_one_that_looks_only_needs_no_engine(settings: Settings, looks: FirstLooks | None) -> None:
    client = client_of(settings, looks, needs_engine=False)
    client.require()
    client.close()


@pytest.mark.parametrize(
    ("harm", "is_seen"),
    [
        ("ALTER TABLE jobs RENAME TO gone", True),
        ("UPDATE alembic_version SET version_num = '0003'", False),
    ],
)
def test_a_first_look_tells_of_the_store_before_it_has_read_a_row(
    settings: Settings, first_looks: FirstLooks, harm: str, *, is_seen: bool
) -> None:
    with closing(sqlite3.connect(settings.home / "tocsin.db")) as store:
        store.execute(harm)
        store.commit()
    first_look = first_looks()
    first_look.ask(settings)
    assert first_look.sees_store() is is_seen
    assert not first_look.events()


def test_a_first_look_that_hangs_is_waited_for_no_longer_than_it_may_take(
    settings: Settings, first_looks: FirstLooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.client.first_look._PATIENCE_SECONDS", 0.1)
    first_look = first_looks()
    os.kill(first_look.pid, signal.SIGSTOP)
    first_look.ask(settings)
    assert not first_look.sees_store()
    assert not first_look.events()
    with pytest.raises(ProcessLookupError):
        os.kill(first_look.pid, 0)
