from engine.domain.instance import Status
from engine.persistence import changes, groups, instances, jobs, requests
from engine.persistence.database import Database
from tests.support.stores import (
    NOON,
    a_job,
    a_running,
    a_session,
    claims_for,
    ended,
    opened,
    some_jobs,
)


def seen_by(store: Database) -> int:
    """Return what a reader has seen up to now."""
    with store.read() as tx:
        return changes.current(tx)


def test_a_transaction_has_one_number_higher_than_any_before(store: Database) -> None:
    before = seen_by(store)
    with store.begin() as tx:
        first = tx.seq
        assert tx.seq == first
    with store.begin() as tx:
        assert tx.seq > first > before
    assert seen_by(store) > first


def test_only_the_jobs_that_changed_are_news(store: Database) -> None:
    with store.begin() as tx:
        ids = some_jobs(tx, 3)
    seen = seen_by(store)
    with store.begin() as tx:
        jobs.set_active(tx, ids[1], active=False)
    with store.read() as tx:
        assert [(job.jobid, job.active) for job in changes.jobs_since(tx, seen)] == [
            (ids[1], False)
        ]
        assert changes.jobs_since(tx, changes.current(tx)) == []


def test_a_retired_job_is_news(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
    seen = seen_by(store)
    with store.begin() as tx:
        jobs.retire(tx, jobid, NOON)
    with store.read() as tx:
        assert [job.retired_at for job in changes.jobs_since(tx, seen)] == [NOON]


def test_running_a_job_is_news_of_its_instance_and_not_of_the_job(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx, single_instance=True)
    seen = seen_by(store)
    with store.begin() as tx:
        claim = a_running(tx, jobid, sessionid, single_instance=True)
    with store.begin() as tx:
        instances.finish_many(tx, [ended(claim)], sessionid)
        jobs.record_executions(tx, [(jobid, NOON, claim.job_instanceid)])
        jobs.disown(tx, [jobid], sessionid)
    with store.read() as tx:
        assert changes.jobs_since(tx, seen) == []
        assert [each.jobstatus for each in changes.instances_since(tx, seen)] == [Status.COMPLETE]


def test_a_group_that_was_switched_is_news_and_its_jobs_are_not(store: Database) -> None:
    with store.begin() as tx:
        a_job(tx, groups=("g",))
    seen = seen_by(store)
    with store.begin() as tx:
        groups.set_enabled(tx, "g", enabled=False, who="ops", now=NOON)
    with store.read() as tx:
        assert [each.name for each in changes.groups_since(tx, seen)] == ["g"]
        assert changes.jobs_since(tx, seen) == []


def test_instances_are_told_in_the_order_of_their_changes_and_in_portions(
    store: Database,
) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        ids = some_jobs(tx, 3)
    seen = seen_by(store)
    claims = []
    for jobid in ids:
        with store.begin() as tx:
            claims.append(a_running(tx, jobid, sessionid))
    with store.begin() as tx:
        instances.finish_many(tx, [ended(claims[0])], sessionid)
    with store.read() as tx:
        told = changes.instances_since(tx, seen, limit=2)
        assert [each.jobid for each in told] == ids[1:]
        last = told[-1]
        rest = changes.instances_since(tx, last.change_seq, 2, after_id=last.job_instanceid)
        assert [each.jobid for each in rest] == ids[:1]


def test_portions_divide_what_one_transaction_changed(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        ids = some_jobs(tx, 5)
    seen = seen_by(store)
    with store.begin() as tx:
        instances.claim_many(tx, claims_for(tx, ids, sessionid))
    told: list[int] = []
    with store.read() as tx:
        portion = changes.instances_since(tx, seen, 2)
        while portion:
            told.extend(each.jobid for each in portion)
            last = portion[-1]
            portion = changes.instances_since(tx, last.change_seq, 2, last.job_instanceid)
    assert told == ids


def test_another_connection_notices_every_write(store: Database) -> None:
    with opened(store.url) as reader:
        before = reader.seen_change()
        assert reader.seen_change() == before
        with store.begin() as tx:
            a_job(tx)
        after = reader.seen_change()
        assert after != before
        with store.begin() as tx:
            requests.answer(tx, "none", ok=True, answer={}, now=NOON)
        assert reader.seen_change() != after
