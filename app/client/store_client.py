"""The client of a real store: one thread reads what changed, a few others answer questions.

The reader looks ten times a second whether anybody wrote (a counter of the database, no query),
twice where nobody did for a while, and nearly once after a longer while: each look costs an idle
machine milliseconds. It looks at once when this console asked for something, when the engine that
it hosts says so, and when the engine's process ends. It never waits for the screen: events go into
a bounded inbox. When the store is out of reach it says so and tries again.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from app.client.account import AccountApart
from app.client.bell import Bell
from app.client.desk import Desk
from app.client.due_times import DueTimes
from app.client.events import (
    Event,
    Inbox,
    SnapshotDone,
)
from app.client.rows import job_row
from app.store.model import EngineHealth, JobRow
from engine.clock import SECOND, Instant
from engine.config import Settings
from engine.control.actor import Actor, current_actor
from engine.errors import StoreError, StoreVersionError, TocsinError

if TYPE_CHECKING:
    from app.client.first_look import FirstLook
    from app.client.health import HealthReader
    from app.client.hosted import HostedEngine
    from engine.control.system import System
    from engine.control.watch import Portion, Watch
    from engine.domain.session import Session

T = TypeVar("T")

LOOK_SECONDS = 0.1
HEALTH_SECONDS = 0.5
RETRY_SECONDS = 1.0
_OVERDUE_SHOWN = 60 * SECOND  # a due instant that passed unserved is shown that long
_ANSWERERS = 3
_SCREEN_LOOK = 0.02
_TELL_EVERY = 10 * SECOND  # what is no news: sizes and times
_RESTS = (  # after so many seconds without a change, so many seconds between two looks
    (60.0, 0.9),  # an engine is missed in that time, even where its end is out of sight
    (5.0, 0.5),
    (0.0, LOOK_SECONDS),
)
_SCREEN_PATIENCE = 3.0
_OVERDUE_LOOK = 10 * SECOND  # at the least, between two looks for due instants that passed
_LARGE = 5_000  # jobs: from there on a process of its own counts due instants
_CACHE = 1  # MiB of the store in the memory of each connection: what is shown is kept as rows
_PATIENCE = 10.0  # seconds beyond the grace for recording how the runs ended


class StoreClient:
    """Reads one store; hosts an engine where none is alive and `may_host`."""

    def __init__(
        self, settings: Settings, *, may_host: bool, first_look: "FirstLook | None" = None
    ) -> None:
        self._first_look = first_look
        self._settings = settings
        self._may_host = may_host
        self._inbox = Inbox()
        self._system: System | None = None
        self._ready = threading.Event()
        self._bell = Bell()
        self._over = threading.Event()
        self._handing_over = threading.Lock()
        self._is_shown = False
        self._wants_snapshot = True
        self._pool = ThreadPoolExecutor(_ANSWERERS, "tocsin-answers")
        self._thread = threading.Thread(target=self._live, name="tocsin-reader", daemon=True)
        self._account = AccountApart(settings)
        self._failure: TocsinError | None = None
        self._health = EngineHealth()
        self._told_at: Instant = 0
        self._due = DueTimes()
        self._overdue_at: Instant = 0  # when a due instant may have passed unserved, or before
        self._why_not_hosted = ""
        self._found: Session | None = None  # the engine that was taken as alive
        self.hosted: HostedEngine | None = None

    # -- for the console -------------------------------------------------------------------------

    @cached_property
    def _actor(self) -> Actor:
        """Who sits at this console."""
        return current_actor()

    def begin(self) -> None:
        """Begin to read before the console is there: its import takes as long as the first look."""
        if not self._thread.is_alive():
            self._thread.start()

    def start(self, inbox: Inbox) -> None:
        """Hand over to `inbox` from now on, and what was read already."""
        with self._handing_over:
            before, self._inbox = self._inbox, inbox
            inbox.put(before.take(len(before)))
            self._is_shown = True
        self.begin()

    def resync(self) -> None:
        """Hand over everything anew."""
        self._wants_snapshot = True
        self._bell.ring()

    def ask(self, question: Callable[[Desk], T]) -> "Future[T]":
        """Answer in a thread of the pool; the reader then looks at once for what it changed.

        The answer is cancelled where the client is closed.
        """

        def answer() -> T:
            self._ready.wait()
            if self._system is None:
                raise self._failure or StoreError("the store is out of reach")
            from app.client.system_desk import SystemDesk

            try:
                return question(SystemDesk(self._system, self._actor, self._account))
            finally:
                self._bell.ring()

        try:
            return self._pool.submit(answer)
        except RuntimeError:  # closed: the screen goes on for a moment, and may still ask
            dropped: Future[T] = Future()
            dropped.cancel()
            return dropped

    def end(self, grace: float | None) -> None:
        """Stop the engine that is hosted here, if it still runs, and let go of the store."""
        if self.hosted is not None and self.hosted.is_alive:
            patience = (self._settings.grace_seconds if grace is None else grace) + _PATIENCE
            self.hosted.stop_and_wait(grace, patience)
        self.close()

    def close(self) -> None:
        """Stop reading; an engine elsewhere is not touched."""
        self._over.set()
        self._bell.ring()
        self._ready.set()
        self._account.end()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._pool.shutdown(wait=False, cancel_futures=True)
        system, self._system = self._system, None
        if system is not None:
            system.close()
        if not self._thread.is_alive():
            self._bell.close()

    # -- the reader's thread ---------------------------------------------------------------------

    def _live(self) -> None:
        if self._first_look is not None and (events := self._first_look.events()):
            self._put(events)
            self._let_the_screen_go_first()
        while not self._over.is_set():
            try:
                system = self._open()
                self._failure = None
                self._ready.set()
                self._follow(system)
            except TocsinError as error:
                self._failure = error
                self._tell_problem(error)
                self._ready.set()
                self._over.wait(RETRY_SECONDS)
                self._wants_snapshot = True

    def _open(self) -> "System":
        if self._system is None:
            from engine.control.system import open_system

            self._system = open_system(self._settings, cache_mebibytes=_CACHE)
        return self._system

    def _host(self, system: "System") -> None:
        """Host an engine where none is alive; another may be quicker, then we attach."""
        if self.hosted is not None or not self._may_host:
            return
        if alive := system.living.engines():
            self._found = alive[0]
            return
        from app.client.hosted import HostedEngine  # an attached console does without the engine

        self._tell_coming(system)
        self.hosted = hosted = HostedEngine(self._settings)
        try:
            hosted.start(self._bell.ring)
        except (TocsinError, OSError) as error:
            self.hosted = None
            if not system.living.is_alive():
                why = error.message if isinstance(error, TocsinError) else str(error)
                self._why_not_hosted = f"no engine could be started here: {why}"

    def _tell_coming(self, system: "System") -> None:
        """Say that an engine starts here, and for how long it may have to wait for another one."""
        coming, why = "an engine starts here", ""
        doubted = system.living.in_doubt()
        if doubted is not None:
            lease = f"{doubted.lease_seconds:g}s"
            coming = f"an engine starts here in {lease}"
            why = (
                f"engine '{doubted.engine_key}' (pid {doubted.pid} on {doubted.host}) may live: "
                f"if it gives no sign for its lease of {lease}, one starts here"
            )
        self._put([replace(self._health, coming=coming, problem=why)])

    def _follow(self, system: "System") -> None:
        from app.client.health import HealthReader
        from engine.control.watch import Watch

        watch = Watch(system.context)
        health = HealthReader(system, self._pool, self._account)
        seen = -1
        number = 0  # of the last change that was told; the beat of an engine is none
        health_at = changed_at = 0.0
        while not self._over.is_set():
            now = system.monotonic()
            if self._wants_snapshot:
                self._wants_snapshot = False
                seen = system.seen_change()
                self._snapshot(system, watch, health)
                health_at, changed_at = 0.0, now
            elif (change := system.seen_change()) != seen:
                seen = change
                started = system.monotonic()
                for portion in watch.changes():
                    number = portion.seq
                    if self._tell(portion):
                        changed_at = now  # more than the pulse of an engine
                health.read_seconds = system.monotonic() - started
            rest = next(rest for after, rest in _RESTS if now - changed_at >= after)
            if rest > LOOK_SECONDS or now - health_at >= HEALTH_SECONDS:
                health_at = now
                self._tell_health(system, health, number)
            self._tell_passed(system, watch)
            session = self._health.session
            self._bell.watch(0 if session is None or system.database.path is None else session.pid)
            self._bell.wait(rest)

    # -- what is handed over ---------------------------------------------------------------------

    def _snapshot(self, system: "System", watch: "Watch", health: "HealthReader") -> None:
        """Hand everything over: a screen full, then due jobs get their engine, then the rest."""
        self._due.clear()
        self._overdue_at = 0
        for portion in watch.snapshot():
            is_first = portion.total_jobs is not None
            if (portion.total_jobs or 0) > _LARGE:
                health.is_large = self._account.is_wanted = True
            self._tell(portion, self._read_health(health) if is_first else None)
            if is_first:
                self._let_the_screen_go_first()
                self._host(system)
                self._put([self._read_health(health)])
            if self._over.is_set():
                return
        self._put([SnapshotDone()])

    def _tell(self, portion: "Portion", health: EngineHealth | None = None) -> bool:
        """Hand a portion over; False where nothing that is shown changed."""
        from app.client.portions import events_of

        events = events_of(portion, health)
        for event in events:
            if isinstance(event, JobRow):
                self._remember_next(event)
        if events:
            self._put(events)
        return bool(portion)

    def _let_the_screen_go_first(self) -> None:
        """Wait until the first rows were taken: what reads the rest slows down what paints them."""
        for _ in range(round(_SCREEN_PATIENCE / _SCREEN_LOOK)):
            if self._is_shown and not len(self._inbox):
                self._over.wait(_SCREEN_LOOK)
                return
            if self._over.wait(_SCREEN_LOOK):
                return

    def _put(self, events: Iterable[Event], *, is_urgent: bool = True) -> None:
        with self._handing_over:
            self._inbox.put(events, is_urgent=is_urgent)

    def _remember_next(self, row: JobRow) -> None:
        self._due.keep(row.jobid, row.next_at)
        if row.next_at is not None:
            self._overdue_at = min(self._overdue_at, row.next_at + _OVERDUE_SHOWN)

    def _tell_passed(self, system: "System", watch: "Watch") -> None:
        """Look anew at jobs whose due instant passed without a run: skipped, or held elsewhere."""
        if self._health.session is None:
            return  # nothing runs them: they are overdue, and stay so
        now = system.now()
        if now < self._overdue_at:
            return
        jobids = self._due.take_passed(now - _OVERDUE_SHOWN)
        first = self._due.first() or now
        self._overdue_at = max(first + _OVERDUE_SHOWN, now + _OVERDUE_LOOK)
        if jobids:
            rows = [job_row(view) for view in watch.views_of(jobids)]
            for row in rows:
                self._remember_next(row)
            self._put(rows)

    # -- health ----------------------------------------------------------------------------------

    def _tell_health(self, system: "System", health: "HealthReader", seen: int) -> None:
        """Tell how things are: at once where something changed, else now and then."""
        if health.stands(seen):
            self._inbox.seen_at = system.now()
            return
        before = health.last
        now = self._read_health(health, seen)
        self._inbox.seen_at = now.seen_at
        if self._was_a_ghost(system, before):
            self._host(system)
            now = self._read_health(health)
        is_news = health.changed(before)
        if is_news or now.seen_at - self._told_at >= _TELL_EVERY:
            self._told_at = now.seen_at
            self._put([now], is_urgent=is_news)

    def _was_a_ghost(self, system: "System", before: EngineHealth) -> bool:
        """Whether the engine that was found here had died, out of sight, with its lease to run."""
        found, shown = self._found, before.session
        if self._health.session is not None or found is None or shown is None:
            return False
        self._found = None
        gave_no_sign = (shown.sessionid, shown.beat_at) == (found.sessionid, found.beat_at)
        return gave_no_sign and system.living.in_doubt() is not None

    def _read_health(self, health: "HealthReader", seen: int | None = None) -> EngineHealth:
        is_hosted = self.hosted is not None and self.hosted.is_alive
        self._health = health.read(seen=seen, is_hosted=is_hosted, why_none=self._why_not_hosted)
        return self._health

    def _tell_problem(self, error: TocsinError) -> None:
        is_mismatch = isinstance(error, StoreVersionError)
        link: Literal["mismatch", "none"] = "mismatch" if is_mismatch else "none"
        self._health = replace(self._health, link=link, session=None, problem=error.message)
        self._put([self._health])
