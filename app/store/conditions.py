"""Every condition a job or an instance can be in: what a cell shows, and what a filter asks for."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from engine.clock import SECOND, Instant
from engine.domain.instance import Status

OVERDUE_GRACE: Instant = 30 * SECOND  # a due instant may be this late before the job shows overdue


class Condition(StrEnum):
    """Every condition that has a look. The words are those of the filter language too."""

    COMPLETE = "complete"
    ERROR = "error"
    CRASH = "crash"
    RUNNING = "running"
    NEVER = "never"
    DISABLED = "disabled"
    GROUP_DISABLED = "group-disabled"
    EXPIRED = "expired"
    INACTIVE = "inactive"
    RETIRED = "retired"
    OVERDUE = "overdue"


_OF_STATUS: Mapping[Status, Condition] = {
    Status.COMPLETE: Condition.COMPLETE,
    Status.ERROR: Condition.ERROR,
    Status.CRASH: Condition.CRASH,
    Status.IN_PROGRESS: Condition.RUNNING,
}


class HasStanding(Protocol):
    """What a job row tells about where the job stands (the console's `JobRow` has all of it)."""

    @property
    def enabled(self) -> bool:
        """The operator's switch."""
        ...

    @property
    def active(self) -> bool:
        """The schedule switch."""
        ...

    @property
    def group_off(self) -> str:
        """A disabled group of the job; "": none is."""
        ...

    @property
    def expired(self) -> bool:
        """Whether its expiry date passed."""
        ...

    @property
    def retired(self) -> bool:
        """Whether its definition is gone."""
        ...

    @property
    def running(self) -> tuple[int, ...]:
        """Its instances in progress."""
        ...

    @property
    def last_status(self) -> Status | None:
        """Of the last finished run; None: never ran."""
        ...

    @property
    def next_at(self) -> Instant | None:
        """The next due instant; None: nothing is due."""
        ...


def of_status(status: Status) -> Condition:
    """Return the condition of an instance with `status`."""
    return _OF_STATUS[status]


def last_condition(job: HasStanding) -> Condition:
    """Return how the job's latest run stands: running, its last status, or never."""
    if job.running:
        return Condition.RUNNING
    return Condition.NEVER if job.last_status is None else _OF_STATUS[job.last_status]


def switch_condition(job: HasStanding) -> Condition | None:
    """Return what keeps the job from its schedule; None where nothing does."""
    if job.retired:
        return Condition.RETIRED
    if not job.enabled:
        return Condition.DISABLED
    if job.group_off:
        return Condition.GROUP_DISABLED
    if job.expired:
        return Condition.EXPIRED
    return None if job.active else Condition.INACTIVE


def overdue_from(job: HasStanding) -> Instant | None:
    """Return the instant from which on it is overdue; None where it will not be as it stands."""
    if job.next_at is None or job.running or switch_condition(job) is not None:
        return None
    return job.next_at + OVERDUE_GRACE + 1


def is_overdue(job: HasStanding, now: Instant) -> bool:
    """Whether its next due instant passed more than the grace ago and nothing runs for it."""
    at = overdue_from(job)
    return at is not None and at <= now


def conditions(job: HasStanding, now: Instant) -> frozenset[Condition]:
    """Return every condition that the job is in: what `status:` in a filter looks at."""
    found = set()
    if job.running:
        found.add(Condition.RUNNING)
    found.add(Condition.NEVER if job.last_status is None else _OF_STATUS[job.last_status])
    switch = switch_condition(job)
    if switch is not None:
        found.add(switch)
    elif is_overdue(job, now):
        found.add(Condition.OVERDUE)
    return frozenset(found)
