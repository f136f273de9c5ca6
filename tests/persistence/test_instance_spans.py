"""Which instances ran in a stretch of time, wherever they began."""

from functools import partial

from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant
from engine.domain.instance import Cause, Status
from engine.persistence import instance_spans, instances
from engine.persistence.database import Database, Transaction
from tests.support.stores import NOON, a_running, a_session, ended, some_jobs


def a_run(
    tx: Transaction, jobid: int, sessionid: int, started: Instant, took: Instant | None
) -> int:
    """Store a run; `took` None: it goes on."""
    claim = a_running(tx, jobid, sessionid, started=started, due_at=None, cause=Cause.MANUAL)
    if took is not None:
        instances.finish_many(tx, [ended(claim, completed=started + took)], sessionid)
    return claim.job_instanceid


def found(
    tx: Transaction, since: Instant, until: Instant, jobs: list[int] | None = None
) -> list[int]:
    spans = instance_spans.between(tx, since, until, limit=10, jobids=jobs).found
    return [each.job_instanceid for each in spans]


def test_what_began_before_a_stretch_and_reaches_into_it_is_of_it(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobs = a_session(tx), some_jobs(tx, 4)
        for_days = a_run(tx, jobs[0], sessionid, NOON - 3 * DAY, None)
        reaches_in = a_run(tx, jobs[1], sessionid, NOON - DAY, DAY + MINUTE)
        covers_it = a_run(tx, jobs[2], sessionid, NOON - HOUR, 3 * HOUR)
        over = a_run(tx, jobs[3], sessionid, NOON - MINUTE, MINUTE)
        begins = a_run(tx, jobs[3], sessionid, NOON, SECOND)
        later = a_run(tx, jobs[3], sessionid, NOON + HOUR, SECOND)
        assert found(tx, NOON, NOON + HOUR) == [begins, covers_it, reaches_in, for_days]
        assert found(tx, NOON, NOON + HOUR, [jobs[1], jobs[3]]) == [begins, reaches_in]
        assert found(tx, NOON - MINUTE, NOON, [jobs[3]]) == [over]
        assert found(tx, NOON + 4 * HOUR, NOON + DAY) == [for_days]
        assert later not in found(tx, NOON + HOUR + SECOND, NOON + DAY)


def test_spans_tell_how_a_run_ended(store: Database) -> None:
    with store.begin() as tx:
        sessionid, (jobid,) = a_session(tx), some_jobs(tx, 1)
        a_run(tx, jobid, sessionid, NOON, MINUTE)
        (span,) = instance_spans.between(tx, NOON, NOON + 1, limit=1).found
        assert (span.jobid, span.jobstatus, span.cause) == (jobid, Status.COMPLETE, Cause.MANUAL)
        assert (span.started, span.completed) == (NOON, NOON + MINUTE)


def test_of_too_many_the_last_ones_are_told_and_since_when_they_are_all(store: Database) -> None:
    with store.begin() as tx:
        sessionid, jobs = a_session(tx), some_jobs(tx, 2)
        long = a_run(tx, jobs[0], sessionid, NOON - HOUR, 2 * HOUR)
        several = [a_run(tx, jobs[1], sessionid, NOON + n * SECOND, 1) for n in range(5)]
        some = instance_spans.between(tx, NOON, NOON + HOUR, limit=3)
        assert [each.job_instanceid for each in some.found] == [*several[:1:-1], long]
        assert NOON + SECOND < some.since <= NOON + 2 * SECOND
        whole = instance_spans.between(tx, NOON, NOON + HOUR, limit=5)
        assert (len(whole.found), whole.since) == (6, NOON)


def test_the_last_run_of_a_job_is_found_however_many_of_others_came_after_it(
    store: Database,
) -> None:
    with store.begin() as tx:
        sessionid, jobs = a_session(tx), some_jobs(tx, 2)
        long = a_run(tx, jobs[0], sessionid, NOON - HOUR, 2 * HOUR)
        beside = a_run(tx, jobs[0], sessionid, NOON - HOUR + 1, 2 * HOUR)
        for number in range(5):
            a_run(tx, jobs[1], sessionid, NOON - MINUTE + number, 1)
        asked = partial(instance_spans.between, tx, NOON, NOON + HOUR, limit=10)
        assert [each.job_instanceid for each in asked(look_back=3).found] == [beside]
        assert [each.job_instanceid for each in asked(look_back=7).found] == [beside, long]
