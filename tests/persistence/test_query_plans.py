"""What is asked often must not read a whole table that grows with history."""

from collections.abc import Callable

import pytest

from engine.clock import DAY, SECOND
from engine.domain.instance import Status
from engine.persistence import (
    alerts,
    audit,
    changes,
    holds,
    instance_queries,
    instance_spans,
    instances,
    job_errors,
    jobs,
    removals,
    requests,
    revisions,
    sessions,
    state_data,
    verdicts,
)
from engine.persistence.database import Database, Transaction
from engine.persistence.pruning import Portion, Sweep
from engine.persistence.transaction import sqlite_of
from tests.support.stores import NOON, a_running, a_session, ended, some_jobs

# Tables that grow with time and not with the number of jobs.
GROWING = (
    "job_instance",
    "job_errors",
    "verdicts",
    "job_holds",
    "schedule_revisions",
    "job_state_history",
    "requests",
    "audit_events",
    "alerts",
    "removals",
)

ASKED: dict[str, Callable[[Transaction], object]] = {
    "changed instances": lambda tx: changes.instances_since(tx, 10**6),
    "changed jobs": lambda tx: changes.jobs_since(tx, 10**6),
    "removals": lambda tx: removals.since(tx, 10**6),
    "open instances": instances.all_open,
    "open instances of a session": lambda tx: instances.open_of_session(tx, 1),
    "the last of a job": lambda tx: instances.last_of_job(tx, 1),
    "the last ends of jobs": lambda tx: instance_queries.last_ended(tx, [1, 2]),
    "jobs that crashed last": lambda tx: instances.crashed_last(tx, ["", "main"]),
    "whether a job crashed last": lambda tx: instances.has_crashed_last(tx, 1, "main"),
    "instances of a job": lambda tx: instances.query(tx, job=1),
    "failed instances": lambda tx: instances.query(tx, statuses=(Status.ERROR, Status.CRASH)),
    "instances of today": lambda tx: instances.query(tx, since=NOON, until=NOON + DAY),
    "what ran today": lambda tx: instance_spans.between(tx, NOON + 1, NOON + DAY, limit=9),
    "what ran today of a job": lambda tx: instance_spans.between(
        tx, NOON + 1, NOON + DAY, limit=9, jobids=[1]
    ),
    "the last runs of jobs": lambda tx: instance_spans.last_of_jobs(tx, [1, 2], 32),
    "counts of today": lambda tx: instances.counts_by_status(tx, NOON),
    "counts of today by job": lambda tx: instances.counts_by_job(tx, NOON),
    "instances due today": lambda tx: instances.with_due_instants(tx, NOON, NOON + DAY),
    "what is old": lambda tx: Sweep(Portion(None, NOON - DAY)).go(tx, 10),
    "what is old of a job": lambda tx: Sweep(Portion(1, NOON - DAY)).go(tx, 10),
    "what ran at a moment": lambda tx: instance_queries.running_at(tx, NOON, 10),
    "errors of an instance": lambda tx: job_errors.of_instance(tx, 1),
    "verdicts of today": lambda tx: verdicts.between(tx, NOON, NOON + DAY),
    "verdicts of a job": lambda tx: verdicts.between(tx, NOON, NOON + DAY, 1),
    "open holds": holds.open_holds,
    "schedules in force": revisions.current,
    "revisions of a job": lambda tx: revisions.of_job(tx, 1),
    "state data's history": lambda tx: state_data.history(tx, 1),
    "requests": lambda tx: requests.pending(tx, "main"),
    "alerts": alerts.current,
    "alerts of some jobs": lambda tx: alerts.up(tx, "job", ["job-0", "job-1"]),
    "audit of a job": lambda tx: audit.query(tx, object_type="job", object_name="job-0"),
    "living sessions": sessions.active,
    "a job": lambda tx: jobs.get(tx, "job-0"),
}


@pytest.mark.parametrize("question", ASKED)
def test_what_is_asked_often_is_served_by_an_index(sqlite_store: Database, question: str) -> None:
    with sqlite_store.begin() as tx:
        sessionid = a_session(tx)
        for jobid in some_jobs(tx, 5):
            claim = a_running(tx, jobid, sessionid)
            instances.finish_many(tx, [ended(claim, completed=NOON + SECOND)], sessionid)
        jobs.get(tx, "job-0")
    asked: list[str] = []
    with sqlite_store.begin() as tx:
        file = sqlite_of(tx.connection())
        file.set_trace_callback(asked.append)
        ASKED[question](tx)
        file.set_trace_callback(None)
        plans = [
            str(row[3])
            for statement in asked
            for row in file.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]
    assert plans
    wrong = [plan for plan in plans if plan in {f"SCAN {table}" for table in GROWING}]
    assert not wrong, plans
