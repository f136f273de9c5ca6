"""Figures of execution alone: no store, no schedule, an executor and its supervisor.

    python -m benchmarks.execution [handover] [starts] [roundtrips] [burst] [shell] [output]

Medians of several repetitions on a quiet machine; nothing here is a test.
"""

import select
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.clock import SystemClock
from engine.domain.instance import Cause
from engine.domain.job import Execution
from engine.domain.run import ApiCall, Exited, RunSpec
from engine.execution.executor import Executor

REPETITIONS = 5
HAND_OVERS = 200
STARTS = 1_000
ROUND_TRIPS = 20_000
BURST = 10_000
FIRST_LINE = "import time\ndef run():\n    job_save_info(time.clock_gettime(time.CLOCK_BOOTTIME))\n"
EMPTY = "def run():\n    pass\n"
_CLOCK = SystemClock()
_PAUSE = threading.Event()  # never set: only its timeout is used


class Bench:
    """An executor, and the runs that it is given."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.saved: dict[int, Any] = {}
        self._next = 1

    def specs(self, count: int, code: str, *, jobs: int = 1, **execution: Any) -> list[RunSpec]:
        """Return runs of so many different jobs."""
        first, self._next = self._next, self._next + count
        what = Execution(code=code, **execution)
        return [_spec(number, f"job{number % jobs}", what) for number in range(first, self._next)]

    def finish(self, count: int) -> float:
        """Wait for the ends of so many runs; return the moment of the last one."""
        left = count
        while left:
            select.select([self.executor], [], [])
            done = []
            for report in self.executor.poll():
                if isinstance(report, ApiCall):
                    self.saved[report.job_instanceid] = report.args.get("info")
                    self.executor.reply(report.job_instanceid, report.seq, ok=True, value=None)
                elif isinstance(report, Exited):
                    done.append(report.job_instanceid)
            self.executor.acknowledge(done)
            left -= len(done)
        return _CLOCK.monotonic()


def _spec(number: int, name: str, execution: Execution) -> RunSpec:
    return RunSpec(
        job_instanceid=number,
        jobid=number,
        name=name,
        revision=1,
        execution=execution,
        options={},
        cause=Cause.SCHEDULE,
        due_at=0,
        started=0,
        job_info={"name": name, "job_instanceid": number},
        state=None,
        fence=number,
        log_path="",
        grace=10.0,
    )


@contextmanager
def bench() -> Iterator[Bench]:
    """Give an executor with a stock and a pool that are ready."""
    with tempfile.TemporaryDirectory() as folder:
        executor = Executor(Path(folder) / "run", Path(folder) / "logs", "1", _CLOCK)
        executor.start()
        try:
            made = Bench(executor)
            for isolation in ("process", "pool"):
                executor.submit(made.specs(4, EMPTY, isolation=isolation))
                made.finish(4)
            _PAUSE.wait(0.2)
            yield made
        finally:
            executor.close()


def handover() -> None:
    """Hand-over to a fresh process → first line of run()."""
    for isolation in ("process", "pool"):
        late: list[float] = []
        with bench() as made:
            for spec in made.specs(HAND_OVERS, FIRST_LINE, isolation=isolation):
                sent = _CLOCK.monotonic()
                made.executor.submit([spec])
                made.finish(1)
                late.append((made.saved[spec.job_instanceid] - sent) * 1000)
                _PAUSE.wait(0.02)  # so that the stock is full again
        late.sort()
        print(
            f"hand-over -> first line of run(), {isolation}, {HAND_OVERS} runs: "
            f"p50 {_at(late, 0.5):.2f} ms, p99 {_at(late, 0.99):.2f} ms"
        )


def starts() -> None:
    """Fresh processes a second, when more are wanted than can be had."""
    print(f"starts of fresh processes: {_rate(STARTS, 'process'):.0f} a second")


def roundtrips() -> None:
    """Runs of one job a second in the pool."""
    print(f"round trips in the pool, one job: {_rate(ROUND_TRIPS, 'pool'):.0f} a second")


def burst() -> None:
    """Many jobs of the pool handed over at once."""
    walls = []
    for _ in range(REPETITIONS):
        with bench() as made:
            specs = made.specs(BURST, EMPTY, jobs=BURST, isolation="pool")
            began = _CLOCK.monotonic()
            made.executor.submit(specs)
            walls.append(made.finish(BURST) - began)
    print(
        f"{BURST} pool jobs handed over at once, all ended and acknowledged: "
        f"median {statistics.median(walls):.2f} s, worst {max(walls):.2f} s"
    )


def shell() -> None:
    """Shell scripts a second, one after the other."""
    with bench() as made:
        specs = made.specs(HAND_OVERS, "true", lang="shell")
        began = _CLOCK.monotonic()
        for spec in specs:
            made.executor.submit([spec])
            made.finish(1)
        each = (_CLOCK.monotonic() - began) / HAND_OVERS
    print(f"a shell script from hand-over to its end: {each * 1000:.2f} ms")


def output() -> None:
    """What a job that writes without end costs the supervisor."""
    with bench() as made:
        size = 2 << 30
        specs = made.specs(1, f"head -c {size} /dev/zero", lang="shell")
        supervisor = made.executor.supervisor_pid
        before, began = _cpu(supervisor), _CLOCK.monotonic()
        made.executor.submit(specs)
        _PAUSE.wait(5)
        used = (_cpu(supervisor) - before) / (_CLOCK.monotonic() - began)
        made.executor.kill(specs[0].job_instanceid)
        made.finish(1)
    print(f"a job that writes 2 GiB: {used * 100:.0f} % of a core in its first 5 s")


def _rate(count: int, isolation: str) -> float:
    rates = []
    for _ in range(REPETITIONS):
        with bench() as made:
            specs = made.specs(count, EMPTY, isolation=isolation)
            began = _CLOCK.monotonic()
            made.executor.submit(specs)
            rates.append(count / (made.finish(count) - began))
    return statistics.median(rates)


def _cpu(pid: int | None) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def main(chosen: list[str]) -> None:
    """Run what is named, or everything."""
    parts: dict[str, Callable[[], None]] = {
        part.__name__: part for part in (handover, starts, roundtrips, burst, shell, output)
    }
    began = time.perf_counter()
    for name in chosen or parts:
        parts[name]()
    print(f"({time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main(sys.argv[1:])
