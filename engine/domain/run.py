"""What the scheduler hands to the executor, and what comes back.

The scheduler decides and records; the executor runs processes and knows no database. These plain
records are all that passes between them, so that neither imports the other.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from engine.clock import Instant
from engine.domain.instance import Cause, Ending
from engine.domain.job import Execution

DEFAULT_GRACE = 10.0  # seconds between asking a run to stop and ending it


class RunSpec(Struct, frozen=True):
    """One claimed instance, ready to run. Handed over only after its claim is durable."""

    job_instanceid: int
    jobid: int
    name: str
    execution: Execution
    started: Instant
    fence: int = 0  # 0: the same as `job_instanceid`
    revision: int = 0  # the same number for a job means the same code
    cause: Cause = Cause.SCHEDULE
    due_at: Instant | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    job_info: Mapping[str, Any] = field(default_factory=dict)  # what job_info() answers; plain data
    state: Mapping[str, Any] | None = None  # state data as they are at the claim
    log_path: str = ""  # absolute; "": `<log folder>/<name>.log`
    grace: float = DEFAULT_GRACE  # seconds that a time-out leaves between asking and ending
    folder: str | None = None  # the definition file's folder; None: the one of `code_path`


class Started(Struct, frozen=True):
    """A run was handed to a process. Runs in a pool that end at once send only their `Exited`."""

    job_instanceid: int
    pid: int
    at: Instant
    log_file: str = ""
    log_start: int | None = None  # byte offset of its first log line; None: none written so far


class ApiCall(Struct, frozen=True):
    """Job code called the job API and waits; answered with `reply` once the effect is durable.

    Calls and their arguments: `save_info(info)`, `save_state_data(data)`,
    `error(severity, error, description, info, business_error)`, `progress(fraction, text)`,
    `set_trigger(at, in_seconds)` of which one is None (answer: a bool).
    After the engine died unanswered calls are told again to the one that adopts the run.
    """

    job_instanceid: int
    seq: int  # counts up within a run
    call: str
    args: Mapping[str, Any]


class RunError(Struct, frozen=True):
    """The exception that ended a run."""

    name: str  # the exception's class, or the code of a start failure
    description: str
    traceback: str = ""  # only the job's own frames


class Exited(Struct, frozen=True):
    """A run is over; facts without a status. Told again after a restart until acknowledged."""

    job_instanceid: int
    ending: Ending
    ended_at: Instant
    exit_code: int | None = None
    exit_signal: int | None = None
    detail: str = ""  # one line for people
    error: RunError | None = None
    errors_above_warning: bool = False  # the run recorded an error that fails it
    began: bool = True  # its code may have run; False: not one line of it did
    pid: int | None = None
    log_file: str = ""
    log_start: int | None = None
    log_end: int | None = None
    cpu_seconds: float | None = None  # of the process and what it waited for; None in a pool
    max_rss: int | None = None  # bytes; None in a pool


class SupervisorLost(Struct, frozen=True):
    """A supervisor died or is out of reach: what it ran is ended, and no more is told of it."""

    unfinished: tuple[int, ...] = ()  # instances whose end neither it nor its exit records told


Report = Started | ApiCall | Exited | SupervisorLost


class Adoption(Struct, frozen=True):
    """What was found behind the address of an earlier session's supervisor."""

    alive: bool  # a supervisor answered, and now serves this engine
    running: tuple[Started, ...] = ()
    exits: tuple[Exited, ...] = ()  # not acknowledged yet
    waiting: tuple[int, ...] = ()  # handed over, but no process has them yet
