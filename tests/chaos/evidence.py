"""What a round left: the store, the jobs' own files, and the processes. Compares them all."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import psycopg

from engine.clock import SystemClock
from engine.config import load_settings
from engine.control import open_system
from tests.chaos.lives import Life, had_peace, nobody_had_peace
from tests.chaos.measure import Times, measure
from tests.chaos.nemesis import Fault
from tests.chaos.peers import Peer, boottime, processes_of, wait
from tests.checker.check import check
from tests.checker.rows import History, _load, at, maybe
from tests.checker.violation import Violation
from tests.checker.witness import Witness, read_all
from tests.support.accounting import ledger_problems, unaccounted

# A run that reached its last line and was not seen to end: its end may have been in nobody's hands.
_LEAVING_SECONDS = 1.0
_UNTOLD_SECONDS = 1.0
_OF_WITNESSES = {
    "supervisor killed",
    "worker killed",
    "supervisor frozen",
    "engine and supervisor frozen",
    "host killed",
}
_SESSIONS = (
    "SELECT sessionid, instancekey, pid, started, ended, sessionstatus, supervisor FROM sessions"
)
_LATE = "SELECT count(*) FROM audit_events WHERE event = 'LATE-RESULT-REFUSED'"


@dataclass
class Figures(Times):
    """What was checked, found and measured."""

    due: int = 0
    instances: Counter[str] = field(default_factory=Counter)
    begun: int = 0
    untold: int = 0
    out_of_sight: int = 0  # ends that only the lost engine's own host knew
    unrescued: int = 0  # runs closed late, for no engine had the peace to do it
    late_results: int = 0  # ends that the store refused by their fence, by its audit
    fenced_out: int = 0  # engines whose renewal or claim the store refused, by their logs
    orphans: int = 0
    violations: list[Violation] = field(default_factory=list)


class _Texts:
    """A PostgreSQL connection that answers as SQLite does: instants and data are text."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        rows = self._connection.execute(sql.encode()).fetchall()
        return [tuple(_text(value) for value in row) for row in rows]


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value


def read_store(address: str) -> tuple[History, list[Life], int]:
    """Read a store with nothing of the engine's: its rows, and how many late results it refused."""
    connection: Any
    if address.startswith("sqlite"):
        connection = sqlite3.connect(address.removeprefix("sqlite:///"))
    else:
        connection = psycopg.connect(address)
    with closing(connection):
        source = connection if address.startswith("sqlite") else _Texts(connection)
        lives = [
            Life(row[0], row[1], row[2], at(row[3]), maybe(row[4]), row[5], row[6])
            for row in source.execute(_SESSIONS)
        ]
        ((late,),) = source.execute(_LATE)
        return _load(cast("sqlite3.Connection", source)), lives, late


def examine(address: str, folder: Path, peers: Sequence[Peer], faults: Sequence[Fault]) -> Figures:
    """Check everything that a round left; all engines have stopped."""
    history, lives, late = read_store(address)
    witness, ticks = read_all(folder), Ticks.read_all(folder)
    figures = Figures(instances=Counter(one.status for one in history.instances))
    for number, last in ticks.last.items():  # where a run was killed, it ran until then at least
        witness.ended_at.setdefault(number, last)
    saved, found = witness.saved, witness.found
    witness.saved, witness.found = {}, {}  # compared here, for a save may be durable and untold
    verdicts = check(history, witness, one_store=address.startswith("sqlite"))
    witness.saved, witness.found = saved, found
    figures.due, figures.begun = verdicts.due, verdicts.begun
    for each in verdicts.violations:
        if each.invariant == "stale-save" and _was_cut_off(each, ticks, history):
            continue
        if each.invariant == "false-crash" and _was_untold(each, witness, lives, history, faults):
            figures.untold += 1
        elif each.invariant == "late-recovery" and nobody_had_peace(each, history, lives, faults):
            figures.unrescued += 1
        elif (
            each.invariant == "false-crash"
            and all(peer.machine is not None for peer in peers)
            and _was_out_of_sight(each, witness, lives, history, faults)
        ):
            figures.out_of_sight += 1
        else:
            figures.violations.append(each)
    wrong = figures.violations
    wrong += _states(history, witness, ticks)
    wrong += _left_open(history, lives)
    wrong += _ledger(address, peers[0])
    wrong += [Violation("engine", peer.key, text) for peer in peers for text in peer.problems]
    wrong += [Violation("defect", peer.key, text) for peer in peers for text in _defects(peer)]
    orphans = _left_over(lives, peers)
    figures.orphans = len(orphans)
    wrong += [Violation("orphan", "", text) for text in orphans]
    figures.late_results = late
    figures.fenced_out = sum(_said(peer, "was declared dead by a peer") for peer in peers)
    measure(figures, lives, history, witness, peers, faults)
    return figures


def _left_over(lives: Sequence[Life], peers: Sequence[Peer]) -> list[str]:
    """Tell of processes of supervisors that outlast their engines.

    A stopped engine is gone before its supervisor is: what is on its way out gets a second.
    """
    marks = [line for one in lives for line in one.supervisor.splitlines()]
    until = boottime() + _LEAVING_SECONDS
    while True:
        left = processes_of(marks) + [pid for peer in peers for pid in peer.supervisors()]
        if not left or boottime() > until:
            return [_told_of(pid) for pid in left]
        wait(0.05)


def _told_of(pid: int) -> str:
    """Tell what a process is: its state, its parent, its command."""
    with suppress(OSError):
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        return f"process {pid}, state {state}, parent {parent}: {command}"
    return f"process {pid}, which has just ended"


@dataclass
class Ticks:
    """What runs wrote between their first and their last line."""

    last: dict[int, float] = field(default_factory=dict)  # boottime
    meant: dict[int, int] = field(default_factory=dict)  # state data that were about to be saved

    @classmethod
    def read_all(cls, folder: Path) -> "Ticks":
        ticks = cls()
        for path in folder.glob("*.ticks"):
            text = path.read_text()
            for line in text[: text.rfind("\n") + 1].splitlines():
                number, moment, *rest = line.split()
                ticks.last[int(number)] = float(moment)
                if rest:
                    ticks.meant[int(number)] = int(rest[0])
        return ticks


def _was_cut_off(each: Violation, ticks: Ticks, history: History) -> bool:
    """Whether a run was ended while its save waited for a store that was out of reach.

    The save and the end then come to the store together, and the end has its own, earlier time.
    """
    ended = {"signal", "lease-lost", "engine-stopped"}
    endings = {one.job_instanceid: one.ending for one in history.instances}
    return each.instance in ticks.meant and endings[each.instance] in ended


def _end_of(each: Violation, witness: Witness) -> float | None:
    """Return when the run that is told as CRASH ended, by its own word; None: it went on."""
    return None if "had begun" in each.text else witness.ended_at.get(each.instance)


def _was_untold(
    each: Violation,
    witness: Witness,
    lives: Sequence[Life],
    history: History,
    faults: Sequence[Fault],
) -> bool:
    """Whether what knew of a run's end was killed right then, before it could tell."""
    ended = _end_of(each, witness)
    if ended is None:
        return False
    of_session = {one.job_instanceid: one.sessionid for one in history.instances}
    keys = {one.sessionid: one.key for one in lives}
    key = keys.get(of_session[each.instance] or 0)
    return any(
        fault.key == key
        and fault.kind in _OF_WITNESSES
        and -_UNTOLD_SECONDS < ended - fault.boottime < _UNTOLD_SECONDS + fault.seconds
        for fault in faults
    )


def _was_out_of_sight(
    each: Violation,
    witness: Witness,
    lives: Sequence[Life],
    history: History,
    faults: Sequence[Fault],
) -> bool:
    """Whether a peer on another host told of a run whose end its own engine had no time to tell.

    The record of the end is on the lost engine's host. An engine that is left alone with its
    database for a second after the end tells it.
    """
    ended = _end_of(each, witness)
    if ended is None:
        return False
    (one,) = [one for one in history.instances if one.job_instanceid == each.instance]
    (life,) = [life for life in lives if life.sessionid == one.sessionid]
    if life.status != "RECOVERED" or life.ended is None:
        return False
    on_the_wall = ended + SystemClock().now() / 1e6 - boottime()
    return not had_peace(life, on_the_wall, life.ended / 1e6, _UNTOLD_SECONDS, faults)


def _states(history: History, witness: Witness, ticks: Ticks) -> Iterator[Violation]:
    """Each run finds what the one before saved; a save that was cut off may be there or not."""
    names = {job.jobid: job.name for job in history.jobs}
    stateful = {one.jobid for one in history.instances if one.job_instanceid in witness.found}
    kept: dict[int, set[int]] = defaultdict(lambda: {0})
    for one in history.instances:
        number, possible = one.job_instanceid, kept[one.jobid]
        if number in witness.found:
            if witness.found[number] not in possible:
                text = f"instance {number} found {witness.found[number]}, not {possible}"
                yield Violation("state-wrong", names[one.jobid], text)
            possible = {witness.found[number]}
        if number in witness.saved:
            possible = {witness.saved[number]}
        elif number in ticks.meant:
            possible = possible | {ticks.meant[number]}
        kept[one.jobid] = {0} if one.status == "COMPLETE" else possible
    last = {state.jobid: json.loads(state.data or "null") for state in history.states}
    for jobid in sorted(stateful):
        data = last.get(jobid)
        is_now = 0 if data is None else data["n"]
        if is_now not in kept[jobid]:
            text = f"is {is_now} at the end, not {kept[jobid]}"
            yield Violation("state-wrong", names[jobid], text)


def _left_open(history: History, lives: Sequence[Life]) -> Iterator[Violation]:
    names = {job.jobid: job.name for job in history.jobs}
    for one in history.instances:
        if one.status == "IN-PROGRESS":
            text = f"instance {one.job_instanceid} of session {one.sessionid} is IN-PROGRESS"
            yield Violation("left-open", names[one.jobid], text)
    for life in lives:
        if life.status in {"ACTIVE", "ABNORMAL"}:
            yield Violation("left-open", life.key, f"session {life.sessionid} is {life.status}")


def _ledger(address: str, peer: Peer) -> Iterator[Violation]:
    system = open_system(load_settings(peer.home, address, peer.key, environment={}))
    try:
        texts = ledger_problems(system) + unaccounted(system.database)
    finally:
        system.close()
    for text in texts:
        yield Violation("ledger", "", text)


def _said(peer: Peer, words: str) -> int:
    """Return how often an engine's logs say something."""
    logs = (peer.home / "logs").glob("tocsin.engine.log*")
    return sum(path.read_text(errors="replace").count(words) for path in logs)


def _defects(peer: Peer) -> Iterator[str]:
    for path in sorted((peer.home / "logs").glob("tocsin.engine.log*")):
        text = path.read_text(errors="replace")
        place = text.find("a defect in the engine")
        if place >= 0:
            yield text[place : place + 3000]
    for path in sorted((peer.home / "run").glob("*.errors")):
        if told := path.read_text(errors="replace").strip():
            yield f"{path.name}: {told[-1500:]}"
