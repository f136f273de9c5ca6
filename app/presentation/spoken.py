"""Jobs, instances and sessions as sentences: for the plain console and everything read aloud."""

from collections.abc import Sequence
from datetime import tzinfo

from app.presentation.instants import age, ahead, duration, full_time, long_duration, when
from app.presentation.quantities import counted
from app.presentation.status import LOOKS
from app.presentation.verdicts import cause_text, ending_text
from app.sanitize import SafeText, safe_line
from app.store.conditions import Condition, is_overdue, last_condition, switch_condition
from app.store.model import GroupRow, InstanceRow, JobRow, SessionRow
from engine.clock import SECOND, Instant
from engine.domain.instance import Status


def job_sentence(job: JobRow, now: Instant) -> SafeText:
    """Return "invoice-sync-eu: complete 2m ago, next in 2m, group billing"."""
    parts = [_last(job, now), _next(job, now)]
    if job.group != "DEFAULT":
        parts.append(f"group {safe_line(job.group)}")
    if job.fails:
        parts.append(f"{job.fails} of the last {len(job.runs)} failed")
    return SafeText(f"{safe_line(job.name)}: {', '.join(parts)}")


def _last(job: JobRow, now: Instant) -> str:
    condition = last_condition(job)
    if condition is Condition.RUNNING:
        since = "" if job.running_since is None else f" for {age(job.running_since, now)}"
        several = f", {len(job.running)} instances" if len(job.running) > 1 else ""
        return f"running{since}{several}"
    if condition is Condition.NEVER:
        return "last run not kept" if "last" in job.not_kept else "never ran"
    return f"{LOOKS[condition].word} {age(job.last_at, now)} ago"


def _next(job: JobRow, now: Instant) -> str:
    switch = switch_condition(job)
    if switch is Condition.GROUP_DISABLED:
        return f"group {safe_line(job.group_off)} is disabled"
    if switch is not None:
        return LOOKS[switch].word
    if job.next_at is None:
        return "schedule not kept" if "schedule" in job.not_kept else "nothing due"
    if is_overdue(job, now):
        return f"overdue, {ahead(job.next_at, now)}"
    trigger = f", triggered {ahead(job.trigger_at, now)}" if job.trigger_at is not None else ""
    return f"next {ahead(job.next_at, now)}{trigger}"


def group_sentence(group: GroupRow) -> SafeText:
    """Return "billing: disabled by ops"."""
    by = f" by {safe_line(group.disabled_by)}" if group.disabled_by else ""
    switch = "enabled" if group.enabled else f"disabled{by}"
    return SafeText(f"{safe_line(group.name)}: {switch}")


def instance_sentence(row: InstanceRow, now: Instant, zone: tzinfo) -> SafeText:
    """Return "#881204 invoice-sync-eu: complete, schedule, started 12:28:01, took 3.2s"."""
    parts = [instance_standing(row, now), str(cause_text(row.cause, row.who))]
    if row.late:
        parts.append("late")
    parts.append(f"started {when(row.started, now, zone)}")
    trouble = row.error or row.detail
    text = f"#{row.job_instanceid} {safe_line(row.name)}: {', '.join(parts)}"
    return SafeText(f"{text}; {safe_line(trouble, 300)}" if trouble else text)


def instance_standing(row: InstanceRow, now: Instant) -> SafeText:
    """Return how an instance stands: "running for 41s, 30%", "error after 0.4s, timed out"."""
    if row.is_live:
        progress = "" if row.progress is None else f", {row.progress:.0%}"
        said = f" {safe_line(row.progress_text, 100)}" if row.progress_text else ""
        passed = max(0, now - row.started) / SECOND
        return SafeText(f"running for {long_duration(passed)}{progress}{said}")
    word = {
        Status.COMPLETE: "complete",
        Status.ERROR: "error",
        Status.CRASH: "crash",
        Status.IN_PROGRESS: "running",
    }[row.status]
    how = "" if row.status is Status.COMPLETE else f", {ending_text(row.ending)}".rstrip(", ")
    return SafeText(f"{word} after {duration(row.seconds)}{how}")


def engine_sentence(
    sessions: Sequence[SessionRow], hosted_pid: int | None, zone: tzinfo
) -> SafeText:
    """Return which engines are alive; `hosted_pid` is the process that hosts one here, if any."""
    if not sessions:
        return SafeText("No engine is alive on this store: nothing runs until one starts.")
    texts = []
    for session in sessions:
        here = ", hosted by this console" if session.pid == hosted_pid else ""
        mode = "" if session.mode == "running" else f", {safe_line(session.mode)}"
        texts.append(
            f"engine {safe_line(session.engine_key)} {safe_line(session.version)} on "
            f"{safe_line(session.host)}, pid {session.pid}, session {session.sessionid}, since "
            f"{full_time(session.started, zone)}{mode}{here}"
        )
    return SafeText(f"{counted(len(texts), 'engine')} alive: {'; '.join(texts)}.")
