"""The client of a real store: what it hands over, and how it speaks of trouble."""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.client.health import HealthReader
from app.client.hosted import HostedEngine
from app.client.overdue import Overdue
from app.client.rows import job_row
from app.client.store_client import StoreClient
from app.store.events import Event, Inbox, SnapshotBegun, SnapshotDone
from app.store.model import EngineHealth, JobRow
from engine.clock import HOUR, SECOND
from engine.config import Settings
from engine.control import Actor, System, open_system
from engine.control.definitions import read_definitions
from engine.control.watch import Watch
from engine.errors import JobDisabledError, TocsinError
from engine.persistence.migrate import HEAD
from tests.cli.engines import serving
from tests.support.first_looks import FirstLooks

ACTOR = Actor("ops", "test")
JOBS = """
name: quick
duration: 3600
lang: shell
code: "true"
---
name: other
schedule: "0 3 * * *"
lang: shell
code: "true"
"""


class Reader:
    """Takes events in as they come and lets a test wait for one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._came = threading.Condition()
        self.inbox = Inbox(wake=self._wake)
        self.inbox.is_on_screen.set()  # nobody paints here

    def _wake(self) -> None:
        with self._came:
            self.events += self.inbox.take(10_000)
            while not self.inbox.sleep():
                self.events += self.inbox.take(10_000)
            self._came.notify_all()

    def wait_for(self, wanted: Callable[[Event], bool]) -> Event:
        with self._came:
            assert self._came.wait_for(lambda: any(map(wanted, self.events)), 20), self.events
            return next(event for event in self.events if wanted(event))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, f"sqlite:///{tmp_path / 'tocsin.db'}")


@pytest.fixture
def system(settings: Settings, sqlite_template: Path, tmp_path: Path) -> Iterator[System]:
    shutil.copy(sqlite_template, tmp_path / "tocsin.db")
    definitions = tmp_path / "jobs.yaml"
    definitions.write_text(JOBS)
    system = open_system(settings)
    system.definitions.load(read_definitions([definitions]), ACTOR)
    yield system
    system.close()


@pytest.fixture
def client(settings: Settings, system: System) -> Iterator[StoreClient]:
    client = StoreClient(settings, may_host=False)
    yield client
    client.close()


def is_job(name: str, **values: object) -> Callable[[Event], bool]:
    return lambda event: (
        isinstance(event, JobRow)
        and event.name == name
        and all(getattr(event, key) == value for key, value in values.items())
    )


def test_it_hands_over_a_snapshot_and_then_what_others_change(
    client: StoreClient, system: System
) -> None:
    reader = Reader()
    client.start(reader.inbox)
    reader.wait_for(lambda event: isinstance(event, SnapshotDone))
    begun = reader.wait_for(lambda event: isinstance(event, SnapshotBegun))
    assert begun == SnapshotBegun(2)
    reader.wait_for(is_job("quick", enabled=True))
    system.jobs.set_enabled(["quick"], False, ACTOR)
    changed = reader.wait_for(is_job("quick", enabled=False))
    assert isinstance(changed, JobRow)
    assert "disabled by ops" in changed.run_refusal


def test_an_engine_that_is_hosted_serves_due_jobs_before_all_rows_are_read(
    settings: Settings, system: System, tmp_path: Path
) -> None:
    more = tmp_path / "more.yaml"
    more.write_text("".join(_idle(number) for number in range(250)))
    system.definitions.load(read_definitions([more]), ACTOR)
    client = StoreClient(settings, may_host=True)
    reader = Reader()
    try:
        client.start(reader.inbox)
        reader.wait_for(lambda event: isinstance(event, SnapshotDone))
        kinds = [
            event.link if isinstance(event, EngineHealth) else type(event).__name__
            for event in reader.events
        ]
        done = kinds.index("SnapshotDone")
        assert "hosted" in kinds[:done]
        coming = reader.wait_for(
            lambda event: isinstance(event, EngineHealth) and event.coming != ""
        )
        assert isinstance(coming, EngineHealth)
        assert (coming.coming, coming.problem) == ("an engine starts here", "")
        assert kinds[kinds.index("hosted") : done].count("JobRow") > 0
    finally:
        client.end(0)


@pytest.mark.parametrize("looks_first", [False, True])
def test_a_console_that_will_host_never_says_that_there_is_no_engine(
    settings: Settings,
    system: System,
    first_looks: FirstLooks,
    looks_first: bool,
) -> None:
    del system  # the store is there
    first_look = first_looks() if looks_first else None
    if first_look is not None:
        first_look.ask(settings)
    client = StoreClient(settings, may_host=True, first_look=first_look)
    reader = Reader()
    try:
        client.start(reader.inbox)
        reader.wait_for(lambda event: isinstance(event, EngineHealth) and event.link == "hosted")
        told = [
            event.coming or event.link for event in reader.events if isinstance(event, EngineHealth)
        ]
        assert set(told[: told.index("hosted")]) == {"an engine starts here"}
    finally:
        client.end(0)


def test_an_engine_that_is_hosted_loads_the_definitions_of_the_home_as_any_other(
    settings: Settings, system: System
) -> None:
    settings.jobs_dir.mkdir()
    (settings.jobs_dir / "home.yaml").write_text(_idle(1))
    client = StoreClient(settings, may_host=True)
    reader = Reader()
    try:
        client.start(reader.inbox)
        reader.wait_for(is_job("idle-001", enabled=True))
        assert not system.alerts.current()
    finally:
        client.end(0)


def test_wrong_definitions_of_the_home_are_an_alert_and_the_jobs_go_on(
    settings: Settings, system: System
) -> None:
    settings.jobs_dir.mkdir()
    (settings.jobs_dir / "home.yaml").write_text(_idle(1) + "nonsense: 1\n")
    client = StoreClient(settings, may_host=True)
    reader = Reader()
    try:
        client.start(reader.inbox)
        reader.wait_for(lambda event: isinstance(event, EngineHealth) and event.link == "hosted")
        (alert,) = system.alerts.current()
        told = str(alert.as_json())
        assert "home.yaml" in told
        assert "nonsense" in told
        assert {view.name for view in system.jobs.all()} == {"quick", "other"}
    finally:
        client.end(0)


def _idle(number: int) -> str:
    return f"---\nname: idle-{number:03}\nduration: 3600\nlang: shell\ncode: 'true'\n"


def test_without_an_engine_it_says_so_and_orders_are_refused_with_the_reason(
    client: StoreClient,
) -> None:
    reader = Reader()
    client.start(reader.inbox)
    health = reader.wait_for(lambda event: isinstance(event, EngineHealth))
    assert isinstance(health, EngineHealth)
    assert (health.link, health.session) == ("none", None)
    with pytest.raises(TocsinError, match="No engine is alive"):
        client.ask(lambda desk: desk.run("quick", None, force=False)).result(20)


def test_answers_come_from_another_thread_and_refusals_are_the_engines_own(
    client: StoreClient, system: System
) -> None:
    client.start(Reader().inbox)
    system.jobs.set_enabled(["quick"], False, ACTOR)
    asked_in = client.ask(lambda _desk: threading.current_thread().name).result(20)
    assert asked_in != threading.current_thread().name
    with pytest.raises(JobDisabledError):
        client.ask(lambda desk: desk.run("quick", None, force=False)).result(20)


def test_calls_on_several_answer_for_each(client: StoreClient) -> None:
    client.start(Reader().inbox)
    answers = client.ask(lambda desk: desk.disable(["quick", "nobody", "other"])).result(20)
    assert [(each.name, each.ok) for each in answers] == [
        ("quick", True), ("nobody", False), ("other", True),
    ]  # fmt: skip
    assert "No job is named 'nobody'" in answers[1].text


def test_everything_that_can_be_looked_up_is_answered(client: StoreClient) -> None:
    client.start(Reader().inbox)

    assert "quick" in client.ask(lambda desk: desk.definition("quick")).result(20)
    assert client.ask(lambda desk: desk.why("quick", None)).result(20)
    assert len(client.ask(lambda desk: desk.next_dues("other", 3)).result(20)) == 3
    assert client.ask(lambda desk: desk.state("quick")).result(20).data is None
    client.ask(lambda desk: desk.set_state("quick", {"cursor": 1})).result(20)
    assert client.ask(lambda desk: desk.state("quick")).result(20).data == {"cursor": 1}
    client.ask(lambda desk: desk.clear_state("quick")).result(20)
    history = client.ask(lambda desk: desk.state("quick")).result(20).history
    assert [each.data for each in history] == [None, {"cursor": 1}]
    assert client.ask(lambda desk: desk.ledger(None, None)).result(20).unexplained == 0
    assert sum(client.ask(lambda desk: desk.forecast(168, None)).result(20).hours) >= 7
    week = client.ask(lambda desk: desk.forecast(168, ["other"])).result(20)
    dues = client.ask(lambda desk: desk.next_dues("other", 10)).result(20)
    # Seven, or six in the hour of its due instant: the week begins with the hour.
    assert sum(week.hours) == sum(each.due < week.since + 168 * HOUR for each in dues) > 5
    client.ask(lambda desk: desk.create_group("night", "")).result(20)
    client.ask(lambda desk: desk.add_to_group("night", ["quick"])).result(20)
    assert client.ask(lambda desk: desk.audit("night", 10)).result(20)
    assert client.ask(lambda desk: desk.alerts()).result(20) == []
    assert client.ask(lambda desk: desk.sessions()).result(20) == []
    assert client.ask(lambda desk: desk.job_log("quick")).result(20).size() == 0


def test_a_client_that_was_closed_drops_what_the_screen_still_asks(client: StoreClient) -> None:
    client.start(Reader().inbox)
    client.ask(lambda desk: desk.sessions()).result(20)
    client.close()
    assert client.ask(lambda desk: desk.sessions()).cancelled()


def test_an_order_waits_neither_for_looks_nor_for_other_orders(client: StoreClient) -> None:
    client.start(Reader().inbox)
    gate = threading.Event()
    held = [client.ask(lambda _: gate.wait(20), is_order=number < 8) for number in range(16)]
    try:
        order = client.ask(lambda desk: desk.disable(["quick"]), is_order=True)
        assert [each.ok for each in order.result(10)] == [True]
    finally:
        gate.set()
    assert all(each.result(20) for each in held)


def test_orders_that_were_given_before_the_client_was_closed_are_done(
    client: StoreClient, system: System
) -> None:
    client.start(Reader().inbox)
    client.ask(lambda desk: desk.sessions()).result(20)
    gate = threading.Event()
    held = [client.ask(lambda _: gate.wait(20), is_order=True) for _ in range(40)]
    order = client.ask(lambda desk: desk.disable(["quick"]), is_order=True)
    client.close()
    assert not order.done()
    gate.set()
    assert [each.ok for each in order.result(20)] == [True]
    assert all(each.result(20) for each in held)
    assert not system.jobs.get("quick").job.enabled


def test_a_store_that_cannot_be_used_is_told_and_asked_again(tmp_path: Path) -> None:
    (tmp_path / "tocsin.db").write_bytes(b"this is no database" * 100)
    client = StoreClient(Settings(tmp_path, f"sqlite:///{tmp_path / 'tocsin.db'}"), may_host=False)
    reader = Reader()
    try:
        client.start(reader.inbox)
        told = reader.wait_for(
            lambda event: isinstance(event, EngineHealth) and event.problem != ""
        )
        assert isinstance(told, EngineHealth)
        assert told.session is None
        with pytest.raises(TocsinError):
            client.ask(lambda desk: desk.sessions()).result(20)
    finally:
        client.close()


def test_what_was_read_before_the_console_was_there_is_not_lost(client: StoreClient) -> None:
    client.begin()
    client.ask(lambda desk: desk.sessions()).result(20)
    reader = Reader()
    client.start(reader.inbox)
    reader.wait_for(is_job("quick"))
    reader.wait_for(lambda event: isinstance(event, SnapshotDone))


def test_the_pulse_of_an_engine_is_no_news_but_its_end_is_seen_without_any(
    settings: Settings, system: System
) -> None:
    pulse = threading.Event()
    hosted = HostedEngine(settings)
    hosted.start(lambda: None)
    try:
        health = HealthReader(system)
        first = health.read(seen=1)
        assert first.session is not None
        until = system.monotonic() + 20
        later, seen = first, 1
        while later.session == first.session and system.monotonic() < until:
            pulse.wait(0.05)
            seen += 1
            later = health.read(seen=seen)
        assert later.session is not None
        assert later.session.beat_at > first.session.beat_at
        assert not health.changed(first)
        assert health.stands(seen)
        assert not health.stands(seen + 1)
    finally:
        hosted.stop_and_wait(0, 20)
    assert not health.stands(seen)
    assert health.read(seen=seen).session is None
    assert health.changed(later)


def test_a_store_that_was_upgraded_beneath_a_console_can_be_looked_at_and_not_changed(
    system: System, settings: Settings
) -> None:
    reader = Reader()
    client = StoreClient(settings, may_host=False)
    client.start(reader.inbox)
    try:
        reader.wait_for(lambda event: isinstance(event, SnapshotDone))
        with closing(sqlite3.connect(str(system.database.path))) as newer:
            newer.execute("UPDATE alembic_version SET version_num = '9999'")
            newer.commit()

        def is_mismatch(event: Event) -> bool:
            return isinstance(event, EngineHealth) and event.link == "mismatch"

        told = reader.wait_for(is_mismatch)
        assert isinstance(told, EngineHealth)
        assert told.problem.startswith("A newer program wrote the store")
        with closing(sqlite3.connect(str(system.database.path))) as older:
            older.execute("UPDATE alembic_version SET version_num = ?", [HEAD])
            older.commit()
        reader.events.clear()
        reader.wait_for(lambda event: isinstance(event, EngineHealth) and event.link == "none")
    finally:
        client.close()


def test_a_first_look_that_is_not_wanted_leaves_no_process(first_looks: FirstLooks) -> None:
    before = _children()
    first_look = first_looks()
    assert len(_children() - before) == 1
    first_look.drop()
    assert _children() == before


def _children() -> set[str]:
    own = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return set(own.read_text().split())


def test_the_end_of_the_engine_is_told_by_the_kernel_however_long_the_reader_rests(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.client.reader._RESTS", ((0.0, 600.0),))
    with serving(tmp_path) as engine:
        client, reader = StoreClient(settings, may_host=False), Reader()
        client.start(reader.inbox)
        try:
            reader.wait_for(lambda event: isinstance(event, SnapshotDone))
            engine.process.kill()
            reader.wait_for(lambda event: isinstance(event, EngineHealth) and event.link == "none")
        finally:
            client.close()


def test_a_job_whose_due_instant_passed_is_looked_at_again_until_it_is_due_later(
    system: System,
) -> None:
    watch, overdue = Watch(system.context), Overdue()
    list(watch.snapshot())
    (job,) = [each for each in system.jobs.all() if each.name == "other"]
    row = job_row(job)
    assert row.next_at is not None
    overdue.keep(row)
    passed = row.next_at + 61 * SECOND
    assert [each.name for each in overdue.passed(watch, passed)] == ["other"]
    assert overdue.passed(watch, passed + 9 * SECOND) == ()
    assert [each.name for each in overdue.passed(watch, passed + 10 * SECOND)] == ["other"]
