"""Where runs get their processes: the stock of fresh ones, the pool, and who waits for them."""

from __future__ import annotations

import gc
import time

from . import child, python_job
from .bare import deque
from .callers import Callers
from .ending import START_FAILURE
from .house import House
from .plain import loads
from .pool import Pool
from .pool_run import PoolRun
from .process_run import ProcessRun
from .reactor import LONGEST_WAIT, Reactor, boottime
from .stock import Stock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from .bare import Socket
    from .guard import Guard
    from .lease import Lease

STARTS_PER_TURN = 12
TIDY_SECONDS = 1.0
REST_SECONDS = 0.005  # without a fork after a start: what begins needs the processors
IDLE_WAIT = 30.0  # seconds: without runs no deadline matters


class Workshop:
    """Where runs get their processes: the stock, the pool, and who waits for them."""

    def __init__(
        self, reactor: Reactor, settings: dict[str, Any], lease: Lease, guard: Guard
    ) -> None:
        python_job.prepare(settings["site"])
        self.house = House(reactor, settings, lease)
        self._guard = guard
        self._callers = Callers(self.house)
        child.warm_up()
        gc.collect()
        gc.freeze()

        def live(control: Socket) -> NoReturn:
            child.live(control, lease)

        self._stock = Stock(settings["stock"], live)
        self._pool = Pool(self.house)
        self._waiting: deque[ProcessRun] = deque()  # for a process
        self._prepared: dict[int, ProcessRun] = {}  # they have a process and wait for the word
        self._begun: list[ProcessRun] = []  # they got it in this turn
        self._busy = 0
        self._started_at = 0.0  # when a run began last
        self._tidied_at = boottime()

    def patience(self) -> float:
        """Return how long the next turn may wait, in seconds."""
        if self._waiting_can_start():
            return 0.0
        if not self._stock.is_full:
            return max(self._rest(), self._stock.refused_for())
        house = self.house
        is_idle = not (house.runs or house.strays.present or house.exits.owes)
        return IDLE_WAIT if is_idle else LONGEST_WAIT

    def _rest(self) -> float:
        """Return for how long a fork would still be in the way of a run that begins."""
        return max(0.0, self._started_at + REST_SECONDS - boottime())

    def _waiting_can_start(self) -> bool:
        return bool(self._waiting) and self._busy < self.house.settings["max_processes"]

    def turn(self) -> None:
        """Start what can be started, tell what happened."""
        started = self._begun + self._start_waiting()
        self._begun = []
        self._pool.work()
        house = self.house
        if started:
            house.tell(["started", *[run.describe() for run in started]])
        house.tell_ends()
        if house.engine is not None:
            house.engine.flush()
        if house.is_untidy or boottime() - self._tidied_at >= TIDY_SECONDS:
            self._tidy()
        if not started and not self._stock.is_full and not self._rest():
            self._stock.refill()

    def _start_waiting(self) -> list[ProcessRun]:
        room = self.house.settings["max_processes"] - self._busy
        runs: list[ProcessRun] = []
        while self._waiting and len(runs) < min(room, STARTS_PER_TURN):
            run = self._waiting.popleft()
            if run.number in self.house.runs:  # else it was ended meanwhile
                runs.append(run)
        if not runs:
            return runs
        children, refusal = self._stock.take(len(runs))
        now = time.time_ns() // 1000
        for run, process in zip(runs, children, strict=False):
            run.give_to(process)
            run.begin(now)
        self._busy += len(children)
        self._started_at = boottime()
        for run in runs[len(children) :]:
            cause = refusal.strerror if refusal is not None else "none was to be had"
            run.fail(START_FAILURE, f"no process could be made: {cause}")
        return runs[: len(children)]

    def _tidy(self) -> None:
        self._tidied_at = boottime()
        self.house.is_untidy = False
        runs = [run for run in self.house.runs.values() if isinstance(run, ProcessRun)]
        runs += self._prepared.values()
        leaders = [run.pid for run in runs if run.pid is not None]
        self._busy = len(leaders)
        known = {*leaders, *self._stock.pids(), *self._pool.pids()}
        if self._guard.pid is not None:
            known.add(self._guard.pid)
        living = {*(str(run.number) for run in runs), *self._pool.names()}
        at_work = bool(runs) or self._pool.is_busy
        self._pool.replace(self.house.strays.tidy(known, living, at_work=at_work))

    def submit(self, number: int, header: dict[str, Any], lines: list[bytes]) -> None:
        """Take a run."""
        if header["pool"]:
            pooled = PoolRun(self.house, number, header, lines, self._pool.take_back)
            self.house.runs[number] = pooled
            self._pool.submit(pooled)
        else:
            run = ProcessRun(self.house, number, header, lines)
            self.house.runs[number] = run
            self._waiting.append(run)

    def prepare(self, number: int, header: dict[str, Any], lines: list[bytes]) -> None:
        """Make a process ready for a run that may get the word, if there is room for one."""
        run = self._prepared[number] = ProcessRun(self.house, number, header, lines)
        if self._waiting or self._busy >= self.house.settings["max_processes"]:
            return
        for process in self._stock.take(1)[0]:
            run.give_to(process)
            run.prepare()
            self._busy += 1
            self._started_at = boottime()

    def _go(self, number: int) -> None:
        """Let a run that was prepared begin."""
        if (run := self._prepared.pop(number, None)) is None:
            return
        self.house.runs[number] = run
        if run.pid is None:
            self._waiting.append(run)
            return
        run.begin(time.time_ns() // 1000)
        self._started_at = boottime()
        self._begun.append(run)

    def drop_prepared(self) -> None:
        """Leave nothing of the runs that did not get the word: nobody is there to give it."""
        for run in self._prepared.values():
            run.discard()
            self._busy -= run.pid is not None
        self._prepared.clear()

    def command(self, verb: str, rest: list[Any]) -> None:
        """Do what the engine wants done with runs."""
        if verb == "ack":
            self.house.exits.acknowledge(rest[0])
            return
        if verb == "go":
            self._go(rest[0])
            return
        if verb == "drop":
            self.drop_prepared()
            return
        run = self.house.runs.get(rest[0])
        if run is None:
            return
        if verb == "reply":
            run.reply(rest[1], rest[2], rest[3])
        elif verb == "ask":
            run.ask()
        elif verb == "cancel":
            run.end_after(rest[1], rest[2], "asked to stop, and ended")
        elif verb == "kill":
            run.end_now(rest[1], "killed by an operator")

    def end_all(self, ending: str, detail: str) -> None:
        """End every run whole, at once."""
        for run in list(self.house.runs.values()):
            run.end_now(ending, detail)

    def report(self) -> dict[str, Any]:
        """Return all that an engine must know that finds us at work."""
        runs = self.house.runs.values()
        return {
            "running": [run.describe() for run in runs if run.pid is not None],
            "waiting": [run.number for run in runs if run.pid is None],
            "exits": [loads(record) for record in self.house.exits.kept.values()],
            "calls": [call for run in runs for call in run.waiting_calls()],
        }

    def close(self) -> None:
        """Leave no process behind; there are no runs any more."""
        self.drop_prepared()
        self._stock.close()
        self._pool.close()
        self._tidy()
        self.house.close()
