"""Hurt real engines and their store in every way there is, and check that nothing came of it.

    python -m tests.chaos.cluster --seed 7 --rounds 5
    python -m tests.chaos.cluster --seed 7 --rounds 5 --sqlite

Three engines (or one, on SQLite) run a mixture of jobs while faults of all kinds are done to them.
After each round all is mended, the engines are stopped, and store, witness files and processes are
compared. Every random choice comes from the seed; what the machine does with it is its own.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.clock import SystemClock
from engine.persistence import jobs
from engine.persistence.database import Database
from tests.chaos.evidence import Figures, examine
from tests.chaos.mixture import mixture
from tests.chaos.nemesis import Fault, Nemesis
from tests.chaos.peers import Peer, boottime, end, processes_of, wait
from tests.chaos.servers import Server, hurtable_server
from tests.support.proxy import Proxy, proxied

_READY_SECONDS = 60.0
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything."""

    seed: int
    rounds: int = 1
    seconds: float = 20.0  # of harm in a round
    engines: int = 3
    jobs: int = 30
    lease: float = 1.0
    calm: float = 6.0  # seconds without harm at the end of a round
    on_sqlite: bool = False
    pace: float = 1.0  # 2: twice as long between two harms


@dataclass
class Report:
    """What a campaign was and what it showed."""

    plan: Plan
    faults: list[Fault] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    refused_starts: int = 0

    def lines(self) -> Iterator[str]:
        """Yield the report as lines."""
        plan, figures = self.plan, self.figures
        store = "SQLite" if plan.on_sqlite else "PostgreSQL"
        yield f"seed {plan.seed}: {plan.rounds} rounds of {plan.seconds:g} s on {store},"
        yield f"  {plan.engines} engines, {plan.jobs} jobs, lease {plan.lease:g} s"
        yield f"faults             {len(self.faults)}"
        for kind, number in Counter(fault.kind for fault in self.faults).most_common():
            yield f"  {number:6} {kind}"
        yield f"due instants       {figures.due}"
        statuses = ", ".join(f"{n} {name}" for name, n in sorted(figures.instances.items()))
        yield f"instances          {statuses}; {figures.begun} begun by their own word"
        yield f"ends nobody saw    {figures.untold} (their supervisor was killed at that moment)"
        yield f"take-over          {_spread(figures.take_overs)}"
        yield f"  others hurt too  {_spread(figures.disturbed)}"
        yield f"exec to first run  {_spread(figures.restarts)}"
        if gaps := figures.gaps:
            shortest = f"{min(gaps):.3f} s between two holders of a job"
            yield f"smallest gap       {shortest}, of {len(gaps)}"
        yield f"refused starts     {self.refused_starts} (told in one line)"
        yield f"orphans            {figures.orphans}"
        yield f"violations         {len(figures.violations)}"
        for kind, number in Counter(one.invariant for one in figures.violations).most_common():
            yield f"  {number:6} {kind}"
            for one in [one for one in figures.violations if one.invariant == kind][:_SHOWN]:
                yield f"         {one.job}: {one.text}"


def _spread(values: Sequence[float]) -> str:
    ordered = sorted(values)
    if not ordered:
        return "none"
    middle = ordered[len(ordered) // 2]
    return f"p50 {middle:.2f} s, max {ordered[-1]:.2f} s, of {len(ordered)}"


def campaign(folder: Path, plan: Plan) -> Report:
    """Run all rounds on one store, and check it after each; stop at the first that finds fault."""
    report = Report(plan)
    chance = random.Random(plan.seed)
    with ExitStack() as stack:
        server = None if plan.on_sqlite else stack.enter_context(hurtable_server())
        address = f"sqlite:///{folder / 'store.db'}" if server is None else server.address
        database = Database.open(address)
        with database.begin() as tx:
            definitions = mixture(folder, plan.jobs, chance)
            jobs.insert_many(tx, definitions, SystemClock().now())
        database.close()
        proxies: dict[str, Proxy] = {}
        peers = [
            Peer(key, folder / key, _way(stack, key, server, proxies, address), plan.lease)
            for key in [f"engine-{number}" for number in range(plan.engines)]
        ]
        stack.enter_context(_ended(peers))
        nemesis = Nemesis(chance, peers, server, proxies, plan.pace)
        for _ in range(plan.rounds):
            _round(nemesis, plan)
            report.faults = nemesis.faults
            report.refused_starts = sum(peer.refused_starts for peer in peers)
            report.figures = examine(address, folder, peers, nemesis.faults)
            if report.figures.violations:
                break
    return report


def _way(
    stack: ExitStack, key: str, server: Server | None, proxies: dict[str, Proxy], address: str
) -> str:
    """Return the address under which an engine is to find the store."""
    if server is None:
        return address
    proxies[key] = stack.enter_context(proxied(server.url))
    url = proxies[key].address.set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def _round(nemesis: Nemesis, plan: Plan) -> None:
    for peer in nemesis.peers:
        peer.start()
    _await_ready(nemesis)
    nemesis.work(plan.seconds)
    nemesis.mend_all()
    if nemesis.server is not None:
        nemesis.server.await_up()
    _await_ready(nemesis)
    _keep_calm(nemesis, plan.calm)
    for peer in nemesis.peers:
        peer.stop()


def _await_ready(nemesis: Nemesis) -> None:
    until = boottime() + _READY_SECONDS
    while not all(peer.is_ready for peer in nemesis.peers):
        for peer in nemesis.peers:
            peer.look()
            if boottime() > until:
                problem = f"engine {peer.key} did not get ready in {_READY_SECONDS:g} s"
                peer.problems.append(problem)
        if boottime() > until:
            return
        wait(0.05)


def _keep_calm(nemesis: Nemesis, seconds: float) -> None:
    until = boottime() + seconds
    while boottime() < until:
        for peer in nemesis.peers:
            peer.look()
        wait(0.05)


@contextmanager
def _ended(peers: Sequence[Peer]) -> Iterator[None]:
    """Leave no process behind, whatever happens."""
    try:
        yield
    finally:
        for peer in peers:
            sockets = [str(path) for path in (peer.home / "run").glob("*.sock")]
            left = [*peer.supervisors(), *processes_of(sockets)]
            peer.kill()
            for pid in left:
                end(pid)


def main() -> int:
    """Run a campaign and print its report."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.cluster")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="of harm in a round")
    parser.add_argument("--engines", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=30)
    parser.add_argument("--lease", type=float, default=1.0)
    parser.add_argument("--pace", type=float, default=1.0, help="2: half as many faults")
    parser.add_argument("--sqlite", action="store_true", help="one engine on a SQLite store")
    chosen = parser.parse_args()
    plan = Plan(
        chosen.seed,
        chosen.rounds,
        chosen.seconds,
        1 if chosen.sqlite else chosen.engines,
        chosen.jobs,
        chosen.lease,
        on_sqlite=chosen.sqlite,
        pace=chosen.pace,
    )
    print(f"seed {plan.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))
    report = campaign(folder, plan)
    print("\n".join(report.lines()))
    if report.figures.violations:
        print(f"what is left is in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
