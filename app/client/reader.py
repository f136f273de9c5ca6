"""The one thread that reads what changed in a store, and hands it over as rows.

It looks ten times a second whether anybody wrote (a counter of the database, no query), twice where
nobody did for a while, and nearly once after a longer while: each look costs an idle machine
milliseconds. It looks at once when this console asked for something, when the engine that it hosts
says so, and when the engine's process ends. It never waits for the screen. When the store is out of
reach it says so and tries again.
"""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from pathlib import PurePath
from traceback import extract_tb
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from app.client.account import AccountApart
from app.client.bell import Bell
from app.client.expiring import Expiring
from app.client.going_on import GoingOn
from app.client.handover import Handover
from app.client.hosting import Hosting
from app.client.overdue import Overdue
from app.store.events import Event, SnapshotDone
from app.store.model import EngineHealth, InstanceRow, JobRow
from engine.clock import SECOND, Instant
from engine.config import Settings
from engine.errors import StoreError, StoreVersionError, TocsinError

if TYPE_CHECKING:
    from app.client.first_look import FirstLook
    from app.client.health import HealthReader
    from engine.control.system import System
    from engine.control.watch import Portion, Watch

_LOOK_SECONDS = 0.1
_HEALTH_SECONDS = 0.5
_RETRY_SECONDS = 1.0
_TELL_EVERY = 10 * SECOND  # what is no news: sizes and times
_RESTS = (  # after so many seconds without a change, so many seconds between two looks
    (60.0, 0.9),  # an engine is missed in that time, even where its end is out of sight
    (5.0, 0.5),
    (0.0, _LOOK_SECONDS),
)
_LARGE = 5_000  # jobs: from there on a process of its own counts due instants
_CACHE = 1  # MiB of the store in the memory of each connection: what is shown is kept as rows


class Reader:
    """Follows one store from its thread; `hosting` starts an engine where there is none."""

    def __init__(
        self,
        settings: Settings,
        handover: Handover,
        hosting: Hosting,
        bell: Bell,
        account: AccountApart,
        counters: Executor,
        first_look: "FirstLook | None" = None,
    ) -> None:
        self._settings = settings
        self._handover = handover
        self._hosting = hosting
        self._bell = bell
        self._account = account
        self._counters = counters
        self._first_look = first_look
        self._over = threading.Event()
        self._wants_snapshot = True
        self._thread = threading.Thread(target=self._live, name="tocsin-reader", daemon=True)
        self._health = EngineHealth()
        self._told_at: Instant = 0
        self._overdue = Overdue()
        self._expiring = Expiring()
        self._going_on = GoingOn()
        self.looked = threading.Event()  # it was seen for the first time, or could not be
        self.ready = threading.Event()  # the store was opened, or could not be
        self.system: System | None = None  # None: out of reach so far
        self.failure: TocsinError | None = None  # why it is out of reach

    def begin(self) -> None:
        """Read from now on, if it does not yet."""
        if not self._thread.is_alive():
            self._thread.start()

    def resync(self) -> None:
        """Hand over everything anew."""
        self._wants_snapshot = True
        self._bell.ring()

    def end(self) -> None:
        """Stop reading, and let go of the store."""
        self._over.set()
        self._bell.ring()
        self.looked.set()
        self.ready.set()
        self._account.end()
        if self._thread.is_alive():
            self._thread.join(2.0)
        system, self.system = self.system, None
        if system is not None:
            system.close()
        if not self._thread.is_alive():
            self._bell.close()

    def _live(self) -> None:
        if (first_look := self._first_look) is not None:
            if first_look.sees_store() and not self._hosting.needs_one:
                self.looked.set()
            if events := first_look.events():
                self._tell_first(events)
        while not self._over.is_set():
            try:
                system = self._open()
                self.failure = None
                self.looked.set()
                self.ready.set()
                self._follow(system)
            except Exception as error:  # noqa: BLE001 - the thread's edge: who reads goes on
                self.failure = error if isinstance(error, TocsinError) else _fault(error)
                self._tell_problem(self.failure)
                self.looked.set()
                self.ready.set()
                self._over.wait(_RETRY_SECONDS)
                self._wants_snapshot = True

    def _open(self) -> "System":
        """Return the store; only a console that may host makes it, or brings it up to date."""
        if self.system is None:
            from engine.control.system import open_system

            may_host = self._hosting.may_host
            self.system = open_system(self._settings, create=may_host, cache_mebibytes=_CACHE)
        if not self.looked.is_set():
            self._hosting.require(self.system)
        return self.system

    def _follow(self, system: "System") -> None:
        from app.client.health import HealthReader
        from engine.control.watch import Watch

        watch = Watch(system.context)
        health = HealthReader(system, self._counters, self._account)
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
            if rest > _LOOK_SECONDS or now - health_at >= _HEALTH_SECONDS:
                health_at = now
                self._tell_health(system, health, number)
            self._tell_passed(system, watch)
            session = self._health.session
            self._bell.watch(0 if session is None or system.database.path is None else session.pid)
            self._bell.wait(rest)

    # -- what is handed over ---------------------------------------------------------------------

    def _snapshot(self, system: "System", watch: "Watch", health: "HealthReader") -> None:
        """Hand everything over: a screen full, then due jobs get their engine, then the rest."""
        self._overdue.clear()
        self._expiring.clear()
        self._going_on.expect_all()
        for portion in watch.snapshot():
            is_first = portion.total_jobs is not None
            if (portion.total_jobs or 0) > _LARGE:
                health.is_large = self._account.is_wanted = True
            first = self._hosting.foretold(self._read_health(system, health)) if is_first else None
            self._tell(portion, first)
            if is_first:
                self._handover.let_the_screen_go_first(self._over)
                self._hosting.begin(system, self._tell_coming, anew=True)
                self._handover.put([self._read_health(system, health)])
            if self._over.is_set():
                return
        self._handover.put([*self._going_on.ended(watch), SnapshotDone()])

    def _tell_first(self, events: Sequence[Event]) -> None:
        """Hand over what was read beside this process, and let it be painted where it suffices."""
        healths = [each for each in events if isinstance(each, EngineHealth)]
        foretold = self._hosting.foretold
        self._remember(events)
        self._handover.put(
            [foretold(each) if isinstance(each, EngineHealth) else each for each in events]
        )
        if all(map(self._hosting.suffices, healths)):
            self.looked.set()
            self._handover.let_the_screen_go_first(self._over)

    def _tell(self, portion: "Portion", health: EngineHealth | None = None) -> bool:
        """Hand a portion over; False where nothing that is shown changed."""
        from app.client.portions import events_of

        events = events_of(portion, health)
        self._remember(events)
        if events:
            self._handover.put(events)
        return bool(portion)

    def _remember(self, events: Iterable[Event]) -> None:
        """Remember when jobs are due next and when they expire, and which runs go on."""
        for event in events:
            if isinstance(event, JobRow):
                self._overdue.keep(event)
                self._expiring.keep(event)
            elif isinstance(event, InstanceRow):
                self._going_on.keep(event)

    def _tell_passed(self, system: "System", watch: "Watch") -> None:
        """Tell of jobs that expired, and of those whose due instant passed.

        Of these if an engine lives: else they stay overdue.
        """
        now = system.now()
        rows = [*self._expiring.passed(watch, now)]
        if self._health.session is not None:
            rows += self._overdue.passed(watch, now)
        if rows:
            self._remember(rows)
            self._handover.put(rows)

    def _tell_coming(self, coming: str, why: str) -> None:
        """Say that an engine starts here, and what it may have to wait for."""
        self._handover.put([replace(self._health, coming=coming, problem=why)])

    # -- health ----------------------------------------------------------------------------------

    def _tell_health(self, system: "System", health: "HealthReader", seen: int) -> None:
        """Tell how things are: at once where something changed, else now and then."""
        if health.stands(seen):
            self._handover.was_seen(system.now())
            return
        before = health.last
        now = self._read_health(system, health, seen)
        self._handover.was_seen(now.seen_at)
        if self._hosting.begin(system, self._tell_coming):
            now = self._read_health(system, health)
        is_news = health.changed(before)
        if is_news or now.seen_at - self._told_at >= _TELL_EVERY:
            self._told_at = now.seen_at
            self._handover.put([now], is_urgent=is_news)

    def _read_health(
        self, system: "System", health: "HealthReader", seen: int | None = None
    ) -> EngineHealth:
        hosting = self._hosting
        self._health = health.read(seen=seen, is_hosted=hosting.is_alive, why_none=hosting.why_none)
        hosting.reconsider(system, self._health)
        return self._health

    def _tell_problem(self, error: TocsinError) -> None:
        is_mismatch = isinstance(error, StoreVersionError)
        link: Literal["mismatch", "none"] = "mismatch" if is_mismatch else "none"
        self._health = replace(self._health, link=link, session=None, problem=error.message)
        self._handover.put([self._health])


def _fault(error: Exception) -> TocsinError:
    """Return what is said of a fault of ours: it is seen, and does not end the reading."""
    last = extract_tb(error.__traceback__)[-1]
    where = f"{PurePath(last.filename).name}:{last.lineno}"
    return StoreError(
        f"A fault of tocsin in reading the store, {type(error).__name__}: {error} ({where}); it is "
        "tried again."
    )
