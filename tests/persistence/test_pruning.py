"""What is older than its retention goes, and the store remembers up to when."""

from engine.clock import DAY, SECOND, Instant
from engine.domain.instance import JobErrorRecord, Severity, Status
from engine.domain.verdict import Reason, Stretch, Verdict
from engine.persistence import cursors, instances, job_errors, jobs, pruning, verdicts
from engine.persistence.cursors import Advance, Cursor, NewCursor
from engine.persistence.database import Database, Transaction
from engine.persistence.pruning import Deleted, Portion, Sweep
from engine.persistence.transaction import sqlite_of
from tests.support.stores import NOON, a_job, a_running, a_session, ended, some_jobs


def pruned(tx: Transaction, older_than: Instant, limit: int, jobid: int | None = None) -> int:
    """Prune, and return how many instances went."""
    return Sweep(Portion(jobid, older_than)).go(tx, limit)[0].instances


def a_history(
    tx: Transaction, jobid: int, sessionid: int, statuses: list[Status], since: Instant = NOON
) -> list[int]:
    """Store one ended instance per status, a second apart, and return their ids."""
    ids = []
    for number, status in enumerate(statuses):
        at = since + number * SECOND
        claim = a_running(tx, jobid, sessionid, started=at, due_at=at)
        if status is not Status.IN_PROGRESS:
            instances.finish_many(tx, [ended(claim, status, completed=at + 1)], sessionid)
        ids.append(claim.job_instanceid)
    return ids


def test_pruning_takes_the_oldest_that_ended(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        ids = a_history(tx, jobid, sessionid, [Status.IN_PROGRESS, *[Status.COMPLETE] * 4])
        error = JobErrorRecord(Severity.INFO, "E", "e", NOON, job_instanceid=ids[1])
        job_errors.add_many(tx, [error])
        assert pruned(tx, NOON + 4 * SECOND, 2) == 2
        assert pruned(tx, NOON + 4 * SECOND, 2) == 1
        assert pruned(tx, NOON + 4 * SECOND, 2) == 0
        left = [each.job_instanceid for each in instances.query(tx, ascending=True)]
        assert left == [ids[0], ids[4]]
        assert job_errors.of_instance(tx, ids[1]) == []


def test_pruning_one_job_leaves_the_others(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        first, second = some_jobs(tx, 2)
        a_history(tx, first, sessionid, [Status.COMPLETE])
        kept = a_history(tx, second, sessionid, [Status.COMPLETE])
        assert pruned(tx, NOON + SECOND, 10, first) == 1
        assert [each.job_instanceid for each in instances.query(tx)] == kept


def test_what_is_pruned_is_not_accounted_for_any_more(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx, single_instance=True)
        cursors.start_many(tx, [NewCursor(jobid, "", NOON - SECOND)])
        for number in range(4):
            at = NOON + number * SECOND
            claim = a_running(tx, jobid, sessionid, due_at=at, started=at)
            instances.finish_many(tx, [ended(claim)], sessionid)
            jobs.record_executions(tx, [(jobid, at, claim.job_instanceid)])
        cursors.advance_many(tx, [Advance(jobid, "", NOON + 9 * SECOND)])
        old = Stretch(jobid, Verdict.SKIPPED, NOON - 5, NOON - 5, 1, Reason.HELD)
        new = Stretch(jobid, Verdict.SKIPPED, NOON + 9 * SECOND, NOON + 9 * SECOND, 1, Reason.HELD)
        verdicts.add_many(tx, [old, new], NOON)
        old_ones = Portion(None, NOON + 2 * SECOND)
        assert Sweep(old_ones).go(tx, 10)[0] == Deleted(instances=2, verdicts=1)
        assert cursors.of_job(tx, jobid) == {"": Cursor(NOON + SECOND, NOON + 9 * SECOND)}
        assert pruning.pruned_until(tx) == {jobid: NOON + SECOND}
        assert verdicts.between(tx, 0, NOON + 99 * SECOND) == [new]


def test_what_stays_is_passed_once_and_what_is_behind_it_goes(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        kept, usual = a_job(tx, "kept", retention=0.0), a_job(tx, "usual")
        a_history(tx, kept, sessionid, [Status.COMPLETE] * 45)
        a_history(tx, usual, sessionid, [Status.COMPLETE] * 2, NOON + 50 * SECOND)
        sweep = Sweep(Portion(None, NOON + 60 * SECOND))
        steps = []
        while not sweep.is_done:
            steps.append(sweep.go(tx, 1))
        nothing, one = Deleted(), Deleted(instances=1, verdicts=0)
        more = pruning.A_QUERY + 1
        assert steps == [(nothing, more)] * 2 + [(one, more)] * 2 + [(nothing, more - 1)]
        assert {each.jobid for each in instances.query(tx)} == {kept}


def test_the_last_execution_of_a_job_is_never_pruned(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        claim = a_running(tx, jobid, sessionid)
        instances.finish_many(tx, [ended(claim, Status.ERROR)], sessionid)
        jobs.record_executions(tx, [(jobid, NOON, claim.job_instanceid)])
        assert Sweep(Portion(None, NOON + SECOND)).go(tx, 10)[0] == Deleted()


def test_one_rule_says_what_is_kept_for_how_long(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        usual, short, ever = (a_job(tx, f"job-{days}", retention=days) for days in (None, 1.0, 0.0))
        for jobid in (usual, short, ever):
            a_history(tx, jobid, sessionid, [Status.COMPLETE] * 2)
        for days, left in ((2, [2, 0, 2]), (4, [0, 0, 2])):
            work = pruning.plan(tx, NOON + days * DAY + DAY // 2, 3.0)
            while not work.is_done:
                work.batch(tx, 2)
            counts = [len(instances.query(tx, job=jobid)) for jobid in (usual, short, ever)]
            assert counts == left
        everything = pruning.plan(tx, NOON + DAY, 3.0, days=0.0)
        assert everything.batch(tx, 100).instances == 2
        assert instances.query(tx) == []


def test_what_a_clock_set_back_let_begin_goes_once_a_later_one_is_old(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        ids = []
        for at in (NOON + 5, NOON + 2, NOON + 9):  # the second one began before the first
            claim = a_running(tx, jobid, sessionid, due_at=None, started=at)
            instances.finish_many(tx, [ended(claim)], sessionid)
            ids.append(claim.job_instanceid)
        assert pruned(tx, NOON + 2, 10, jobid) == 0
        assert pruned(tx, NOON + 6, 10, jobid) == 1  # the first one
        assert [each.job_instanceid for each in instances.query(tx, ascending=True)] == ids[1:]
        assert pruned(tx, NOON + 10, 10, jobid) == 2


def test_many_jobs_with_a_retention_of_their_own_take_few_statements_at_once(
    sqlite_store: Database,
) -> None:
    with sqlite_store.begin() as tx:
        for number in range(200):
            a_job(tx, f"job-{number}", retention=2.0)
        work = pruning.plan(tx, NOON, 30.0)
        asked: list[str] = []
        file = sqlite_of(tx.connection())
        file.set_trace_callback(asked.append)
        work.batch(tx, 500)
        file.set_trace_callback(None)
        assert len(asked) < 80
        while not work.is_done:
            work.batch(tx, 500)
