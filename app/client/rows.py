"""From the views of the system API to the rows that console and filters work on."""

import sys
from functools import lru_cache
from typing import TYPE_CHECKING

from app.store.model import GroupRow, InstanceRow, JobRow, SessionRow
from engine.clock import Instant
from engine.control.job_view import JobView, schedule_text
from engine.domain.schedule import CronSchedule
from engine.domain.session import Session

if TYPE_CHECKING:  # a command that lists jobs does not pay for the other services
    from engine.control.groups import GroupView
    from engine.control.instances import InstanceView, SpanView

CRON_DEFAULTS = CronSchedule("*", "*", "*", "*", "*")


@lru_cache(maxsize=4096)
def _shared(groups: tuple[str, ...]) -> tuple[str, ...]:
    """Return the same tuple for all jobs that are in the same groups."""
    return groups


@lru_cache(maxsize=4096)
def _same(instant: Instant | None) -> Instant | None:
    """Return the same number for all jobs that are due at the same instant."""
    return instant


def job_row(view: JobView) -> JobRow:
    """Return the row of a job; strip and percentiles come from its instances."""
    job = view.job
    cron = job.schedule if isinstance(job.schedule, CronSchedule) else CRON_DEFAULTS
    return JobRow(
        jobid=job.jobid,
        name=job.name,
        schedule=sys.intern(schedule_text(job.schedule)),
        description=job.description,
        version=sys.intern(job.version),
        groups=_shared(job.groups),
        tags=job.tags,
        timezone=job.schedule.timezone,
        dst_gap=cron.dst_gap,
        dst_overlap=cron.dst_overlap,
        active=job.active,
        enabled=job.enabled,
        group_off=view.disabled_groups[0] if view.disabled_groups else "",
        expiry_date=job.expiry_date,
        expired=view.is_expired,
        retired=job.retired_at is not None,
        single_instance=job.single_instance,
        run_skipped=job.run_skipped,
        overridden=job.overridden,
        next_at=_same(view.next),
        trigger_at=job.trigger_at,
        last_at=view.last_started,
        last_status=view.last_status,
        last_instanceid=view.last_instanceid,
        last_seconds=view.last_seconds,
        running=view.running,
        running_since=view.running_since,
        sessionid=job.sessionid,
        run_refusal=view.run_refusal,
        schedule_refusal=view.schedule_refusal,
    )


def instance_row(view: "InstanceView", error: str = "") -> InstanceRow:
    """Return the row of an instance; `error` is the first line of its first error."""
    instance = view.instance
    return InstanceRow(
        job_instanceid=instance.job_instanceid,
        jobid=instance.jobid,
        name=view.name,
        status=instance.jobstatus,
        cause=instance.cause,
        started=instance.started,
        completed=instance.completed,
        due_at=instance.due_at,
        late=instance.late,
        stands_for=instance.stands_for,
        who=instance.who,
        sessionid=instance.sessionid,
        host=instance.host,
        pid=instance.pid,
        ending=instance.ending,
        detail=instance.detail,
        error=error,
        progress=instance.progress,
        progress_text=instance.progress_text,
        info=instance.info,
        options=instance.options,
    )


def span_row(view: "SpanView") -> InstanceRow:
    """Return as much of an instance's row as tells when it ran, and how it ended."""
    span = view.span
    return InstanceRow(
        span.job_instanceid,
        span.jobid,
        view.name,
        span.jobstatus,
        span.cause,
        span.started,
        span.completed,
    )


def group_row(view: "GroupView") -> GroupRow:
    """Return the row of a group."""
    group = view.group
    return GroupRow(
        group.name, group.description, group.enabled, group.disabled_by, group.disabled_at
    )


def session_row(
    session: Session, lost_at: Instant | None = None, *, is_alive: bool = True
) -> SessionRow:
    """Return the row of a session, lost since `lost_at`."""
    return SessionRow(
        sessionid=session.sessionid,
        engine_key=session.engine_key,
        host=session.host,
        pid=session.pid,
        version=session.version,
        status=str(session.status),
        started=session.started,
        ended=session.ended,
        beat_at=session.beat_at,
        lease_seconds=session.lease_seconds,
        mode=session.mode,
        lost_at=lost_at,
        is_alive=is_alive,
    )
