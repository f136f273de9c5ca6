"""A job whose time zone was withdrawn: the console shows it stopped, and all others as before."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.client.rows import job_row
from app.client.system_desk import SystemDesk
from app.store.model import JobRow
from engine.clock import HOUR, MINUTE, SECOND, Instant
from engine.control import Actor
from engine.control.watch import Watch
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, instant

pytestmark = pytest.mark.spoils_the_ledger("a zone that is gone lets nobody tell what was due")

NINE: Instant = instant("2026-03-02T09:00:00")
TEN: Instant = NINE + HOUR


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ManualEngine]:
    """An engine that ran `good` and `bad` until ten, when the zone of `bad` was withdrawn."""
    made = ManualEngine(tmp_path, clock=ManualClock(NINE)).open()
    made.add(definition("good", cron("*/10 * * * *")))
    made.add(definition("bad", cron("*/10 * * * *")))
    made.advance(HOUR / SECOND, step=60)
    made.close()
    with closing(sqlite3.connect(tmp_path / "tocsin.db")) as connection:
        named_bad = "jobid = (SELECT jobid FROM jobs WHERE name = 'bad')"
        for table in ("jobs", "schedule_revisions"):
            connection.execute(f"UPDATE {table} SET timezone = 'Mars/Olympus' WHERE {named_bad}")
        connection.commit()
    yield made.open()
    made.drop()


@pytest.fixture
def desk(engine: ManualEngine) -> SystemDesk:
    """The console's way to that store."""
    return SystemDesk(engine.system, Actor("ops", "test"))


def test_the_list_holds_every_job_and_tells_why_one_does_not_run(engine: ManualEngine) -> None:
    watch = Watch(engine.system.context)
    rows = {view.name: job_row(view) for part in watch.snapshot() for view in part.jobs}
    assert rows["good"].next_at == TEN + 10 * MINUTE
    assert rows["bad"].next_at is None
    assert rows["bad"].schedule_refusal.startswith("No time zone is named 'Mars/Olympus'.")


def test_the_starts_to_come_are_those_of_the_others(desk: SystemDesk) -> None:
    for names in (None, ["good", "bad"]):
        forecast = desk.forecast(2, names)
        assert {name for _, name in forecast.coming} == {"good"}
        assert sum(forecast.hours) == 11
        assert desk.starts_by_job(TEN, TEN + HOUR, names) == (("good", 5),)
    assert "1 job due but switched off" in desk.forecast(2, None).notes


def test_the_account_says_that_not_all_that_was_due_is_known(desk: SystemDesk) -> None:
    ledger = desk.ledger(None, NINE)
    assert (ledger.ran, ledger.unexplained_text, ledger.unexplained_role) == (6, "0?", "warning")
    assert any("bad: unknown" in line and "No time zone" in line for line in ledger.lines)
    good = desk.ledger("good", NINE)
    assert (good.ran, good.unexplained_text, good.unexplained_role) == (6, "0", "success")


def test_the_past_holds_every_job(desk: SystemDesk) -> None:
    rows = [each for each in desk.past(NINE + 5 * MINUTE).rows if isinstance(each, JobRow)]
    assert {each.name: each.next_at for each in rows} == {"good": NINE + 10 * MINUTE, "bad": None}
    assert desk.moment(NINE + 10 * MINUTE).not_run == ("bad: unknown what was due",)
