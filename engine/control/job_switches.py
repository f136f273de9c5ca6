"""What operators change about a job: one function each, inside a transaction, saying what it did.

Switches that keep a job from running (disabled) are recorded as holds; what changes its due
instants (active, schedule, expiry, retired) ends the schedule revision in force and begins the
next. A job that no engine ever scheduled has no revision: the engine begins the first one, because
such a job has missed nothing. Each function refuses before it writes.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from engine.clock import Instant, to_iso, to_text
from engine.control.context import Change
from engine.control.job_view import schedule_json, schedule_text
from engine.control.set_back import SetBack
from engine.domain.job import Job
from engine.domain.schedule import CronSchedule, Schedule
from engine.domain.schedule.dues import next_due
from engine.domain.schedule.planner import planner_for, why_unplannable
from engine.domain.verdict import Hold, Reason
from engine.errors import JobError
from engine.persistence import alerts, groups, holds, instance_queries, instances, jobs, revisions
from engine.persistence.transaction import Transaction


def activate(change: Change, job: Job) -> str:
    """Let the schedule run the job again."""
    refuse_retired(job)
    if job.expiry_date is not None and job.expiry_date <= change.now:
        raise JobError(
            f"job '{job.name}' expired at {to_text(job.expiry_date)} and cannot be activated; "
            f"move or clear the date with `tocsin job expire {job.name} never` first."
        )
    if job.active:
        return "is active already"
    _end_trigger(change, job, "the job was not active")
    jobs.set_active(change.tx, job.jobid, True)
    _begin_revision(change, replace(job, active=True))
    change.record("JOB-ACTIVATED", "job", job.name, before=_flag(job), after={"active": True})
    return "activated"


def deactivate(change: Change, job: Job) -> str:
    """Take the job off its schedule, its trigger too; run-now stays possible."""
    if not job.active:
        return "is inactive already"
    jobs.set_active(change.tx, job.jobid, False)
    _end_trigger(change, job, "the job was deactivated")
    revisions.end_revision(change.tx, job.jobid, change.now)
    alerts.clear_of(change.tx, "job", job.name, change.now)  # no run by schedule will do it
    change.record("JOB-DEACTIVATED", "job", job.name, before=_flag(job), after={"active": False})
    return "deactivated"


def enable(change: Change, job: Job) -> str:
    """Throw the operator's switch on; a group that keeps the job off all the same is named."""
    if job.enabled:
        return f"is enabled already{_kept_off(change, job)}"
    jobs.set_enabled(change.tx, job.jobid, True)
    holds.close_holds(change.tx, job.jobid, Reason.JOB_DISABLED, change.now)
    change.record(
        "JOB-ENABLED", "job", job.name, before={"enabled": False}, after={"enabled": True}
    )
    return f"enabled{_kept_off(change, job)}"


def _kept_off(change: Change, job: Job) -> str:
    return "".join(
        f"; group '{each.name}' is disabled: `tocsin group enable {each.name}` lets its jobs run "
        "again"
        for each in groups.all_groups(change.tx)
        if each.name in job.groups and not each.enabled
    )


def disable(change: Change, job: Job) -> str:
    """Throw the operator's switch off: neither the schedule nor run-now starts it."""
    if not job.enabled:
        return "is disabled already"
    jobs.set_enabled(change.tx, job.jobid, False)
    holds.open_hold(
        change.tx, Hold(job.jobid, Reason.JOB_DISABLED, change.now, who=change.actor.who)
    )
    change.record(
        "JOB-DISABLED", "job", job.name, before={"enabled": True}, after={"enabled": False}
    )
    return "disabled"


def reset(change: Change, job: Job) -> str:
    """Have the engine take the job up anew: due instants that passed unaccounted are caught up."""
    refuse_retired(job)
    jobs.bump_reset(change.tx, job.jobid)
    change.record(
        "JOB-RESET",
        "job",
        job.name,
        before={"reset_seq": job.reset_seq},
        after={"reset_seq": job.reset_seq + 1},
    )
    return "reset"


def set_schedule(change: Change, job: Job, schedule: Schedule) -> str:
    """Give the job another schedule, which reloading its definition does not undo."""
    refuse_retired(job)
    jobs.set_schedule(change.tx, job.jobid, schedule)
    if schedule != job.schedule:
        _begin_revision(change, replace(job, schedule=schedule))
    change.record(
        "JOB-SCHEDULE-CHANGED",
        "job",
        job.name,
        before=schedule_json(job.schedule),
        after=schedule_json(schedule),
    )
    return f"is scheduled {schedule_text(schedule)} ({schedule.timezone})"


def set_expiry(change: Change, job: Job, expiry_date: Instant | None) -> str:
    """Move the expiry date, or clear it with None."""
    refuse_retired(job)
    jobs.set_expiry(change.tx, job.jobid, expiry_date)
    if expiry_date is not None and job.trigger_at is not None and expiry_date <= job.trigger_at:
        _end_trigger(change, job, "the job expires before it")
    if expiry_date != job.expiry_date:
        _begin_revision(change, replace(job, expiry_date=expiry_date))
    change.record(
        "JOB-EXPIRY-CHANGED",
        "job",
        job.name,
        before={"expiry_date": None if job.expiry_date is None else to_iso(job.expiry_date)},
        after={"expiry_date": None if expiry_date is None else to_iso(expiry_date)},
    )
    if expiry_date is None:
        return "never expires"
    verb = "expires" if expiry_date > change.now else "expired"
    return f"{verb} at {to_text(expiry_date)}"


def set_options(change: Change, job: Job, options: Mapping[str, Any]) -> str:
    """Set these options, the others stay; UNSET gives one back to the definition.

    Raises:
        JobError: an option to be given back is not set.
    """
    for name, value in options.items():
        if value is UNSET and name not in job.options:
            known = ", ".join(sorted(job.options)) or "none"
            raise JobError(f"job '{job.name}' has no option '{name}'. It has: {known}.")
    jobs.set_options(change.tx, job.jobid, options)
    after = dict(jobs.get(change.tx, job.name).options)
    change.record("JOB-OPTIONS-CHANGED", "job", job.name, before=dict(job.options), after=after)
    return f"has {len(after)} option{'' if len(after) == 1 else 's'}"


def set_trigger(change: Change, job: Job, at: Instant | None) -> str:
    """Let the job run once at `at`, earlier than its next due instant; None takes the trigger away.

    Raises:
        JobError: `at` is not between now and the next due instant, or not before the job expires,
            or the job is not scheduled.
    """
    refuse_retired(job)
    if at is None:
        if job.trigger_at is None:
            return "has no trigger"
    else:
        _check_trigger(change, job, at)
    _put_trigger(change, job, at)
    return "trigger taken away" if at is None else f"is triggered at {to_text(at)}"


def delete(change: Change, job: Job, gone: int = 0) -> str:
    """Delete the job with its history and state data; the audit keeps the fact.

    Of its instances `gone` went before.

    Raises:
        JobError: an instance of it is in progress.
    """
    refuse_running(change.tx, job)
    count = gone + sum(instance_queries.counts_by_status(change.tx, None, job.jobid).values())
    jobs.delete(change.tx, job.jobid)
    alerts.clear_of(change.tx, "job", job.name, change.now)  # no run will ever do it
    change.record(
        "JOB-DELETED",
        "job",
        job.name,
        before={"jobid": job.jobid, "version": job.version, "instances": count},
    )
    return f"deleted with {count} instance{'' if count == 1 else 's'}"


def refuse_running(tx: Transaction, job: Job) -> None:
    """Refuse to delete a job while an instance of it is in progress.

    Raises:
        JobError: one is.
    """
    running = [each for each in instances.all_open(tx) if each.jobid == job.jobid]
    if running:
        raise JobError(
            f"job '{job.name}' is running as instance {running[0].job_instanceid}; wait for its "
            f"end, or `tocsin instance cancel {running[0].job_instanceid}` first."
        )


def refuse_retired(job: Job) -> None:
    """Refuse to schedule a job whose definition is gone.

    Raises:
        JobError: it is retired.
    """
    if job.retired_at is not None:
        raise JobError(
            f"job '{job.name}' was retired at {to_text(job.retired_at)}: its definition is gone. "
            "Load the definition again to bring it back."
        )


def _end_trigger(change: Change, job: Job, why: str) -> None:
    """Take a trigger away that would start nothing, or only long after its time."""
    if job.trigger_at is not None:
        _put_trigger(change, job, None, why)


def _put_trigger(change: Change, job: Job, at: Instant | None, why: str = "") -> None:
    jobs.set_trigger(change.tx, job.jobid, at)
    change.record(
        "JOB-TRIGGER-CHANGED",
        "job",
        job.name,
        before={"trigger": None if job.trigger_at is None else to_iso(job.trigger_at)},
        after={"trigger": None if at is None else to_iso(at)},
        reason=why,
    )


def _check_trigger(change: Change, job: Job, at: Instant) -> None:
    if not job.active:
        raise JobError(
            f"job '{job.name}' is not active, so a trigger would start nothing; "
            f"`tocsin job run {job.name}` runs it now."
        )
    if why := why_unplannable(job.schedule):
        raise JobError(
            f"job '{job.name}' cannot be scheduled, so a trigger would start nothing: {why}"
        )
    if at <= change.now:
        raise JobError(
            f"a trigger of job '{job.name}' must be in the future; {to_text(at)} has passed."
        )
    if job.expiry_date is not None and job.expiry_date <= at:
        verb = "expires" if change.now < job.expiry_date else "expired"
        raise JobError(
            f"job '{job.name}' {verb} at {to_text(job.expiry_date)}, so a trigger at {to_text(at)} "
            f"would start nothing; `tocsin job expire {job.name} never` schedules it again."
        )
    revision = revisions.current(change.tx, [job.jobid]).get(job.jobid)
    if revision is None:  # no engine has scheduled it yet
        is_cron = isinstance(job.schedule, CronSchedule)
        due = planner_for(job.schedule).next_after(change.now) if is_cron else None
    else:
        done = SetBack.read(change.tx, change.now, [job]).until(job, revision)
        due = next_due([revision], max(change.now, done))
    if due is not None and at >= due:
        raise JobError(
            f"a trigger of job '{job.name}' must be earlier than its next due instant, "
            f"{to_text(due)}; {to_text(at)} is not."
        )


def _begin_revision(change: Change, job: Job) -> None:
    """End the revision in force and, where the job is scheduled, begin the next one now."""
    if not revisions.of_job(change.tx, job.jobid):
        return
    if job.active and job.retired_at is None:
        revisions.open_revision(change.tx, job.jobid, job.schedule, change.now, job.expiry_date)


def _flag(job: Job) -> dict[str, bool]:
    return {"active": job.active}
