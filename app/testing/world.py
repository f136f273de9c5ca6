"""What a scripted engine has, and how the console shows it: jobs, groups, instances, health.

Refusals come from the engine's own `why_not_runnable`, so that the console is tested with the true
reasons.
"""

from app.client.rows import CRON_DEFAULTS
from app.client.views import AlertView, ErrorView, SavedState
from app.store.model import EngineHealth, GroupRow, InstanceRow, JobRow, SessionRow
from engine.clock import SECOND, Clock, Instant
from engine.control.job_view import schedule_text
from engine.domain.eligibility import (
    Facts,
    RunningInstance,
    blocking_run_now,
    blocking_schedule,
    why_not_runnable,
)
from engine.domain.group import DEFAULT_GROUP, Group
from engine.domain.job import Job
from engine.domain.schedule import CronSchedule
from engine.errors import EngineError, NotFoundError

SESSION = 41


class ScriptedWorld:
    """Everything in memory, and open to a test."""

    def __init__(self, clock: Clock, link: str) -> None:
        self.clock = clock
        self.jobs: dict[str, Job] = {}
        self.nexts: dict[str, Instant] = {}
        self.groups: dict[str, Group] = {DEFAULT_GROUP: Group(1, DEFAULT_GROUP)}
        self.instances: dict[int, InstanceRow] = {}
        self.errors: dict[int, list[ErrorView]] = {}
        self.states: dict[str, list[SavedState]] = {}
        self.logs: dict[str, bytes] = {}
        self.most_ran = 20_000  # instances of a stretch of time
        self.alerts: list[AlertView] = []
        self.pending = 0  # due instants that wait for their turn
        self.asked: list[str] = []  # every order that changed something, in order
        self.mode = "running"
        self.lost_at: Instant | None = None  # when the lease of its session ran out
        self.link = link
        self.unexplained = 0

    def job(self, name: str) -> Job:
        """Return a job or refuse."""
        if name not in self.jobs:
            raise NotFoundError("job", name, self.jobs, listing="tocsin job list")
        return self.jobs[name]

    def order(self, what: str) -> None:
        """Record an order; refuse it when no engine is there to take it."""
        if self.link == "none":
            raise EngineError("no engine is alive on this store; `tocsin engine` starts one.")
        self.asked.append(what)

    def obstacle(self, name: str, *, for_run: bool, force: bool = False) -> str:
        """Return the engine's own reason why the job may not run; "" when it may."""
        job = self.job(name)
        running = [
            RunningInstance(row.job_instanceid, row.started, SESSION)
            for row in self.instances.values()
            if row.is_live and row.name == name
        ]
        groups = [self.groups[each] for each in job.groups]
        facts = Facts(self.clock.now(), groups, engine_mode=self.mode, running=running)
        found = why_not_runnable(job, facts)
        first = blocking_run_now(found, force=force) if for_run else blocking_schedule(found)
        return first.message if first else ""

    def row(self, name: str) -> JobRow:
        """Return a job as the console shows it."""
        job = self.job(name)
        now = self.clock.now()
        group_off = next((each for each in job.groups if not self.groups[each].enabled), "")
        expired = job.expiry_date is not None and job.expiry_date <= now
        is_due = job.active and job.enabled and not group_off and not expired
        cron = job.schedule if isinstance(job.schedule, CronSchedule) else CRON_DEFAULTS
        return JobRow(
            job.jobid,
            name,
            schedule_text(job.schedule),
            description=job.description,
            version=job.version,
            groups=job.groups,
            tags=job.tags,
            timezone=job.schedule.timezone,
            dst_gap=cron.dst_gap,
            dst_overlap=cron.dst_overlap,
            active=job.active,
            enabled=job.enabled,
            group_off=group_off,
            expiry_date=job.expiry_date,
            expired=expired,
            single_instance=job.single_instance,
            run_skipped=job.run_skipped,
            overridden=job.overridden,
            next_at=self.nexts[name] if is_due else None,
            trigger_at=job.trigger_at,
            run_refusal=self.obstacle(name, for_run=True),
            schedule_refusal=self.obstacle(name, for_run=False),
        )

    def health(self, problem: str = "") -> EngineHealth:
        """Return what is known of the engine."""
        now = self.clock.now()
        is_there = self.link != "none"
        session = SessionRow(
            SESSION, "eu1", "eu1", 4000, "0.1.0", "ACTIVE", now - 3600 * SECOND, None, now, 10.0,
            self.mode, self.lost_at, is_alive=is_there,
        )  # fmt: skip
        return EngineHealth(
            link=self.link,  # type: ignore[arg-type] # a test may say anything
            seen_at=now,
            alive_at=now if is_there else now - 5 * SECOND,
            session=session if is_there else None,
            sessions=(session,),
            store="/var/lib/tocsin/tocsin.db",
            unexplained=self.unexplained,
            problem=problem,
        )


def group_row(group: Group) -> GroupRow:
    """Return a group as the console shows it."""
    return GroupRow(
        group.name, group.description, group.enabled, group.disabled_by, group.disabled_at
    )
