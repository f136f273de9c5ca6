"""A writer of whole turns that is killed at random points, and the check of what it left.

`python -m tests.support.crash_writer URL ROUNDS SEED` forks one writer a round, reads what it
acknowledges, kills it with SIGKILL at a random moment, and holds the store against what was
acknowledged. It prints one line of JSON with the figures, or fails with what was wrong.
"""

import contextlib
import json
import os
import random
import select
import signal
import struct
import sys
import traceback
from dataclasses import asdict, dataclass

from engine.clock import SECOND
from engine.domain.instance import Ending, Instance, JobErrorRecord, Severity, Status
from engine.domain.session import SessionStatus
from engine.persistence import (
    audit,
    cursors,
    instances,
    job_errors,
    jobs,
    maintenance,
    sessions,
    state_data,
)
from engine.persistence.cursors import Advance, NewCursor
from engine.persistence.database import Database, Transaction
from engine.persistence.instances import Finish
from tests.support.stores import NOON, a_session, claims_for, opened, some_jobs

JOBS = 5
_NUMBER = struct.Struct("!q")


@dataclass
class Figures:
    """What a run of kills showed."""

    kills: int = 0
    acknowledged: int = 0
    unacknowledged_but_kept: int = 0
    crashed_instances: int = 0


def turn(tx: Transaction, ids: list[int], sessionid: int, number: int) -> None:
    """Do one turn: claim every job, end what ran before, save, and note the turn."""
    due = NOON + number * SECOND
    before = instances.open_of_session(tx, sessionid)
    ends = [an_end(each, Status.ERROR, Ending.EXIT_CODE, number) for each in before]
    assert instances.finish_many(tx, ends, sessionid) == set()
    jobs.record_executions(tx, [(each.jobid, each.started, each.job_instanceid) for each in before])
    jobs.disown(tx, [each.jobid for each in before], sessionid)
    claims = claims_for(tx, ids, sessionid, due_at=due, started=due, single_instance=True)
    assert len(instances.claim_many(tx, claims)) == len(ids)
    cursors.advance_many(tx, [Advance(jobid, "", due) for jobid in ids])
    for claim in claims:
        content = {"at": number, "filler": "x" * (number * 37 % 5000)}
        state_data.save(tx, claim.jobid, content, claim.job_instanceid, due)
    error = JobErrorRecord(
        Severity.INFO, "TURN", str(number), due, job_instanceid=claims[0].job_instanceid
    )
    job_errors.add_many(tx, [error])
    note(tx, number)


def an_end(running: Instance, status: Status, ending: Ending, number: int) -> Finish:
    """Build the end of a running instance."""
    at = NOON + number * SECOND
    return Finish(running.job_instanceid, running.jobid, status, at, ending)


def note(tx: Transaction, number: int) -> None:
    """Record the turn in the audit, in the same transaction."""
    audit.add(
        tx,
        event="TURN",
        object_type="store",
        object_name=str(number),
        who="writer",
        source="test",
        created=NOON + number * SECOND,
        after=number,
    )


def last_turn(tx: Transaction) -> int:
    """Return the last turn that was kept."""
    found = audit.query(tx, event="TURN", limit=1)
    return int(found[0].after) if found else 0


def write(url: str, told: int) -> None:
    """Open the store, close what a dead writer left, and write turns until killed."""
    store = Database.open(url)
    with store.begin() as tx:
        recover(tx)
        ids = [job.jobid for job in jobs.all_jobs(tx)]
        sessionid = a_session(tx)
        number = last_turn(tx)
    while True:
        number += 1
        with store.begin() as tx:
            turn(tx, ids, sessionid, number)
        os.write(told, _NUMBER.pack(number))


def recover(tx: Transaction) -> int:
    """Close the instances of dead writers as CRASH and free their jobs; return how many."""
    closed = 0
    for session in sessions.active(tx):
        sessions.mark(tx, session.sessionid, SessionStatus.RECOVERED, NOON)
        left = instances.open_of_session(tx, session.sessionid)
        ends = [an_end(each, Status.CRASH, Ending.LOST, 0) for each in left]
        assert instances.finish_many(tx, ends, session.sessionid) == set()
        jobs.disown_all(tx, session.sessionid)
        closed += len(left)
    return closed


def kill_one(url: str, chance: random.Random) -> int:
    """Fork a writer, kill it at a random moment, and return the last turn it acknowledged."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        try:
            write(url, told)
        except BaseException:  # noqa: BLE001 - the child must never go on as its parent
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(told)
    # After some turns, and then at any moment of the next one; sometimes while it still opens.
    turns = chance.choice([0, 1, 2, 4, 8])
    heard_turns = [hear(heard) for _ in range(turns)]
    last = heard_turns[-1] if heard_turns else 0
    select.select([heard], [], [], chance.random() * (0.01 if turns else 0.1))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with contextlib.suppress(EOFError):
        while True:
            last = hear(heard)
    os.close(heard)
    return last


def hear(pipe: int) -> int:
    """Return the next turn that the writer acknowledges.

    Raises:
        EOFError: the writer is dead.
    """
    data = os.read(pipe, _NUMBER.size)
    if not data:
        raise EOFError
    return int(_NUMBER.unpack(data)[0])


def check(url: str, acknowledged: int, figures: Figures) -> int:
    """Hold the store against what was acknowledged; return the last turn it has."""
    with opened(url) as store, store.begin() as tx:
        figures.crashed_instances += recover(tx)
        found = maintenance.problems(tx)
        assert found == [], found
        kept = last_turn(tx)
        assert kept >= acknowledged, f"turn {acknowledged} was acknowledged, {kept} is kept"
        rows = instances.query(tx, limit=10**6)
        assert len(rows) == kept * JOBS, f"{len(rows)} instances of {kept} turns"
        assert len({(row.jobid, row.due_at) for row in rows}) == len(rows)
        for (jobid, _), cursor in cursors.every(tx).items():
            assert cursor.accounted_until == NOON + kept * SECOND
            state = state_data.get(tx, jobid)
            assert kept == 0 or (state is not None and state.data is not None)
            assert state is None or state.data is None or state.data["at"] == kept
    return kept


def main(url: str, rounds: int, seed: int) -> Figures:
    """Run the kills, one after the other on one store."""
    chance = random.Random(seed)
    figures = Figures()
    with opened(url) as store, store.begin() as tx:
        ids = some_jobs(tx, JOBS, single_instance=True)
        cursors.start_many(tx, [NewCursor(jobid, "", NOON) for jobid in ids])
    acknowledged = 0
    for _ in range(rounds):
        told = max(acknowledged, kill_one(url, chance))
        kept = check(url, told, figures)
        figures.kills += 1
        figures.unacknowledged_but_kept += kept - told
        acknowledged = kept
    figures.acknowledged = acknowledged
    return figures


if __name__ == "__main__":
    done = main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write(json.dumps(asdict(done)) + "\n")
