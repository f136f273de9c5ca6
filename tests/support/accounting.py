"""An account of every due instant that shares nothing with the engine's ledger but the planner.

For each cursor the instants that its job's revisions name are compared, one by one, with the
instances and stretches that the store holds for them.
"""

from collections import Counter
from itertools import chain

from engine.control.system import System
from engine.domain.schedule.dues import dues
from engine.domain.schedule.zones import HORIZON
from engine.domain.verdict import Verdict
from engine.persistence import accounts, cursors, revisions, verdicts
from engine.persistence.database import Database


def ledger_problems(system: System) -> list[str]:
    """Return what the ledger itself finds unexplained, doubled or never due, over all of time."""
    report = system.ledger.report(since=0)
    return [f"{name}: {problem}" for name, problem in report.problems] or (
        [] if report.is_clean else [str(report.total)]
    )


def unaccounted(database: Database) -> list[str]:
    """Return a line for every due instant with no verdict, or with two, or that was never due."""
    problems = []
    with database.read() as tx:
        for (jobid, owner), cursor in cursors.every(tx).items():
            history = revisions.of_job(tx, jobid)
            wanted = Counter(dues(history, cursor.began_at, cursor.accounted_until))
            ran = (
                due
                for _, key, due, _ in accounts.answered(tx, 0, HORIZON, jobid)
                if key == owner and due > cursor.began_at
            )
            stretches = [
                each
                for each in verdicts.between(tx, 0, HORIZON, jobid)
                if each.engine_key == owner and each.last_due > cursor.began_at
            ]
            told = (dues(history, each.first_due - 1, each.last_due) for each in stretches)
            found = Counter(chain(ran, *told))
            problems += [f"job {jobid}: {at} has no verdict" for at in wanted - found]
            problems += [f"job {jobid}: {at} has one too many" for at in found - wanted]
            for each in stretches:
                count = sum(1 for _ in dues(history, each.first_due - 1, each.last_due))
                if count != each.count:
                    problems.append(f"job {jobid}: {each} counts {each.count} of {count}")
                if each.verdict is Verdict.COALESCED and each.job_instanceid is None:
                    problems.append(f"job {jobid}: {each} is coalesced into nothing")
    return problems
