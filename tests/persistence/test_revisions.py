from engine.clock import DAY
from engine.domain.schedule import CronSchedule, RecurringSchedule
from engine.domain.schedule.revision import Revision
from engine.persistence import revisions
from engine.persistence.database import Database
from engine.persistence.revisions import NewRevision
from tests.support.stores import NOON, a_job, some_jobs

CRON = CronSchedule("0", "2", "*", "*", "*", "Europe/Prague", "shift", "both")


def test_a_schedule_in_force_comes_back_whole(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        number = revisions.open_revision(tx, jobid, CRON, NOON, NOON + DAY)
        expected = Revision(number, jobid, CRON, NOON, None, NOON + DAY)
        assert revisions.current(tx) == {jobid: expected}
        assert revisions.of_job(tx, jobid) == [expected]


def test_a_new_revision_ends_the_one_before_it(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        revisions.open_revision(tx, jobid, CRON, NOON)
        revisions.open_revision(tx, jobid, RecurringSchedule(5), NOON + 10)
        found = revisions.of_job(tx, jobid)
    assert [(each.began_at, each.ended_at) for each in found] == [
        (NOON, NOON + 10),
        (NOON + 10, None),
    ]
    assert found[1].schedule == RecurringSchedule(5)


def test_a_revision_ends_once(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        revisions.open_revision(tx, jobid, CRON, NOON)
        assert revisions.end_revision(tx, jobid, NOON + 1)
        assert not revisions.end_revision(tx, jobid, NOON + 2)
        assert revisions.current(tx) == {}
        assert revisions.of_job(tx, jobid)[0].ended_at == NOON + 1


def test_those_in_force_after_an_instant_are_found(store: Database) -> None:
    with store.begin() as tx:
        first, second = some_jobs(tx, 2)
        revisions.open_revision(tx, first, CRON, NOON)
        revisions.open_revision(tx, first, RecurringSchedule(5), NOON + 10)
        revisions.open_revision(tx, second, CRON, NOON)
        revisions.end_revision(tx, second, NOON + 5)
        found = revisions.since(tx, NOON + 5)
        assert {jobid: len(each) for jobid, each in found.items()} == {first: 2}
        assert len(revisions.since(tx, NOON + 4)) == 2


def test_many_open_at_once_and_a_second_time_end_the_first(store: Database) -> None:
    with store.begin() as tx:
        ids = some_jobs(tx, 3)
        revisions.open_many(tx, [NewRevision(jobid, CRON, NOON) for jobid in ids])
        revisions.open_many(tx, [NewRevision(ids[0], RecurringSchedule(1), NOON + 7, NOON + 9)])
        current = revisions.current(tx)
        assert sorted(current) == ids
        assert (current[ids[0]].schedule, current[ids[0]].expires_at) == (
            RecurringSchedule(1),
            NOON + 9,
        )
        assert revisions.of_job(tx, ids[0])[0].ended_at == NOON + 7


def test_what_begins_leaves_a_schedule_that_a_peer_put_into_force_meanwhile(
    store: Database,
) -> None:
    with store.begin() as tx:
        first, second = some_jobs(tx, 2)
        revisions.begin_many(tx, [NewRevision(first, RecurringSchedule(5), NOON)])
        late = [NewRevision(jobid, RecurringSchedule(5), NOON + 7) for jobid in (first, second)]
        revisions.begin_many(tx, late)
        current = revisions.current(tx)
    assert {jobid: each.began_at for jobid, each in current.items()} == {
        first: NOON,
        second: NOON + 7,
    }
