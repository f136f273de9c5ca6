"""A job as the system API shows it: what is stored, what is next, and why it does not run."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from engine.clock import SECOND, Instant, to_iso
from engine.domain.eligibility import Obstacle
from engine.domain.instance import Instance, Status
from engine.domain.job import Execution, Job
from engine.domain.schedule import CronSchedule, RecurringSchedule, Schedule


def iso(instant: Instant | None) -> str | None:
    """Return `instant` as every `--json` prints it, None as it is."""
    return None if instant is None else to_iso(instant)


class JobView(Struct, frozen=True):
    """A job in a listing."""

    job: Job
    next: Instant | None  # None: nothing is due (switched off, expired, never scheduled yet)
    obstacles: tuple[Obstacle, ...] = ()
    running: tuple[int, ...] = ()  # instances in progress, oldest first
    running_since: Instant | None = None
    last: Instance | None = None  # that has ended, a CRASH too; None: none is kept
    disabled_groups: tuple[str, ...] = ()  # those of its groups that are disabled
    trigger: Instant | None = None  # `next` is that of a trigger
    next_by_schedule: Instant | None = None  # after it, then

    @property
    def next_due(self) -> Instant | None:
        """The next instant that the schedule names; None where there is none, or it is held."""
        return self.next if self.trigger is None else self.next_by_schedule

    @property
    def name(self) -> str:
        """The job's name."""
        return self.job.name

    @property
    def last_status(self) -> Status | None:
        """How the last run ended; None: it never ran, or that run is not kept."""
        last = self._last_kept
        return None if last is None else last.jobstatus

    @property
    def last_seconds(self) -> float | None:
        """How long the last run took; None where that is not known."""
        last = self._last_kept
        if last is None or last.completed is None:
            return None
        return (last.completed - last.started) / SECOND

    @property
    def last_started(self) -> Instant | None:
        """When the last run that ended began, a CRASH too; None: it never ran."""
        last = self._last_kept
        return self.job.last_executed if last is None else last.started

    @property
    def last_instanceid(self) -> int | None:
        """The instance of the last run that ended, which may not be kept; None: it never ran."""
        last = self._last_kept
        return self.job.last_executed_job_instanceid if last is None else last.job_instanceid

    @property
    def _last_kept(self) -> Instance | None:
        """`last`, unless a later run was executed and pruned."""
        executed = self.job.last_executed_job_instanceid or 0
        return None if self.last is None or self.last.job_instanceid < executed else self.last

    @property
    def is_expired(self) -> bool:
        """Whether its expiry date has passed."""
        return any(obstacle.code == "JOB-EXPIRED" for obstacle in self.obstacles)

    @property
    def is_stopped(self) -> bool:
        """Whether nobody can plan by its schedule, as after its time zone was withdrawn."""
        return any(obstacle.code == "STOPPED-JOB" for obstacle in self.obstacles)

    @property
    def run_refusal(self) -> str:
        """Why run-now would be refused; "": it would not."""
        return next((each.message for each in self.obstacles if each.blocks_run_now), "")

    @property
    def schedule_refusal(self) -> str:
        """Why its schedule does not run it; "": it does."""
        return next((each.message for each in self.obstacles if each.blocks_schedule), "")

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        job = self.job
        return {
            "jobid": job.jobid,
            "name": job.name,
            "version": job.version,
            "description": job.description,
            "author": job.author,
            "sessionid": job.sessionid,
            "active": job.active,
            "enabled": job.enabled,
            "run_skipped": job.run_skipped,
            "single_instance": job.single_instance,
            **schedule_json(job.schedule),
            "expiry_date": iso(job.expiry_date),
            "expired": self.is_expired,
            "retired": iso(job.retired_at),
            "next": iso(self.next),
            "trigger": iso(job.trigger_at),
            "last_executed": iso(job.last_executed),
            "last_executed_job_instanceid": job.last_executed_job_instanceid,
            "last_started": iso(self.last_started),
            "last_instanceid": self.last_instanceid,
            "last_status": None if self.last_status is None else str(self.last_status),
            "last_seconds": self.last_seconds,
            "running": list(self.running),
            "groups": list(job.groups),
            "tags": dict(job.tags),
            "options": dict(job.options),
            "lang": job.lang,
            "isolation": job.isolation,
            "timeout": job.timeout,
            "retention": job.retention,
            "source": job.source,
            "source_line": job.source_line,
            "overridden": sorted(job.overridden),
            "obstacles": [
                {
                    "code": each.code,
                    "message": each.message,
                    "blocks_schedule": each.blocks_schedule,
                    "blocks_run_now": each.blocks_run_now,
                }
                for each in self.obstacles
            ],
        }


class JobDetail(Struct, frozen=True):
    """One job with its code and what its recent instances came to."""

    view: JobView
    execution: Execution
    schedule_text: str  # in words
    counts: Mapping[Status, int] = field(default_factory=dict)  # instances of the last 24 hours
    has_state: bool = False  # state data are stored

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        execution = self.execution
        return {
            **self.view.as_json(),
            "schedule_text": self.schedule_text,
            "code": execution.code,
            "code_path": execution.code_path,
            "library": [each.name for each in execution.library],
            "interpreter": execution.interpreter,
            "cwd": execution.cwd,
            "user": execution.user,
            "env": dict(execution.env),
            "limits": {
                "memory": execution.limits.memory,
                "cpu": execution.limits.cpu,
                "files": execution.limits.files,
                "processes": execution.limits.processes,
            },
            "state_data": self.has_state,
            "counts_24h": counts_json(self.counts),
        }


def schedule_text(schedule: Schedule) -> str:
    """Return a schedule in one cell: `*/5 * * * *`, or `every 600s`."""
    if isinstance(schedule, RecurringSchedule):
        return f"every {schedule.seconds}s"
    return schedule.expression


def schedule_json(schedule: Schedule) -> dict[str, Any]:
    """Return a schedule under the seed's names: the five fields or `recurring`, never both."""
    cron = schedule if isinstance(schedule, CronSchedule) else None
    return {
        "schedule": cron.expression if cron else None,
        "minute": cron.minute if cron else None,
        "hour": cron.hour if cron else None,
        "day": cron.day if cron else None,
        "month": cron.month if cron else None,
        "wday": cron.wday if cron else None,
        "recurring": None if isinstance(schedule, CronSchedule) else schedule.seconds,
        "timezone": schedule.timezone,
        "dst_gap": cron.dst_gap if cron else None,
        "dst_overlap": cron.dst_overlap if cron else None,
    }


def counts_json(counts: Mapping[Status, int]) -> dict[str, int]:
    """Return counts per status, every status named, and their total."""
    plain = {str(status): counts.get(status, 0) for status in Status}
    plain["TOTAL"] = sum(plain.values())
    return plain
