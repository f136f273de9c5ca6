"""Set the wall clock of an engine and its jobs forward and back while they run, and check.

    python -m tests.chaos.clock_steps --seed 7 --steps 40

Engine, supervisor and jobs see a clock of their own (`wall_shim.c`, compiled here), which the seed
steps by a fraction of a second up to days, with the engine up or down. What the jobs write down is
on CLOCK_BOOTTIME, which nobody can set: by it no job may flood and none fall silent, every run is
recorded once and as what it was, every step leaves its trace, and the ledger explains everything.
"""

import argparse
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from msgspec.structs import replace

from engine.clock import SystemClock
from engine.config import load_settings
from engine.control import open_system
from engine.domain.instance import Instance, Status
from engine.domain.job import Definition
from engine.domain.schedule import CronSchedule, RecurringSchedule
from engine.engine import Engine, execution_settings
from engine.persistence import audit, instance_queries, jobs
from engine.persistence.database import Database
from tests.chaos.mixture import mixture
from tests.chaos.peers import boottime, end, processes_of, wait
from tests.checker.witness import Witness, read_all
from tests.support.accounting import ledger_problems, unaccounted

_SHIM = Path(__file__).with_name("wall_shim.c")
_SIZES = (0.3, 0.9, 1.5, 60, 600, 7200, 4 * 3600, 86400, 5 * 86400)  # seconds
_READY_SECONDS = 30.0
_STOP_SECONDS = 60.0
_SMALLEST = 1.0  # a step of less is none
_SLOW = 5.0  # seconds that a run may begin late on a machine that is busy
_MANY = 1_000_000
_CRON = {
    "wild": CronSchedule("*", "*", "*", "*", "*"),
    "fixed": CronSchedule("30", "3", "*", "*", "*"),
    "odd": CronSchedule("17", "*/2", "*", "*", "*"),
}


@dataclass
class Report:
    """What was done and what it showed."""

    steps: list[float] = field(default_factory=list)  # seconds, with the engine up
    asleep: list[float] = field(default_factory=list)  # with the engine down
    kills: int = 0
    recorded: int = 0
    begun: int = 0
    due: int = 0
    longest_silence: float = 0.0  # beyond period and duration
    problems: list[str] = field(default_factory=list)

    def print(self) -> None:
        seen = sum(abs(step) > _SMALLEST for step in self.steps)
        print(f"steps              {len(self.steps)}, and {len(self.asleep)} with no engine up;")
        print(f"  of a second and more, with the engine up: {seen}, recorded: {self.recorded}")
        print(f"SIGKILL            {self.kills}")
        print(f"due instants       {self.due}")
        print(f"runs begun         {self.begun}, by their own word")
        print(f"latest             {self.longest_silence:.2f} s beyond what it should take")
        print(f"violations         {len(self.problems)}")
        for text in self.problems[:40]:
            print(f"  {text}")


class Wall:
    """The clock that the engine sees."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "wall"
        self.ahead = 0.0
        self._write()
        library = folder / "wall_shim.so"
        words = ["cc", "-O1", "-shared", "-fPIC", "-o", str(library), str(_SHIM)]
        try:
            subprocess.run(words, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.exit(f"the clock needs a C compiler, so nothing was tried: {error}")
        self.environment = {"LD_PRELOAD": str(library), "TOCSIN_WALL_SHIM": str(self._file)}

    def step(self, seconds: float) -> None:
        self.ahead += seconds
        self._write()

    def _write(self) -> None:
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("q", round(self.ahead * 1e9)))


class Campaign:
    """One engine on SQLite, and its clock."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.report = Report()
        self._home = folder / "home"
        self._folder = folder
        self._chance = chance
        self._wall = Wall(folder)
        self._definitions: dict[str, Definition] = {}
        self._up: list[tuple[float, float]] = []  # when an engine was ready, on the boottime clock
        self._since = 0.0
        self._marks: list[float] = []  # boottimes of steps
        self._engine: subprocess.Popen[str] | None = None

    def run(self, steps: int) -> None:
        """Step the clock so often, and check what is left."""
        self._home.mkdir(mode=0o700)
        database = Database.open(load_settings(self._home, environment={}).database_url)
        chance = self._chance
        wanted = mixture(self._folder, 12, chance)
        wanted += list(self._cron_jobs(wanted[0]))
        self._definitions = {each.name: each for each in wanted}
        with database.begin() as tx:
            jobs.insert_many(tx, wanted, SystemClock().now())
        try:
            self._start()
            for _ in range(steps):
                self._step()
            wait(4.0)
            self._stop(signal.SIGTERM)
        finally:
            self._end()
        self._check(database)
        database.close()

    def _cron_jobs(self, like: Definition) -> Iterator[Definition]:
        for name, schedule in _CRON.items():
            code = like.execution.code.replace(f"{like.name}.", f"{name}.")
            execution = replace(like.execution, code=code)
            yield replace(like, name=name, schedule=schedule, execution=execution)

    def _step(self) -> None:
        chance, report = self._chance, self.report
        size = chance.choice(_SIZES) * chance.choice((1, -1))
        if chance.random() < 0.2:
            self._stop(chance.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1)))
            self._wall.step(size)
            report.asleep.append(size)
            self._start()
        else:
            self._wall.step(size)
            report.steps.append(size)
        self._marks.append(boottime())
        wait(chance.uniform(2.0, 5.0))

    def _start(self) -> None:
        environment = {**os.environ, **self._wall.environment}
        with (self._folder / "host.log").open("a") as log:
            self._engine = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.clock_steps", "--host", str(self._home)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
            )
        assert self._engine.stdout is not None
        if self._engine.stdout.readline().strip() != "ready":
            self.report.problems.append("the engine did not start: see host.log")
        self._since = boottime()

    def _stop(self, which: signal.Signals) -> None:
        engine = self._engine
        if engine is None:
            return
        self._up.append((self._since, boottime()))
        engine.send_signal(which)
        code = engine.wait(_STOP_SECONDS)
        self.report.kills += which is signal.SIGKILL
        if which is not signal.SIGKILL and code != 0:
            self.report.problems.append(f"the engine ended with {code}")
        self._engine = None

    def _end(self) -> None:
        if self._engine is not None:
            self._engine.kill()
            self._engine.wait()
        for pid in processes_of([str(each) for each in (self._home / "run").glob("*.sock")]):
            end(pid)

    # -- what is left

    def _check(self, database: Database) -> None:
        report = self.report
        system = open_system(load_settings(self._home, environment={}))
        try:
            report.problems += unaccounted(database) + ledger_problems(system)
            report.due = system.ledger.report(since=0).total.due
        finally:
            system.close()
        witness = read_all(self._folder)
        report.begun = len(witness.begun)
        with database.read() as tx:
            rows = instance_queries.query(tx, limit=_MANY, ascending=True)
            names = {job.jobid: job.name for job in jobs.all_jobs(tx)}
            events = audit.query(tx, event="CLOCK-STEP", limit=_MANY)
        report.problems += _truth(rows, witness)
        sizes = [(each.after or {}).get("microseconds", 0) / 1e6 for each in events]
        report.problems += self._untold(sizes)
        for name, own in _by_job(rows, names, witness).items():
            report.problems += self._pace(name, own)
        for path in (self._home / "logs").glob("tocsin.engine.log*"):
            if "a defect in the engine" in path.read_text():
                report.problems.append(f"a defect is told in {path}")

    def _untold(self, sizes: list[float]) -> Iterator[str]:
        """Each step with the engine up is recorded, with its size; two in a row may be one."""
        left = list(sizes)
        for step in self.report.steps:
            found = next((size for size in left if abs(size - step) < _SMALLEST / 2), None)
            if found is not None:
                left.remove(found)
                self.report.recorded += abs(step) > _SMALLEST
            elif abs(step) > _SMALLEST:
                yield f"a step of {step:g} s was not recorded"

    def _pace(self, name: str, began: list[float]) -> Iterator[str]:
        """No flood and no silence, by a clock that was not set."""
        schedule = self._definitions[name].schedule
        if not isinstance(schedule, RecurringSchedule):
            limit = 3 + len(self._marks)
            if len(began) > limit + len(self._up):
                yield f"{name} ran {len(began)} times in {len(self._marks)} steps"
            return
        period = schedule.seconds
        marks = [0.0, *self._marks, float("inf")]
        for since, until in pairwise(marks):
            own = [each for each in began if since <= each < until]
            if own and len(own) > (own[-1] - own[0]) / period + 3:
                yield f"{name} ran {len(own)} times in {own[-1] - own[0]:.1f} s"
        for since, until in self._up:
            own = [since, *[each for each in began if since <= each <= until], until]
            for earlier, later in pairwise(own):
                late = later - earlier - period - 2.6  # the longest run
                self.report.longest_silence = max(self.report.longest_silence, late)
                if late > _SLOW:
                    yield f"{name} was silent for {later - earlier:.1f} s"


def _truth(rows: list[Instance], witness: Witness) -> Iterator[str]:
    known = {row.job_instanceid: row for row in rows}
    yield from (f"instance {n} ran twice" for n, times in witness.begun.items() if times > 1)
    yield from (f"instance {n} ran and is not recorded" for n in witness.begun if n not in known)
    for number, row in known.items():
        if row.jobstatus is Status.IN_PROGRESS:
            yield f"instance {number} is still IN-PROGRESS"
        if row.jobstatus is Status.CRASH and number in witness.begun:
            yield f"instance {number} is a false CRASH ({row.ending})"
        if row.jobstatus is Status.COMPLETE and number not in witness.ended:
            yield f"instance {number} is COMPLETE without its last line"


def _by_job(
    rows: list[Instance], names: Mapping[int, str], witness: Witness
) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in names.values()}
    for row in rows:
        with suppress(KeyError):
            found[names[row.jobid]].append(witness.began_at[row.job_instanceid])
    return {name: sorted(moments) for name, moments in found.items()}


def host(home: str) -> None:
    """Host an engine that lets its supervisor and its jobs have this process's clock."""
    settings = load_settings(Path(home))
    names = ("LD_PRELOAD", "TOCSIN_WALL_SHIM")
    clock = {name: os.environ[name] for name in names}
    engine = Engine(settings, execution=replace(execution_settings(settings), environment=clock))
    signal.signal(signal.SIGTERM, lambda *_: engine.stop(5.0))
    signal.signal(signal.SIGUSR1, lambda *_: engine.hand_over())
    engine.start()
    print("ready", flush=True)
    while not engine.wait(0.2):
        pass


def main() -> int:
    """Run a campaign and print what it showed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.clock_steps")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--host", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.host:
        host(chosen.host)
        return 0
    print(f"seed {chosen.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="tocsin-clock-"))
    campaign = Campaign(folder, random.Random(chosen.seed))
    campaign.run(chosen.steps)
    campaign.report.print()
    if campaign.report.problems:
        print(f"what is left is in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
