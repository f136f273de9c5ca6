import pytest

from engine.domain.instance import Cause, Instance, Status
from engine.domain.session import SessionStatus
from engine.persistence import instances, jobs, sessions
from engine.persistence.database import Database
from engine.persistence.failures import ConflictError, SessionDeadError
from engine.persistence.pruning import Portion, Sweep
from tests.support.stores import (
    NOON,
    a_job,
    a_running,
    a_session,
    claims_for,
    ended,
    some_jobs,
)


def test_a_claimed_instance_is_recorded_before_anything_runs(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        claim = a_running(
            tx,
            jobid,
            sessionid,
            engine_key="main",
            late=True,
            stands_for=NOON - 5,
            who="ops",
            options={"a": 1},
            host="host-a",
        )
        found = instances.get(tx, claim.job_instanceid)
        seq = tx.seq
    assert found == Instance(
        job_instanceid=claim.job_instanceid,
        jobid=jobid,
        jobstatus=Status.IN_PROGRESS,
        cause=Cause.SCHEDULE,
        started=NOON,
        sessionid=sessionid,
        due_at=NOON,
        late=True,
        stands_for=NOON - 5,
        who="ops",
        options={"a": 1},
        host="host-a",
        change_seq=seq,
    )


def test_ids_rise_and_are_never_given_twice(store: Database) -> None:
    with store.begin() as tx:
        first = list(instances.next_ids(tx, 3))
    with store.begin() as tx:
        second = list(instances.next_ids(tx, 2))
    together = first + second
    assert together == sorted(set(together))
    assert len(together) == 5


def test_ids_are_not_given_again_after_pruning(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        claim = a_running(tx, jobid, sessionid)
        instances.finish_many(tx, [ended(claim)], sessionid)
        assert Sweep(Portion(None, NOON + 10)).go(tx, 100)[0].instances == 1
        assert min(instances.next_ids(tx, 1)) > claim.job_instanceid


def test_a_due_instant_is_claimed_once(store: Database) -> None:
    with store.begin() as tx:
        ours, theirs = a_session(tx, "a"), a_session(tx, "b")
        ids = some_jobs(tx, 3)
        a_running(tx, ids[1], theirs)
        claims = claims_for(tx, ids, ours)
        granted = instances.claim_many(tx, claims)
        assert granted == {claims[0].job_instanceid, claims[2].job_instanceid}
        assert instances.claim_many(tx, claims_for(tx, ids, ours)) == set()


def test_each_engine_claims_a_due_instant_on_its_own(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        a_running(tx, jobid, a_session(tx, "a"), engine_key="a")
        a_running(tx, jobid, a_session(tx, "b"), engine_key="b")
        assert len(instances.all_open(tx)) == 2


def test_runs_without_a_due_instant_are_not_in_each_others_way(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        a_running(tx, jobid, sessionid, due_at=None, cause=Cause.MANUAL)
        a_running(tx, jobid, sessionid, due_at=None, cause=Cause.TRIGGER)
        assert len(instances.open_of_session(tx, sessionid)) == 2


def test_a_single_instance_job_is_claimed_by_one_session(store: Database) -> None:
    with store.begin() as tx:
        ours, theirs = a_session(tx, "a"), a_session(tx, "b")
        ids = some_jobs(tx, 3, single_instance=True)
        jobs.own(tx, ids[1], theirs)
        claims = claims_for(tx, ids, ours, single_instance=True)
        assert instances.claim_many(tx, claims) == {
            claims[0].job_instanceid,
            claims[2].job_instanceid,
        }
        owners = {job.jobid: job.sessionid for job in jobs.all_jobs(tx)}
    assert owners == {ids[0]: ours, ids[1]: theirs, ids[2]: ours}


def test_a_claim_that_comes_too_late_does_not_keep_the_job(store: Database) -> None:
    with store.begin() as tx:
        ours, theirs = a_session(tx, "a"), a_session(tx, "b")
        jobid, other = some_jobs(tx, 2, single_instance=True)
        done = a_running(tx, jobid, theirs, single_instance=True)
        instances.finish_many(tx, [ended(done)], theirs)
        jobs.disown(tx, [jobid], theirs)
        claims = claims_for(tx, [jobid, other], ours, single_instance=True)
        assert instances.claim_many(tx, claims) == {claims[1].job_instanceid}
        assert jobs.get_by_id(tx, jobid).sessionid is None
        assert jobs.get_by_id(tx, other).sessionid == ours


def test_a_forced_run_does_not_take_the_job(store: Database) -> None:
    with store.begin() as tx:
        ours, theirs = a_session(tx, "a"), a_session(tx, "b")
        jobid = a_job(tx, single_instance=True)
        a_running(tx, jobid, theirs, single_instance=True)
        a_running(tx, jobid, ours, due_at=None, cause=Cause.MANUAL)
        assert jobs.get_by_id(tx, jobid).sessionid == theirs


def test_a_dead_session_claims_nothing(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        sessions.mark(tx, sessionid, SessionStatus.ABNORMAL, NOON)
    with (
        pytest.raises(SessionDeadError, match="is not alive any more"),
        store.begin() as tx,
    ):
        instances.claim_many(tx, claims_for(tx, [jobid], sessionid))
    with store.read() as tx:
        assert instances.all_open(tx) == []


def test_nothing_claimed_is_nothing_granted(store: Database) -> None:
    with store.begin() as tx:
        assert instances.claim_many(tx, []) == set()


def test_a_claim_that_is_rolled_back_leaves_nothing(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx, single_instance=True)
        before = jobs.get_by_id(tx, jobid)

    def claim_and_fail() -> None:
        with store.begin() as tx:
            a_running(tx, jobid, sessionid, single_instance=True)
            a_job(tx, before.name)

    with pytest.raises(ConflictError):
        claim_and_fail()
    with store.read() as tx:
        assert instances.all_open(tx) == []
        assert jobs.get_by_id(tx, jobid) == before


def test_of_two_claims_of_one_single_instance_job_the_first_is_granted(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx, single_instance=True)
        first = claims_for(tx, [jobid], sessionid, single_instance=True, due_at=NOON)
        second = claims_for(tx, [jobid], sessionid, single_instance=True, due_at=NOON + 1)
        granted = instances.claim_many(tx, [*first, *second])
    assert granted == {first[0].job_instanceid}
