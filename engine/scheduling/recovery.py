"""Close what dead sessions left open: truthfully, whole, and audited.

A run that goes on under its supervisor is adopted by this session, unless a peer closed it before:
then it is ended. One whose exit record is on disk
is recorded as what it was. The rest are CRASH: never begun where the supervisor lives and knows
nothing of them, lost where nothing tells. Owners are freed, state data are kept, and nothing is run
again for being a CRASH alone: run_skipped and the schedule bring the job back. Where the engine was
paused it is so no longer than it lived.
"""

from collections.abc import Sequence

from msgspec import Struct, field

from engine.clock import Instant
from engine.domain.instance import Ending, Instance, Status
from engine.domain.job import Job
from engine.domain.run import Adoption, Exited
from engine.domain.session import Session, SessionStatus
from engine.persistence import audit, holds, instances, job_errors, jobs, sessions
from engine.persistence.instances import Finish
from engine.persistence.transaction import Transaction
from engine.scheduling.alerting import Alerting
from engine.scheduling.context import Context, Effects, Run
from engine.scheduling.finishes import error_of, finish_of
from engine.scheduling.reporting import tell_recovered
from engine.scheduling.run_rows import runs_of

_NEVER_BEGUN = "its claim was on disk, and its engine died before it was handed over"
_LOST = "its engine died, and nothing tells how it ended"


class Found(Struct):
    """What is known of the runs of dead sessions."""

    running: set[int] = field(default_factory=set)
    pids: dict[int, tuple[int, int | None]] = field(default_factory=dict)  # pid, log start
    exits: dict[int, Exited] = field(default_factory=dict)
    certain: bool = False  # their supervisor lives: what it does not know never began

    def add(self, adoption: Adoption) -> None:
        """Take in what a supervisor, or its exit records, told."""
        self.running.update(each.job_instanceid for each in adoption.running)
        self.running.update(adoption.waiting)
        self.pids.update(
            {each.job_instanceid: (each.pid, each.log_start) for each in adoption.running}
        )
        self.exits.update({each.job_instanceid: each for each in adoption.exits})
        self.running.difference_update(self.exits)
        self.certain = self.certain or adoption.alive


class Recovery:
    """Rescues sessions that are dead for certain."""

    def __init__(self, context: Context, alerting: Alerting) -> None:
        self._context = context
        self._alerting = alerting

    def rescue(
        self, tx: Transaction, dead: Session, found: Found, effects: Effects, now: Instant
    ) -> list[Run]:
        """Close or adopt every open instance of `dead`; return the runs that were adopted."""
        sessions.mark(tx, dead.sessionid, SessionStatus.ABNORMAL, now)
        left = instances.open_of_session(tx, dead.sessionid)
        known = {job.jobid: job for job in jobs.get_many(tx, sorted({i.jobid for i in left}))}
        going = [each for each in left if each.job_instanceid in found.running]
        over = [each for each in left if each.job_instanceid not in found.running]
        adopted = self._adopt(tx, dead, going, found)
        not_ours = found.running.difference(run.job_instanceid for run in adopted)
        effects.cancel += [(number, 0.0, Ending.LEASE_LOST) for number in sorted(not_ours)]
        ended = self._close(tx, dead, over, found, now)
        for instance in left:
            self._audit(tx, dead, instance, known[instance.jobid], found, now)
        jobs.disown_all(tx, dead.sessionid)
        self._tell(tx, ended, effects, now)  # jobs before alerts, as the ends of a peer's runs are
        holds.close_of_engine(tx, dead.engine_key, dead.beat_at)  # from then on it was down
        sessions.recovered(tx, dead.sessionid, now)
        effects.acknowledge += sorted(found.exits)
        effects.engine_lines.append(
            f"session {dead.sessionid} of engine '{dead.engine_key}' (pid {dead.pid} on "
            f"{dead.host}) recovered: {len(adopted)} runs adopted, {len(over)} closed"
        )
        for run in adopted:
            effects.engine_lines.append(f"job {run.job.name}: JI {run.job_instanceid}: adopted")
        return adopted

    def _adopt(
        self,
        tx: Transaction,
        dead: Session,
        going: Sequence[Instance],
        found: Found,
    ) -> list[Run]:
        context = self._context
        numbers = [each.job_instanceid for each in going]
        granted = instances.adopt(tx, numbers, dead.sessionid, context.session.sessionid)
        runs = runs_of(tx, [each for each in going if each.job_instanceid in granted], context)
        for run in runs:
            run.is_handed_over = True
            if run.job_instanceid in found.pids:
                run.pid, run.log_start = found.pids[run.job_instanceid]
        return runs

    def _close(
        self,
        tx: Transaction,
        dead: Session,
        over: Sequence[Instance],
        found: Found,
        now: Instant,
    ) -> list[tuple[Run, Finish]]:
        runs = runs_of(tx, over, self._context)
        rows = []
        for run in runs:
            exited = found.exits.get(run.job_instanceid) or self._crash(run, found, now)
            rows.append(finish_of(exited, run))
        instances.finish_many(tx, rows, dead.sessionid)
        told = [each for row in rows if (each := found.exits.get(row.job_instanceid)) is not None]
        job_errors.add_many(tx, [err for each in told if (err := error_of(each)) is not None])
        started = {each.job_instanceid: each.started for each in over}
        executed = [
            (row.jobid, started[row.job_instanceid], row.job_instanceid)
            for row in rows
            if row.jobstatus is not Status.CRASH
        ]
        jobs.record_executions(tx, executed)
        return list(zip(runs, rows, strict=True))

    def _tell(
        self, tx: Transaction, ended: Sequence[tuple[Run, Finish]], effects: Effects, now: Instant
    ) -> None:
        self._alerting.look(tx, {run.job.name for run, row in ended if row.is_good})
        for run, row in ended:
            self._alerting.of_finish(tx, run.job, row, effects, now)
            tell_recovered(self._context, effects, run, row)

    def _crash(self, run: Run, found: Found, now: Instant) -> Exited:
        never = found.certain and run.pid is None
        return Exited(
            run.job_instanceid,
            Ending.NEVER_BEGUN if never else Ending.LOST,
            now,
            detail=_NEVER_BEGUN if never else _LOST,
            began=not never,
        )

    def _audit(
        self,
        tx: Transaction,
        dead: Session,
        instance: Instance,
        job: Job,
        found: Found,
        now: Instant,
    ) -> None:
        number = instance.job_instanceid
        if number in found.running:
            what = "adopted: it goes on under its supervisor"
        elif number in found.exits:
            what = f"closed as its exit record tells: {found.exits[number].ending}"
        else:
            what = "closed as CRASH"
        audit.add(
            tx,
            event="JOB-RECOVERY",
            object_type="instance",
            object_name=str(number),
            who=f"engine {self._context.key}",
            source=self._context.session.host,
            created=now,
            reason=f"job '{job.name}', session {dead.sessionid}: {what}",
            before={"jobstatus": Status.IN_PROGRESS.value, "sessionid": dead.sessionid},
        )
