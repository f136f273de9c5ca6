"""A client that loads the console: many jobs, and so many events a second from a thread."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from app.client.desk import Desk
from app.store.events import Inbox, SnapshotBegun, SnapshotDone
from app.store.model import InstanceRow, JobRow
from app.testing.engine import ScriptedEngine
from engine.clock import SECOND, SystemClock
from engine.domain.instance import Cause, Status

T = TypeVar("T")

_TICKS = 20  # bursts of events a second


class LoadClient:
    """`jobs` jobs; `rate` events a second, spread over all of them or over the first `hot` ones."""

    def __init__(self, jobs: int, rate: int, *, hot: int = 0) -> None:
        self.clock = SystemClock()
        self.hosted = None
        self._jobs = jobs
        self._names = [f"job-{number:06}" for number in range(jobs)]
        self._rate = rate
        self._hot = hot or jobs
        self._inbox = Inbox()
        self._over = threading.Event()
        self._engine = ScriptedEngine(self.clock)
        self._number = 0
        self._turn = 0
        self._thread = threading.Thread(target=self._pour, name="tocsin-load", daemon=True)

    def start(self, inbox: Inbox) -> None:
        """Hand over all jobs, then begin to pour."""
        self._inbox = inbox
        self.resync()
        self._thread.start()

    def resync(self) -> None:
        """Hand over all jobs."""
        now = self.clock.now()
        self._inbox.put([SnapshotBegun(self._jobs), self._engine.health()])
        schedules = [f"{minute} * * * *" for minute in range(60)]
        groups = [("DEFAULT", f"group-{number:02}") for number in range(40)]
        for start in range(0, self._jobs, 1000):
            self._inbox.put(
                [
                    JobRow(
                        number,
                        self._names[number],
                        schedules[number % 60],
                        groups=groups[number % 40],
                        next_at=now + (number % 3600 + 260_000) * SECOND,
                    )
                    for number in range(start, min(start + 1000, self._jobs))
                ]
            )
        self._inbox.put([SnapshotDone()])

    def ask(self, question: Callable[[Desk], T], *, is_order: bool = False) -> "Future[T]":
        """Answer from the scripted engine."""
        return self._engine.ask(question, is_order=is_order)

    def close(self) -> None:
        """Stop pouring."""
        self._over.set()

    def _pour(self) -> None:
        burst = self._rate // _TICKS
        while not self._over.wait(1 / _TICKS if burst else 1.0):
            if burst:
                self._inbox.put(self._events(burst))
            self._inbox.seen_at = self.clock.now()

    def _events(self, count: int) -> list[InstanceRow]:
        """Return runs that begin, and then the ends of the same runs."""
        now = self.clock.now()
        events = []
        for _ in range(count):
            is_end = self._turn % 2 == 1
            if not is_end:
                self._number += 1
            self._turn += 1
            jobid = (self._number * 7919) % self._hot
            events.append(
                InstanceRow(
                    self._number,
                    jobid,
                    self._names[jobid],
                    Status.COMPLETE if is_end else Status.IN_PROGRESS,
                    Cause.SCHEDULE,
                    now - SECOND,
                    now if is_end else None,
                    sessionid=41,
                )
            )
        return events
