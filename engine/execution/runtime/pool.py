"""Workers that are used again and again, for tiny frequent jobs (`isolation: pool`).

Several runs may be on their way to one worker, which works through them in order. Where one takes
long, those behind it are taken back and go to another, and there are more workers for a while.
"""

from __future__ import annotations

import os
import time

from . import signals
from .bare import deque
from .pool_run import PoolRun
from .reactor import boottime
from .worker import ANNOUNCED_AFTER, PATIENCE, Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from .house import House

DEPTH = 32  # runs on their way to one worker
MOST_WORKERS = 32
IDLE_SECONDS = 30.0  # after which a worker beyond the usual number is let go


class Pool:
    """The workers, and the runs that wait for one."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._size = house.settings["pool_workers"]
        self._workers: list[Worker] = []
        self._waiting: deque[PoolRun] = deque()
        self._names = 0
        self._ticking = False

    def submit(self, run: PoolRun) -> None:
        """Take a run; `work` gives it to a worker."""
        self._waiting.append(run)

    def work(self) -> None:
        """Give waiting runs to workers; called once a turn."""
        while self._waiting:
            worker = self._least_busy()
            if worker is None:
                return
            room = DEPTH - len(worker.runs)
            share = max(1, len(self._waiting) // max(1, self._size))
            batch = [self._waiting.popleft() for _ in range(min(room, share, len(self._waiting)))]
            now = time.time_ns() // 1000
            for run in batch:
                run.started_at = now
            worker.give(batch)
        if not self._ticking and self._workers:
            self._tick()

    def _least_busy(self) -> Worker | None:
        """Return the worker to take more; None: all have enough to do."""
        able = [worker for worker in self._workers if not worker.retired]
        best = min(able, key=lambda worker: len(worker.runs), default=None)
        if best is not None and not best.runs:
            return best
        if len(able) < self._size or (self._is_stuck(able) and len(self._workers) < MOST_WORKERS):
            return self._add() or best
        if best is not None and len(best.runs) < DEPTH and not self._is_stuck([best]):
            return best
        return None

    def _is_stuck(self, workers: list[Worker]) -> bool:
        limit = boottime() - PATIENCE
        return all(worker.runs and worker.first_since < limit for worker in workers)

    def _add(self) -> Worker | None:
        self._names += 1
        try:
            worker = Worker(self.house, f"w{self._names}", self.retire, self.gone)
        except OSError as error:
            if not self._workers:
                while self._waiting:
                    cause = f"no process could be made: {error.strerror}"
                    self._waiting.popleft().fail("START-FAILED", cause)
            return None
        self._workers.append(worker)
        return worker

    def _tick(self) -> None:
        """Look after runs that take long: announce them, and let nobody wait behind them."""
        self._ticking = False
        now = boottime()
        busy = False
        for worker in list(self._workers):
            if not worker.runs:
                if len(self._workers) > self._size and now - worker.idle_since > IDLE_SECONDS:
                    self.retire(worker)
                continue
            busy = True
            waited = now - worker.first_since
            if len(worker.runs) > 1 and waited > PATIENCE:
                self._waiting.extendleft(reversed(worker.take_back()))
            if worker.runs:
                worker.look_after(now)
        if busy or self._waiting or len(self._workers) > self._size:
            self._ticking = True
            waits = self._waiting or any(len(worker.runs) > 1 for worker in self._workers)
            pause = PATIENCE if waits else ANNOUNCED_AFTER if busy else 1.0
            self.house.reactor.after(pause, self._tick)

    def retire(self, worker: Worker) -> None:
        """Give a worker no more runs, and let it go when it has none."""
        worker.retired = True
        self._waiting.extendleft(reversed(worker.take_back()))
        if not worker.runs:
            worker.let_go()

    def replace(self, names: Collection[str]) -> None:
        """Retire workers of which a daemon was left; it is ended when its worker is gone.

        The run that a worker is doing may be the one that started it: so it has its time.
        """
        for worker in self._workers:
            if worker.name in names and not worker.retired:
                self.retire(worker)
        self.work()

    def take_back(self, run: PoolRun) -> bool:
        """Take back a run that has not begun; False: it has."""
        if run.worker is not None:
            self._waiting.extendleft(reversed(run.worker.take_back()))
        if run.worker is not None:
            return False
        self._waiting.remove(run)
        return True

    def gone(self, worker: Worker, spared: list[PoolRun]) -> None:
        """Forget a worker that ended; what it had not begun goes to others."""
        self._workers.remove(worker)
        self.house.is_untidy = True
        self._waiting.extendleft(reversed(spared))

    @property
    def is_busy(self) -> bool:
        """Whether a worker has runs to do."""
        return any(worker.runs for worker in self._workers)

    def pids(self) -> list[int]:
        """Return the pids of all workers."""
        return [worker.child.pid for worker in self._workers]

    def names(self) -> list[str]:
        """Return what stands for the workers in their marks."""
        return [worker.name for worker in self._workers]

    def close(self) -> None:
        """End all workers; there are no runs any more."""
        for worker in self._workers:
            signals.group(worker.child.pid, signals.SIGKILL)
            os.waitpid(worker.child.pid, 0)
        self._workers.clear()
