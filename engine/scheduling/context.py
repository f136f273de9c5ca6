"""What the services of the engine thread share: the store, the clock, the agenda, what runs."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct, field

from engine.clock import Clock, Instant
from engine.config import Settings
from engine.domain.eligibility import PAUSED, RUNNING, Facts, RunningInstance
from engine.domain.group import Group
from engine.domain.instance import Cause, Ending
from engine.domain.job import Job
from engine.domain.run import ApiCall, Exited, RunSpec, Started
from engine.domain.session import Session
from engine.domain.verdict import Hold
from engine.events import Event, EventBus
from engine.persistence.database import Database
from engine.scheduling.agenda import Agenda, Entry
from engine.scheduling.ahead import Ahead
from engine.scheduling.downtime import Downtimes
from engine.scheduling.engine_log import EngineLog
from engine.scheduling.ports import Executor


class Run(Struct):
    """One claimed instance of this engine that has not ended in the store."""

    job_instanceid: int
    job: Job
    started: Instant
    due_at: Instant | None
    cause: Cause
    log_file: str
    who: str = ""
    late: bool = False
    stands_for: Instant | None = None
    failed: bool = False  # it recorded an error above WARNING
    pid: int | None = None
    log_start: int | None = None
    owns: bool = False  # it is what a single_instance job's `sessionid` stands for
    is_handed_over: bool = False  # to the executor, which begins it once


class Inbox(Struct):
    """What came in and is not in the store yet; it is kept until the store has it."""

    started: list[Started] = field(default_factory=list)
    calls: deque[ApiCall] = field(default_factory=deque)
    exits: deque[Exited] = field(default_factory=deque)
    due: deque[Entry] = field(default_factory=deque)  # due, waiting for a transaction or a slot
    held_up: list[Entry] = field(default_factory=list)  # switched off while they were not free


class Context(Struct):
    """Shared by the services of one engine. Touched by the engine thread alone."""

    settings: Settings
    clock: Clock
    database: Database
    executor: Executor
    journal: EngineLog
    bus: EventBus
    session: Session
    ahead: Ahead
    log_dir: str
    agenda: Agenda = field(default_factory=Agenda)
    groups: dict[str, Group] = field(default_factory=dict)
    running: dict[int, Run] = field(default_factory=dict)
    inbox: Inbox = field(default_factory=Inbox)
    mode: str = RUNNING
    fenced: bool = False  # the lease is not ours for certain: claim nothing
    downtimes: Downtimes = field(default_factory=lambda: Downtimes([], []))
    refused: int = 0  # late results that the store refused by their fence

    def log_file(self, job: Job) -> str:
        """Return the path of a job's log."""
        return f"{self.log_dir}/{job.name}.log"

    @property
    def key(self) -> str:
        """The instance key of this engine."""
        return self.settings.instance_key

    def owner(self, job: Job) -> str:
        """Return the engine_key that accounts for the job's due instants."""
        return "" if job.single_instance else self.settings.instance_key

    def is_held_up(self, entry: Entry) -> bool:
        """Whether a switch keeps the job, or the whole engine, from claiming."""
        if entry.obstacle is not None:
            return True
        if self.mode != PAUSED:
            return False  # what a stop interrupts is caught up at the next start
        shared = entry.owner == "" and self.database.dialect != "sqlite"
        return not shared  # its peers go on with a job that they share

    def facts(
        self,
        job: Job,
        now: Instant,
        *,
        holds: Sequence[Hold] = (),
        running: Sequence[RunningInstance] = (),
        held_by: RunningInstance | None = None,
        mode: str = "",
    ) -> Facts:
        """Return what the answer to "may it run" depends on; `mode` "": what the engine is."""
        groups = self.groups
        return Facts(
            now=now,
            groups=[groups[name] for name in job.groups if name in groups],
            holds=holds,
            engine_mode=mode or self.mode,
            running=running,
            held_by=held_by,
        )

    def running_of(self, entry: Entry) -> list[RunningInstance]:
        """Return the instances of a job that run in this engine."""
        numbers = sorted(entry.running)
        return [self.as_running(self.running[each]) for each in numbers if each in self.running]

    def as_running(self, run: Run) -> RunningInstance:
        """Return what a refusal tells of a run of this engine."""
        return RunningInstance(
            job_instanceid=run.job_instanceid,
            started=run.started,
            sessionid=self.session.sessionid,
            engine_key=self.key,
            host=self.session.host,
        )


class Effects(Struct):
    """What a turn does after its transaction is durable, and never before."""

    submit: list[RunSpec] = field(default_factory=list)
    replies: list[tuple[int, int, bool, Any]] = field(default_factory=list)
    acknowledge: list[int] = field(default_factory=list)
    ask: list[int] = field(default_factory=list)
    cancel: list[tuple[int, float, Ending]] = field(default_factory=list)
    kill: list[int] = field(default_factory=list)
    then: list[Callable[[], None]] = field(default_factory=list)  # changes of memory
    events: list[Event] = field(default_factory=list)
    engine_lines: list[str] = field(default_factory=list)
    mode: str = ""  # what the engine is from then on; "": what it was
