"""When to turn: wait for a due instant, a word of the supervisor, a wake-up, or a second.

The wait is on descriptors, never longer than a second, and armed anew after every turn, whatever
the turn met with: a store that is out of reach is told once and tried again. On a file nothing but
the clock can change without a wake-up, and each look costs an idle machine milliseconds; on a
server a notification may be lost, and peers want to be watched.
"""

import contextlib
import os
import select
import threading
import traceback
from typing import Literal, Protocol

from engine.clock import SECOND, Instant
from engine.domain.eligibility import DRAINING, RUNNING, STOPPING
from engine.errors import StoreError
from engine.persistence.failures import BusyError, OutcomeUnknownError, SessionDeadError
from engine.persistence.wake import WakeListener
from engine.scheduling.alerting import STORE_AWAY
from engine.scheduling.context import Effects
from engine.scheduling.life import Life
from engine.scheduling.pruner import Pruner
from engine.scheduling.rescuer import Rescuer
from engine.scheduling.room import RoomWatch
from engine.scheduling.supervisor_watch import SupervisorWatch

_LONGEST_WAIT = {"sqlite": 1.0, "postgresql": 0.5}  # seconds; what no hint told is found by looking
_SELECTABLE = 1024  # descriptors that select can watch; it waits to the microsecond
_LEAD = {"sqlite": 3_000, "postgresql": 10_000}  # microseconds that a claim takes, and some
_TURN = 15_000  # microseconds that a due job is left to the engine whose turn it is
_RETRY_SECONDS = 0.25  # after the store failed
_STOP_SECONDS = 5.0  # beyond the grace, until the runs are left to the supervisor's own end
_KNOW_SECONDS = 5.0  # that a hand-over waits until it is known what there is to hand over


class Task(Protocol):
    """What is done beside the turns, now and then."""

    def tick(self, now: Instant) -> None:
        """Do it, if it is time."""
        ...

    def wait(self) -> float:
        """Return for how many seconds it can be left alone; infinite: for as long as the loop."""
        ...


def tasks_of(life: Life) -> list[Task]:
    """Return what a life does beside its turns."""
    context = life.context
    return [Pruner(context), RoomWatch(context), SupervisorWatch(context)]


def rescuer_of(life: Life) -> Rescuer | None:
    """Return what watches the peers; None on a file, where an engine has none."""
    if life.context.database.dialect == "sqlite":
        return None
    return Rescuer(life.context, life.scheduler)


class Loop:
    """Turns a life until it is told to stop."""

    def __init__(self, life: Life) -> None:
        self._life = life
        life.context.agenda.turns.pause = _TURN
        life.context.ahead.lead = _LEAD[life.context.database.dialect]
        self._tasks = tasks_of(life)
        self._rescuer = rescuer_of(life)
        self._listener = WakeListener(life.context.database)
        self._kick = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._kicking = threading.Lock()
        self._is_closed = False
        self._clock = life.context.clock
        self._longest_wait = _LONGEST_WAIT[life.context.database.dialect]
        self._failure = ""
        self._failing_since: float | None = None  # monotonic; None: the store answers
        self._stop_by: float | None = None
        self._hand_over_by = 0.0
        self._order: Literal["run on", "stop", "hand over"] = "run on"
        self._grace: float | None = None
        self._is_told = False  # the runs know the order to stop, with its grace
        self.is_fenced_out = False  # the session is dead: this life ends without a word
        self.turned_at = self._clock.monotonic()  # when the last turn began: a sign of life

    def wake(self) -> None:
        """Have the loop look around; one that has ended has nothing to look at. Any thread."""
        with self._kicking:
            if not self._is_closed:
                os.eventfd_write(self._kick, 1)

    def stop(self, grace: float | None = None) -> None:
        """Ask for a clean stop; the runs get `grace` seconds (None: the setting). Any thread.

        Asked again while the runs have their grace, the new one stands from now on.
        """
        self._order, self._grace = "stop", grace
        self._is_told = False
        self._stop_by = None
        self.wake()

    def hand_over(self) -> None:
        """Ask to leave the runs to the next engine. Any thread."""
        self._hand_over_by = self._clock.monotonic() + _KNOW_SECONDS
        self._order = "hand over"
        self.wake()

    def run(self) -> None:
        """Turn until stopped, drained, handed over, or fenced out."""
        try:
            while not self.is_over():
                self._wait(self.turn())
        finally:
            self.close()

    def close(self) -> None:
        """Give back the descriptors that it waits on; from here on nobody wakes it."""
        self._listener.close()
        with self._kicking:
            self._is_closed = True
            os.close(self._kick)

    def turn(self) -> float:
        """Do what can be done now; return for how many seconds there is nothing to do."""
        life, context = self._life, self._life.context
        now, self.turned_at = context.ahead.moment(self._wake()), self._clock.monotonic()
        context.fenced = not life.heartbeat.holds
        try:
            self._work(now)
        except SessionDeadError:
            self.is_fenced_out = True
            return 0.0
        except OutcomeUnknownError as error:
            self._failed(error)
            life.doubt(error)
            return _RETRY_SECONDS
        except StoreError as error:
            self._failed(error)
            return _RETRY_SECONDS
        except Exception as error:  # noqa: BLE001 - the edge of the engine's thread: it goes on
            self._stumbled(error)
            return _RETRY_SECONDS
        if life.heartbeat.is_dead:
            self.is_fenced_out = True
            return 0.0
        if self._failure:
            self._is_back(now)
        return self._idle_seconds()

    def _work(self, now: Instant) -> None:
        life = self._life
        if self._rescuer is not None:  # first: what fails below must not keep a peer's jobs waiting
            self._rescuer.tick(now)
        life.read_anew(now)
        if self._order == "stop" and not self._is_told:
            self._begin_stop()
        life.clock_watch.look()
        life.scheduler.turn(now)
        for task in self._tasks:
            task.tick(now)

    def _begin_stop(self) -> None:
        self._is_told = True
        try:
            self._life.begin_stop(self._grace)
        except BaseException:
            self._is_told = False
            raise

    def _failed(self, error: StoreError) -> None:
        self._life.is_stale = self._life.is_stale or self._life.scheduler.is_dirty
        if self._failing_since is None:
            self._failing_since = self._clock.monotonic()
        if not isinstance(error, BusyError):
            self._life.context.database.make_room()
        if self._failure != error.message:
            self._failure = error.message
            self._life.journal.write(f"the store is out of reach: {error.message}", "ERROR")

    def _is_back(self, now: Instant) -> None:
        """Tell that the store is back, and leave an alert where runs or instants may have waited.

        One that cannot be left is no reason to stop: the store may be gone again.
        """
        life, since = self._life, self._failing_since
        life.journal.write("the store is back")
        self._failing_since = None
        failure, self._failure = self._failure, ""
        seconds = 0.0 if since is None else self._clock.monotonic() - since
        if seconds < life.context.settings.lease_seconds:
            return
        effects = Effects()
        reason = f"the store was out of reach for {seconds:.1f} s: {failure}"
        with contextlib.suppress(StoreError), life.context.database.begin() as tx:
            life.scheduler.alerting.raise_transient(
                tx, STORE_AWAY, "engine", life.context.key, reason, effects, now
            )
        life.context.bus.publish(effects.events)

    def _stumbled(self, error: Exception) -> None:
        """Tell of a defect of ours once, with its traceback, and read the store anew."""
        self._life.is_stale = True
        lines = traceback.format_exception(error)
        if self._failure != lines[-1]:
            self._failure = lines[-1]
            told = [line for chunk in lines for line in chunk.rstrip().splitlines()]
            self._life.journal.write_all(["a defect in the engine, which goes on:", *told], "ERROR")

    def is_over(self) -> bool:
        """Whether there is nothing more to turn for: stopped, drained, handed over, fenced out."""
        context = self._life.context
        knows_all = not self._life.is_stale  # that runs
        if self.is_fenced_out:
            return True
        if self.is_handing_over:
            return knows_all or self._clock.monotonic() >= self._hand_over_by
        if context.mode in {DRAINING, STOPPING} and not context.running and knows_all:
            return True
        by = self._life.scheduler.modes.stop_by
        if self._order == "stop" and by is None:  # the store was out of reach so far
            grace = context.settings.grace_seconds if self._grace is None else self._grace
            if self._stop_by is None:
                self._stop_by = self._clock.monotonic() + grace
            by = self._stop_by
        return by is not None and self._clock.monotonic() >= by + _STOP_SECONDS

    @property
    def is_handing_over(self) -> bool:
        """Whether the runs are to be left to the next engine."""
        return self._order == "hand over"

    def _idle_seconds(self) -> float:
        life = self._life
        if life.scheduler.has_work_left() or self.is_over():
            return 0.0
        wait = min([self._longest_wait, *(task.wait() for task in self._tasks)])
        if (wake := self._wake()) is not None:
            wait = min(wait, life.context.ahead.wait(wake) / SECOND)
        if self._rescuer is not None:
            wait = min(wait, self._rescuer.wait())
        return min(wait, life.scheduler.details_wait())

    def _wake(self) -> Instant | None:
        """Return when the next job wants attention; None: none does, or it may not be had."""
        context = self._life.context
        if context.mode != RUNNING or context.fenced:
            return None
        return context.agenda.next_wake()

    def _wait(self, seconds: float) -> None:
        descriptors = [self._life.context.executor.fileno(), self._kick, self._listener.fileno()]
        if max(descriptors) < _SELECTABLE:
            ready = select.select(descriptors, [], [], seconds)[0]
        else:
            poll = select.poll()
            for descriptor in descriptors:
                poll.register(descriptor, select.POLLIN)
            ready = [descriptor for descriptor, _ in poll.poll(seconds * 1000)]
        if self._kick in ready:
            os.eventfd_read(self._kick)
        if self._listener.fileno() in ready:
            self._listener.drain()
            self._life.scheduler.look_closely()
