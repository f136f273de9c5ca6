"""Kill the engine with SIGKILL at random moments while jobs run, and compare witness and store.

    python -m tests.chaos.kills --kills 100 --seed 7

Every random choice comes from the seed. Nothing but the engine's own process is killed: its
supervisor lives on, and each next engine adopts what runs.
"""

import argparse
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.clock import SystemClock
from engine.config import load_settings
from engine.domain.instance import Instance, Status
from engine.persistence import instance_queries, jobs, sessions, state_data
from engine.persistence.database import Database
from tests.chaos.workload import Witness, definitions
from tests.checker.check import check
from tests.checker.rows import load
from tests.checker.witness import read_all
from tests.support.accounting import unaccounted

_READY_SECONDS = 30.0
_MANY = 1_000_000


@dataclass(slots=True)
class Figures:
    """What a storm was, and what it showed."""

    kills: int = 0
    instances: dict[str, int] = field(default_factory=dict)
    begun: int = 0
    starts: list[float] = field(default_factory=list)  # seconds from exec to ready
    violations: list[str] = field(default_factory=list)

    def describe(self) -> str:
        """Return the figures as one paragraph."""
        statuses = ", ".join(f"{count} {name}" for name, count in sorted(self.instances.items()))
        starts = sorted(self.starts)
        return (
            f"{self.kills} kills, {sum(self.instances.values())} instances ({statuses}), "
            f"{self.begun} begun by their witness; exec to ready p50 "
            f"{starts[len(starts) // 2]:.2f} s, max {starts[-1]:.2f} s; "
            f"{len(self.violations)} violations"
        )


def storm(home: Path, kills: int, seed: int) -> Figures:
    """Run the workload in `home` through `kills` kills and check what is left."""
    chance = random.Random(seed)
    figures = Figures()
    database = _prepare(home)
    for _ in range(kills):
        if chance.random() < 0.3:  # while it starts: it opens its session, adopts, recovers
            engine = _spawn(home)
            _wait(chance.uniform(0.2, 0.8))
        else:
            engine = _start(home, figures)
            _wait(chance.uniform(0.0, 0.6))
        engine.send_signal(signal.SIGKILL)
        engine.communicate()
        figures.kills += 1
        if chance.random() < 0.2:
            _wait(chance.uniform(0.0, 1.5))
    _finish(home, database, figures)
    return figures


def _prepare(home: Path) -> Database:
    database = Database.open(load_settings(home).database_url)
    database.keep_room()  # else it would be what grows first
    with database.begin() as tx:
        jobs.insert_many(tx, definitions(home), SystemClock().now())
    return database


def _finish(home: Path, database: Database, figures: Figures) -> None:
    """Let a last engine work and stop, and check what is left."""
    engine = _start(home, figures)
    _wait(1.0)
    engine.send_signal(signal.SIGTERM)
    engine.communicate(timeout=_READY_SECONDS)
    if engine.returncode != 0:
        figures.violations.append(f"the last engine ended with {engine.returncode}")
    _check(home, database, figures)
    database.close()


def crash_points(home: Path, growth: Sequence[int], seed: int) -> Figures:
    """Let the engine die each time its store's log has grown by so many bytes, and check."""
    figures = Figures()
    database = _prepare(home)
    chance = random.Random(seed)
    log = home / "tocsin.db-wal"
    for size in growth:
        so_far = log.stat().st_size if log.exists() else 0
        engine = _spawn(home, dies_at=so_far + size)
        engine.communicate(timeout=_READY_SECONDS)
        if engine.returncode != -signal.SIGXFSZ:
            figures.violations.append(f"at {size} the engine ended with {engine.returncode}")
        figures.kills += 1
        _wait(chance.uniform(0.0, 0.5))
    _finish(home, database, figures)
    return figures


def _spawn(home: Path, dies_at: int | None = None) -> subprocess.Popen[str]:
    """Start an engine; `dies_at`: the size in bytes at which a file that it writes kills it."""
    words = [str(home)] if dies_at is None else [str(home), str(dies_at)]
    with (home / "host.log").open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.host", *words],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


def _start(home: Path, figures: Figures) -> subprocess.Popen[str]:
    began = time.monotonic()
    engine = _spawn(home)
    assert engine.stdout is not None
    ready = select.select([engine.stdout], [], [], _READY_SECONDS)[0]
    line = engine.stdout.readline() if ready else "nothing"
    if line.strip() != "ready":
        engine.kill()
        engine.communicate()
        raise AssertionError(f"the engine said {line!r}: {(home / 'host.log').read_text()[-2000:]}")
    figures.starts.append(time.monotonic() - began)
    return engine


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


def _check(home: Path, database: Database, figures: Figures) -> None:
    wrong = figures.violations
    wrong += unaccounted(database)
    wrong += [str(each) for each in check(load(home / "tocsin.db"), read_all(home)).violations]
    with database.read() as tx:
        rows = instance_queries.query(tx, limit=_MANY, ascending=True)
        names = {job.jobid: job for job in jobs.all_jobs(tx)}
        states = {jobid: state_data.get(tx, jobid) for jobid in names}
        active = sessions.active(tx)
    wrong += [f"session {each.sessionid} is still ACTIVE" for each in active]
    for status in Status:
        figures.instances[status.value] = sum(row.jobstatus is status for row in rows)
    for jobid, job in names.items():
        witness = Witness.read(home / f"{job.name}.witness")
        figures.begun += len(witness.begun)
        own = [row for row in rows if row.jobid == jobid]
        wrong += [f"{job.name}: {each}" for each in _compare(own, witness)]
        if job.name in _with_state():
            state = states[jobid]
            kept = None if state is None or state.data is None else state.data.get("n")
            wrong += [f"{job.name}: {each}" for each in _states(own, witness, kept)]
        if job.sessionid is not None:
            wrong.append(f"{job.name} is still owned by session {job.sessionid}")


def _with_state() -> set[str]:
    return {f"job-{number}" for number in range(12)}


def _compare(rows: list[Instance], witness: Witness) -> list[str]:
    """Compare the instances of one job with what it wrote itself."""
    wrong = [f"instance {number} ran twice" for number in witness.doubled]
    known = {row.job_instanceid: row for row in rows}
    wrong += [f"instance {n} ran and is not recorded" for n in witness.begun if n not in known]
    begun = set(witness.begun)
    for number, row in known.items():
        if row.jobstatus is Status.IN_PROGRESS:
            wrong.append(f"instance {number} is still IN-PROGRESS")
        if row.jobstatus is Status.CRASH and number in begun:
            wrong.append(f"instance {number} is a false CRASH ({row.ending}): it ran")
        if row.jobstatus is Status.COMPLETE and number not in witness.ended:
            wrong.append(f"instance {number} is COMPLETE without its last line")
        ended_badly = row.jobstatus is Status.ERROR and row.ending != "engine-stopped"
        if ended_badly and (number % 3 or number not in witness.ended):
            wrong.append(f"instance {number} is ERROR ({row.ending}: {row.detail})")
    return wrong


def _states(rows: list[Instance], witness: Witness, kept: int | None) -> list[str]:
    """Each run finds what the one before saved and was told of; COMPLETE leaves nothing."""
    wrong = []
    expected = 0
    for row in rows:
        number = row.job_instanceid
        if number in witness.found and witness.found[number] != expected:
            wrong.append(f"instance {number} found state {witness.found[number]}, not {expected}")
        if number in witness.saved:
            expected = witness.saved[number]
        if row.jobstatus is Status.COMPLETE:
            expected = 0
    if (kept or 0) != expected:
        wrong.append(f"its state data are {kept}, not {expected}")
    return wrong


def main() -> None:
    """Run a storm of its own and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    folder = Path(tempfile.mkdtemp(prefix="tocsin-kills-"))
    figures = storm(folder, arguments.kills, arguments.seed)
    if figures.violations:
        print(f"what is left is in {folder}")
    else:
        shutil.rmtree(folder)
    print(figures.describe())
    for violation in figures.violations:
        print(f"  {violation}")
    sys.exit(1 if figures.violations else 0)


if __name__ == "__main__":
    main()
