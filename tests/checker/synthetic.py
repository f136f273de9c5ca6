"""A history without a fault, with everything in it that the checker looks at.

Two lives of one engine: the first is killed, the second closes what it left and catches up. One job
is held for a while, one keeps state data, some are single-instance, one misses its downtime.
"""

import random

from tests.checker.rows import (
    Cursor,
    History,
    Hold,
    Instance,
    Job,
    Revision,
    Save,
    Session,
    Stretch,
)
from tests.checker.witness import Witness

SECOND = 1_000_000
MINUTE = 60 * SECOND
START = 1_772_366_400 * SECOND  # 2026-03-01T12:00:00Z
SINGLE, PLAIN, HELD, STATE, MISSES = range(1, 6)  # ids of jobs; every further one is plain


class Builder:
    """Builds the history step by step, in the order of time."""

    def __init__(self, jobs: int, minutes: int, seed: int) -> None:
        self._chance = random.Random(seed)
        self._killed = START + minutes * MINUTE // 2 + 20 * SECOND
        self._again = self._killed + 10 * MINUTE
        self._end = self._again + minutes * MINUTE // 2 + 7 * SECOND
        self._held = (START + 3 * MINUTE + 1, START + 9 * MINUTE + 30 * SECOND)
        self.witness = Witness()
        self.history = History(
            jobs=[Job(n, f"job-{n}", n == SINGLE, None) for n in range(1, jobs + 1)],
            holds=[Hold(HELD, "", "job disabled", *self._held)],
            sessions=[
                Session(1, "main", "RECOVERED", START, self._again + SECOND, self._killed),
                Session(2, "main", "ACTIVE", self._again, None, self._end),
            ],
        )
        self._rows: list[tuple[int, Instance]] = []  # started, without an id

    def build(self) -> tuple[History, Witness]:
        for job in self.history.jobs:
            self._schedule(job)
        self._number()
        return self.history, self.witness

    def _schedule(self, job: Job) -> None:
        owner = "" if job.single_instance else "main"
        fields = ("*", "*", "*", "*", "*")
        recurring = None if job.jobid == PLAIN else 60
        zone = "Europe/Prague" if job.jobid == PLAIN else "UTC"
        # Nothing is due close to the moments at which something is caught up: 20 and 30 s past.
        shift = self._chance.randrange(-15, 15) * SECOND if recurring else 0
        began = START - MINUTE + shift
        self.history.revisions.append(
            Revision(job.jobid, began, None, None, recurring, fields, zone, "after", "first")
        )
        self.history.cursors.append(Cursor(job.jobid, owner, began, self._end))
        first = began + MINUTE if recurring else START
        for due in range(first, self._end + 1, MINUTE):
            if not began < due:
                continue
            if job.jobid == HELD and self._held[0] <= due <= self._held[1]:
                self._pass(job, owner, due, self._held[1], "skipped", "job disabled")
            elif self._killed < due <= self._again:
                missed = job.jobid == MISSES
                verdict = "missed" if missed else "coalesced"
                self._pass(job, owner, due, self._again, verdict, "no engine was up")
            else:
                self._run(job, owner, due, due)

    def _pass(self, job: Job, owner: str, due: int, ends: int, verdict: str, reason: str) -> None:
        """Book an instant that did not run; the last one before `ends` runs late."""
        if due + MINUTE > ends and verdict != "missed":
            self._run(job, owner, due, ends + SECOND, late=True)
            return
        stretches = self.history.stretches
        before = stretches[-1] if stretches else None
        if before is not None and (before.jobid, before.verdict) == (job.jobid, verdict):
            stretches[-1] = before._replace(last=due, number=before.number + 1)
        else:
            why = None if verdict == "coalesced" else reason
            stretches.append(Stretch(job.jobid, owner, verdict, why, due, due, 1, None))

    def _run(self, job: Job, owner: str, due: int, started: int, *, late: bool = False) -> None:
        started += self._chance.randrange(1, 300_000)
        session = 1 if started <= self._killed else 2
        took = self._chance.randrange(1, 9 * SECOND)
        crashed = session == 1 and started + took > self._killed
        completed = self._again + SECOND // 2 if crashed else started + took
        instance = Instance(
            0,
            job.jobid,
            owner,
            session,
            "CRASH" if crashed else "COMPLETE",
            "skipped" if late else "schedule",
            started,
            completed,
            due,
            late,
            0,
            "lost" if crashed else "returned",
        )
        self._rows.append((started, instance))

    def _number(self) -> None:
        """Give ids in the order of starting, and let the jobs tell what they saw."""
        self._rows.sort(key=lambda row: (row[0], row[1].jobid))
        state = 0
        for number, (_, row) in enumerate(self._rows, 1):
            one = row._replace(job_instanceid=number, fence=number)
            self.history.instances.append(one)
            self._tell(one)
            if one.jobid == STATE:
                state = self._keep(one, state)
        last = {one.jobid: one for one in self.history.instances if one.late}
        self.history.stretches = [
            one._replace(job_instanceid=last[one.jobid].job_instanceid)
            if one.verdict == "coalesced"
            else one
            for one in self.history.stretches
        ]

    def _tell(self, one: Instance) -> None:
        assert one.completed is not None
        number, witness = one.job_instanceid, self.witness
        witness.begun[number] += 1
        witness.began_at[number] = one.started / SECOND
        if one.status == "COMPLETE":
            witness.ended.add(number)
            witness.ended_at[number] = one.completed / SECOND

    def _keep(self, one: Instance, state: int) -> int:
        """Every third run fails and keeps its state data."""
        number = one.job_instanceid
        self.witness.found[number] = state
        self.witness.saved[number] = state + 1
        saved = Save(STATE, number, one.started + 1, f'{{"n":{state + 1}}}')
        self.history.saves.append(saved)
        fails = one.status == "CRASH" or number % 3 == 0
        if fails and one.status != "CRASH":
            self.history.instances[-1] = one._replace(status="ERROR", ending="exception")
        self.history.states = [saved] if fails else []
        return state + 1 if fails else 0


def history(jobs: int = 8, minutes: int = 60, seed: int = 1) -> tuple[History, Witness]:
    """Return a fresh history without a fault, with its witness."""
    return Builder(jobs, minutes, seed).build()
