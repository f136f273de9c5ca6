"""How long it took: take-overs, restarts, and the gaps between two holders of a job."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.chaos.lives import Life
from tests.chaos.nemesis import OF_DATABASE, OF_HOSTS, Fault
from tests.chaos.peers import Peer, Start
from tests.checker.rows import History
from tests.checker.witness import Witness

_OF_LEASES = {
    "engine killed",
    "engine frozen beyond its lease",
    "engine and supervisor frozen",
    *OF_HOSTS,
}


@dataclass
class Times:
    """What was measured, in seconds."""

    take_overs: list[float] = field(default_factory=list)
    disturbed: list[float] = field(default_factory=list)  # while database or peers were hurt too
    restarts: list[float] = field(default_factory=list)  # from exec to the first run
    hurt_starts: list[float] = field(default_factory=list)  # while it or its database was hurt
    gaps: list[float] = field(default_factory=list)  # between two holders of a job


_HURT_DATABASE = set(OF_DATABASE)
_RECENT = 4_000_000  # microseconds that an earlier harm may last


def _has_healthy_peer(
    dead: Life, since: int, lives: Sequence[Life], faults: Sequence[Fault]
) -> bool:
    """Whether a peer was there all the time to take over, and nothing was done to it."""
    until = dead.ended or since
    hurt = {fault.key for fault in faults if since - _RECENT < fault.at <= until}
    if any(
        fault.kind in _HURT_DATABASE and since - _RECENT < fault.at <= until for fault in faults
    ):
        return False
    return any(
        life.key not in {*hurt, dead.key}
        and life.started <= since
        and (life.ended is None or life.ended >= until)
        for life in lives
    )


def _gaps(history: History, witness: Witness) -> list[float]:
    """Return how long single_instance jobs were idle between runs of different sessions."""
    single = {job.jobid for job in history.jobs if job.single_instance}
    last: dict[int, tuple[int | None, float]] = {}
    found = []
    for one in history.instances:
        began = witness.began_at.get(one.job_instanceid)
        if one.jobid not in single or began is None:
            continue
        session, ended = last.get(one.jobid, (one.sessionid, 0.0))
        if session != one.sessionid:
            found.append(began - ended)
        last[one.jobid] = one.sessionid, witness.ended_at.get(one.job_instanceid, began)
    return found


def _what_ended(life: Life, faults: Sequence[Fault]) -> Fault | None:
    """Return the fault from which a session was rescued; None: it was not lost by one.

    A session may have outlived an earlier one: what counts is the last, or what it came in midst.
    """
    found: Fault | None = None
    if life.status != "RECOVERED" or life.ended is None:
        return None
    for fault in faults:
        is_its = (life.key, life.pid) == (fault.key, fault.pid)
        lived = life.started < fault.at < life.ended
        is_new = found is None or fault.at > found.at + found.seconds * 1e6
        if is_its and lived and is_new and fault.kind in _OF_LEASES:
            found = fault
    return found


def was_hurt_meanwhile(start: Start, seconds: float, faults: Sequence[Fault]) -> bool:
    """Whether something was done to an engine or its database until its first run, or just before.

    A server that was crashed has to recover first.
    """
    until = start.at + seconds
    return any(
        fault.boottime < until
        and (
            (fault.kind in _HURT_DATABASE and start.at < fault.boottime + _RECENT / 1e6)
            or ((fault.key, fault.pid) == (start.key, start.pid) and start.at < fault.boottime)
        )
        for fault in faults
    )


def measure(
    times: Times,
    lives: Sequence[Life],
    history: History,
    witness: Witness,
    peers: Sequence[Peer],
    faults: Sequence[Fault],
) -> None:
    """Measure a round, and add what it took."""
    for life in lives:
        fault = _what_ended(life, faults)
        if fault is not None and life.ended is not None:
            seconds = (life.ended - fault.at) / 1e6
            is_clean = _has_healthy_peer(life, fault.at, lives, faults)
            (times.take_overs if is_clean else times.disturbed).append(seconds)
    times.gaps = _gaps(history, witness)
    runs: dict[tuple[str, int], list[float]] = defaultdict(list)
    pids = {life.sessionid: (life.key, life.pid) for life in lives}
    for one in history.instances:
        began = witness.began_at.get(one.job_instanceid)
        if began is not None and one.sessionid in pids:
            runs[pids[one.sessionid]].append(began)
    starts: list[Start] = [start for peer in peers for start in peer.starts]
    for start in starts:
        later = [
            each.at
            for each in starts
            if (each.key, each.pid) == (start.key, start.pid) and each.at > start.at
        ]
        until = min(later, default=float("inf"))  # then the number was another process's
        own = [
            at - start.at for at in runs.get((start.key, start.pid), ()) if start.at < at < until
        ]
        if own:
            first = min(own)
            was_hurt = was_hurt_meanwhile(start, first, faults)
            (times.hurt_starts if was_hurt else times.restarts).append(first)
