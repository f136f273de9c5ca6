"""Kill the engine, or its supervisor, at the K-th system call that writes, for K = 1, 2, 3, ...

    python -m tests.chaos.system_calls --engine 60 --supervisor 30

strace kills the process at the moment of the call, before the kernel does anything: for the engine
at what it does to its store from its very start (open, recover, claim, record), for the supervisor
at what it writes to logs, exit records and the engine. Then an engine is started, works, is
stopped, and everything is compared. The store is kept from one point to the next.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from engine.clock import SystemClock
from engine.execution.runtime.kernel import children_of, is_dead, name_of
from engine.persistence import jobs
from engine.persistence.database import Database
from tests.chaos.evidence import Figures, examine
from tests.chaos.mixture import mixture
from tests.chaos.nemesis import Fault
from tests.chaos.peers import Peer, boottime, end, processes_of, wait

_LEASE = 5.0  # a start takes longer than a second on a machine that is busy
_READY_SECONDS = 60.0
_OF_STORE = "pwrite64,fdatasync,fsync,ftruncate,unlink,rename"
_OF_SUPERVISOR = "write,fdatasync,ftruncate,sendto,rename,unlink"


@dataclass
class Report:
    """What was done and what it showed."""

    killed: Counter[str] = field(default_factory=Counter)
    spared: Counter[str] = field(default_factory=Counter)  # never came to the K-th call
    figures: Figures = field(default_factory=Figures)

    def print(self) -> None:
        figures = self.figures
        for who, number in sorted(self.killed.items()):
            print(f"{who:11} killed {number} times; {self.spared[who]} came to no such call")
        statuses = ", ".join(f"{n} {name}" for name, n in sorted(figures.instances.items()))
        print(f"due instants       {figures.due}")
        print(f"instances          {statuses}; {figures.begun} begun by their own word")
        print(f"ends nobody saw    {figures.untold} (their supervisor was killed at that moment)")
        print(f"orphans            {figures.orphans}")
        print(f"violations         {len(figures.violations)}")
        for one in figures.violations[:40]:
            print(f"  {one.invariant} {one.job}: {one.text}")


class Campaign:
    """One engine on a SQLite store, killed again and again."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.report = Report()
        self._folder = folder
        self._store = folder / "store.db"
        self._address = f"sqlite:///{self._store}"
        self._peer = Peer("engine", folder / "home", self._address, _LEASE)
        self._faults: list[Fault] = []
        self._engine: int | None = None  # the one that is traced
        database = Database.open(self._address)
        with database.begin() as tx:
            jobs.insert_many(tx, mixture(folder, 9, random.Random(seed)), SystemClock().now())
        database.close()

    def at_engine(self, number: int, seconds: float) -> bool:
        """Kill the engine at its `number`-th call; False: something was found to be wrong."""
        paths = [f"{self._store}{ending}" for ending in ("", "-wal", "-shm")]
        places = [word for path in paths for word in ("-P", path)]
        self._peer.start([*_strace(_OF_STORE, number), "-f", *places])
        tracer = self._peer.process
        assert tracer is not None
        engine = self._child(tracer.pid)
        died = _await_death(engine, seconds)
        self._count("engine", died)
        if not died:
            end(engine)
            _await_death(engine, seconds)
        tracer.send_signal(signal.SIGTERM)  # it lets go of the supervisor, which it has followed
        tracer.wait()
        self._peer.process = self._engine = None
        return self._go_on()

    def _child(self, tracer: int) -> int:
        until = boottime() + _READY_SECONDS
        while boottime() < until:
            for child in children_of(tracer):
                if name_of(child) not in {"", "strace"}:  # which tries out a child of its own first
                    self._engine = child
                    return child
            wait(0.01)
        said = self._peer.out.read_text()[-500:]
        sys.exit(f"strace starts nothing here, so nothing was tried: {said}")

    def at_supervisor(self, number: int, seconds: float) -> bool:
        """Kill the supervisor at its `number`-th call; False: something was found to be wrong."""
        self._peer.start()
        self._await_ready()
        (supervisor,) = self._peer.supervisors()[:1]
        words = [*_strace(_OF_SUPERVISOR, number), "-p", str(supervisor)]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as tracer:
            died = _await_death(supervisor, seconds)
            tracer.terminate()
        self._count("supervisor", died)
        if died:
            now = SystemClock().now()
            self._faults.append(Fault("supervisor killed", now, boottime(), self._peer.key))
        return self._go_on()

    def _count(self, who: str, died: bool) -> None:
        (self.report.killed if died else self.report.spared)[who] += 1

    def _go_on(self) -> bool:
        self._peer.start()
        self._await_ready()
        wait(1.2)
        self._peer.stop()
        self.report.figures = examine(self._address, self._folder, [self._peer], self._faults)
        return not self.report.figures.violations

    def _await_ready(self) -> None:
        until = boottime() + _READY_SECONDS
        while not self._peer.is_ready and boottime() < until:
            self._peer.look()
            wait(0.02)

    def end(self) -> None:
        """Leave no process behind."""
        sockets = [str(path) for path in (self._peer.home / "run").glob("*.sock")]
        left = [*self._peer.supervisors(), *processes_of(sockets)]
        if self._engine is not None:  # else it would go on without its tracer
            left.append(self._engine)
        self._peer.kill()
        for pid in left:
            end(pid)


def _strace(calls: str, number: int) -> list[str]:
    kill = f"inject={calls}:signal=KILL:when={number}"
    return ["strace", "-qq", "-o", os.devnull, "-e", f"trace={calls}", "-e", kill]


def _await_death(pid: int, seconds: float) -> bool:
    until = boottime() + seconds
    while boottime() < until:
        if is_dead(pid):
            return True
        wait(0.01)
    return False


def main() -> int:
    """Run a campaign and print what it showed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.system_calls")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    parser.add_argument("--engine", type=int, default=60, help="points in the engine's life")
    parser.add_argument("--supervisor", type=int, default=30, help="points in the supervisor's")
    parser.add_argument("--stride", type=int, default=1, help="calls from one point to the next")
    chosen = parser.parse_args()
    if shutil.which("strace") is None:
        sys.exit("strace is not installed, so nothing was tried")
    print(f"seed {chosen.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="tocsin-calls-"))
    campaign = Campaign(folder, chosen.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        is_well = all(
            campaign.at_engine(1 + number * chosen.stride, 20.0) for number in range(chosen.engine)
        ) and all(
            campaign.at_supervisor(1 + number * chosen.stride, 10.0)
            for number in range(chosen.supervisor)
        )
    finally:
        campaign.end()
    campaign.report.print()
    if not is_well:
        print(f"what is left is in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
