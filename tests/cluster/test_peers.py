"""Several engines on one PostgreSQL: each due instant once, whoever dies."""

import threading

import psycopg
import pytest
from msgspec.structs import replace
from sqlalchemy import text

from engine.clock import MINUTE, SECOND
from engine.control.actor import Actor
from engine.control.context import Context
from engine.control.system import System
from engine.domain.instance import Cause
from engine.domain.request import RequestKind
from engine.domain.verdict import Reason, Verdict
from engine.errors import EngineError
from engine.persistence import cursors, jobs, revisions, sessions
from engine.persistence.cursors import NewCursor
from engine.persistence.revisions import NewRevision
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.cluster.conftest import Joiner, both
from tests.support.builders import cron, definition, every, instant

NOON = instant("2026-03-01T12:00:00")


def test_an_ordinary_job_runs_on_each_engine_on_its_own(join: Joiner) -> None:
    first, second = join("a"), join("b")
    first.add(definition("each", cron("* * * * *")))
    second.tick()
    both(first, second, 60, 10)
    assert [(ran.due_at, ran.host) for ran in first.instances("each")] == [
        (NOON + MINUTE, "testhost"),
        (NOON + MINUTE, "testhost"),
    ]
    sessionids = {ran.sessionid for ran in first.instances("each")}
    assert sessionids == {first.life.session.sessionid, second.life.session.sessionid}


def test_a_single_instance_job_runs_on_one_of_them(join: Joiner, world: ScriptedWorld) -> None:
    world.ends_at_once = True
    first, second = join("a"), join("b")
    first.add(definition("one", cron("* * * * *"), single_instance=True))
    second.tick()
    both(first, second, 300, 5)
    assert [ran.due_at for ran in first.instances("one")] == [
        NOON + minute * MINUTE for minute in range(1, 6)
    ]


def test_a_due_instant_of_a_job_that_a_peer_runs_is_skipped_and_names_it(join: Joiner) -> None:
    first, second = join("a"), join("b")
    first.add(definition("one", cron("* * * * *"), single_instance=True))
    second.tick()
    first.advance(60)
    (running,) = first.instances("one")
    second.advance(60)
    (skipped,) = second.verdicts("one")
    assert (skipped.verdict, skipped.reason) == (Verdict.SKIPPED, Reason.HELD)
    assert f"instance {running.job_instanceid} of session" in skipped.detail
    assert "engine 'a'" in skipped.detail
    first.tick()  # it finds that the instant has its verdict, and claims nothing for it
    first.world.end(running.job_instanceid)
    first.tick()
    assert len(first.instances("one")) == 1


def test_a_catch_up_of_a_job_that_a_peer_runs_is_skipped_and_what_else_passed_keeps_its_reason(
    join: Joiner,
) -> None:
    ops = Actor("ops", "test")
    first = join("a")
    first.system.groups.create("night", ops)
    first.add(definition("one", cron("0 * * * *"), single_instance=True))
    first.system.groups.add("night", ["one"], ops)
    first.run("one")
    first.advance(90 * 60)
    first.system.groups.set_enabled(["night"], False, ops)
    first.advance(2.5 * 3600 + 10)
    first.system.groups.set_enabled(["night"], True, ops)
    second = join("b")
    assert [(each.reason, each.count) for each in second.verdicts("one")] == [
        (Reason.HELD, 1),  # 13:00
        (Reason.GROUP_DISABLED, 2),
        (Reason.HELD, 1),  # 16:00
    ]


def test_a_due_instant_is_not_lost_when_its_holder_ends_at_that_moment(join: Joiner) -> None:
    first, second = join("a"), join("b")
    jobid = first.add(definition("one", cron("* * * * *"), single_instance=True))
    second.tick()
    owner = first.life.session.sessionid
    with first.database.begin() as tx:
        assert jobs.own(tx, jobid, owner)  # as the claim saw it, with no open run to be named
    second.advance(60)
    (skipped,) = second.verdicts("one")
    assert (skipped.verdict, skipped.reason) == (Verdict.SKIPPED, Reason.HELD)
    with first.database.begin() as tx:
        jobs.disown(tx, [jobid], owner)
    second.advance(60, step=5)
    assert [ran.due_at for ran in second.instances("one")] == [NOON + 2 * MINUTE]


def test_run_now_of_a_job_that_a_peer_runs_is_refused_unless_forced(join: Joiner) -> None:
    first, second = join("a"), join("b")
    first.add(definition("one", single_instance=True))
    second.tick()
    number = first.run("one")
    refused = second.ask(RequestKind.RUN, job="one")
    assert refused.answer is not None
    assert f"held by instance {number} of session" in refused.answer["message"]
    forced = second.run("one", force=True)
    second.world.end(forced)
    second.tick()
    job = second.system.jobs.get("one").job
    assert job.sessionid == first.life.session.sessionid  # the forced run owned nothing


def test_a_trigger_is_run_by_one_engine_alone(join: Joiner, world: ScriptedWorld) -> None:
    world.ends_at_once = True
    first, second = join("a"), join("b")
    first.add(definition("each", cron("0 * * * *")))
    second.tick()
    first.system.jobs.set_trigger("each", NOON + 5 * MINUTE, Actor("ops", "test"))
    both(first, second, 600, 30)
    assert len(first.instances("each")) == 1


@pytest.mark.parametrize("holder_stays", [True, False])
def test_a_trigger_that_falls_due_while_a_peer_runs_the_job_waits_for_the_end_of_that_run(
    join: Joiner, world: ScriptedWorld, holder_stays: bool
) -> None:
    first, second = join("a"), join("b")
    first.add(definition("one", cron("0 0 * * *"), single_instance=True))
    second.tick()
    running = first.run("one")
    first.system.jobs.set_trigger("one", NOON + 5 * MINUTE, Actor("ops", "test"))
    both(first, second, 600, 30)  # the other engine looks again and again, and finds it held
    assert [ran.job_instanceid for ran in first.instances("one")] == [running]
    world.end(running)
    if holder_stays:
        first.tick()
    else:
        first.life.begin_stop(60)
        first.tick()
        first.life.close()
    second.advance(2, step=1)
    _, triggered = second.instances("one")
    owner = first if holder_stays else second
    assert (triggered.cause, triggered.sessionid) == (Cause.TRIGGER, owner.life.session.sessionid)
    assert second.system.jobs.get("one").job.trigger_at is None


def test_where_several_engines_are_alive_an_operator_names_one(join: Joiner) -> None:
    first, _ = join("a"), join("b")
    settings = replace(first.settings, instance_key="main")
    system = System(Context(settings, first.database, first.clock))
    ops = Actor("ops", "test")
    with pytest.raises(EngineError, match=r"are alive: a, b\. Name one of them"):
        system.engine.pause(ops)
    with pytest.raises(EngineError, match=r"No engine .c. is alive\. Alive: a, b"):
        system.engine.drain(ops, engine_key="c")


def test_a_job_that_a_peer_began_while_we_looked_is_scheduled_from_there(join: Joiner) -> None:
    first = join("a")
    began = NOON - 7 * SECOND
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    waits += " AND wait_event_type = 'Lock'"
    joined: list[ManualEngine] = []
    joining = threading.Thread(target=lambda: joined.append(join("b")))
    with first.database.begin() as tx:
        tx.execute(text("LOCK TABLE schedule_revisions IN SHARE ROW EXCLUSIVE MODE"))
        with psycopg.connect(first.settings.database_url, autocommit=True) as looking:
            with first.database.begin() as other:
                made = definition("each", every(5), single_instance=True)
                jobid = jobs.insert(other, made, NOON)
            joining.start()
            while looking.execute(waits).fetchone() == (0,):
                assert joining.is_alive()
        revisions.begin_many(tx, [NewRevision(jobid, every(5), began)])
        cursors.start_many(tx, [NewCursor(jobid, "", began)])
    joining.join()
    with first.database.read() as tx:
        (only,) = revisions.of_job(tx, jobid)
    assert (only.began_at, only.ended_at) == (began, None)
    (second,) = joined
    second.advance(10)
    answered = [row.due_at for row in second.instances("each")]
    assert answered[-1] == NOON - 2 * SECOND  # which this engine had not seen come


def test_an_engine_whose_key_is_alive_elsewhere_is_refused(join: Joiner) -> None:
    from engine.identity import own_identity
    from engine.scheduling.predecessors import find_dead

    first = join("a")
    with first.database.begin() as tx:
        other = replace(first.life.session, engine_key="c", host="elsewhere", pid=77)
        sessions.open_session(tx, other)

    class Beating:
        """A clock that shows one more beat of the other engine at each look."""

        def now(self) -> int:
            return first.clock.now()

        def monotonic(self) -> float:
            with first.database.begin() as tx:
                (own,) = [s for s in sessions.active(tx) if s.engine_key == "c"]
                sessions.beat(tx, own.sessionid, first.clock.now())
            return first.clock.advance(0.1) / SECOND

    with pytest.raises(EngineError, match="Engine 'c' is alive: pid 77 on host elsewhere"):
        find_dead(first.database, "c", Beating(), own_identity())


def test_draining_one_engine_leaves_its_jobs_to_the_other(join: Joiner) -> None:
    first, second = join("a"), join("b")
    first.world.ends_at_once = True
    first.add(definition("one", cron("* * * * *"), single_instance=True))
    second.tick()
    first.ask(RequestKind.DRAIN)
    both(first, second, 180, 10)
    ran = second.instances("one")
    assert [each.due_at for each in ran] == [NOON + minute * MINUTE for minute in (1, 2, 3)]
    assert {each.sessionid for each in ran} == {second.life.session.sessionid}


def test_what_passes_while_all_engines_stop_is_explained_by_that(join: Joiner) -> None:
    first, second = join("a"), join("b")
    first.add(definition("one", every(5), single_instance=True))
    second.tick()
    for engine in (first, second):
        engine.life.begin_stop(60)
    both(first, second, 30, 1)
    for engine in (first, second):
        engine.close()
    report = first.system.ledger.report()  # the fixture finds fault with what is unexplained
    assert (report.total.due, report.total.skipped_by) == (6, {"engine draining": 6})


def test_what_passed_during_a_run_of_a_stopped_engine_is_not_judged_by_its_peers_runs(
    join: Joiner, world: ScriptedWorld
) -> None:
    first, second = join("a"), join("b")
    first.add(definition("each", every(5)))
    second.tick()
    both(first, second, 5, 1)
    both(first, second, 30, 1)
    (own,), (other,) = first.life.context.running, second.life.context.running
    world.end(own)
    first.life.begin_stop()
    first.tick()
    first.life.close()
    world.end(other)
    second.tick()  # catches up, with a run that is newer than any of the other engine's
    report = second.system.ledger.report()
    assert report.total.unexplained == 0
