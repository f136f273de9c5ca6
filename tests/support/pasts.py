"""Runs of the past for tests that look at them: recorded as an engine records them."""

from engine.clock import MINUTE, SECOND
from engine.domain.instance import Status
from engine.persistence import instances, jobs
from engine.persistence.database import Database
from tests.support.stores import NOON, a_running, a_session, ended


def has_run(database: Database, name: str, *runs: tuple[Status, float]) -> list[int]:
    """Give a job a past, a minute between its runs: status and seconds of each, oldest first.

    Returns their ids. A CRASH is never what a job executed last.
    """
    numbers = []
    with database.begin() as tx:
        sessionid = a_session(tx, name)
        jobid = jobs.get(tx, name).jobid
        for number, (status, seconds) in enumerate(runs):
            begin = NOON + number * MINUTE
            claim = a_running(tx, jobid, sessionid, due_at=begin, started=begin)
            end = ended(claim, status, completed=begin + round(seconds * SECOND))
            instances.finish_many(tx, [end], sessionid)
            if status is not Status.CRASH:
                jobs.record_executions(tx, [(jobid, begin, claim.job_instanceid)])
            numbers.append(claim.job_instanceid)
    return numbers
