"""An engine that was removed for good is forgotten: its accounts end, and the ledger adds up."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import MINUTE, SECOND
from engine.config import Settings
from engine.control import Actor, System
from engine.control.doctor import examine
from engine.domain.verdict import Reason, Verdict
from engine.errors import EngineError, NotFoundError
from engine.persistence import alerts
from engine.testing.manual import ManualEngine
from tests.support.accounting import ledger_problems, unaccounted
from tests.support.builders import cron, definition
from tests.support.stores import KINDS

Starter = Callable[[str], ManualEngine]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of store."""
    return str(request.param)


@pytest.fixture
def start(engine: ManualEngine, tmp_path: Path) -> Iterator[Starter]:
    """Start an engine under a key on the same store; every store adds up at the end."""
    made: list[ManualEngine] = []

    def starter(key: str) -> ManualEngine:
        home = tmp_path / f"{key}-{len(made)}"
        home.mkdir()
        url = engine.database.url.render_as_string(hide_password=False)
        made.append(
            ManualEngine(
                home,
                clock=engine.clock,
                world=engine.world,
                database_url=url,
                settings=replace(Settings(home, url), instance_key=key),
            )
        )
        return made[-1].open()

    engine.world.ends_at_once = True
    yield starter
    problems = unaccounted(engine.database) + ledger_problems(engine.system)
    for each in made:
        each.drop()
    assert problems == []


@pytest.fixture
def gone(engine: ManualEngine, start: Starter) -> ManualEngine:
    """An engine that stays, half an hour after 'west' was stopped; both ran a job each minute."""
    west = start("west")
    west.add(definition("each", cron("* * * * *")))
    west.advance(120, step=10)
    west.close()
    stays = start("east")
    stays.advance(1800, step=30)
    return stays


def missed(system: System) -> int:
    """How many due instants were missed so far."""
    return system.ledger.report().total.missed


def test_an_engine_that_is_gone_misses_instants_until_it_is_forgotten(
    gone: ManualEngine, system: System, actor: Actor
) -> None:
    assert missed(system) == 30
    done = system.sessions.forget("west", actor)
    assert (done.key, done.jobs, done.missed) == ("west", 1, 30)
    gone.advance(1800, step=30)
    assert missed(system) == 30
    report = system.ledger.report()
    assert report.is_clean
    assert (report.total.ran + report.total.missed, report.due) == (92, 92)


def test_what_it_left_open_says_why(gone: ManualEngine, system: System, actor: Actor) -> None:
    system.sessions.forget("west", actor)
    (stretch,) = [each for each in gone.verdicts("each") if each.engine_key == "west"]
    assert (stretch.verdict, stretch.reason, stretch.count) == (
        Verdict.MISSED,
        Reason.NO_ENGINE,
        30,
    )
    assert "no engine was up from" in stretch.detail
    assert stretch.detail.endswith("engine 'west' was forgotten by ops")
    (event,) = [
        each.event
        for each in system.audit.query(object_name="west")
        if each.event.event == "ENGINE-FORGOTTEN"
    ]
    assert (event.object_type, event.who, event.source) == ("engine", "ops", actor.source)
    assert event.reason == (
        "last seen at 2026-03-02T09:02:00Z; accounts ended: 1; due instants missed: 30"
    )


def test_a_due_instant_after_it_was_forgotten_is_explained_by_who_is_left(
    gone: ManualEngine, system: System, actor: Actor
) -> None:
    system.sessions.forget("west", actor)
    gone.advance(120, step=10)
    told = system.why.explain("each", gone.clock.now() - MINUTE)
    assert told.verdict == "ran"
    assert "west" not in " ".join(told.causes)


def test_an_instant_that_each_engine_answers_for_is_explained_engine_by_engine(
    gone: ManualEngine, system: System
) -> None:
    told = system.why.explain("each", gone.clock.now() - MINUTE).causes
    east, west = told.index("On engine 'east':"), told.index("On engine 'west':")
    assert told[east + 1].startswith("It ran")
    assert "no engine was up" in " ".join(told[west + 1 :])


def test_an_instant_that_a_lost_engine_had_not_come_to_waits_for_its_next_start(
    start: Starter, system: System
) -> None:
    west = start("west")
    due = west.clock.now() + MINUTE
    west.add(definition("each", cron("* * * * *")))
    west.advance(50, step=10)
    west.clock.advance_to(due + SECOND)
    west.life.heartbeat.beat()
    west.kill()
    east = start("east")
    east.advance(300, step=10)
    told = system.why.explain("each", due)
    assert told.causes[-1] == (
        "It waits for the engine 'west', which is not up: its next start accounts for it."
    )
    assert told.advice[-1].startswith("`tocsin session forget west`")


def test_the_doctor_names_an_engine_that_is_gone(
    gone: ManualEngine, system: System, actor: Actor
) -> None:
    def told() -> list[str]:
        found = examine(gone.settings, gone.clock)
        return [each.message for each in found if each.check == "engine"]

    assert any("`tocsin session forget west` ends that" in message for message in told())
    system.sessions.forget("west", actor)
    assert not any("west" in message for message in told())


def test_an_engine_that_lives_is_not_forgotten(
    start: Starter, system: System, actor: Actor
) -> None:
    start("west")
    with pytest.raises(EngineError, match="west"):
        system.sessions.forget("west", actor)


def test_an_engine_that_died_is_forgotten_when_it_was_rescued(
    engine: ManualEngine, start: Starter, system: System, actor: Actor
) -> None:
    west = start("west")
    west.add(definition("each", cron("* * * * *"), run_skipped=True))
    west.advance(60, step=10)
    west.kill()
    engine.clock.advance(60)
    with pytest.raises(EngineError, match="was not rescued yet"):
        system.sessions.forget("west", actor)
    stays = start("east")
    stays.advance(60, step=1)
    done = system.sessions.forget("west", actor)
    assert done.missed == 2
    told = {each.reason for each in stays.verdicts("each") if each.engine_key == "west"}
    assert told == {Reason.NO_ENGINE}


def test_an_engine_that_nobody_knows_cannot_be_forgotten(
    start: Starter, system: System, actor: Actor
) -> None:
    start("west")
    with pytest.raises(NotFoundError, match=r"No engine is named 'wst'.*Nearest: 'west'"):
        system.sessions.forget("wst", actor)


def test_an_engine_that_comes_back_begins_anew(
    gone: ManualEngine, start: Starter, system: System, actor: Actor
) -> None:
    system.sessions.forget("west", actor)
    gone.advance(600, step=30)
    before = missed(system)
    gone.close()
    back = start("west")
    back.advance(60, step=10)
    assert missed(system) < before, "its account begins now: what was before is told no more"
    ours = {back.life.session.sessionid}
    (ran,) = [each for each in back.instances("each") if each.sessionid in ours]
    assert ran.due_at == back.clock.now()
    assert system.ledger.report().is_clean


def test_its_alerts_and_its_pause_end_with_it(start: Starter, system: System, actor: Actor) -> None:
    west = start("west")
    west.add(definition("each", cron("* * * * *")))
    with west.database.begin() as tx:
        alerts.raise_alert(tx, "DISK-FULL", "engine", "west", "no room", west.clock.now())
    west.close()
    start("east").advance(120, step=10)
    system.sessions.forget("west", actor)
    assert system.alerts.current() == []
    assert system.sessions.forget("west", actor).jobs == 0, "once more changes nothing"
