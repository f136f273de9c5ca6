"""The rows that the console shows, immutable, as the client hands them over.

Instants are microseconds UTC (`engine.clock.Instant`), durations seconds. Every string is as stored
and goes through `app.sanitize` before it is drawn.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from engine.clock import Instant
from engine.domain.instance import Cause, Ending, Status

NO_TAGS: Mapping[str, str] = {}
DEFAULT_ONLY = ("DEFAULT",)


class Run(NamedTuple):
    """One finished run in a job's strip."""

    status: Status
    seconds: float


class JobRow(Struct, frozen=True):
    """One job: its switches, its schedule, and where it stands."""

    jobid: int
    name: str
    schedule: str = ""  # "*/5 * * * *" or "every 30s"
    description: str = ""
    version: str = ""
    groups: tuple[str, ...] = DEFAULT_ONLY
    tags: Mapping[str, str] = field(default_factory=lambda: NO_TAGS)
    timezone: str = "UTC"
    dst_gap: str = "after"  # what a cron schedule does with times that the clocks skip
    dst_overlap: str = "first"  # and with those that they repeat
    active: bool = True
    enabled: bool = True
    group_off: str = ""  # the first of its groups that is disabled
    expiry_date: Instant | None = None
    expired: bool = False
    retired: bool = False
    single_instance: bool = False
    run_skipped: bool = True
    overridden: frozenset[str] = frozenset()  # attributes that operators changed
    next_at: Instant | None = None  # None: nothing is due (switched off, expired, retired)
    trigger_at: Instant | None = None
    last_at: Instant | None = None  # start of the last finished run
    last_status: Status | None = None  # of the last finished run; None: never ran
    last_instanceid: int | None = None
    last_seconds: float | None = None
    running: tuple[int, ...] = ()  # instances in progress, oldest first
    running_since: Instant | None = None
    sessionid: int | None = None  # the session that owns a single-instance job while it runs
    run_refusal: str = ""  # the engine's own reason why run-now would be refused; "": it may run
    schedule_refusal: str = ""  # the engine's own reason why its schedule does not run it
    p50_seconds: float | None = None
    p95_seconds: float | None = None
    fails: int = 0  # ERROR and CRASH among `runs`
    runs: tuple[Run, ...] = ()  # the last finished runs, oldest first
    not_kept: frozenset[str] = frozenset()  # attributes of a moment of the past that nobody kept

    @property
    def group(self) -> str:
        """The group to show in one cell: the first that is not DEFAULT."""
        for name in self.groups:
            if name != "DEFAULT":
                return name
        return "DEFAULT"

    @property
    def started_at(self) -> Instant | None:
        """Start of the run that goes on, the first of several, else of the last finished one."""
        return self.running_since if self.running else self.last_at

    @property
    def switch(self) -> Literal["on", "off", "grp", "exp", "idle", "gone", "?"]:
        """Whether its schedule runs it, and if not which switch stops it, in one word.

        "?" where that is not kept of a moment of the past.
        """
        if self.retired:
            return "gone"
        if not self.enabled:
            return "off"
        if self.group_off:
            return "grp"
        if self.expired:
            return "exp"
        if "active" in self.not_kept:
            return "?"
        return "on" if self.active else "idle"


class InstanceRow(Struct, frozen=True):
    """One recorded execution."""

    job_instanceid: int
    jobid: int
    name: str  # of the job
    status: Status
    cause: Cause
    started: Instant
    completed: Instant | None = None
    due_at: Instant | None = None
    late: bool = False
    stands_for: Instant | None = None
    who: str = ""
    sessionid: int | None = None
    host: str = ""
    pid: int | None = None
    ending: Ending | None = None
    detail: str = ""  # one line for people
    error: str = ""  # the first error's first line
    progress: float | None = None
    progress_text: str = ""
    info: str | None = None  # YAML
    options: Mapping[str, Any] | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return None if self.completed is None else (self.completed - self.started) / 1_000_000

    @property
    def is_live(self) -> bool:
        """Whether it is in progress."""
        return self.status is Status.IN_PROGRESS

    @property
    def has_failed(self) -> bool:
        """Whether it ended as ERROR or CRASH."""
        return self.status in {Status.ERROR, Status.CRASH}

    def as_of(self, at: Instant) -> "InstanceRow":
        """Return it as it was: in progress where it ended later; how far it was, is not kept."""
        if self.completed is not None and self.completed <= at:
            return self
        return replace(
            self,
            status=Status.IN_PROGRESS,
            completed=None,
            ending=None,
            detail="",
            error="",
            progress=None,
            progress_text="",
            info=None,
        )


class GroupRow(Struct, frozen=True):
    """One group and its switch; who is in it is told by the jobs' own rows."""

    name: str
    description: str = ""
    enabled: bool = True
    disabled_by: str = ""
    disabled_at: Instant | None = None
    is_counted: bool = True  # False: it is gone, and nobody kept which jobs were in it


class SessionRow(Struct, frozen=True):
    """One life of one engine."""

    sessionid: int
    engine_key: str
    host: str
    pid: int
    version: str
    status: str
    started: Instant
    ended: Instant | None
    beat_at: Instant
    lease_seconds: float
    mode: str = "running"  # running, paused, draining, stopping
    lost_at: Instant | None = None  # when its lease ran out, where nobody has rescued it yet
    is_alive: bool = True  # False for an ACTIVE one: its engine is gone, its lease runs on


class EngineHealth(Struct, frozen=True):
    """What is known of the engine and the store at one moment."""

    link: Literal["hosted", "attached", "none", "mismatch"] = "none"
    seen_at: Instant = 0  # when the store was last read with success
    alive_at: Instant = 0  # when an engine last showed a sign of life; 0: never
    session: SessionRow | None = None
    sessions: tuple[SessionRow, ...] = ()
    store: str = ""  # where the data are, without a password
    store_bytes: int | None = None
    read_seconds: float = 0.0  # how long the last read took
    unexplained: int | None = None  # None: not counted yet
    alerts: int = 0
    problem: str = ""  # why the store cannot be read, or why versions do not match
    coming: str = ""  # that an engine is being started here; "": none is
