"""Turn a claim into what the executor needs: code, options, state data, facts about the job.

Code is read from the store when a job first runs, and kept until the job changes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.clock import Instant, to_iso
from engine.domain.job import Execution, Job
from engine.domain.run import RunSpec
from engine.persistence import jobs, state_data
from engine.persistence.transaction import Transaction
from engine.scheduling.context import Context, Run

_KEPT_BYTES = 64 * 1024 * 1024  # of code; beyond, the oldest is read again when it is needed


class Programs:
    """Reads and keeps the code of jobs."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept: dict[int, tuple[int, Execution]] = {}  # jobid → change_seq, code
        self._bytes = 0

    def specs(
        self, tx: Transaction, runs: Sequence[Run], options: Mapping[int, Mapping[str, Any]]
    ) -> list[RunSpec]:
        """Return what the executor needs for each of `runs`; `options` are those of single runs."""
        code = self._read(tx, [run.job for run in runs])
        kept = state_data.of_jobs(tx, [run.job.jobid for run in runs]) if runs else {}
        return [
            self._spec(run, *code[run.job.jobid], options, kept.get(run.job.jobid)) for run in runs
        ]

    def _spec(
        self,
        run: Run,
        seq: int,
        execution: Execution,
        options: Mapping[int, Mapping[str, Any]],
        state: Mapping[str, Any] | None,
    ) -> RunSpec:
        job = run.job
        chosen = options.get(run.job_instanceid, job.options)
        return RunSpec(
            job_instanceid=run.job_instanceid,
            jobid=job.jobid,
            name=job.name,
            execution=execution,
            started=run.started,
            fence=run.job_instanceid,
            revision=seq,
            cause=run.cause,
            due_at=run.due_at,
            options=chosen,
            job_info=self._info(run, chosen),
            state=state,
            log_path=run.log_file,
            grace=self._context.settings.grace_seconds,
            folder=job.source.rpartition("/")[0] or None,
        )

    def _info(self, run: Run, options: Mapping[str, Any]) -> dict[str, Any]:
        job = run.job
        entry = self._context.agenda.entries.get(job.jobid)
        after = run.started if run.due_at is None else max(run.started, run.due_at)
        following = entry.next_due(after) if entry is not None else None
        last = (job.last_executed, job.last_executed_job_instanceid)
        if entry is not None and entry.last_executed is not None:
            last = entry.last_executed
        return {
            "jobid": job.jobid,
            "job_instanceid": run.job_instanceid,
            "name": job.name,
            "version": job.version,
            "description": job.description,
            "author": job.author,
            "trigger": run.cause.value,
            "started": to_iso(run.started),
            "due_at": _iso(run.due_at),
            "last_executed": _iso(last[0]),
            "last_executed_job_instanceid": last[1],
            "next": _iso(following),
            "expiry_date": _iso(job.expiry_date),
            "run_skipped": job.run_skipped,
            "single_instance": job.single_instance,
            "active": job.active,
            "groups": list(job.groups),
            "tags": dict(job.tags),
            "options": dict(options),
        }

    def _read(self, tx: Transaction, wanted: Sequence[Job]) -> Mapping[int, tuple[int, Execution]]:
        """Return the code of jobs by jobid; what there is no room to keep is only returned."""
        missing = {
            job.jobid: job.change_seq
            for job in wanted
            if self._kept.get(job.jobid, (None,))[0] != job.change_seq
        }
        if missing:
            for jobid, execution in jobs.executions(tx, sorted(missing)).items():
                self._forget(jobid)
                self._kept[jobid] = (missing[jobid], execution)
                self._bytes += _size(execution)
        found = {job.jobid: self._kept[job.jobid] for job in wanted}
        while self._bytes > _KEPT_BYTES:
            self._forget(next(iter(self._kept)))
        return found

    def _forget(self, jobid: int) -> None:
        if (kept := self._kept.pop(jobid, None)) is not None:
            self._bytes -= _size(kept[1])


def _size(execution: Execution) -> int:
    return len(execution.code) + sum(len(item.code) for item in execution.library)


def _iso(instant: Instant | None) -> str | None:
    return None if instant is None else to_iso(instant)
