"""The engine: the one place that knows all parts, and the door for everybody else.

An engine runs in a thread of the process that hosts it: the console, or `tocsin engine`. Beside it
there are the thread of the heartbeat, and the supervisor, which is a process of its own.
"""

import threading

from msgspec.structs import replace

from engine.clock import Clock, SystemClock, to_iso
from engine.config import Settings
from engine.domain.session import Session
from engine.domain.verdict import Hold, Reason
from engine.errors import EngineError, TocsinError
from engine.events import EventBus
from engine.execution.executor import Executor
from engine.execution.job_log import engine_log
from engine.execution.settings import ExecutionSettings
from engine.execution.way_back import way_back
from engine.identity import own_identity
from engine.persistence.database import Database
from engine.persistence.engine_lock import EngineLock
from engine.persistence.failures import SessionDeadError
from engine.scheduling.life import Life
from engine.scheduling.loop import Loop
from engine.scheduling.ports import Host
from engine.version import __version__

_LOCK_TRIES = 20  # who only looks at the lock holds it for an instant
_AGAIN_SECONDS = 1.0  # between two tries to open a new session
_LOCK_PAUSE = 0.01  # seconds


class Engine:
    """A scheduler, its store and its executor, running in a thread of their own."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        *,
        execution: ExecutionSettings | None = None,
        given_up: set[int] | None = None,
    ) -> None:
        """Make an engine, which `start` starts.

        Args:
            settings: where its home and its store are, and all else that can be set.
            clock: the time by which it lives.
            execution: how runs are carried out; None: as the settings say.
            given_up: the ids of sessions that were opened in this process and did not come about;
                for who makes another engine where one could not start.
        """
        self.settings = settings
        self.events = EventBus()
        self._clock: Clock = clock or SystemClock()
        self._execution = execution or execution_settings(settings)
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._over = threading.Event()
        self._stop_wanted = threading.Event()
        self._grace: float | None = None  # of that stop
        self._given_up: set[int] = set() if given_up is None else given_up
        self._error: BaseException | None = None
        self._life: Life | None = None
        self._loop: Loop | None = None
        self._database: Database | None = None
        self._lock: EngineLock | None = None

    @property
    def session(self) -> Session | None:
        """The session that this engine has open; None before `start` and after the end."""
        return None if self._life is None else self._life.session

    @property
    def is_alive(self) -> bool:
        """Whether the engine's thread runs."""
        return self._thread is not None and not self._over.is_set()

    @property
    def last_turn(self) -> float:
        """When the last turn of its loop began, on the monotonic clock; 0 while none runs."""
        loop = self._loop
        return 0.0 if loop is None else loop.turned_at

    def start(self) -> None:
        """Open the store and a session, recover what a dead engine left, and begin to schedule.

        Raises:
            EngineError: another engine owns the store or this instance key; the text names it.
            StoreError: the store cannot be used.
        """
        self._thread = threading.Thread(target=self._run, name="tocsin-engine", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            self._thread.join()
            raise self._error

    def stop(self, grace: float | None = None) -> None:
        """Stop cleanly: no new runs, the running ones get `grace` seconds. Does not wait."""
        self._grace = grace
        self._stop_wanted.set()
        if (loop := self._loop) is not None:  # the engine's thread may be letting go of it
            loop.stop(grace)

    def hand_over(self) -> None:
        """Leave the runs to the next engine on this store, which adopts them. Does not wait."""
        self._stop_wanted.set()
        if (loop := self._loop) is not None:
            loop.hand_over()

    def wake(self) -> None:
        """Have the engine look at the store at once: something in it changed."""
        if (loop := self._loop) is not None:
            loop.wake()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the engine's end; False: it still runs after `seconds`."""
        return self._over.wait(seconds)

    def _run(self) -> None:
        try:
            self._open()
        except BaseException as error:  # noqa: BLE001 - `start` raises it in its own thread
            self._error = error
            self._release()
            self._over.set()
            self._ready.set()
            return
        self._ready.set()
        try:
            self._live()
        finally:
            self._release()
            self._over.set()

    def _open(self) -> None:
        settings = self.settings
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.log_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
        settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._database = Database.open(
            settings.database_url, idle_seconds=min(5.0, settings.lease_seconds / 2)
        )
        if self._database.path is not None:
            self._lock = self._acquire(self._database)
        self._begin_life(self._database)

    def _acquire(self, database: Database) -> EngineLock:
        assert database.path is not None  # noqa: S101 - SQLite has a file
        identity = own_identity()
        info = {
            "pid": identity.pid,
            "host": identity.host,
            "since": to_iso(self._clock.now()),
            "instance": self.settings.instance_key,
        }
        lock = EngineLock(database.path)
        pause = threading.Event()  # never set: only its timeout is used
        for _ in range(_LOCK_TRIES):
            try:
                lock.acquire(info)
            except EngineError:
                pause.wait(_LOCK_PAUSE)
            else:
                return lock
        lock.acquire(info)
        return lock

    def _begin_life(self, database: Database, paused: Hold | None = None) -> None:
        life = Life(
            self.settings,
            self._clock,
            database,
            self.events,
            Host(
                own_identity(),
                __version__,
                self._executor,
                engine_log(self.settings.log_dir),
            ),
            given_up=self._given_up,
            paused=paused,
        )
        life.open()
        self._life = life
        try:
            self._loop = Loop(life)
        except BaseException:
            life.take_back()
            raise
        if self._stop_wanted.is_set():  # while it was opening
            self._loop.stop(self._grace)

    def _executor(self, session: str) -> Executor:
        settings = self.settings
        ways = way_back(settings.home, settings.database_url)
        execution = replace(self._execution, environment={**ways, **self._execution.environment})
        return Executor(settings.run_dir, settings.log_dir, session, self._clock, execution)

    def _live(self) -> None:
        while self._life is not None and self._loop is not None and self._database is not None:
            life, loop = self._life, self._loop
            loop.run()
            if loop.is_fenced_out:
                life.abandon()
                self._live_again(self._database, life.scheduler.modes.hold)
                continue
            try:
                life.hand_over() if loop.is_handing_over else life.close()
            except SessionDeadError:
                life.abandon()
            except TocsinError as error:
                life.journal.write(f"the engine's end could not be recorded: {error.message}")
            self._life = self._loop = None

    def _live_again(self, database: Database, hold: Hold | None) -> None:
        """Begin a new life: a dead session never lives again, but its engine goes on by itself.

        It does so as it was told to: one that is paused stays paused, and one that was draining or
        stopping ends.
        """
        self._loop = None
        was_ending = hold is not None and hold.reason is Reason.DRAINING
        while not was_ending and not self._stop_wanted.is_set():
            try:
                self._begin_life(database, hold)
            except TocsinError as error:
                if self._life is not None:
                    self._life.journal.write(f"no new session so far: {error.message}", "ERROR")
                self._stop_wanted.wait(_AGAIN_SECONDS)
            else:
                return
        self._life = None

    def _release(self) -> None:
        if self._database is not None:
            self._database.close()
        if self._lock is not None:
            self._lock.release()


def execution_settings(settings: Settings) -> ExecutionSettings:
    """Return what the settings say of how runs are carried out."""
    half = max(settings.output_bytes // 2, 1)
    return ExecutionSettings(
        stock=settings.process_stock,
        pool_workers=settings.pool_workers,
        max_processes=settings.max_processes,
        log_head=half,
        log_tail=half,
        log_size=settings.log_bytes,
        log_generations=settings.log_generations,
    )
