"""Jobs whose expiry date passes while the console is open."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.client.expiring import Expiring
from app.client.rows import job_row
from app.client.store_client import StoreClient
from app.store.events import SnapshotDone
from app.store.model import JobRow
from engine.clock import HOUR, MINUTE, SECOND, SystemClock
from engine.control.watch import Watch
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.console.past.lived import ACTOR
from tests.console.test_store_client import Reader, is_job
from tests.support.builders import cron, definition


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> Iterator[ManualEngine]:
    """A store with two jobs, and no engine on it."""
    shutil.copy(sqlite_template, tmp_path / "tocsin.db")
    engine = ManualEngine(tmp_path, clock=ManualClock.at("2026-03-02T12:00:30Z"))
    engine.open()
    for name in ("often", "nightly"):
        engine.add(definition(name, cron("*/5 * * * *")))
    engine.kill()
    yield engine
    engine.database.close()


def rows_of(watch: Watch) -> dict[str, JobRow]:
    return {view.name: job_row(view) for portion in watch.snapshot() for view in portion.jobs}


def test_a_job_is_read_anew_once_when_its_expiry_date_has_passed(store: ManualEngine) -> None:
    expiry = store.clock.now() + 2 * MINUTE
    store.system.jobs.set_expiry("often", expiry, ACTOR)
    watch, expiring = Watch(store.system.context), Expiring()
    for row in rows_of(watch).values():
        expiring.keep(row)
    store.clock.advance_to(expiry - 1)
    assert not expiring.passed(watch, store.clock.now())
    store.clock.advance_to(expiry)
    (row,) = expiring.passed(watch, store.clock.now())
    assert (row.name, row.switch, row.next_at) == ("often", "exp", None)
    store.clock.advance(3600)
    assert not expiring.passed(watch, store.clock.now())


def test_an_expiry_date_that_moves_is_waited_for_where_it_is_then(store: ManualEngine) -> None:
    expiry = store.clock.now() + MINUTE
    store.system.jobs.set_expiry("often", expiry, ACTOR)
    watch, expiring = Watch(store.system.context), Expiring()
    expiring.keep(rows_of(watch)["often"])
    store.system.jobs.set_expiry("often", expiry + HOUR, ACTOR)
    expiring.keep(rows_of(watch)["often"])
    store.clock.advance(120)
    assert not expiring.passed(watch, store.clock.now())
    store.clock.advance(3600)
    assert [row.name for row in expiring.passed(watch, store.clock.now())] == ["often"]


def test_a_job_is_not_expired_any_more_when_the_clock_is_set_back_before_its_expiry_date(
    store: ManualEngine,
) -> None:
    expiry = store.clock.now() + MINUTE
    store.system.jobs.set_expiry("often", expiry, ACTOR)
    store.clock.advance(120)
    watch, expiring = Watch(store.system.context), Expiring()
    for row in rows_of(watch).values():
        expiring.keep(row)
    assert not expiring.passed(watch, store.clock.now())
    store.clock.step(-30)  # not as far
    assert not expiring.passed(watch, store.clock.now())
    store.clock.step(-60)
    (row,) = expiring.passed(watch, store.clock.now())
    assert (row.name, row.switch) == ("often", "on")
    assert not expiring.passed(watch, store.clock.now())
    store.clock.advance_to(expiry)
    (row,) = expiring.passed(watch, store.clock.now())
    assert (row.name, row.switch) == ("often", "exp")


def test_that_a_job_expires_is_told_without_an_engine(store: ManualEngine) -> None:
    client, reader = StoreClient(store.settings, may_host=False), Reader()
    try:
        client.start(reader.inbox)
        reader.wait_for(lambda event: isinstance(event, SnapshotDone))
        soon = SystemClock().now() + SECOND
        client.ask(lambda desk: desk.set_expiry("often", soon)).result(20)
        reader.wait_for(is_job("often", expiry_date=soon, expired=False))
        reader.wait_for(is_job("often", expiry_date=soon, expired=True))
    finally:
        client.close()
