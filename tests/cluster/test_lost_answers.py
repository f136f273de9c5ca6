"""The answer to a COMMIT is lost: what the turn promised is done once, and not a second time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from engine.clock import HOUR
from engine.config import ENGINE_LOG, Settings
from engine.domain.eligibility import DRAINING, PAUSED
from engine.domain.instance import Cause, Ending, Status
from engine.domain.request import Request, RequestKind
from engine.domain.session import SessionStatus
from engine.events import Event, EventKind
from engine.persistence import job_errors, requests, sessions, state_data
from engine.persistence.failures import OutcomeUnknownError
from engine.persistence.transaction import HOLD_CONFIGURATION
from engine.scheduling.loop import Loop
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.support.accounting import ledger_problems
from tests.support.builders import cron, definition, instant
from tests.support.proxy import Proxy, proxied

NOON = instant("2026-03-01T12:00:00")
BEGINS = HOLD_CONFIGURATION.encode()
GOING_ON = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_xid IS NOT NULL"
)


@pytest.fixture
def proxy(postgres_url: URL) -> Iterator[Proxy]:
    """A proxy before the store."""
    with proxied(postgres_url) as found:
        yield found


@pytest.fixture
def engine(tmp_path: Path, proxy: Proxy, world: ScriptedWorld) -> Iterator[ManualEngine]:
    """An engine that reaches its store through the proxy."""
    url = proxy.address.render_as_string(hide_password=False)
    assert isinstance(world.clock, ManualClock)
    settings = replace(Settings(tmp_path, url), instance_key="west")
    engine = ManualEngine(
        tmp_path, clock=world.clock, world=world, database_url=url, settings=settings
    )
    yield engine.open()
    problems = ledger_problems(engine.system)
    engine.drop()
    assert problems == []


@pytest.fixture
def loop(engine: ManualEngine) -> Iterator[Loop]:
    """The loop of the engine, turned by hand."""
    loop = Loop(engine.life)
    yield loop
    loop.close()


def ask(engine: ManualEngine, kind: RequestKind, **payload: object) -> None:
    """Ask for something; a later turn answers."""
    with engine.database.begin() as tx:
        now = engine.clock.now()
        requests.ask(tx, Request(kind.value, kind, payload, "ops", "test", now))


def turn_with_a_lost_answer(loop: Loop, proxy: Proxy, *, is_kept: bool = True) -> None:
    """Turn, and let the next COMMIT be cut off, behind its words or before them."""
    cut_the_next_commit(proxy, is_kept=is_kept)
    loop.turn()
    assert proxy.cut_on is None


def cut_the_next_commit(proxy: Proxy, *, is_kept: bool = True) -> None:
    """Cut the connection on which a COMMIT is sent next, behind its words or before them."""

    def once(data: bytes) -> bool:
        if b"COMMIT\0" not in data:
            return False
        proxy.cut_on = None
        return True

    proxy.cut_on, proxy.passes_last_words = once, is_kept


def until_the_server_is_done(engine: ManualEngine) -> None:
    """Wait until no transaction is on its way that was cut off."""
    left = True
    while left:
        with engine.database.read() as tx:
            left = tx.run_sql(GOING_ON).scalar_one() > 0


def session_status(engine: ManualEngine) -> SessionStatus:
    """Return what became of the engine's session."""
    with engine.database.read() as tx:
        return sessions.get(tx, engine.life.session.sessionid).status


def turn_until_it_is_known(loop: Loop, engine: ManualEngine) -> None:
    """Turn until the engine knows what became of its transaction, and went on from there."""
    log = engine.settings.log_dir / ENGINE_LOG
    while "the store is back" not in log.read_text():
        loop.turn()


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_a_job_asked_for_is_recorded_once(
    engine: ManualEngine, loop: Loop, proxy: Proxy, world: ScriptedWorld, is_kept: bool
) -> None:
    jobid = engine.add(definition("job"))
    number = engine.run("job")
    engine.advance(1)  # what is known of its start goes with no call
    told = {"severity": "MAJOR", "error": "NoInput", "description": "the file is empty"}
    world.call(number, "error", 1, **told)
    world.call(number, "save_state_data", 2, data={"page": 1})
    turn_with_a_lost_answer(loop, proxy, is_kept=is_kept)
    (supervisor,) = world.supervisors.values()
    assert supervisor.replies == []
    turn_until_it_is_known(loop, engine)
    assert supervisor.replies == [(number, 1, True, None), (number, 2, True, None)]
    with engine.database.read() as tx:
        assert [each.error for each in job_errors.of_instance(tx, number)] == ["NoInput"]
        assert len(state_data.history(tx, jobid)) == 1
    assert (engine.settings.log_dir / ENGINE_LOG).read_text().count("NoInput") == 1
    world.end(number)
    loop.turn()
    assert engine.instances("job")[0].jobstatus is Status.ERROR


def test_what_an_operator_was_told_is_done(
    engine: ManualEngine, loop: Loop, proxy: Proxy, world: ScriptedWorld
) -> None:
    engine.add(definition("job"))
    number = engine.run("job")
    ask(engine, RequestKind.CANCEL, job_instanceid=number)
    ask(engine, RequestKind.PAUSE)
    turn_with_a_lost_answer(loop, proxy)
    turn_until_it_is_known(loop, engine)
    with engine.database.read() as tx:
        answers = [requests.get(tx, kind.value) for kind in (RequestKind.CANCEL, RequestKind.PAUSE)]
    assert [each is not None and each.ok for each in answers] == [True, True]
    assert world.running == []
    assert engine.life.context.mode == PAUSED


def test_a_run_that_was_claimed_begins_once_though_the_store_fails_again(
    engine: ManualEngine, loop: Loop, proxy: Proxy, world: ScriptedWorld
) -> None:
    engine.add(definition("job"))
    ask(engine, RequestKind.RUN, job="job")
    turn_with_a_lost_answer(loop, proxy)
    turn_with_a_lost_answer(loop, proxy)  # of the transaction that reads the store anew
    turn_until_it_is_known(loop, engine)
    loop.turn()
    (instance,) = engine.instances("job")
    assert [spec.job_instanceid for spec in world.submitted] == [instance.job_instanceid]


def test_a_hand_over_leaves_no_run_behind_that_was_claimed(
    engine: ManualEngine, loop: Loop, proxy: Proxy, world: ScriptedWorld
) -> None:
    engine.add(definition("job"))
    ask(engine, RequestKind.RUN, job="job")
    turn_with_a_lost_answer(loop, proxy)
    loop.hand_over()
    while not loop.is_over():
        loop.turn()
    engine.hand_over()
    following = ManualEngine(
        engine.settings.home,
        clock=engine.clock,
        world=world,
        settings=engine.settings,
        database_url=engine.settings.database_url,
    )
    with following.open():
        (number,) = world.running
        world.end(number)
        following.tick()
        assert following.instances("job")[0].jobstatus is Status.COMPLETE


def test_a_stop_ends_a_run_that_was_claimed(engine: ManualEngine, loop: Loop, proxy: Proxy) -> None:
    engine.add(definition("job"))
    ask(engine, RequestKind.RUN, job="job")
    turn_with_a_lost_answer(loop, proxy)
    until_the_server_is_done(engine)
    engine.life.close()
    assert engine.instances("job")[0].ending is Ending.ENGINE_STOPPED
    assert session_status(engine) is SessionStatus.COMPLETE


@pytest.mark.parametrize("is_handed_over", [True, False])
def test_a_session_is_not_complete_while_it_has_a_run_that_nobody_knows(
    engine: ManualEngine, proxy: Proxy, is_handed_over: bool
) -> None:
    engine.add(definition("job"))
    ask(engine, RequestKind.RUN, job="job")
    cut_the_next_commit(proxy)
    with pytest.raises(OutcomeUnknownError):
        engine.life.scheduler.turn(engine.clock.now())
    until_the_server_is_done(engine)
    if is_handed_over:
        engine.life.hand_over()
    else:
        engine.life.close()
    assert session_status(engine) is SessionStatus.ACTIVE


def test_a_drain_waits_for_a_run_that_was_claimed_with_it(
    engine: ManualEngine, loop: Loop, proxy: Proxy, world: ScriptedWorld
) -> None:
    engine.add(definition("job"))
    ask(engine, RequestKind.RUN, job="job")
    ask(engine, RequestKind.DRAIN)
    turn_with_a_lost_answer(loop, proxy)
    while engine.life.context.mode != DRAINING:
        proxy.cut_on = lambda data: BEGINS in data  # so that nothing can be read anew
        assert loop.turn() > 0
    assert not loop.is_over()
    proxy.cut_on = None
    turn_until_it_is_known(loop, engine)
    (number,) = world.running
    assert not loop.is_over()
    world.end(number)
    loop.turn()
    assert loop.is_over()


def test_a_run_that_was_claimed_with_a_stop_is_asked_to_stop(
    engine: ManualEngine, loop: Loop, proxy: Proxy, world: ScriptedWorld
) -> None:
    engine.add(definition("job"))
    ask(engine, RequestKind.RUN, job="job")
    ask(engine, RequestKind.STOP)
    turn_with_a_lost_answer(loop, proxy)
    turn_until_it_is_known(loop, engine)
    loop.turn()
    assert len(world.submitted) == 1
    assert engine.instances("job")[0].ending is Ending.ENGINE_STOPPED


def test_an_end_that_is_recorded_is_told_once(
    engine: ManualEngine, loop: Loop, proxy: Proxy, world: ScriptedWorld
) -> None:
    engine.add(definition("job"))
    number = engine.run("job")
    ended: list[int] = []

    def take(event: Event) -> None:
        if event.kind is EventKind.INSTANCE_ENDED:
            ended.append(event.record.job_instanceid)

    engine.events.subscribe(take)
    world.end(number)
    turn_with_a_lost_answer(loop, proxy)
    turn_until_it_is_known(loop, engine)
    loop.turn()
    (supervisor,) = world.supervisors.values()
    assert (ended, supervisor.exits) == ([number], {})


def test_a_run_that_was_claimed_begins_no_sooner_than_the_lease_is_renewed(
    engine: ManualEngine, loop: Loop, proxy: Proxy, world: ScriptedWorld
) -> None:
    engine.add(definition("job"))
    ask(engine, RequestKind.RUN, job="job")
    turn_with_a_lost_answer(loop, proxy)
    until_the_server_is_done(engine)
    engine.clock.advance(engine.settings.lease_seconds)  # the server was away for as long
    assert loop.turn() > 0
    assert world.submitted == []
    assert engine.life.heartbeat.beat()
    turn_until_it_is_known(loop, engine)
    assert len(world.running) == 1


def test_an_engine_that_was_declared_dead_before_it_read_the_store_anew_ends(
    engine: ManualEngine, loop: Loop, proxy: Proxy, world: ScriptedWorld
) -> None:
    engine.add(definition("job"))
    ask(engine, RequestKind.RUN, job="job")
    turn_with_a_lost_answer(loop, proxy)
    until_the_server_is_done(engine)
    with engine.database.begin() as tx:
        dead = engine.life.session.sessionid
        assert sessions.mark(tx, dead, SessionStatus.ABNORMAL, engine.clock.now())
    assert not engine.life.heartbeat.beat()
    loop.turn()
    assert loop.is_over()
    assert world.submitted == []


@pytest.mark.parametrize("run_skipped", [True, False])
def test_what_passed_during_a_run_runs_late_though_its_end_was_in_doubt(
    engine: ManualEngine, loop: Loop, proxy: Proxy, world: ScriptedWorld, run_skipped: bool
) -> None:
    engine.add(definition("job", cron("0 * * * *"), run_skipped=run_skipped))
    engine.advance(3600 + 1800)
    engine.ask(RequestKind.PAUSE)
    engine.advance(2400)
    engine.ask(RequestKind.RESUME)
    world.end(world.running[0])
    turn_with_a_lost_answer(loop, proxy)
    turn_until_it_is_known(loop, engine)
    engine.tick()
    late = engine.instances("job")[-1]
    assert (late.cause, late.due_at, late.late) == (Cause.SCHEDULE, NOON + 2 * HOUR, True)
