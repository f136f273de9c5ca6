"""May this job run now, and if not, why? The one function that answers it.

The scheduler, the API, the command line and the console all ask `why_not_runnable`; nobody
re-implements it. A scheduled run asks for the obstacles that block the schedule, run-now for those
that block it on demand.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from engine.clock import Instant, to_text
from engine.domain.group import Group
from engine.domain.job import Job
from engine.domain.verdict import Hold, Reason
from engine.errors import EngineError, GroupDisabledError, JobDisabledError, JobError, TocsinError

RUNNING = "running"
PAUSED = "paused"
DRAINING = "draining"
STOPPING = "stopping"


class Obstacle(Struct, frozen=True):
    """One reason why a job may not run."""

    code: str  # JOB-RETIRED, -INACTIVE, -EXPIRED, -DISABLED, -RUNNING, -HELD, GROUP-DISABLED ...
    message: str  # one line for people
    reason: Reason | None  # of the verdict that a due instant gets meanwhile; None: it gets none
    blocks_schedule: bool
    blocks_run_now: bool

    def error(self) -> TocsinError:
        """Return the refusal that a run-now gets, under Qorus's code where it has one."""
        return _ERRORS.get(self.code, JobError)(self.message)


_ERRORS: dict[str, type[TocsinError]] = {
    "JOB-DISABLED": JobDisabledError,
    "GROUP-DISABLED": GroupDisabledError,
    "ENGINE-ERROR": EngineError,
}


class RunningInstance(Struct, frozen=True):
    """An instance that has not ended: of this engine, or of the owner of a single_instance job."""

    job_instanceid: int
    started: Instant
    sessionid: int
    engine_key: str = ""
    host: str = ""


class Facts(Struct, frozen=True):
    """What the answer depends on beside the job itself."""

    now: Instant
    groups: Sequence[Group] = ()  # those that the job is a member of
    holds: Sequence[Hold] = field(default_factory=tuple)  # open ones: they know who threw a switch
    engine_mode: str = RUNNING
    running: Sequence[RunningInstance] = ()  # in this engine
    held_by: RunningInstance | None = None  # the session that owns a single_instance job


def why_not_runnable(job: Job, facts: Facts) -> list[Obstacle]:
    """Return every obstacle, the most lasting first; an empty list means that the job may run."""
    return [*_of_the_job(job, facts), *_of_the_groups(facts), *_of_the_moment(job, facts)]


def stopped(why: str) -> Obstacle:
    """Return the obstacle of a job whose schedule nobody can plan by; run-now stays possible."""
    return Obstacle("STOPPED-JOB", why, reason=None, blocks_schedule=True, blocks_run_now=False)


def blocking_schedule(obstacles: Iterable[Obstacle]) -> Obstacle | None:
    """Return the first obstacle that keeps a scheduled run from starting."""
    return next((obstacle for obstacle in obstacles if obstacle.blocks_schedule), None)


def blocking_run_now(obstacles: Iterable[Obstacle], *, force: bool = False) -> Obstacle | None:
    """Return the first obstacle that refuses run-now. `force` starts a second, concurrent run."""
    return next(
        (
            obstacle
            for obstacle in obstacles
            if obstacle.blocks_run_now and not (force and obstacle.code in _FORCED)
        ),
        None,
    )


# What `--force` overrides: that the job is running, here or under another session. Never a switch.
_FORCED = frozenset({"JOB-RUNNING", "JOB-HELD"})


def _of_the_job(job: Job, facts: Facts) -> list[Obstacle]:
    found = []
    if job.retired_at is not None:
        found.append(
            Obstacle(
                "JOB-RETIRED",
                f"job '{job.name}' was retired at {to_text(job.retired_at)}: its definition is "
                "gone. Load the definition again to bring it back.",
                reason=None,
                blocks_schedule=True,
                blocks_run_now=True,
            )
        )
    if not job.active:
        found.append(
            Obstacle(
                "JOB-INACTIVE",
                f"job '{job.name}' is not active; `tocsin job activate {job.name}` schedules it.",
                reason=None,
                blocks_schedule=True,
                blocks_run_now=False,
            )
        )
    if job.expiry_date is not None and job.expiry_date <= facts.now:
        found.append(
            Obstacle(
                "JOB-EXPIRED",
                f"job '{job.name}' expired at {to_text(job.expiry_date)}; "
                f"`tocsin job expire {job.name} never` schedules it again.",
                reason=None,
                blocks_schedule=True,
                blocks_run_now=False,
            )
        )
    if not job.enabled:
        hold = next((hold for hold in facts.holds if hold.reason is Reason.JOB_DISABLED), None)
        found.append(
            Obstacle(
                "JOB-DISABLED",
                f"job '{job.name}' is disabled{_by(hold)}; "
                f"`tocsin job enable {job.name}` lets it run again.",
                reason=Reason.JOB_DISABLED,
                blocks_schedule=True,
                blocks_run_now=True,
            )
        )
    return found


def _of_the_groups(facts: Facts) -> list[Obstacle]:
    found = []
    for group in facts.groups:
        if group.enabled:
            continue
        who = f" by {group.disabled_by}" if group.disabled_by else ""
        when = f" at {to_text(group.disabled_at)}" if group.disabled_at is not None else ""
        found.append(
            Obstacle(
                "GROUP-DISABLED",
                f"group '{group.name}' is disabled{who}{when}; "
                f"`tocsin group enable {group.name}` lets its jobs run again.",
                reason=Reason.GROUP_DISABLED,
                blocks_schedule=True,
                blocks_run_now=True,
            )
        )
    return found


def _of_the_moment(job: Job, facts: Facts) -> list[Obstacle]:
    found = []
    if facts.engine_mode != RUNNING:
        found.append(
            Obstacle(
                "ENGINE-ERROR",
                f"the engine is {facts.engine_mode} and starts nothing new.",
                reason=Reason.PAUSED if facts.engine_mode == PAUSED else Reason.DRAINING,
                blocks_schedule=True,
                blocks_run_now=True,
            )
        )
    found.extend(
        Obstacle(
            "JOB-RUNNING",
            f"job '{job.name}' is running as instance {instance.job_instanceid} since "
            f"{to_text(instance.started)}; --force starts a second run beside it.",
            reason=None,  # its due instants wait, and coalesce into one catch-up when it ends
            blocks_schedule=True,
            blocks_run_now=True,
        )
        for instance in facts.running
    )
    if job.single_instance and facts.held_by is not None:
        holder = facts.held_by
        found.append(
            Obstacle(
                "JOB-HELD",
                f"job '{job.name}' is single-instance and held by {describe_holder(holder)}; "
                "--force starts a second run beside it.",
                reason=Reason.HELD,
                blocks_schedule=True,
                blocks_run_now=True,
            )
        )
    return found


def describe_holder(holder: RunningInstance) -> str:
    """Return "instance 812 of session 7 (engine `b` on host b) since ..."."""
    engine = f"engine '{holder.engine_key}'" if holder.engine_key else "an engine"
    host = f" on host {holder.host}" if holder.host else ""
    return (
        f"instance {holder.job_instanceid} of session {holder.sessionid} ({engine}{host}) "
        f"since {to_text(holder.started)}"
    )


def _by(hold: Hold | None) -> str:
    if hold is None:
        return ""
    who = f" by {hold.who}" if hold.who else ""
    return f"{who} since {to_text(hold.since)}"
