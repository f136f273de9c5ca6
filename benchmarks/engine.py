"""Figures of the engine: how late a run begins, a flood of due jobs, and what idling costs.

    python -m benchmarks.engine [latency] [flood] [idle]

Medians of several repetitions on a quiet machine; nothing here is a test.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from engine.clock import SECOND, SystemClock
from engine.config import load_settings
from engine.domain.instance import Status
from engine.domain.job import Definition, Execution, Isolation
from engine.domain.schedule import CronSchedule, RecurringSchedule
from engine.engine import Engine
from engine.persistence import instance_queries, jobs
from engine.persistence.database import Database

REPETITIONS = 5
FLOOD = 10_000
IDLE = 100_000
IDLE_SECONDS = 20
SETTLING_SECONDS = 3
_CLOCK = SystemClock()
_PAUSE = threading.Event()  # never set: only its timeout is used

WITNESS = """
import os, time
def run():
    now = time.time_ns() // 1000
    with open({path!r}, "a") as f:
        f.write(f"{{job_info()['due_at']}} {{now}}\\n")
"""


def main(chosen: list[str]) -> None:
    """Run what is named, or everything."""
    parts: dict[str, Callable[[], None]] = {"latency": latency, "flood": flood, "idle": idle}
    if chosen == ["idle_engine"]:
        idle_engine()
        return
    for name in chosen or parts:
        parts[name]()


def latency() -> None:
    """Due → first line of run(), for processes of their own, on a quiet engine."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        witness = home / "witness"
        database = _store(home)
        engine = Engine(load_settings(home))
        engine.start()
        code = Execution(code=WITNESS.format(path=str(witness)))
        for number in range(16):  # staggered, so that each is due alone
            with database.begin() as tx:
                jobs.insert(tx, Definition(f"j{number}", RecurringSchedule(1), execution=code), 0)
            engine.wake()
            _PAUSE.wait(1 / 16)
        _PAUSE.wait(12)
        _end(engine, database)
        late = sorted(_lateness(line) for line in witness.read_text().splitlines())
    print(
        f"due -> first line of run(), process, {len(late)} runs: "
        f"p50 {_at(late, 0.5):.2f} ms, p99 {_at(late, 0.99):.2f} ms, max {late[-1]:.2f} ms"
    )


def flood() -> None:
    """Many jobs of the pool due at one instant: until all are recorded."""
    walls = [_flood("pool", FLOOD) for _ in range(REPETITIONS)]
    print(
        f"{FLOOD} pool jobs due at one instant, all run and recorded, none twice: "
        f"median {statistics.median(walls):.2f} s, worst {max(walls):.2f} s"
    )


def _flood(isolation: Isolation, count: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        database = _store(home)
        code = Execution(code="def run():\n    pass\n", isolation=isolation)
        interval = 6
        with database.begin() as tx:
            jobs.insert_many(
                tx,
                [
                    Definition(f"j{number}", RecurringSchedule(interval), execution=code)
                    for number in range(count)
                ],
                0,
            )
        engine = Engine(load_settings(home))
        engine.start()
        with database.read() as tx:
            planned = _first_due(database, interval)
        while _CLOCK.now() < planned:
            _PAUSE.wait(0.05)
        while True:
            with database.read() as tx:
                done = instance_queries.counts_by_status(tx)
            if done.get(Status.COMPLETE, 0) >= count:
                break
            _PAUSE.wait(0.02)
        wall = (_CLOCK.now() - planned) / SECOND
        engine.stop(0)
        engine.wait(20)
        with database.read() as tx:
            found = instance_queries.query(tx, limit=count * 3)
        first = [each for each in found if each.due_at == planned]
        assert len(first) == count == len({each.jobid for each in first}), len(first)
        assert {each.jobstatus for each in first} == {Status.COMPLETE}
        database.close()
    return wall


def idle() -> None:
    """What a hundred thousand idle jobs cost at the start and afterwards, in a process apart."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        database = _store(home)
        code = Execution(code="def run():\n    pass\n")
        with database.begin() as tx:
            jobs.insert_many(tx, [_idle_job(number, code) for number in range(IDLE)], 0)
        database.close()
        # The first one opens every revision and cursor.
        first, *seen = [_idle_engine(home) for _ in range(REPETITIONS + 1)]
    start, share, memory = (statistics.median(column) for column in zip(*seen, strict=True))
    print(
        f"{IDLE} idle jobs: start {start:.2f} s (the very first {first[0]:.2f} s), "
        f"{share:.2f} % of a core over {IDLE_SECONDS} s, {memory:.0f} MiB"
    )


def _idle_engine(home: Path) -> list[float]:
    """Return start in seconds, per cent of a core while idle, and MiB, of an engine by itself."""
    command = [sys.executable, "-m", "benchmarks.engine", "idle_engine"]
    environment = {**os.environ, "TOCSIN_HOME": str(home)}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [float(word) for word in told.stdout.split()]


def idle_engine() -> None:
    """Be the engine that `idle` measures, once it has looked for what to prune."""
    engine = Engine(load_settings(Path(os.environ["TOCSIN_HOME"])))
    began = time.perf_counter()
    engine.start()
    start = time.perf_counter() - began
    _PAUSE.wait(SETTLING_SECONDS)
    used, wall = time.process_time(), time.perf_counter()
    _PAUSE.wait(IDLE_SECONDS)
    share = (time.process_time() - used) / (time.perf_counter() - wall)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    print(start, 100 * share, pages * resource.getpagesize() / (1 << 20))
    engine.stop(0)
    engine.wait(20)


def _idle_job(number: int, code: Execution) -> Definition:
    schedule = CronSchedule(str(number % 60), str(number // 60 % 24), "1", "1", "*")
    return Definition(f"j{number}", schedule, execution=code)


def _store(home: Path) -> Database:
    home.chmod(0o700)
    return Database.open(load_settings(home).database_url)


def _first_due(database: Database, interval: int) -> int:
    from engine.persistence import revisions

    with database.read() as tx:
        began = {each.began_at for each in revisions.current(tx).values()}
    (at,) = began
    return at + interval * SECOND


def _lateness(line: str) -> float:
    from datetime import datetime

    from engine.clock import from_datetime

    due, now = line.split()
    return (int(now) - from_datetime(datetime.fromisoformat(due))) / 1000


def _at(values: list[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)]


def _end(engine: Engine, database: Database) -> None:
    engine.stop(1)
    engine.wait(20)
    database.close()


if __name__ == "__main__":
    print(f"pid {os.getpid()}, {os.cpu_count()} processors", file=sys.stderr)
    main(sys.argv[1:])
