"""A run that died with its engine is made up for once, by a peer that can."""

import pytest
from sqlalchemy import URL

from engine.clock import MINUTE
from engine.domain.instance import Status
from engine.domain.request import RequestKind
from engine.domain.run import SupervisorLost
from engine.domain.verdict import Reason, Verdict
from engine.persistence import cursors
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.cluster.conftest import Joiner, both
from tests.support.builders import cron, definition, instant
from tests.support.stores import opened

NOON = instant("2026-03-01T12:00:00")


def rescued(
    join: Joiner, *, run_skipped: bool = True, single_instance: bool = True
) -> ManualEngine:
    """An engine that has rescued a peer, which died in an hourly run that overran one instant."""
    first, second = join("a"), join("b")
    made = definition(
        "one", cron("0 * * * *"), single_instance=single_instance, run_skipped=run_skipped
    )
    first.add(made)
    first.advance(3600)
    second.tick()
    first.kill()
    for supervisor in first.world.supervisors.values():
        if supervisor.running:
            supervisor.is_alive = False
            supervisor.running.clear()
    second.advance(12, step=1)
    return second


def test_a_run_that_died_with_its_engine_is_made_up_for_once_by_who_rescues_it(
    join: Joiner, world: ScriptedWorld
) -> None:
    second = rescued(join)
    crashed, late = second.instances("one")
    assert (crashed.jobstatus, late.stands_for) == (Status.CRASH, NOON + 60 * MINUTE)
    assert late.sessionid == second.life.session.sessionid
    world.end(late.job_instanceid)
    second.advance(60, step=1)
    third = join("c")  # nobody makes up for it again
    both(second, third, 60, 1)
    assert len(second.instances("one")) == 2


def test_without_run_skipped_a_rescue_runs_nothing(join: Joiner) -> None:
    second = rescued(join, run_skipped=False)
    assert len(second.instances("one")) == 1


def test_a_rescue_makes_up_for_nothing_that_each_engine_runs_on_its_own(join: Joiner) -> None:
    second = rescued(join, single_instance=False)
    assert [ran for ran in second.instances("one") if ran.stands_for] == []


def test_a_peer_that_starts_before_the_lease_of_a_dead_one_ends_catches_up_once(
    join: Joiner,
) -> None:
    first = join("a")
    first.add(definition("one", cron("0 * * * *"), single_instance=True))
    first.advance(2.5 * 3600, step=600)
    first.kill()
    for supervisor in first.world.supervisors.values():
        supervisor.is_alive = False
        supervisor.running.clear()
    second = join("b")
    (passed,) = second.verdicts("one")
    assert (passed.verdict, passed.reason) == (Verdict.SKIPPED, Reason.HELD)
    second.advance(12, step=1)
    _, late = second.instances("one")
    assert late.stands_for == NOON + 60 * MINUTE


def test_a_catch_up_waits_for_a_peer_that_has_the_account_of_its_job_in_hand(
    join: Joiner, postgres_url: URL
) -> None:
    first, second = join("a"), join("b")
    second.life.context.agenda.turns.pause = 15_000
    jobid = first.add(definition("one", cron("0 * * * *"), single_instance=True))
    first.advance(3600)
    second.tick()
    first.kill()
    for supervisor in first.world.supervisors.values():
        if supervisor.running:
            supervisor.is_alive = False
            supervisor.running.clear()
    with opened(postgres_url) as database, database.begin() as tx:
        assert jobid in cursors.lock_shared(tx, [jobid])
        second.advance(12, step=1)
        (crashed,) = second.instances("one")
        assert crashed.jobstatus is Status.CRASH
    second.advance(1)
    _, late = second.instances("one")
    assert late.stands_for == NOON + 60 * MINUTE


@pytest.mark.parametrize("kind", [RequestKind.PAUSE, RequestKind.DRAIN])
def test_an_engine_that_claims_nothing_leaves_a_rescue_to_a_peer_that_makes_up_for_what_died(
    join: Joiner, kind: RequestKind
) -> None:
    first, second, third = join("a"), join("b"), join("c")
    first.add(definition("one", cron("0 * * * *"), single_instance=True))
    first.advance(3600)
    both(second, third, 1, 1)
    first.kill()
    second.ask(kind)
    both(second, third, 12, 1)
    _, late = third.instances("one")
    assert late.stands_for == NOON + 60 * MINUTE
    assert late.sessionid == third.life.session.sessionid


def test_an_engine_that_claims_nothing_rescues_where_no_peer_is_left_that_does(
    join: Joiner,
) -> None:
    first, second = join("a"), join("b")
    first.add(definition("one", cron("0 * * * *"), single_instance=True))
    first.advance(3600)
    second.ask(RequestKind.PAUSE)
    first.kill()
    second.advance(12, step=1)
    (crashed,) = second.instances("one")
    assert crashed.jobstatus is Status.CRASH
    second.ask(RequestKind.RESUME)
    assert second.instances("one")[-1].stands_for == NOON + 60 * MINUTE


@pytest.mark.parametrize("then", ["stays paused", "stops", "dies"])
def test_a_peer_makes_up_for_what_who_rescued_it_could_not(
    join: Joiner, world: ScriptedWorld, then: str
) -> None:
    first, second, third = join("a"), join("b"), join("c")
    first.add(definition("one", cron("0 * * * *"), single_instance=True))
    first.advance(3600)
    both(second, third, 1, 1)
    for engine in (second, third):
        engine.ask(RequestKind.PAUSE)
    first.kill()
    both(second, third, 12, 1)
    (crashed,) = third.instances("one")
    assert crashed.jobstatus is Status.CRASH
    if then == "stops":
        second.close()
    elif then == "dies":
        second.kill()
    third.ask(RequestKind.RESUME)
    third.advance(12 if then == "dies" else 1, step=1)
    _, late = third.instances("one")
    assert late.stands_for == NOON + 60 * MINUTE
    assert late.sessionid == third.life.session.sessionid
    world.end(late.job_instanceid)
    if then == "stays paused":
        second.ask(RequestKind.RESUME)
        both(second, third, 12, 1)
        assert len(third.instances("one")) == 2


def test_a_run_that_crashed_in_an_engine_that_lives_on_is_not_made_up_for_when_a_peer_stops(
    join: Joiner,
) -> None:
    first, second = join("a"), join("b")
    first.add(definition("one", cron("0 * * * *"), single_instance=True))
    first.advance(3600)
    both(first, second, 1, 1)
    (supervisor,) = (each for each in first.world.supervisors.values() if each.running)
    (number,) = supervisor.running
    supervisor.running.clear()
    supervisor.reports.append(SupervisorLost((number,)))
    both(first, second, 1, 1)
    assert first.instances("one")[0].jobstatus is Status.CRASH
    second.close()
    first.advance(12, step=1)
    assert len(first.instances("one")) == 1
