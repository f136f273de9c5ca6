"""What the scheduler hands to the executor, and what comes back.

The scheduler decides and records; the executor runs processes and knows no database. These plain
records are all that passes between them, so that neither imports the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.clock import Instant
from engine.domain.instance import Cause, Ending
from engine.domain.job import Execution


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One claimed run: all that its process needs. Handed over only after its claim is durable."""

    job_instanceid: int
    jobid: int
    name: str
    revision: int  # change_seq of the job: the same number means the same code
    execution: Execution
    options: Mapping[str, Any]
    cause: Cause
    due_at: Instant | None
    started: Instant
    job_info: Mapping[str, Any]  # what `job_info()` answers
    state: Mapping[str, Any] | None  # state data at the start; None where there are none
    fence: int
    log_path: str
    grace: float  # seconds between asking to stop and killing the whole group


@dataclass(frozen=True, slots=True)
class RunError:
    """An uncaught exception, or the reason why the code could not be started."""

    error: str  # class name of the exception, or a code such as START-FAILED
    description: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """The process of a run has begun its code."""

    job_instanceid: int
    pid: int
    at: Instant
    log_start: int  # byte offset in the job's log


@dataclass(frozen=True, slots=True)
class ApiCall:
    """Job code called its API and waits until the effect is durable and `reply` answers."""

    job_instanceid: int
    seq: int
    call: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Exited:
    """A run has ended; facts only, the status is the scheduler's to decide."""

    job_instanceid: int
    ending: Ending
    ended_at: Instant
    began: bool  # its code had started
    exit_code: int | None = None
    exit_signal: int | None = None
    error: RunError | None = None
    errors_above_warning: bool = False
    detail: str = ""
    log_end: int | None = None
    cpu_seconds: float | None = None
    max_rss: int | None = None  # bytes


@dataclass(frozen=True, slots=True)
class SupervisorLost:
    """The supervisor is gone; what it ran is told by its exit records, and nothing else."""


Report = Started | ApiCall | Exited | SupervisorLost


@dataclass(frozen=True, slots=True)
class Adoption:
    """What was found behind the address of an earlier session's supervisor."""

    alive: bool  # the supervisor answered and now serves this engine
    running: Sequence[Started] = field(default_factory=tuple)
    exits: Sequence[Exited] = field(default_factory=tuple)
