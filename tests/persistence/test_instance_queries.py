import pytest

from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant
from engine.domain.instance import Cause, JobErrorRecord, Severity, Status
from engine.persistence import instances, job_errors
from engine.persistence.database import Database, Transaction
from engine.persistence.instance_queries import running_at
from tests.support.stores import NOON, a_job, a_running, a_session, ended, some_jobs


def a_history(tx: Transaction, jobid: int, sessionid: int, statuses: list[Status]) -> list[int]:
    """Store one ended instance per status, a second apart, and return their ids."""
    ids = []
    for number, status in enumerate(statuses):
        at = NOON + number * SECOND
        claim = a_running(tx, jobid, sessionid, started=at, due_at=at)
        if status is not Status.IN_PROGRESS:
            instances.finish_many(tx, [ended(claim, status, completed=at + 1)], sessionid)
        ids.append(claim.job_instanceid)
    return ids


ALL_FOUR = [Status.COMPLETE, Status.ERROR, Status.CRASH, Status.IN_PROGRESS]


def test_instances_are_listed_newest_first(store: Database) -> None:
    with store.begin() as tx:
        ids = a_history(tx, a_job(tx), a_session(tx), ALL_FOUR)
        assert [each.job_instanceid for each in instances.query(tx)] == ids[::-1]
        assert [each.job_instanceid for each in instances.query(tx, ascending=True)] == ids


def test_a_list_goes_on_where_it_ended(store: Database) -> None:
    with store.begin() as tx:
        ids = a_history(tx, a_job(tx), a_session(tx), ALL_FOUR)
        first = instances.query(tx, limit=2)
        rest = instances.query(tx, limit=9, before_id=first[-1].job_instanceid)
        assert [each.job_instanceid for each in [*first, *rest]] == ids[::-1]
        later = instances.query(tx, before_id=ids[1], ascending=True)
        assert [each.job_instanceid for each in later] == ids[2:]


def test_instances_are_found_by_job_status_and_time(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        first, second = some_jobs(tx, 2)
        ids = a_history(tx, first, sessionid, ALL_FOUR)
        others = a_history(tx, second, sessionid, [Status.ERROR])

        def found(**conditions: object) -> list[int]:
            rows = instances.query(tx, ascending=True, **conditions)  # type: ignore[arg-type]
            return [each.job_instanceid for each in rows]

        assert found(job=first) == ids
        assert found(statuses=(Status.ERROR,)) == [ids[1], *others]
        assert found(statuses=(Status.ERROR, Status.CRASH), job=first) == ids[1:3]
        assert found(since=NOON + SECOND, until=NOON + 3 * SECOND) == ids[1:3]
        assert found(job=second, since=NOON + 1) == []


def test_text_is_found_wherever_it_stands_and_in_any_case(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        names = ["needle-job", "b", "c", "d", "e", "f"]
        claims = [a_running(tx, a_job(tx, name), sessionid) for name in names[:5]]
        who = a_running(tx, a_job(tx, names[5]), sessionid, who="Needle")
        numbers = [claim.job_instanceid for claim in claims]
        instances.save_info(tx, numbers[1], "found: a NEEDLE here\n", sessionid)
        failed = ended(claims[2], Status.ERROR, detail="no needle")
        instances.finish_many(tx, [failed], sessionid)
        error = JobErrorRecord(
            Severity.MAJOR, "E", "lost the needle", NOON, job_instanceid=numbers[3]
        )
        job_errors.add_many(tx, [error])
        hits = instances.query(tx, text="needle", ascending=True)
        assert [each.job_instanceid for each in hits] == [*numbers[:4], who.job_instanceid]


def a_failure(tx: Transaction, detail: str) -> int:
    """Store one instance that failed, and return its id."""
    claim = a_running(tx, a_job(tx), sessionid := a_session(tx))
    instances.finish_many(tx, [ended(claim, Status.ERROR, detail=detail)], sessionid)
    return claim.job_instanceid


@pytest.mark.parametrize("text", ["Übertragung", "ragung fehler", "Maß"])
def test_text_with_letters_beyond_ascii_is_found_as_it_stands(store: Database, text: str) -> None:
    with store.begin() as tx:
        number = a_failure(tx, "Übertragung Fehler: 'Maß'")
        assert [each.job_instanceid for each in instances.query(tx, text=text)] == [number]


@pytest.mark.parametrize("text", ["übertragung", "ÜBERTRAGUNG", "MASS"])
def test_text_with_letters_beyond_ascii_is_found_in_any_case(
    sqlite_store: Database, text: str
) -> None:
    """PostgreSQL finds it as the locale of its database has it."""
    with sqlite_store.begin() as tx:
        number = a_failure(tx, "Übertragung Fehler: 'Maß'")
        assert [each.job_instanceid for each in instances.query(tx, text=text)] == [number]


def test_text_is_taken_literally(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        claim = a_running(tx, a_job(tx), sessionid)
        instances.save_info(tx, claim.job_instanceid, "100% of a_b\n", sessionid)
        assert len(instances.query(tx, text="100%")) == 1
        assert len(instances.query(tx, text="a_b")) == 1
        assert instances.query(tx, text="a%b") == []
        assert instances.query(tx, text="aXb") == []


def test_counts_by_status_and_by_job(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        first, second, _ = some_jobs(tx, 3)
        a_history(tx, first, sessionid, [*ALL_FOUR, Status.COMPLETE])
        a_history(tx, second, sessionid, [Status.ERROR])
        assert instances.counts_by_status(tx) == {
            Status.COMPLETE: 2,
            Status.ERROR: 2,
            Status.CRASH: 1,
            Status.IN_PROGRESS: 1,
        }
        assert instances.counts_by_status(tx, NOON + 4 * SECOND) == {Status.COMPLETE: 1}
        assert instances.counts_by_status(tx, jobid=second) == {Status.ERROR: 1}
        assert instances.counts_by_job(tx, NOON + SECOND) == {
            first: {
                Status.COMPLETE: 1,
                Status.ERROR: 1,
                Status.CRASH: 1,
                Status.IN_PROGRESS: 1,
            }
        }


def test_the_last_instance_of_a_job(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        first, second = some_jobs(tx, 2)
        ids = a_history(tx, first, sessionid, ALL_FOUR)
        last = instances.last_of_job(tx, first)
        assert last is not None
        assert last.job_instanceid == ids[-1]
        assert instances.last_of_job(tx, second) is None


@pytest.mark.parametrize(
    ("then", "told"),
    [
        (None, True),
        ((Cause.MANUAL, None, Status.CRASH), True),
        ((Cause.TRIGGER, None, Status.CRASH), True),
        ((Cause.MANUAL, None, Status.ERROR), False),
        ((Cause.SCHEDULE, NOON + MINUTE, Status.COMPLETE), False),
    ],
)
def test_a_crash_of_a_due_instant_is_the_last_as_long_as_nothing_was_executed_after_it(
    store: Database, then: tuple[Cause, Instant | None, Status] | None, told: bool
) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        (job,) = some_jobs(tx, 1)
        crashed = a_running(tx, job, sessionid)
        instances.finish_many(tx, [ended(crashed, Status.CRASH)], sessionid)
        if then is not None:
            cause, due_at, status = then
            later = a_running(tx, job, sessionid, cause=cause, due_at=due_at)
            instances.finish_many(tx, [ended(later, status)], sessionid)
        found = [each.job_instanceid for each in instances.crashed_last(tx, [""])]
        assert found == ([crashed.job_instanceid] if told else [])
        assert instances.has_crashed_last(tx, job, "") is told


def test_those_that_answer_for_due_instants(store: Database) -> None:
    with store.begin() as tx:
        sessionid = a_session(tx)
        first, second = some_jobs(tx, 2)
        due = a_running(tx, second, sessionid, due_at=NOON, started=NOON + 5)
        early = a_running(tx, first, sessionid, due_at=NOON - 1, started=NOON + 5)
        a_running(tx, first, sessionid, due_at=None)
        found = instances.with_due_instants(tx, NOON - 2, NOON)
        assert [each.job_instanceid for each in found] == [
            early.job_instanceid,
            due.job_instanceid,
        ]
        assert instances.with_due_instants(tx, NOON - 1, NOON, first) == []


def test_those_that_ran_at_an_instant_however_long(store: Database) -> None:
    lengths = (0, 1, MINUTE, 89 * MINUTE, 90 * MINUTE, 91 * MINUTE, 2 * HOUR, 121 * MINUTE, 3 * DAY)
    with store.begin() as tx:
        sessionid, jobid = a_session(tx), a_job(tx)
        for started in (NOON - 2 * HOUR, NOON - HOUR, NOON, NOON + 1):
            a_running(tx, jobid, sessionid, due_at=None, started=started)
            for length in lengths:
                claim = a_running(tx, jobid, sessionid, due_at=None, started=started)
                end = ended(claim, completed=started + length)
                instances.finish_many(tx, [end], sessionid)
        every = instances.query(tx)
        for at in (NOON - DAY, NOON - 1, NOON, NOON + HOUR, NOON + 90 * MINUTE, NOON + 2 * DAY):
            ran = [
                each
                for each in every
                if each.started <= at and (each.completed is None or each.completed > at)
            ]
            assert running_at(tx, at, 99) == ran
            assert running_at(tx, at, 3) == ran[:3]
