"""Record how runs ended: one transaction, and only where the fence still stands.

Status, completion, errors, `last_executed`, the release of the owner and the deletion of state data
go together. A result that comes too late (the instance was rescued meanwhile) is refused by the
store, counted, and audited. What ended because its supervisor or its lease was lost is a CRASH.
"""

from collections.abc import Sequence

from msgspec import Struct, field

from engine.clock import Instant, to_iso
from engine.domain.instance import Ending, JobErrorRecord, Severity, Status
from engine.domain.run import Exited
from engine.persistence import audit, instances, job_errors, jobs
from engine.persistence.instances import Finish
from engine.persistence.transaction import Transaction
from engine.scheduling.alerting import Alerting
from engine.scheduling.context import Context, Effects, Run
from engine.scheduling.reporting import tell_finished


class Finished(Struct):
    """What a transaction recorded; memory follows once it is durable."""

    runs: list[Run] = field(default_factory=list)
    executed: list[Run] = field(default_factory=list)  # those that were no CRASH
    refused: int = 0


_CRASHES = frozenset({Ending.LOST, Ending.NEVER_BEGUN, Ending.LEASE_LOST})


def status_of(exited: Exited, *, failed: bool) -> tuple[Status, Ending]:
    """Return the status of an end: COMPLETE only for a run that returned and recorded no error."""
    if exited.ending in _CRASHES:
        return Status.CRASH, exited.ending
    if exited.ending is not Ending.RETURNED:
        return Status.ERROR, exited.ending
    if failed or exited.errors_above_warning:
        return Status.ERROR, Ending.JOB_ERROR
    return Status.COMPLETE, Ending.RETURNED


def finish_of(exited: Exited, run: Run) -> Finish:
    """Return the row of an end. A clock that went back meanwhile gives no negative duration."""
    status, ending = status_of(exited, failed=run.failed)
    return Finish(
        job_instanceid=exited.job_instanceid,
        jobid=run.job.jobid,
        jobstatus=status,
        completed=max(exited.ended_at, run.started),
        ending=ending,
        exit_code=exited.exit_code,
        exit_signal=exited.exit_signal,
        detail=_detail(exited),
        pid=exited.pid or run.pid,
        log_file=exited.log_file or run.log_file,
        log_start=run.log_start if exited.log_start is None else exited.log_start,
        log_end=exited.log_end,
        cpu_seconds=exited.cpu_seconds,
        max_rss=exited.max_rss,
    )


def error_of(exited: Exited) -> JobErrorRecord | None:
    """Return the MAJOR error that an exception or a failed start is recorded as."""
    if exited.error is None:
        return None
    return JobErrorRecord(
        severity=Severity.MAJOR,
        error=exited.error.name,
        description=exited.error.description,
        created=exited.ended_at,
        info=exited.error.traceback,
        job_instanceid=exited.job_instanceid,
    )


class Finishes:
    """Records the ends that the executor reports."""

    def __init__(self, context: Context, alerting: Alerting) -> None:
        self._context = context
        self._alerting = alerting

    def record(
        self, tx: Transaction, exits: Sequence[Exited], effects: Effects, now: Instant
    ) -> Finished:
        """Record `exits`; every one of them may be acknowledged afterwards."""
        context = self._context
        finished = Finished()
        known: dict[int, tuple[Run, Exited]] = {}
        for exited in exits:
            effects.acknowledge.append(exited.job_instanceid)
            run = context.running.get(exited.job_instanceid)
            if run is not None:  # else it was told before
                known[exited.job_instanceid] = (run, exited)
        rows = [finish_of(exited, run) for run, exited in known.values()]
        refused = instances.finish_many(tx, rows, context.session.sessionid)
        ended = [row for row in rows if row.job_instanceid not in refused]
        finished.executed = [
            known[row.job_instanceid][0] for row in ended if row.jobstatus is not Status.CRASH
        ]
        self._record_details(tx, ended, known, finished.executed)
        good = {known[row.job_instanceid][0].job.name for row in ended if row.is_good}
        self._alerting.look(tx, good)
        for row in ended:
            run = known[row.job_instanceid][0]
            entry = context.agenda.entries.get(run.job.jobid)
            job = run.job if entry is None else entry.job
            self._alerting.of_finish(tx, job, row, effects, now)
            following = None
            if entry is not None and entry.cursor is not None:
                following = entry.next_due(max(entry.cursor, now))
            tell_finished(context, effects, run, row, following)
        for number in sorted(refused):
            self._refuse(tx, known[number], effects, now)
        finished.runs = [run for run, _ in known.values()]
        finished.refused = len(refused)
        return finished

    def settle(self, finished: Finished, now: Instant) -> None:
        """Let memory follow: the runs are over, and their jobs are planned anew."""
        context = self._context
        context.refused += finished.refused
        for run in finished.executed:
            if (entry := context.agenda.entries.get(run.job.jobid)) is not None:
                this = (run.started, run.job_instanceid)
                entry.last_executed = max(entry.last_executed or this, this)
        for run in finished.runs:
            context.running.pop(run.job_instanceid, None)
            entry = context.agenda.entries.get(run.job.jobid)
            if entry is not None:
                ended = run.job_instanceid
                entry.running = tuple(each for each in entry.running if each != ended)
                entry.busy_until = now
                context.agenda.plan(entry, now)
                if not entry.running and context.is_held_up(entry):
                    context.inbox.held_up.append(entry)

    def _record_details(
        self,
        tx: Transaction,
        ended: Sequence[Finish],
        known: dict[int, tuple[Run, Exited]],
        executed: Sequence[Run],
    ) -> None:
        runs = [known[row.job_instanceid] for row in ended]
        errors = [error for _, exited in runs if (error := error_of(exited)) is not None]
        job_errors.add_many(tx, errors)
        jobs.record_executions(
            tx, [(run.job.jobid, run.started, run.job_instanceid) for run in executed]
        )
        owned = {run.job.jobid for run, _ in runs if run.owns}
        if owned:
            jobs.disown(tx, owned - self._still_owned(known), self._context.session.sessionid)

    def _still_owned(self, ended: dict[int, tuple[Run, Exited]]) -> set[int]:
        """Return the single_instance jobs that another run of this engine stands for."""
        return {
            run.job.jobid
            for number, run in self._context.running.items()
            if run.owns and number not in ended
        }

    def _refuse(
        self, tx: Transaction, late: tuple[Run, Exited], effects: Effects, now: Instant
    ) -> None:
        run, exited = late
        text = (
            f"late result of instance {run.job_instanceid} refused by its fence: it ended "
            f"{exited.ending} at {to_iso(exited.ended_at)}, after its session had been rescued"
        )
        audit.add(
            tx,
            event="LATE-RESULT-REFUSED",
            object_type="instance",
            object_name=str(run.job_instanceid),
            who=f"engine {self._context.key}",
            source=self._context.session.host,
            created=now,
            reason=text,
        )
        effects.engine_lines.append(f"job {run.job.name}: {text}")


def _detail(exited: Exited) -> str:
    if exited.detail:
        return exited.detail
    if exited.error is not None:
        return f"{exited.error.name}: {exited.error.description}".splitlines()[0][:500]
    return ""
