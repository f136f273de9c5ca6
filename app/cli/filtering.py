"""`job list FILTER…`: the filter language of the console, over the views of the system API."""

from collections.abc import Iterable
from datetime import UTC, tzinfo

from app.store.model import JobRow
from app.store.query import parse
from engine.clock import Instant, to_datetime
from engine.control.job_view import JobView, schedule_text


def matching(views: Iterable[JobView], text: str, now: Instant) -> list[JobView]:
    """Return the jobs that `text` lets through; times of day are in the machine's zone.

    Raises:
        UsageError: a term is wrong; the message says which and what is accepted.
    """
    zone: tzinfo = to_datetime(now).astimezone().tzinfo or UTC
    matcher = parse(text, zone=zone).checked().matcher(now)
    return [view for view in views if matcher is None or matcher(job_row(view))]


def job_row(view: JobView) -> JobRow:
    """Return the row that the console would show for a job."""
    job = view.job
    return JobRow(
        jobid=job.jobid,
        name=job.name,
        schedule=schedule_text(job.schedule),
        description=job.description,
        version=job.version,
        groups=job.groups,
        tags=job.tags,
        timezone=job.schedule.timezone,
        active=job.active,
        enabled=job.enabled,
        group_off=view.disabled_groups[0] if view.disabled_groups else "",
        expiry_date=job.expiry_date,
        expired=view.is_expired,
        retired=job.retired_at is not None,
        single_instance=job.single_instance,
        run_skipped=job.run_skipped,
        overridden=job.overridden,
        next_at=view.next,
        trigger_at=job.trigger_at,
        last_at=job.last_executed,
        last_status=view.last_status,
        last_instanceid=job.last_executed_job_instanceid,
        last_seconds=view.last_seconds,
        running=view.running,
        running_since=view.running_since,
        sessionid=job.sessionid,
        run_refusal=view.run_refusal,
        schedule_refusal=view.schedule_refusal,
    )
