from engine.domain.job import Job
from engine.persistence import cursors, jobs
from engine.persistence.cursors import Advance, Cursor, NewCursor
from engine.persistence.database import Database
from tests.support.stores import NOON, a_definition, a_job


def test_an_engine_goes_by_its_own_cursor_or_by_the_shared_one(store: Database) -> None:
    with store.begin() as tx:
        shared = a_job(tx, "shared", single_instance=True)
        each = a_job(tx, "each")
        cursors.start_many(
            tx,
            [
                NewCursor(shared, "", NOON),
                NewCursor(each, "main", NOON + 1),
                NewCursor(each, "other", NOON + 2),
            ],
        )
        assert cursors.all_cursors(tx, "main") == {
            shared: Cursor(NOON, NOON),
            each: Cursor(NOON + 1, NOON + 1),
        }
        assert cursors.all_cursors(tx, "other")[each] == Cursor(NOON + 2, NOON + 2)
        assert set(cursors.all_cursors(tx, "third")) == {shared}


def test_a_cursor_moves_forward_only(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, single_instance=True)
        cursors.start_many(tx, [NewCursor(jobid, "", NOON)])
        cursors.advance_many(tx, [Advance(jobid, "", NOON + 10)])
        cursors.advance_many(tx, [Advance(jobid, "", NOON + 5)])
        assert cursors.all_cursors(tx, "main") == {jobid: Cursor(NOON, NOON + 10)}


def test_the_engine_that_was_first_has_started_the_shared_cursor(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx, single_instance=True)
        cursors.start_many(tx, [NewCursor(jobid, "", NOON)])
        cursors.start_many(tx, [NewCursor(jobid, "", NOON + 99)])
        assert cursors.of_job(tx, jobid) == {"": Cursor(NOON, NOON)}


def test_a_job_that_becomes_single_instance_changes_its_cursor(store: Database) -> None:
    with store.begin() as tx:
        jobid = a_job(tx)
        cursors.start_many(tx, [NewCursor(jobid, "main", NOON)])
        now_single = a_definition(single_instance=True)
        jobs.update_definition(tx, jobid, now_single, NOON, override=False)
        assert cursors.all_cursors(tx, "main") == {}
        cursors.start_many(tx, [NewCursor(jobid, "", NOON + 3)])
        assert cursors.all_cursors(tx, "main") == {jobid: Cursor(NOON + 3, NOON + 3)}
        found: Job = jobs.get_by_id(tx, jobid)
        assert found.owner_scope == "one"
