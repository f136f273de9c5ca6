"""Fill the disks of store, logs and exit records while an engine works, and check what is left.

    python -m tests.chaos.full_disk --seed 7 --fills 40

Each of the three lies on a small disk of its own, and the jobs' witness files on another one. The
seed says which disk is full when, for how long, and when the engine is killed meanwhile. Each time
the store's disk stays full, `tocsin status` must say so, and the engine must go on by itself.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from engine.clock import SystemClock
from engine.persistence import alerts, jobs
from engine.persistence.database import Database
from tests.chaos.evidence import Figures, examine
from tests.chaos.mixture import mixture
from tests.chaos.nemesis import Fault
from tests.chaos.peers import Peer, boottime, end, processes_of, wait
from tests.chaos.small_disk import SmallDisk, be_able_to_mount, small_disk

_LEASE = 2.0
_SIZES = {"store": 6144, "logs": 768, "exit records": 64}  # KiB
_READY_SECONDS = 30.0
_ROOT = Path(__file__).parents[2]


@dataclass
class Report:
    """What was done and what it showed."""

    filled: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    told: int = 0  # times that `tocsin status` told of the full store
    resumed: list[float] = field(default_factory=list)  # seconds from room to the next record
    alerts: Counter[str] = field(default_factory=Counter)
    figures: Figures = field(default_factory=Figures)
    problems: list[str] = field(default_factory=list)

    def print(self) -> None:
        figures, resumed = self.figures, sorted(self.resumed) or [0.0]
        filled = ", ".join(f"{number} {name}" for name, number in sorted(self.filled.items()))
        statuses = ", ".join(f"{n} {name}" for name, n in sorted(figures.instances.items()))
        names = ", ".join(f"{n} {name}" for name, n in sorted(self.alerts.items()))
        print(f"disks filled       {filled}; {self.kills} SIGKILL of the engine meanwhile")
        print(f"due instants       {figures.due}")
        print(f"instances          {statuses}; {figures.begun} begun by their own word")
        print(f"status told of it  {self.told} times; alerts: {names or 'none'}")
        middle = resumed[len(resumed) // 2]
        print(f"room to record     p50 {middle:.2f} s, max {resumed[-1]:.2f} s, of {len(resumed)}")
        print(f"violations         {len(figures.violations) + len(self.problems)}")
        for one in figures.violations:
            print(f"  {one.invariant} {one.job}: {one.text}")
        for text in self.problems:
            print(f"  {text}")


class Campaign:
    """One engine, three small disks."""

    def __init__(self, folder: Path, disks: list[SmallDisk], chance: random.Random) -> None:
        self.report = Report()
        self._folder = folder
        self._disks = disks
        self._chance = chance
        self._address = f"sqlite:///{folder / 'store' / 'store.db'}"
        self._peer = Peer("engine", folder / "home", self._address, _LEASE)
        self._faults: list[Fault] = []

    def run(self, fills: int) -> None:
        """Fill so often, and check what is left."""
        database = Database.open(self._address)
        with database.begin() as tx:
            jobs.insert_many(tx, mixture(self._folder, 18, self._chance), SystemClock().now())
        try:
            self._peer.start()
            self._await_ready()
            for _ in range(fills):
                self._fill(database)
            self._await_ready()
            self._pass(3.0)
            self._peer.stop()
        finally:
            self._end()
        with database.read() as tx:
            self.report.alerts.update(each.alert for each in alerts.query(tx, limit=100_000))
        database.close()
        self.report.figures = examine(self._address, self._folder, [self._peer], self._faults)

    def _fill(self, database: Database) -> None:
        chance, report = self._chance, self.report
        disks = chance.sample(self._disks, chance.choice((1, 1, 1, 2, 3)))
        for disk in disks:
            report.filled[disk.name] += 1
            self._faults.append(Fault(f"{disk.name} full", SystemClock().now(), boottime()))
        self._pass(chance.uniform(0.5, 3.0), disks)
        if chance.random() < 0.25:
            self._peer.kill()
            report.kills += 1
            if chance.random() < 0.5:
                self._peer.start()  # which is refused in one line, or goes on when there is room
        self._pass(chance.uniform(0.5, 3.0), disks)
        store_is_full = any(disk.name == "store" for disk in disks)
        if store_is_full and self._peer.is_ready:
            self._ask_status()
        for disk in disks:
            disk.free()
        self._peer.start()
        if store_is_full and self._peer.is_ready:
            self._await_record(database)
        self._pass(chance.uniform(0.2, 2.0))

    def _ask_status(self) -> None:
        place = ["--home", str(self._peer.home), "--db", self._address, "--instance", "engine"]
        words = [sys.executable, "-m", "app", *place, "status"]
        told = subprocess.run(words, cwd=_ROOT, capture_output=True, text=True, check=False)
        if "are free at" in told.stdout and told.returncode == 0:
            self.report.told += 1
        else:
            self.report.problems.append(f"status with a full store: {told.stdout}{told.stderr}")

    def _await_record(self, database: Database) -> None:
        """Wait until something was recorded again."""
        began, before = boottime(), database.seen_change()
        while database.seen_change() == before and boottime() - began < _READY_SECONDS:
            wait(0.02)
        self.report.resumed.append(boottime() - began)

    def _await_ready(self) -> None:
        until = boottime() + _READY_SECONDS
        while not self._peer.is_ready and boottime() < until:
            self._peer.look()
            wait(0.05)
        if not self._peer.is_ready:
            self.report.problems.append(f"no engine after {_READY_SECONDS:g} s")

    def _pass(self, seconds: float, full: Sequence[SmallDisk] = ()) -> None:
        """Let time pass; what is full stays so, whatever the engine gives up."""
        until = boottime() + seconds
        while boottime() < until:
            for disk in full:
                disk.fill()
            self._peer.look()
            wait(0.05)

    def _end(self) -> None:
        for disk in self._disks:
            disk.free()
        sockets = [str(path) for path in (self._peer.home / "run").glob("*.sock")]
        left = [*self._peer.supervisors(), *processes_of(sockets)]
        self._peer.kill()
        for pid in left:
            end(pid)


def _no_files(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not (Path(folder) / name).is_file()]


def main() -> int:
    """Run a campaign and print what it showed."""
    be_able_to_mount()
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.full_disk")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    parser.add_argument("--fills", type=int, default=40)
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="tocsin-full-"))
    with ExitStack() as stack:
        places = {
            "store": folder / "store",
            "logs": folder / "home" / "logs",
            "exit records": folder / "home" / "run",
        }
        (folder / "home").mkdir(mode=0o700)
        disks = [
            stack.enter_context(small_disk(name, path, _SIZES[name]))
            for name, path in places.items()
        ]
        campaign = Campaign(folder, disks, random.Random(chosen.seed))
        campaign.run(chosen.fills)
        campaign.report.print()
        if campaign.report.figures.violations or campaign.report.problems:
            for name, path in places.items():  # which goes with the disks
                shutil.copytree(path, folder / "kept" / name, ignore=_no_files)
            print(f"what is left is in {folder}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
