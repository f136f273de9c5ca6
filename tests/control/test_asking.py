"""Asking an engine: answers, refusals, nobody there, nobody who answers, the same id twice."""

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from sqlalchemy import update

from engine.clock import SECOND
from engine.control import Actor, System
from engine.control.asking import Asker
from engine.control.context import Context
from engine.control.living import Living
from engine.domain.instance import Status
from engine.domain.request import Request, RequestKind
from engine.errors import (
    EngineError,
    GroupDisabledError,
    JobDisabledError,
    JobError,
    NotFoundError,
)
from engine.persistence import requests, tables
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from tests.support.builders import definition
from tests.support.stores import KINDS

T = TypeVar("T")


@pytest.fixture
def alive(engine: ManualEngine) -> Iterator[ManualEngine]:
    """An engine that is open, with a job `report`."""
    engine.open()
    engine.add(definition("report", options={"warn_at": 1}))
    yield engine
    for number in list(engine.world.running):
        engine.world.end(number)
    engine.tick()
    engine.close()


def while_ticking(engine: ManualEngine, call: Callable[[], T]) -> T:
    """Return what `call` answers in a thread of its own, while the engine turns in this one."""
    answers: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        engine.tick()
        thread.join(0.01)
    if errors:
        raise errors[0]
    return answers[0]


def test_run_now_answers_with_the_instance(alive: ManualEngine, actor: Actor) -> None:
    system = alive.system
    number = while_ticking(alive, lambda: system.jobs.run("report", actor, options={"warn_at": 2}))
    view = system.instances.get(number)
    assert view.name == "report"
    assert view.instance.who == "ops"
    assert view.instance.options == {"warn_at": 2}


def test_the_same_request_id_runs_a_job_once(alive: ManualEngine, actor: Actor) -> None:
    system = alive.system
    first = while_ticking(alive, lambda: system.jobs.run("report", actor, requestid="r-1"))
    alive.world.end(first)
    alive.tick()
    second = while_ticking(alive, lambda: system.jobs.run("report", actor, requestid="r-1"))
    assert second == first
    assert len(alive.instances("report")) == 1


def test_a_job_that_runs_is_refused_unless_forced(alive: ManualEngine, actor: Actor) -> None:
    system = alive.system
    first = while_ticking(alive, lambda: system.jobs.run("report", actor))
    with pytest.raises(JobError, match=f"is running as instance {first}"):
        system.jobs.run("report", actor)
    second = while_ticking(alive, lambda: system.jobs.run("report", actor, force=True))
    assert second != first
    assert len(alive.instances("report", Status.IN_PROGRESS)) == 2


def test_switches_refuse_run_now_with_their_own_error(alive: ManualEngine, actor: Actor) -> None:
    system = alive.system
    system.jobs.set_enabled(["report"], False, actor)
    with pytest.raises(JobDisabledError, match="tocsin job enable report"):
        system.jobs.run("report", actor)
    system.jobs.set_enabled(["report"], True, actor)
    system.groups.create("billing", actor)
    system.groups.add("billing", ["report"], actor)
    system.groups.set_enabled(["billing"], False, actor)
    with pytest.raises(GroupDisabledError, match="'billing' is disabled by ops"):
        system.jobs.run("report", actor, force=True)


def test_an_unknown_job_is_refused_before_anything_is_asked(
    alive: ManualEngine, actor: Actor
) -> None:
    with pytest.raises(NotFoundError, match="Nearest: 'report'"):
        alive.system.jobs.run("reprot", actor)


def test_a_paused_engine_refuses_run_now(alive: ManualEngine, actor: Actor) -> None:
    system = alive.system
    assert "paused" in while_ticking(alive, lambda: system.engine.pause(actor))
    with pytest.raises(EngineError, match="the engine is paused"):
        while_ticking(alive, lambda: system.jobs.run("report", actor))
    assert "running" in while_ticking(alive, lambda: system.engine.resume(actor))
    assert while_ticking(alive, lambda: system.jobs.run("report", actor)) == 1


def test_cancelling_asks_the_run_to_stop(alive: ManualEngine, actor: Actor) -> None:
    system = alive.system
    number = while_ticking(alive, lambda: system.jobs.run("report", actor))
    (outcome,) = while_ticking(alive, lambda: system.instances.cancel([number], actor, grace=3))
    assert outcome.ok
    assert "was asked to stop, and is ended in 3 s" in outcome.message
    alive.tick()
    (outcome,) = system.instances.cancel([number], actor)
    assert not outcome.ok
    assert f"instance {number} is not running: it ended" in outcome.message


def test_killing_ends_the_run(alive: ManualEngine, actor: Actor) -> None:
    system = alive.system
    number = while_ticking(alive, lambda: system.jobs.run("report", actor))
    (outcome,) = while_ticking(alive, lambda: system.instances.kill([number], actor))
    assert outcome.ok
    alive.tick()
    assert system.instances.get(number).instance.jobstatus is Status.ERROR


def test_cancelling_answers_for_each_instance(alive: ManualEngine, actor: Actor) -> None:
    system = alive.system
    number = while_ticking(alive, lambda: system.jobs.run("report", actor))
    outcomes = while_ticking(alive, lambda: system.instances.cancel([4711, number], actor))
    assert [each.ok for each in outcomes] == [False, True]
    assert "4711" in outcomes[0].message


def test_without_an_engine_it_is_told_how_to_start_one(engine: ManualEngine, actor: Actor) -> None:
    with engine:
        engine.add(definition("report"))
    system = store_of(engine)
    with pytest.raises(EngineError, match=r"No engine is alive on .*tocsin\.db.*`tocsin engine`"):
        system.jobs.run("report", actor)
    with pytest.raises(EngineError, match="there is none to pause"):
        system.engine.pause(actor)
    system.close()


def store_of(engine: ManualEngine) -> System:
    """Return the system API on the store of an engine that has ended."""
    from engine.control import open_system

    return open_system(engine.settings, create=False, clock=engine.clock)


def test_a_request_that_nobody_answers_is_withdrawn_and_never_takes_effect(
    alive: ManualEngine, actor: Actor
) -> None:
    system = alive.system
    asker = Asker(system.context, system.living)
    payload = {"job": "report", "force": False, "options": None}
    with pytest.raises(EngineError, match="did not answer within 0 s; the request was withdrawn"):
        asker.ask(RequestKind.RUN, payload, actor, requestid="late", patience=0)
    alive.tick()
    assert alive.instances("report") == []


def test_what_was_withdrawn_can_be_asked_again_under_its_id(
    alive: ManualEngine, actor: Actor
) -> None:
    system = alive.system
    asker = Asker(system.context, system.living)
    payload = {"job": "report", "force": False, "options": None}
    with pytest.raises(EngineError, match="the request was withdrawn"):
        asker.ask(RequestKind.RUN, payload, actor, requestid="late", patience=0)
    number = while_ticking(alive, lambda: system.jobs.run("report", actor, requestid="late"))
    assert [ran.job_instanceid for ran in alive.instances("report")] == [number]


def left_behind(engine: ManualEngine, seconds: int) -> None:
    """Leave the request for a run that was asked so long ago, by an asker that died at once."""
    payload = {"job": "report", "force": False, "options": None}
    with engine.database.begin() as tx:
        now = engine.clock.now()
        requests.ask(tx, Request("left", RequestKind.RUN, payload, "ann", "here", now))
        then = requests.store_now(tx, now) - seconds * SECOND
        tx.execute(update(tables.requests).values(created=then))


class Interrupted(threading.Event):
    """A wait that ends as Ctrl-C ends it."""

    def wait(self, timeout: float | None = None) -> bool:
        raise KeyboardInterrupt(timeout)


def test_who_stops_waiting_has_asked_for_nothing(alive: ManualEngine, actor: Actor) -> None:
    system = alive.system
    asker = Asker(system.context, system.living, Interrupted())
    with pytest.raises(KeyboardInterrupt):
        asker.ask(RequestKind.STOP, {"grace": None}, actor)
    alive.tick()
    assert system.engine.status().as_json()["mode"] == "running"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_found", [False, True])
def test_what_an_asker_left_behind_that_died_can_be_asked_again_under_its_id(
    alive: ManualEngine, actor: Actor, *, is_found: bool
) -> None:
    left_behind(alive, 61)
    if is_found:
        alive.tick()
    system = alive.system
    number = while_ticking(alive, lambda: system.jobs.run("report", actor, requestid="left"))
    assert [ran.job_instanceid for ran in alive.instances("report")] == [number]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("seconds", "is_done"), [(50, True), (61, False)])
def test_what_an_asker_left_behind_that_died_is_too_old_after_a_minute(
    alive: ManualEngine, seconds: int, *, is_done: bool
) -> None:
    left_behind(alive, seconds)
    alive.tick()
    with alive.database.read() as tx:
        answered = requests.get(tx, "left")
    assert answered is not None
    assert answered.ok is (True if is_done else None)
    assert len(alive.instances("report")) == is_done
    if not is_done:
        assert answered.answer is not None
        assert answered.answer["code"] == "ENGINE-ERROR"
        assert "whoever did no longer waits" in answered.answer["message"]


@pytest.mark.parametrize("kind", ["postgresql"])  # those of a file are on one machine
@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_an_asker_whose_clock_is_another_than_the_engines_is_answered_as_any(
    alive: ManualEngine, actor: Actor, seconds: float
) -> None:
    clock = ManualClock(alive.clock.now())
    clock.step(seconds)
    context = Context(alive.settings, alive.database, clock)
    asker = Asker(context, Living(context))
    while_ticking(alive, lambda: asker.ask(RequestKind.PAUSE, {}, actor))
    assert alive.system.engine.status().as_json()["mode"] == "paused"


def test_running_many_answers_for_each(alive: ManualEngine, actor: Actor) -> None:
    alive.add(definition("other"))
    system = alive.system
    outcomes = while_ticking(alive, lambda: system.jobs.run_many(["report", "no", "other"], actor))
    assert [each.ok for each in outcomes] == [True, False, True]
    assert outcomes[1].job_instanceid is None
    assert {outcomes[0].job_instanceid, outcomes[2].job_instanceid} == {1, 2}


def test_an_engine_that_is_alive_is_named(alive: ManualEngine) -> None:
    system = alive.system
    assert system.engine.describe() == "engine 'main' (pid 4242 on testhost)"
    assert system.engine.status().as_json()["mode"] == "running"
    (session,) = system.sessions.all()
    assert (session.is_alive, session.running) == (True, 0)
