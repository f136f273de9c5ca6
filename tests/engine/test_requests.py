"""What operators ask of a living engine, answered with its effect."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import MINUTE
from engine.config import Settings
from engine.domain.instance import Cause, Ending, Status
from engine.domain.request import Request, RequestKind
from engine.persistence import audit, holds, requests
from engine.testing.manual import ManualEngine
from tests.engine.conftest import Starter
from tests.support.builders import definition, every, instant

PAUSE, RESUME, DRAIN, STOP = (
    RequestKind.PAUSE,
    RequestKind.RESUME,
    RequestKind.DRAIN,
    RequestKind.STOP,
)

NOON = instant("2026-03-01T12:00:00")


def test_run_now_answers_with_the_instance_and_names_who(engine: ManualEngine) -> None:
    engine.add(definition("job"))
    number = engine.run("job")
    (ran,) = engine.instances("job")
    assert (ran.job_instanceid, ran.cause, ran.who) == (number, Cause.MANUAL, "tester")
    assert (ran.due_at, ran.jobstatus) == (None, Status.COMPLETE)


def test_options_of_one_run_are_laid_over_the_jobs_own_and_recorded(engine: ManualEngine) -> None:
    engine.add(definition("job", options={"a": 1, "b": 2}))
    engine.run("job", options={"b": 3})
    engine.run("job")
    assert [dict(ran.options or {}) for ran in engine.instances("job")] == [
        {"a": 1, "b": 3},
        {"a": 1, "b": 2},
    ]
    assert engine.world.submitted[0].options == {"a": 1, "b": 3}


def test_a_job_that_does_not_exist_is_refused_with_the_nearest_name(engine: ManualEngine) -> None:
    engine.add(definition("report"))
    refused = engine.ask(RequestKind.RUN, job="reprot")
    assert refused.ok is False
    assert refused.answer is not None
    assert refused.answer["code"] == "NOT-FOUND"
    assert "Nearest: 'report'" in refused.answer["message"]


def test_a_running_job_is_refused_unless_forced(engine: ManualEngine) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job"))
    first = engine.run("job")
    refused = engine.ask(RequestKind.RUN, job="job")
    assert refused.answer is not None
    assert refused.answer["code"] == "JOB-ERROR"
    assert f"running as instance {first}" in refused.answer["message"]
    second = engine.run("job", force=True)
    assert engine.world.running == [first, second]
    for number in (first, second):
        engine.world.end(number)
    engine.tick()
    assert {ran.jobstatus for ran in engine.instances("job")} == {Status.COMPLETE}


def asked_at_once(
    engine: ManualEngine,
    *payloads: dict[str, object],
    kinds: Sequence[RequestKind] = (),
) -> list[Request]:
    """Ask for several things before the engine looks; return the requests with their answers.

    They are runs, where `kinds` does not name others that come first.
    """
    things = [*((kind, {}) for kind in kinds), *((RequestKind.RUN, each) for each in payloads)]
    now = engine.clock.now()
    asked = [
        Request(f"{now}-{n}", kind, payload, "ops", "test", now)
        for n, (kind, payload) in enumerate(things)
    ]
    with engine.database.begin() as tx:
        for each in asked:
            requests.ask(tx, each)
    engine.tick()
    with engine.database.read() as tx:
        answered = [requests.get(tx, each.requestid) for each in asked]
    return [each for each in answered if each is not None]


@pytest.mark.parametrize("single_instance", [False, True])
def test_of_two_runs_asked_for_at_once_the_second_is_refused_unless_forced(
    engine: ManualEngine, single_instance: bool
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", single_instance=single_instance))
    first, refused, forced = asked_at_once(
        engine, {"job": "job"}, {"job": "job"}, {"job": "job", "force": True}
    )
    assert (first.ok, refused.ok, forced.ok) == (True, False, True)
    number = engine.world.running[0]
    assert refused.answer is not None
    assert refused.answer["code"] == "JOB-ERROR"
    assert f"running as instance {number}" in refused.answer["message"]
    assert len(engine.world.running) == 2


@pytest.mark.parametrize("single_instance", [False, True])
def test_an_instant_due_when_a_run_was_asked_for_waits_for_the_end_of_that_run(
    engine: ManualEngine, single_instance: bool
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", every(60), single_instance=single_instance))
    engine.clock.advance(60)
    asked_at_once(engine, {"job": "job"})
    (number,) = engine.world.running
    engine.advance(10)
    assert engine.world.running == [number]
    engine.world.end(number)
    engine.tick()
    by_hand, late = engine.instances("job")
    assert (by_hand.cause, by_hand.due_at) == (Cause.MANUAL, None)
    assert (late.cause, late.due_at, late.late) == (Cause.SCHEDULE, NOON + MINUTE, True)
    assert engine.verdicts("job") == []


def test_asking_twice_under_one_id_has_one_effect(engine: ManualEngine) -> None:
    engine.add(definition("job"))
    asked = Request("one-id", RequestKind.RUN, {"job": "job"}, "ops", "test", NOON)
    for _ in range(3):
        with engine.database.begin() as tx:
            requests.ask(tx, asked)
        engine.tick()
    assert len(engine.instances("job")) == 1


def test_a_request_that_was_withdrawn_has_no_effect(engine: ManualEngine) -> None:
    engine.add(definition("job"))
    asked = Request("one-id", RequestKind.RUN, {"job": "job"}, "ops", "test", NOON)
    with engine.database.begin() as tx:
        requests.ask(tx, asked)
        requests.answer(tx, "one-id", ok=None, answer={"code": "ENGINE-ERROR"}, now=NOON)
    engine.tick()
    assert engine.instances("job") == []


def test_cancel_ends_a_run_as_cancelled(engine: ManualEngine) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job"))
    number = engine.run("job")
    assert engine.ask(RequestKind.CANCEL, job_instanceid=number, grace=None).ok
    engine.tick()
    (ran,) = engine.instances("job")
    assert (ran.jobstatus, ran.ending) == (Status.ERROR, Ending.CANCELLED)


def test_cancelling_what_is_over_says_how_it_ended(engine: ManualEngine) -> None:
    engine.add(definition("job"))
    number = engine.run("job")
    refused = engine.ask(RequestKind.KILL, job_instanceid=number)
    assert refused.answer is not None
    assert "is over: it ended COMPLETE at 2026-03-01T12:00:00" in refused.answer["message"]


def test_every_request_that_changed_something_is_audited(engine: ManualEngine) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job"))
    number = engine.run("job")
    engine.ask(RequestKind.KILL, job_instanceid=number)
    engine.ask(RequestKind.PAUSE)
    engine.ask(RequestKind.RESUME)
    with engine.database.read() as tx:
        found = [(each.event, each.who) for each in audit.query(tx, limit=10)]
    assert set(found) >= {
        ("JOB-RUN", "tester"),
        ("INSTANCE-KILLED", "tester"),
        ("ENGINE-PAUSED", "tester"),
        ("ENGINE-RESUMED", "tester"),
    }


def test_a_draining_engine_lets_runs_end_and_starts_nothing(engine: ManualEngine) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("job", every(60)))
    engine.advance(60)
    engine.ask(RequestKind.DRAIN)
    (number,) = engine.world.running
    engine.world.end(number)
    engine.advance(300)
    assert len(engine.instances("job")) == 1
    assert engine.life.context.mode == "draining"


@pytest.mark.parametrize(
    ("kinds", "answers", "mode"),
    [
        ((PAUSE, RESUME), (True, True), "running"),
        ((PAUSE, RESUME, PAUSE), (True, True, True), "paused"),
        ((DRAIN, PAUSE), (True, False), "draining"),
        ((DRAIN, RESUME), (True, True), "running"),
        ((STOP, PAUSE), (True, False), "stopping"),
        ((STOP, RESUME), (True, False), "stopping"),
        ((STOP, DRAIN), (True, False), "stopping"),
    ],
)
def test_of_two_switches_asked_for_at_once_the_second_finds_what_the_first_did(
    engine: ManualEngine, kinds: Sequence[RequestKind], answers: Sequence[bool], mode: str
) -> None:
    answered = asked_at_once(engine, kinds=kinds)
    assert [each.ok for each in answered] == list(answers)
    assert "already" not in str([each.answer for each in answered if each.ok])
    assert engine.life.context.mode == mode
    assert engine.system.engine.status().as_json()["mode"] == mode
    with engine.database.read() as tx:
        held = [hold.reason for hold in holds.open_holds(tx)]
    assert len(held) == (mode != "running")


@pytest.mark.parametrize(
    ("kinds", "may_run"),
    [((PAUSE,), False), ((DRAIN,), False), ((STOP,), False), ((PAUSE, RESUME), True)],
)
def test_a_run_asked_for_beside_a_switch_finds_what_that_did(
    engine: ManualEngine, kinds: Sequence[RequestKind], *, may_run: bool
) -> None:
    engine.add(definition("job"))
    *_, asked = asked_at_once(engine, {"job": "job"}, kinds=kinds)
    assert asked.ok is may_run
    assert len(engine.instances("job")) == may_run


def test_a_run_asked_for_beside_a_resume_is_not_refused_as_paused(engine: ManualEngine) -> None:
    engine.add(definition("job"))
    engine.ask(PAUSE)
    *_, asked = asked_at_once(engine, {"job": "job"}, kinds=[RESUME])
    assert asked.ok


def test_a_pause_that_is_taken_back_at_once_lets_what_waits_for_a_slot_wait(
    start: Starter, home: Path
) -> None:
    engine = start(settings=replace(Settings(home, ""), max_parallel=1))
    engine.world.ends_at_once = False
    for name in ("first", "second"):
        engine.add(definition(name, every(60), run_skipped=False))
    engine.clock.advance(60)
    asked_at_once(engine, kinds=[PAUSE, RESUME])
    engine.advance(30)
    engine.world.end(engine.world.running[0])
    engine.tick()
    assert [ran.due_at for ran in engine.instances()] == [NOON + MINUTE, NOON + MINUTE]


def test_a_single_instance_job_owns_its_row_while_it_runs(engine: ManualEngine) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("one", every(60), single_instance=True))
    engine.advance(60)
    assert engine.system.jobs.get("one").job.sessionid == engine.life.session.sessionid
    engine.world.end(engine.world.running[0])
    engine.tick()
    assert engine.system.jobs.get("one").job.sessionid is None
    engine.advance(60)
    assert len(engine.instances("one")) == 2


def test_a_stop_asks_what_began_beside_it_to_stop_as_well_and_starts_nothing_that_is_due(
    engine: ManualEngine,
) -> None:
    engine.world.ends_at_once = False
    engine.add(definition("goes-on"))
    engine.add(definition("asked-for"))
    engine.add(definition("due", every(60)))
    engine.run("goes-on")
    engine.clock.advance(60)
    with engine.database.begin() as tx:
        for kind, payload in ((RequestKind.RUN, {"job": "asked-for"}), (RequestKind.STOP, {})):
            asked = Request(str(kind), kind, payload, "ops", "test", engine.clock.now())
            requests.ask(tx, asked)
    engine.tick()
    assert engine.instances("due") == []
    assert engine.world.running == []
    assert [(ran.cause, ran.ending) for ran in engine.instances()] == [
        (Cause.MANUAL, Ending.ENGINE_STOPPED),
        (Cause.MANUAL, Ending.ENGINE_STOPPED),
    ]
