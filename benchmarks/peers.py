"""Several engine processes on one PostgreSQL: how late a run begins, and claims a second.

    python -m benchmarks.peers [latency] [claims] [--rounds 5] [--seconds 10]

The first counts from the due instant to the first line of run(), by witness files: 16
`single_instance` jobs, each due every second on its own moment, which all three engines want, and 4
that each of the engines runs. The second has two processes claim batches of 256 at once, durably.
Medians of the rounds; the worst round beside them. A server of its own is started, or
TOCSIN_TEST_DB names one.
"""

import argparse
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sqlalchemy import URL

from benchmarks.store import Life, server
from engine.clock import SystemClock, from_datetime
from engine.domain.job import Definition, Execution
from engine.domain.schedule import RecurringSchedule
from engine.persistence import jobs
from engine.persistence.database import Database
from tests.support.postgres import fresh_database
from tests.support.stores import opened

_ENGINES = 3
_SHARED, _OF_EACH = 16, 4  # jobs
_WARM_UP = 4  # seconds
_BATCH = 256
_CLAIMERS = 2
_PAUSE = threading.Event()  # never set: only its timeout is used

_WITNESS = """
import os, time
def run():
    line = f"{{job_info()['due_at']}} {{time.time_ns() // 1000}}\\n"
    fd = os.open({path!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(fd, line.encode())
    os.close(fd)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="latency|claims")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0, help="of a round of latency")
    asked = parser.parse_args()
    parts = {"latency": latency, "claims": claims}
    for name in asked.parts or parts:
        if name not in parts:
            parser.error(f"there is no part '{name}': {' or '.join(parts)}")
        with server() as address, fresh_database(address) as url:
            parts[name](url, asked)


def latency(url: URL, asked: argparse.Namespace) -> None:
    """Due → first line of run() with three engines."""
    text = url.render_as_string(hide_password=False)
    Database.open(text).close()
    with tempfile.TemporaryDirectory() as folder, _engines(Path(folder), text):
        witness = Path(folder) / "witness"
        _fill(text, witness)
        _PAUSE.wait(_WARM_UP)
        rounds = [_round(witness, asked.seconds) for _ in range(asked.rounds)]
    runs = sum(len(late) for late in rounds)
    print(
        f"due -> first line of run(), {_ENGINES} engines, {runs} runs in {asked.rounds} rounds: "
        f"p50 {_middle(rounds, 0.5)}, p99 {_middle(rounds, 0.99)}, max {_middle(rounds, 1.0)}"
    )


def _round(witness: Path, seconds: float) -> list[float]:
    """Return how late each run of some seconds began, in ms."""
    before = witness.stat().st_size
    _PAUSE.wait(seconds)
    with witness.open() as file:
        file.seek(before)
        return sorted(_lateness(line) for line in file.read().splitlines())


def _lateness(line: str) -> float:
    due, now = line.split()
    return (int(now) - from_datetime(datetime.fromisoformat(due))) / 1000


def _middle(rounds: list[list[float]], share: float) -> str:
    found = [late[min(int(len(late) * share), len(late) - 1)] for late in rounds]
    return f"{statistics.median(found):.1f} ms (worst {max(found):.1f})"


def _fill(text: str, witness: Path) -> None:
    """Insert the jobs one after the other, so that each is due at its own moment."""
    code = Execution(code=_WITNESS.format(path=str(witness)))
    database = Database.open(text)
    for number in range(_SHARED + _OF_EACH):
        job = Definition(
            f"job-{number}",
            RecurringSchedule(1),
            execution=code,
            single_instance=number < _SHARED,
        )
        with database.begin() as tx:
            jobs.insert(tx, job, SystemClock().now())
        _PAUSE.wait(1 + 1 / (_SHARED + _OF_EACH))
    database.close()


@contextmanager
def _engines(folder: Path, text: str) -> Iterator[None]:
    processes = []
    try:
        for number in range(_ENGINES):
            home = folder / f"engine-{number}"
            place = ["--home", str(home), "--db", text, "--instance", f"engine-{number}"]
            words = [sys.executable, "-m", "app", *place, "engine"]
            out = (folder / f"{home.name}.out").open("wb")
            processes.append(subprocess.Popen(words, stdout=out, stderr=out))
            out.close()
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def claims(url: URL, asked: argparse.Namespace) -> None:
    """Claims a second of two processes at once."""
    context = multiprocessing.get_context("spawn")
    text = url.render_as_string(hide_password=False)
    with opened(url):
        pass
    gate = context.Barrier(_CLAIMERS)
    with context.Pool(_CLAIMERS, _set_gate, (gate,)) as pool:
        places = [(text, f"engine-{number}", asked.rounds) for number in range(_CLAIMERS)]
        told = pool.starmap(_claim_rounds, places, chunksize=1)
    rates = []
    for spans in zip(*told, strict=True):
        first, last = min(began for began, _, _ in spans), max(ended for _, ended, _ in spans)
        rates.append(sum(count for _, _, count in spans) / (last - first))
    print(
        f"claims of {_CLAIMERS} engines, {_BATCH} a commit: "
        f"{statistics.median(rates):,.0f} a second (worst {min(rates):,.0f})"
    )


_gates: list[Barrier] = []


def _set_gate(gate: Barrier) -> None:
    _gates.append(gate)


def _claim_rounds(text: str, key: str, rounds: int) -> list[tuple[float, float, int]]:
    """Return when each round began and ended (on a clock that processes share), and its claims."""
    store = Database.open(text)
    life = Life(store, key)
    spans = []
    for number in range(rounds + 1):
        _gates[0].wait()
        began = time.monotonic()
        made = [life.claim(part) for _ in range(4) for part in life.parts(_BATCH)]
        ended = time.monotonic()
        _gates[0].wait()
        for each in made:
            life.end(each)
        if number:  # the first warms up
            spans.append((began, ended, sum(len(each) for each in made)))
    store.close()
    return spans


if __name__ == "__main__":
    main()
