"""Sentences of `why`: instants in the job's own zone, instances, schedules."""

from zoneinfo import ZoneInfo

from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant, to_datetime
from engine.domain.instance import Cause, Instance, Status
from engine.domain.schedule import CronSchedule, Schedule
from engine.domain.schedule.describe import describe
from engine.domain.verdict import Hold, Reason

_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"))


def moment(instant: Instant, timezone: str) -> str:
    """Return `2026-03-29T03:00:00+02:00`: local time in `timezone`, to the second."""
    return to_datetime(instant).astimezone(ZoneInfo(timezone)).isoformat(timespec="seconds")


def exact_moment(instant: Instant, timezone: str) -> str:
    """Return the same with microseconds where it has any, for programs."""
    return to_datetime(instant).astimezone(ZoneInfo(timezone)).isoformat()


def duration(length: int) -> str:
    """Return microseconds as `2 h 3 min`, in the two largest units; below a minute `2.35 s`."""
    length = abs(length)
    if length < MINUTE:
        return f"{length / SECOND:.3f}".rstrip("0").rstrip(".") + " s"
    words: list[str] = []
    for size, unit in _UNITS:
        if length >= size and len(words) < 2:  # noqa: PLR2004 - two units say enough
            words.append(f"{length // size} {unit}")
            length %= size
        elif words:
            break
    return " ".join(words)


def schedule_words(schedule: Schedule) -> str:
    """Return `at 02:30 every day (30 2 * * *, Europe/Prague)`."""
    exact = schedule.expression if isinstance(schedule, CronSchedule) else f"{schedule.seconds} s"
    return f"{describe(schedule)} ({exact}, {schedule.timezone})"


def instance_words(instance: Instance, timezone: str) -> str:
    """Return how an instance came about and what became of it, as one sentence without a dot."""
    started = f"instance {instance.job_instanceid} started at {moment(instance.started, timezone)}"
    how = {
        Cause.MANUAL: f" (run now by {instance.who or 'somebody'})",
        Cause.TRIGGER: " (by a trigger)",
        Cause.SKIPPED: " (a catch-up)",
        Cause.SCHEDULE: "",
    }[instance.cause]
    if instance.jobstatus is Status.IN_PROGRESS:
        return f"{started}{how} and is still running"
    took = "" if instance.completed is None else duration(instance.completed - instance.started)
    detail = f": {instance.detail}" if instance.detail else ""
    return f"{started}{how} and was {instance.jobstatus} after {took}{detail}"


def hold_words(hold: Hold, timezone: str) -> str:
    """Return who kept a job from running, from when to when."""
    what = {
        Reason.JOB_DISABLED: "the job was disabled",
        Reason.GROUP_DISABLED: f"its group '{hold.detail}' was disabled",
        Reason.PAUSED: "the engine was paused",
        Reason.DRAINING: "the engine was draining or stopping",
    }.get(hold.reason, str(hold.reason))
    who = f" by {hold.who}" if hold.who else ""
    until = "until now" if hold.until is None else f"until {moment(hold.until, timezone)}"
    return f"{what}{who} from {moment(hold.since, timezone)} {until}"


def hold_advice(hold: Hold, name: str) -> str:
    """Return what lifts an open hold; "" where it is lifted or nothing can be said."""
    if hold.until is not None:
        return ""
    return {
        Reason.JOB_DISABLED: f"`tocsin job enable {name}` lets it run again.",
        Reason.GROUP_DISABLED: f"`tocsin group enable {hold.detail}` lets its jobs run again.",
        Reason.PAUSED: "`tocsin engine resume` lets it start jobs again.",
        Reason.DRAINING: "It stops when its runs have ended; start it again with `tocsin engine`.",
    }.get(hold.reason, "")
