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
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine.clock import SystemClock
from engine.persistence import jobs
from engine.persistence.database import Database
from tests.chaos.evidence import examine
from tests.chaos.machines import Machine, namespaces
from tests.chaos.mixture import mixture
from tests.chaos.nemesis import OF_DATABASE, OF_ENGINES, OF_HOSTS, Nemesis
from tests.chaos.peers import Peer, boottime, end, processes_of, wait
from tests.chaos.report import Plan, Report
from tests.chaos.servers import Server, hurtable_server
from tests.support.proxy import Proxy, proxied

_READY_SECONDS = 60.0


def campaign(folder: Path, plan: Plan, tell: Callable[[Report], None] | None = None) -> Report:
    """Run all rounds on one store, and check it after each; stop at the first that finds fault.

    What ends a campaign early is told in its report.
    """
    report = Report(plan)
    began = boottime()
    try:
        for _ in _rounds(folder, plan, report):
            report.seconds = boottime() - began
            if tell is not None:
                tell(report)
            over = plan.minutes is not None and report.seconds >= plan.minutes * 60
            if report.figures.violations or over:
                break
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - what was seen is told
        report.failure = "".join(traceback.format_exception(error))
    report.seconds = boottime() - began
    return report


def _rounds(folder: Path, plan: Plan, report: Report) -> Iterator[None]:
    """Run rounds, and keep `report` up to date."""
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
        if plan.hosts:
            homes = [peer.home for peer in peers]
            for number, peer in enumerate(peers):
                others = [home for home in homes if home != peer.home]
                log = folder / f"host-{number}.log"
                peer.machine = Machine(f"host-{number}", others, log, chance)
        stack.enter_context(_ended(peers))
        nemesis = Nemesis(chance, peers, server, proxies, plan.pace, plan.odds)
        report.faults = nemesis.faults
        for _ in range(plan.rounds):
            try:
                _round(nemesis, plan)
            finally:
                report.zombies = nemesis.zombies
                report.refused_starts = sum(peer.refused_starts for peer in peers)
            report.figures = examine(address, folder, peers, nemesis.faults)
            report.rounds += 1
            if report.figures.violations:
                (folder / "faults").write_text("\n".join(map(str, nemesis.faults)))
                if server is not None:
                    server.keep(folder / "store")
            yield


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
    _mend(nemesis)
    _keep_calm(nemesis, plan.calm)
    if plan.alone:
        nemesis.work_alone(plan.alone)
        _mend(nemesis)
    for peer in nemesis.peers:
        peer.stop()


def _mend(nemesis: Nemesis) -> None:
    nemesis.mend_all()
    if nemesis.server is not None:
        nemesis.server.await_up()
    _await_ready(nemesis)


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
            peer.lose_host()


def _odds(text: str) -> tuple[str, int]:
    """Read `KIND=N`, such as `worker killed=60`."""
    kind, _, number = text.rpartition("=")
    if kind not in {*OF_ENGINES, *OF_DATABASE, *OF_HOSTS} or not number.isdecimal():
        known = ", ".join([*OF_ENGINES, *OF_DATABASE, *OF_HOSTS])
        raise argparse.ArgumentTypeError(f"'{text}' is not KIND=N with one of: {known}")
    return kind, int(number)


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
    parser.add_argument("--odds", action="append", type=_odds, default=[], metavar="KIND=N")
    parser.add_argument("--minutes", type=float, help="begin no round after them")
    parser.add_argument(
        "--alone", type=float, default=0.0, help="seconds of a round in which one is hurt at a time"
    )
    parser.add_argument("--hosts", action="store_true", help="each engine on a host of its own")
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
        minutes=chosen.minutes,
        odds=dict(chosen.odds),
        hosts=chosen.hosts,
        alone=chosen.alone,
    )
    if plan.hosts:
        if plan.on_sqlite:
            parser.error("--hosts needs PostgreSQL: a file belongs to one host")
        try:
            namespaces()
        except RuntimeError as error:
            parser.error(str(error))
    print(f"seed {plan.seed}", flush=True)
    for which in (signal.SIGINT, signal.SIGTERM):  # also where a shell had them ignored
        signal.signal(which, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))
    report = campaign(folder, plan, lambda so_far: print(so_far.progress(), flush=True))
    print("\n".join(report.lines()))
    if report.figures.violations or report.failure:
        print(f"what is left is in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
