"""Words and events of a run's beginning and end: the engine's log, the job's own log, the bus."""

from collections.abc import Sequence

from engine.clock import Instant, to_iso
from engine.domain.instance import Cause, Ending, Instance, Status
from engine.domain.verdict import Stretch, Verdict
from engine.events import Event, EventKind
from engine.persistence.instances import Finish
from engine.scheduling.context import Context, Effects, Run

_WHY = {
    Cause.SCHEDULE: "trigger time {due} has arrived, executing job",
    Cause.SKIPPED: "a scheduled run was missed, executing job at once",
    Cause.MANUAL: "run now by {who}, executing job",
    Cause.TRIGGER: "custom trigger has arrived, executing job",
}


def instance_of(context: Context, run: Run, finish: Finish | None = None) -> Instance:
    """Return a run as the record that its row holds now."""
    return Instance(
        job_instanceid=run.job_instanceid,
        jobid=run.job.jobid,
        jobstatus=Status.IN_PROGRESS if finish is None else finish.jobstatus,
        cause=run.cause,
        started=run.started,
        sessionid=context.session.sessionid,
        completed=None if finish is None else finish.completed,
        due_at=run.due_at,
        late=run.late,
        stands_for=run.stands_for,
        who=run.who,
        ending=None if finish is None else finish.ending,
        exit_code=None if finish is None else finish.exit_code,
        exit_signal=None if finish is None else finish.exit_signal,
        detail="" if finish is None else finish.detail,
        pid=run.pid,
        host=context.session.host,
        log_file=run.log_file,
        log_start=run.log_start,
        log_end=None if finish is None else finish.log_end,
        cpu_seconds=None if finish is None else finish.cpu_seconds,
        max_rss=None if finish is None else finish.max_rss,
    )


def tell_claimed(
    context: Context, effects: Effects, run: Run, stretches: Sequence[Stretch] = ()
) -> None:
    """Tell that a run was claimed."""
    due = run.due_at if run.due_at is not None else run.stands_for
    why = _WHY[run.cause].format(due="" if due is None else to_iso(due), who=run.who or "somebody")
    coalesced = sum(each.count for each in stretches if each.verdict is Verdict.COALESCED)
    also = f", for {coalesced} earlier due instants too" if coalesced else ""
    effects.engine_lines.append(f"job {run.job.name}: JI {run.job_instanceid}: {why}{also}")
    if context.bus.is_wanted:
        record = instance_of(context, run)
        effects.events.append(Event(EventKind.INSTANCE_STARTED, run.started, record, run.job.name))


def tell_finished(
    context: Context, effects: Effects, run: Run, finish: Finish, following: Instant | None
) -> None:
    """Tell that a run has ended."""
    seconds = (finish.completed - run.started) / 1_000_000
    how = "" if finish.ending is Ending.RETURNED else f" ({finish.ending}{_more(finish)})"
    after = "" if following is None else f", next trigger {to_iso(following)}"
    text = (
        f"job completed with status '{finish.jobstatus}'{how}, elapsed time {seconds:.3f} s{after}"
    )
    effects.engine_lines.append(f"job {run.job.name}: JI {run.job_instanceid}: {text}")
    if context.bus.is_wanted:
        record = instance_of(context, run, finish)
        effects.events.append(
            Event(EventKind.INSTANCE_ENDED, finish.completed, record, run.job.name)
        )


def tell_recovered(context: Context, effects: Effects, run: Run, finish: Finish) -> None:
    """Tell how a run of a dead session was closed."""
    effects.engine_lines.append(
        f"job {run.job.name}: JI {run.job_instanceid}: recovered as '{finish.jobstatus}' "
        f"({finish.ending}{_more(finish)})"
    )
    record = instance_of(context, run, finish)
    effects.events.append(
        Event(EventKind.INSTANCE_RECOVERED, finish.completed, record, run.job.name)
    )


def _more(finish: Finish) -> str:
    if finish.detail:
        return f": {finish.detail}"
    if finish.exit_signal is not None:
        return f" {finish.exit_signal}"
    if finish.exit_code:
        return f" {finish.exit_code}"
    return ""
