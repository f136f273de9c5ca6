"""An engine without threads: a test moves its clock, ticks it, and looks at what the store holds.

Everything but time and, by default, the processes is real: the same services, the same SQLite or
PostgreSQL store, the same transactions.
"""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from msgspec.structs import replace

from engine.clock import SECOND, Instant, to_iso
from engine.config import Settings
from engine.control.context import Context
from engine.control.system import System
from engine.definitions.applying import Loader, load
from engine.domain.instance import Instance, Status
from engine.domain.job import Definition
from engine.domain.request import Request, RequestKind
from engine.domain.schedule.zones import HORIZON
from engine.domain.verdict import Stretch
from engine.events import EventBus
from engine.execution.job_log import engine_log
from engine.identity import Identity
from engine.persistence import instance_queries, jobs, requests, verdicts
from engine.persistence.database import Database
from engine.persistence.engine_lock import EngineLock
from engine.scheduling.life import Life
from engine.scheduling.loop import Task, rescuer_of, tasks_of
from engine.scheduling.ports import Executor, Host
from engine.testing.clock import ManualClock
from engine.testing.scripted import ScriptedExecutor, ScriptedWorld

_MANY = 100_000
_HOST = "testhost"
_PID = 4242  # nobody's: this engine is not a process


class ManualEngine:
    """Ticked by hand. Use it as a context manager, or `open` and `close` it."""

    def __init__(
        self,
        home: Path,
        *,
        clock: ManualClock | None = None,
        world: ScriptedWorld | None = None,
        database_url: str | None = None,
        executor_for: Callable[[str], Executor] | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.clock = clock or ManualClock()
        self.world = world or ScriptedWorld(self.clock)
        url = database_url or f"sqlite:///{home / 'tocsin.db'}"
        self.settings = replace(settings or Settings(home, url), home=home, database_url=url)
        self.settings.log_dir.mkdir(parents=True, exist_ok=True)
        self.database = Database.open(url)
        self.events = EventBus()
        self._executor_for = executor_for or self.world.executor
        self._tasks: list[Task] = []
        self._lock: EngineLock | None = None
        self.life: Life

    def open(self) -> Self:
        """Start a life: open a session, recover, plan."""
        if self.database.path is not None:
            self._lock = EngineLock(self.database.path)
            self._lock.acquire({"pid": _PID, "host": _HOST, "since": to_iso(self.clock.now())})
        self.life = Life(
            self.settings,
            self.clock,
            self.database,
            self.events,
            Host(
                Identity(_HOST, "boot", _PID, 1),
                "test",
                self._executor_for,
                engine_log(self.settings.log_dir),
            ),
            beats=False,
        )
        self.life.open()
        self._tasks = tasks_of(self.life)
        if (rescuer := rescuer_of(self.life)) is not None:
            self._tasks.append(rescuer)
        self.tick()
        return self

    def tick(self) -> None:
        """Do everything that can be done at this moment."""
        self.life.heartbeat.beat()
        self.life.context.fenced = not self.life.heartbeat.holds
        while True:
            self.life.clock_watch.look()
            self.life.scheduler.turn(self.clock.now())
            if not self._is_busy():
                break
        for task in self._tasks:
            task.tick(self.clock.now())

    def advance(self, seconds: float, *, step: float | None = None) -> None:
        """Let time pass, and tick at its end; with `step` every so many seconds on the way."""
        end = self.clock.now() + round(seconds * SECOND)
        while step is not None and self.clock.now() + step * SECOND < end:
            self.clock.advance(step)
            self.tick()
        self.clock.advance_to(end)
        self.tick()

    def advance_to(self, instant: Instant) -> None:
        """Let time pass until `instant`, and tick."""
        self.advance((instant - self.clock.now()) / SECOND)

    def close(self) -> None:
        """Stop cleanly."""
        self.life.begin_stop()
        self.tick()
        self.life.close()
        self._release()

    def kill(self) -> None:
        """End as SIGKILL does: nothing is written, nothing is told; what runs goes on."""
        self.life.heartbeat.stop()  # whose connections a process takes along when it dies
        self.life.journal.close()
        self.life.context.executor.detach()
        self._release()

    def drop(self) -> None:
        """Be done with it: kill it if it was ever opened, and close the store."""
        if hasattr(self, "life"):
            self.kill()
        self.database.close()

    def hand_over(self) -> None:
        """Leave what runs to the next engine."""
        self.life.hand_over()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def add(self, definition: Definition) -> int:
        """Load one definition, tick, and return the job's id."""
        load(self.database, [definition], Loader("tester", "test"), self.clock)
        self.tick()
        with self.database.read() as tx:
            return jobs.get(tx, definition.name).jobid

    @property
    def system(self) -> System:
        """The system API on this engine's store and clock."""
        return System(Context(self.settings, self.database, self.clock))

    def ask(self, kind: RequestKind, **payload: Any) -> Request:
        """Ask the engine for something, tick, and return the request with its answer."""
        asked = Request(str(uuid4()), kind, payload, "tester", "test", self.clock.now())
        with self.database.begin() as tx:
            requests.ask(tx, asked)
        self.tick()
        with self.database.read() as tx:
            answered = requests.get(tx, asked.requestid)
        assert answered is not None
        return answered

    def run(self, name: str, **payload: Any) -> int:
        """Run a job now and return its instance."""
        request = self.ask(RequestKind.RUN, job=name, **payload)
        assert request.ok, request.answer
        return int((request.answer or {})["job_instanceid"])

    def instances(self, name: str | None = None, *statuses: Status) -> list[Instance]:
        """Return the instances, of one job or all, oldest first."""
        with self.database.read() as tx:
            job = None if name is None else jobs.get(tx, name).jobid
            return instance_queries.query(
                tx, job=job, statuses=statuses, limit=_MANY, ascending=True
            )

    def verdicts(self, name: str) -> list[Stretch]:
        """Return what became of a job's instants that no instance answers for."""
        with self.database.read() as tx:
            return verdicts.between(tx, 0, HORIZON, jobs.get(tx, name).jobid)

    def __enter__(self) -> Self:
        """Open the engine."""
        return self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the engine and the store."""
        del kind, traceback
        if error is None:
            self.close()
        self.database.close()

    def _is_busy(self) -> bool:
        scheduler, agenda = self.life.scheduler, self.life.context.agenda
        if scheduler.has_work_left():
            return True
        wake = agenda.next_wake()
        may_claim = self.life.context.mode == "running" and not self.life.context.fenced
        if may_claim and wake is not None and wake <= self.clock.now():
            return True
        executor = self.life.context.executor
        return isinstance(executor, ScriptedExecutor) and executor.has_reports
