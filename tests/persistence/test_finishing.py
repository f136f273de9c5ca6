import pytest
from msgspec.structs import replace

from engine.clock import SECOND
from engine.domain.instance import Ending, JobErrorRecord, Severity, Status
from engine.persistence import instances, job_errors, jobs, sessions, state_data
from engine.persistence.database import Database
from engine.persistence.instances import StartDetails
from tests.support.stores import (
    NOON,
    a_job,
    a_running,
    a_session,
    claims_for,
    ended,
    some_jobs,
)


def test_an_end_is_recorded_with_how_it_came_about(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        claim = a_running(tx, jobid, sessionid)
        finish = ended(
            claim,
            Status.ERROR,
            ending=Ending.SIGNAL,
            exit_code=None,
            exit_signal=11,
            detail="killed by SIGSEGV",
            pid=99,
            log_file="report.log",
            log_start=10,
            log_end=4096,
            cpu_seconds=1.5,
            max_rss=2**33,
        )
        assert instances.finish_many(tx, [finish], sessionid) == set()
        found = instances.get(tx, claim.job_instanceid)
    assert (found.jobstatus, found.completed, found.ending) == (
        Status.ERROR,
        NOON + SECOND,
        Ending.SIGNAL,
    )
    assert (found.exit_code, found.exit_signal, found.detail) == (None, 11, "killed by SIGSEGV")
    assert (found.pid, found.log_file, found.log_start, found.log_end) == (
        99,
        "report.log",
        10,
        4096,
    )
    assert (found.cpu_seconds, found.max_rss) == (1.5, 2**33)


def test_a_final_status_is_final(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        claim = a_running(tx, jobid, sessionid)
        instances.finish_many(tx, [ended(claim, Status.CRASH)], sessionid)
        refused = instances.finish_many(tx, [ended(claim)], sessionid)
        assert refused == {claim.job_instanceid}
        assert instances.get(tx, claim.job_instanceid).jobstatus is Status.CRASH


def test_only_the_session_that_runs_it_ends_an_instance(store: Database) -> None:
    with store.begin() as tx:
        ours, theirs = a_session(tx, "a"), a_session(tx, "b")
        first, second = some_jobs(tx, 2)
        mine, other = a_running(tx, first, ours), a_running(tx, second, theirs)
        refused = instances.finish_many(tx, [ended(mine), ended(other)], ours)
        assert refused == {other.job_instanceid}
        assert instances.get(tx, mine.job_instanceid).jobstatus is Status.COMPLETE
        assert instances.get(tx, other.job_instanceid).jobstatus is Status.IN_PROGRESS


def test_what_does_not_exist_is_refused(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        ghost = replace(ended(claims_for(tx, [jobid], sessionid)[0]), job_instanceid=999)
        assert instances.finish_many(tx, [ghost], sessionid) == {999}
        assert instances.finish_many(tx, [], sessionid) == set()


@pytest.mark.parametrize(
    ("status", "kept"), [(Status.COMPLETE, False), (Status.ERROR, True), (Status.CRASH, True)]
)
def test_state_data_go_with_complete_alone(store: Database, status: Status, kept: bool) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        jobid, other = some_jobs(tx, 2)
        claim = a_running(tx, jobid, sessionid)
        for each in (jobid, other):
            state_data.save(tx, each, {"at": 5}, claim.job_instanceid, NOON)
        instances.finish_many(tx, [ended(claim, status)], sessionid)
        assert (state_data.get(tx, jobid) is not None) is kept
        assert state_data.get(tx, other) is not None


def test_a_refused_end_leaves_the_state_data(store: Database) -> None:
    with store.begin() as tx:
        ours, theirs, jobid = a_session(tx, "a"), a_session(tx, "b"), a_job(tx)
        claim = a_running(tx, jobid, ours)
        state_data.save(tx, jobid, {"at": 5}, claim.job_instanceid, NOON)
        assert instances.finish_many(tx, [ended(claim)], theirs) == {claim.job_instanceid}
        assert state_data.get(tx, jobid) is not None


def test_a_restarted_engine_adopts_what_still_runs(store: Database) -> None:
    with store.begin() as tx:
        old, third = a_session(tx, "a"), a_session(tx, "c")
        first, second, done, foreign = some_jobs(tx, 4, single_instance=True)
        kept = a_running(tx, first, old, single_instance=True)
        left = a_running(tx, second, old, single_instance=True)
        over = a_running(tx, done, old)
        other = a_running(tx, foreign, third)
        instances.finish_many(tx, [ended(over)], old)
        sessions.close(tx, old, NOON)
        new = a_session(tx, "a")
        asked = [each.job_instanceid for each in (kept, over, other)]
        assert instances.adopt(tx, asked, old, new) == {kept.job_instanceid}
        owners = {job.jobid: job.sessionid for job in jobs.all_jobs(tx)}
        assert (owners[first], owners[second]) == (new, old)
        assert instances.finish_many(tx, [ended(kept)], old) == {kept.job_instanceid}
        assert instances.finish_many(tx, [ended(kept)], new) == set()
        assert instances.get(tx, left.job_instanceid).sessionid == old


def test_a_run_writes_only_while_it_is_its_sessions(store: Database) -> None:
    with store.begin() as tx:
        ours, theirs, jobid = a_session(tx, "a"), a_session(tx, "b"), a_job(tx)
        claim = a_running(tx, jobid, ours)
        number = claim.job_instanceid
        assert instances.may_write(tx, number, ours)
        assert not instances.may_write(tx, number, theirs)
        assert instances.save_info(tx, number, "a: 1\n", ours)
        assert not instances.save_info(tx, number, "a: 2\n", theirs)
        assert instances.save_progress(tx, number, 0.5, "half", ours)
        instances.finish_many(tx, [ended(claim)], ours)
        assert not instances.may_write(tx, number, ours)
        assert not instances.save_info(tx, number, "a: 3\n", ours)
        assert not instances.save_progress(tx, number, 1.0, "all", ours)
        found = instances.get(tx, number)
    assert (found.info, found.progress, found.progress_text) == ("a: 1\n", 0.5, "half")


def test_the_process_and_its_log_are_recorded_while_it_runs(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        claim = a_running(tx, jobid, sessionid)
        started = StartDetails(claim.job_instanceid, 4711, "report.log", 2**40)
        instances.set_started_details(tx, [started])
        found = instances.get(tx, claim.job_instanceid)
    assert (found.pid, found.log_file, found.log_start) == (4711, "report.log", 2**40)


def test_errors_belong_to_their_instance_in_order(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        claim = a_running(tx, jobid, sessionid)
        records = [
            JobErrorRecord(
                Severity.WARNING, "SLOW", "it took long", NOON, job_instanceid=claim.job_instanceid
            ),
            JobErrorRecord(
                Severity.MAJOR,
                "X" * 300,
                "it broke",
                NOON + 1,
                "a: 1\n",
                business_error=True,
                job_instanceid=claim.job_instanceid,
            ),
        ]
        job_errors.add_many(tx, records)
        found = job_errors.of_instance(tx, claim.job_instanceid)
    assert [each.severity for each in found] == [Severity.WARNING, Severity.MAJOR]
    assert found[1] == replace(records[1], error="X" * 240, job_errorid=found[1].job_errorid)


def test_whatever_bytes_a_job_wrote_its_end_is_recorded(store: Database) -> None:
    nasty = 'a\0b\udc80c\ud83d ✓ \\ " { } , NULL'
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        claim = a_running(tx, jobid, sessionid, options={nasty: nasty}, who=nasty)
        instances.save_info(tx, claim.job_instanceid, nasty, sessionid)
        state_data.save(tx, jobid, {nasty: nasty}, claim.job_instanceid, NOON)
        error = JobErrorRecord(
            Severity.MAJOR, nasty, nasty, NOON, nasty, job_instanceid=claim.job_instanceid
        )
        job_errors.add_many(tx, [error])
        finish = ended(claim, Status.ERROR, detail=nasty)
        assert instances.finish_many(tx, [finish], sessionid) == set()
    with store.read() as tx:
        found = instances.get(tx, claim.job_instanceid)
        kept = state_data.get(tx, jobid)
    assert found.detail == found.info == found.who
    assert found.detail.startswith('a�b?c? ✓ \\ " { } , NULL')
    assert found.options == {nasty: nasty}
    assert kept is not None
    assert kept.data == {nasty: nasty}
