"""An instance: one recorded execution of a job, from its claim to its final status."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from engine.clock import Instant


class Status(StrEnum):
    """The seed's four statuses; there is never a fifth."""

    IN_PROGRESS = "IN-PROGRESS"
    COMPLETE = "COMPLETE"
    ERROR = "ERROR"
    CRASH = "CRASH"


class Cause(StrEnum):
    """Why an instance was started."""

    SCHEDULE = "schedule"  # its due instant came
    SKIPPED = "skipped"  # a catch-up: the due instant passed while nothing could run it
    MANUAL = "manual"  # run now
    TRIGGER = "trigger"  # a one-shot trigger


class Ending(StrEnum):
    """How a final status came about: a separate, queryable column (`ending`)."""

    RETURNED = "returned"  # run() returned, or the process exited with 0
    EXCEPTION = "exception"  # an uncaught exception
    JOB_ERROR = "job-error"  # an error above WARNING was recorded
    EXIT_CODE = "exit-code"  # exited with another code than 0
    SIGNAL = "signal"  # killed by a signal that nobody here sent
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"  # asked to stop, or killed by an operator
    START_FAILED = "start-failed"  # the code could not be started or compiled
    LEASE_LOST = "lease-lost"  # ended because no engine came back in time
    ENGINE_STOPPED = "engine-stopped"  # still running when the engine's grace ended
    LOST = "lost"  # CRASH: it was running and nothing tells how it ended
    NEVER_BEGUN = "never-begun"  # CRASH: claimed, but its code never started


class Severity(StrEnum):
    """Severities of job errors; above WARNING makes the instance ERROR."""

    INFO = "INFO"
    WARNING = "WARNING"
    MINOR = "MINOR"
    MAJOR = "MAJOR"
    FATAL = "FATAL"

    @property
    def fails_the_run(self) -> bool:
        """Whether an error of this severity makes the instance ERROR."""
        return self in {Severity.MINOR, Severity.MAJOR, Severity.FATAL}


class JobErrorRecord(Struct, frozen=True):
    """One error or warning of an instance."""

    severity: Severity
    error: str
    description: str
    created: Instant
    info: str = ""  # YAML or a traceback
    business_error: bool = False
    job_errorid: int = 0
    job_instanceid: int = 0


class Instance(Struct, frozen=True):
    """One row of `job_instance`."""

    job_instanceid: int
    jobid: int
    jobstatus: Status
    cause: Cause
    started: Instant
    sessionid: int | None = None  # the session that runs or ran it
    completed: Instant | None = None
    due_at: Instant | None = None  # the due instant it answers for; None for manual and trigger
    late: bool = False  # it answers for `due_at` later than the schedule wanted: a catch-up
    stands_for: Instant | None = (
        None  # a catch-up for an instant that already has a verdict (a CRASH)
    )
    who: str = ""  # operator of a manual run
    info: str | None = None  # YAML
    ending: Ending | None = None
    exit_code: int | None = None
    exit_signal: int | None = None
    detail: str = ""  # one line for people
    progress: float | None = None  # 0..1
    progress_text: str = ""
    options: Mapping[str, Any] | None = None  # the options it ran with
    pid: int | None = None
    host: str = ""
    log_file: str = ""
    log_start: int | None = None
    log_end: int | None = None
    cpu_seconds: float | None = None  # processor time of the run; None in a pool
    max_rss: int | None = None  # bytes of memory at the most; None in a pool
    change_seq: int = 0

    @property
    def answers_for(self) -> Instant | None:
        """The due instant that it was started for, or for again; None: somebody wanted it."""
        return self.due_at if self.due_at is not None else self.stands_for
