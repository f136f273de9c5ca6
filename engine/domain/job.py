"""A job as the store holds it: its definition, what operators changed, and where it stands."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from msgspec import Struct, field

from engine.clock import Instant
from engine.domain.schedule import Schedule

Language = Literal["python", "shell"]
Isolation = Literal["process", "pool"]


class LibraryObject(Struct, frozen=True):
    """A file of functions, classes and constants that is loaded before the job's code, in order."""

    name: str  # as written in the definition, a path beside it
    code: str


LEAST_FILES: Final = 32  # open files: a shell or another interpreter is not started with fewer


class Limits(Struct, frozen=True):
    """Resource limits of one run; None leaves the machine's own."""

    memory: int | None = None  # bytes of address space
    cpu: int | None = None  # seconds of processor time
    files: int | None = None  # open file descriptors
    processes: int | None = None  # processes of the job's user


class Execution(Struct, frozen=True):
    """How a job's code is run: everything the executor needs and the scheduler does not."""

    lang: Language = "python"
    code: str = ""
    code_path: str | None = (
        None  # absolute path the text was read from; None where it was written in the definition
    )
    library: tuple[LibraryObject, ...] = ()
    isolation: Isolation = "process"
    interpreter: str | None = (
        None  # absolute path of another Python, or of a shell for `lang: shell`
    )
    timeout: float | None = None  # seconds; None: no limit
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None  # None: the folder of the definition file
    user: str | None = None  # only where the engine runs as root
    limits: Limits = Limits()


class Definition(Struct, frozen=True):
    """One job as a definition file describes it, checked and with every default filled in."""

    name: str
    schedule: Schedule
    version: str = "1.0"
    description: str = ""
    author: str = ""
    groups: tuple[str, ...] = ()  # DEFAULT is implied and not listed
    tags: Mapping[str, str] = field(default_factory=dict)
    run_skipped: bool = True
    single_instance: bool = False
    active: bool = True
    expiry_date: Instant | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    execution: Execution = Execution()
    retention: float | None = None  # days that instances are kept; None: the engine's setting
    source: str = ""  # absolute path of the file, "" where there was none
    source_line: int = 0


class Job(Struct, frozen=True):
    """A stored job with its effective values.

    They are the definition's, or the operator's where `overridden` names them.
    """

    jobid: int
    name: str
    schedule: Schedule
    version: str = "1.0"
    description: str = ""
    author: str = ""
    groups: tuple[str, ...] = ("DEFAULT",)
    tags: Mapping[str, str] = field(default_factory=dict)
    run_skipped: bool = True
    single_instance: bool = False
    active: bool = True
    enabled: bool = True
    expiry_date: Instant | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    lang: Language = "python"
    isolation: Isolation = "process"
    timeout: float | None = None
    retention: float | None = None
    source: str = ""
    source_line: int = 0
    sessionid: int | None = None  # only while a single_instance job runs: its owner
    last_executed: Instant | None = None  # start of the last finished run
    last_executed_job_instanceid: int | None = None
    trigger_at: Instant | None = None  # a one-shot earlier run
    retired_at: Instant | None = None  # gone from the definitions, which never deletes a job
    # of: schedule, expiry_date, active, enabled, options, groups
    overridden: frozenset[str] = frozenset()
    reset_seq: int = 0  # counted up by `job reset`
    change_seq: int = 0  # of the last change to this row, see persistence.changes

    @property
    def owner_scope(self) -> Literal["one", "each"]:
        """Whether `one` engine at a time claims the job (single_instance), or `each` on its own."""
        return "one" if self.single_instance else "each"
