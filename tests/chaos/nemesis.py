"""Faults, each at a moment and of a kind that the seed says, and what mends them again."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

from engine.clock import Instant, SystemClock
from tests.chaos.peers import Peer, boottime, end, stop, wait
from tests.chaos.servers import Server
from tests.support.proxy import Proxy

_LOOK_SECONDS = 0.02

OF_ENGINES = {
    "engine killed": 30,
    "engine frozen beyond its lease": 20,
    "engine frozen for a moment": 6,
    "engine handed over": 4,
    "worker killed": 14,
    "supervisor killed": 8,
    "supervisor frozen": 6,
    "engine and supervisor frozen": 10,
    "guard killed": 3,
}
OF_HOSTS = {"host killed": 10, "host cut off from the database": 6}
ALONE = ("engine killed", "engine frozen beyond its lease")
_SETTLING = 1.5  # leases beyond the promised lease and second, until one more engine is hurt
OF_DATABASE = {
    "backend killed": 4,
    "backends terminated": 4,
    "database crashed and restarted": 3,
    "database swallowed": 5,
    "connections cut": 4,
    "connection cut at COMMIT": 6,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done, to whom, and when."""

    kind: str
    at: Instant  # wall clock
    boottime: float
    key: str = ""  # of the engine
    pid: int = 0
    seconds: float = 0.0  # that it lasted


@dataclass
class Nemesis:
    """Does harm to engines, and to their database where there is one."""

    chance: random.Random
    peers: list[Peer]
    server: Server | None = None
    proxies: Mapping[str, Proxy] = field(default_factory=dict)
    pace: float = 1.0  # 2: twice as long between two harms
    odds: Mapping[str, int] = field(default_factory=dict)  # of kinds, instead of the usual ones
    faults: list[Fault] = field(default_factory=list)
    zombies: int = 0  # engines that worked, and went on after more than their lease
    _later: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: int = 0

    def work(self, seconds: float) -> None:
        """Do harm for so long."""
        until = boottime() + seconds
        weights = OF_ENGINES | (OF_DATABASE if self.server else {})
        if self.has_hosts:  # after a hand-over another boot waits for as long as runs may go on
            weights = weights | OF_HOSTS | {"engine handed over": 0}
        weights = weights | dict(self.odds)
        kinds, odds = list(weights), list(weights.values())
        following = boottime() + self.chance.uniform(0.1, 1.0)
        while boottime() < until:
            self._mend_due()
            if boottime() >= following:
                self.harm(self.chance.choices(kinds, odds)[0])
                following = boottime() + self.pace * self.chance.uniform(0.05, 1.2)
            wait(_LOOK_SECONDS)

    @property
    def has_hosts(self) -> bool:
        """Whether each engine is on a host of its own."""
        return all(peer.machine is not None for peer in self.peers)

    def work_alone(self, seconds: float) -> None:
        """Hurt one engine at a time, for so long, with the database and its peers unhurt.

        Each is gone until its peers have had the time in which they must have taken over.
        """
        kinds = [*ALONE, *(OF_HOSTS if self.has_hosts else ())]
        until, turn = boottime() + seconds, self.chance.randrange(len(self.peers))
        while boottime() < until:
            turn += 1
            peer = self.peers[turn % len(self.peers)]
            kind = self.chance.choice(kinds)
            gone = peer.lease + 1.0 + self.chance.uniform(0.2, 0.5)
            if peer.is_ready:
                self._hurt_alone(kind, peer, gone)
            self._rest(gone + _SETTLING * peer.lease)

    def _hurt_alone(self, kind: str, peer: Peer, gone: float) -> None:
        match kind:
            case "engine killed":
                self._note(kind, peer, gone)
                peer.kill()
                self._in(gone, peer.start)
            case "engine frozen beyond its lease":
                self._freeze(kind, peer, gone)
            case _:
                self._harm_host(kind, peer, gone)

    def _harm_host(self, kind: str, peer: Peer, seconds: float) -> None:
        self._note(kind, peer, seconds)
        if kind == "host killed":
            peer.lose_host()
            self._in(seconds, peer.start)
            return
        proxy = self.proxies[peer.key]
        proxy.swallow_requests = proxy.swallow_answers = True
        self._in(seconds, proxy.heal)

    def _rest(self, seconds: float) -> None:
        """Let time pass, and mend what is due."""
        until = boottime() + seconds
        while boottime() < until:
            self._mend_due()
            wait(_LOOK_SECONDS)

    def mend_all(self) -> None:
        """Mend what is broken, at once."""
        while self._later:
            heappop(self._later)[2]()
        for peer in self.peers:
            peer.look()
            peer.start()

    def _mend_due(self) -> None:
        while self._later and self._later[0][0] <= boottime():
            heappop(self._later)[2]()
        for peer in self.peers:
            peer.look()

    def _in(self, seconds: float, action: Callable[[], None]) -> None:
        self._number += 1
        heappush(self._later, (boottime() + seconds, self._number, action))

    def _note(self, kind: str, peer: Peer | None = None, seconds: float = 0.0) -> None:
        key, pid = ("", 0) if peer is None else (peer.key, peer.pid)
        self.faults.append(Fault(kind, SystemClock().now(), boottime(), key, pid, seconds))

    def harm(self, kind: str) -> None:
        """Do one harm, if there is anything to do it to."""
        if kind in OF_DATABASE:
            self._harm_database(kind)
            return
        able = [peer for peer in self.peers if peer.is_up and not peer.is_frozen]
        if not able:
            return
        peer = self.chance.choice(able)
        match kind:
            case "engine killed":
                pause = self._pause(peer)
                self._note(kind, peer, pause)
                peer.kill()
                self._in(pause, peer.start)
            case "engine frozen beyond its lease":
                self._freeze(kind, peer, self.chance.uniform(1.1, 3.0) * peer.lease)
            case "engine frozen for a moment":
                self._freeze(kind, peer, self.chance.uniform(0.1, 0.9) * peer.lease)
            case "engine handed over":
                if peer.is_ready:
                    self._note(kind, peer)
                    peer.hand_over()
            case "engine and supervisor frozen":
                seconds = self.chance.uniform(1.1, 3.0) * peer.lease
                self._freeze(kind, peer, seconds)
                self._freeze_supervisors(peer, seconds * self.chance.uniform(0.9, 1.1))
            case _:
                self._harm_below(kind, peer)

    def _harm_below(self, kind: str, peer: Peer) -> None:
        """Harm what an engine started, or stands on."""
        match kind:
            case "host killed":
                self._harm_host(kind, peer, self._pause(peer))
            case "host cut off from the database":
                self._harm_host(kind, peer, self.chance.uniform(1.1, 3.0) * peer.lease)
            case "worker killed":
                self._end(kind, peer, peer.workers())
            case "guard killed":
                self._end(kind, peer, peer.guards())
            case "supervisor frozen":
                seconds = self.chance.uniform(0.3, 3.0) * peer.lease
                self._note(kind, peer, seconds)
                self._freeze_supervisors(peer, seconds)
            case _:
                self._end(kind, peer, peer.supervisors())

    def _pause(self, peer: Peer) -> float:
        """Return how long an engine stays dead: as short, or as long, as can make a difference."""
        return self.chance.choice((0.0, 0.3, 1.0, 2.5)) * peer.lease * self.chance.random()

    def _freeze(self, kind: str, peer: Peer, seconds: float) -> None:
        self._note(kind, peer, seconds)
        worked, since = peer.is_ready, boottime()
        peer.freeze()
        process = peer.process

        def thaw() -> None:
            if peer.process is process:
                peer.thaw()
                self.zombies += worked and boottime() - since > peer.lease

        self._in(seconds, thaw)

    def _freeze_supervisors(self, peer: Peer, seconds: float) -> None:
        """Freeze all that an engine has: it may have adopted some."""
        for pid in peer.supervisors():
            self._in(seconds, stop(pid))

    def _end(self, kind: str, peer: Peer, pids: list[int]) -> None:
        if pids:
            self._note(kind, peer)
            end(self.chance.choice(pids))

    def _harm_database(self, kind: str) -> None:
        server = self.server
        assert server is not None
        seconds = self.chance.uniform(0.2, 2.5)
        proxy = self.proxies[self.chance.choice(sorted(self.proxies))]
        match kind:
            case "backend killed":
                if backends := server.backends():
                    self._note(kind)
                    server.kill_backend(self.chance.choice(backends))
            case "backends terminated":
                if backends := server.backends():
                    self._note(kind)
                    some = self.chance.randint(1, len(backends))
                    server.terminate_backends(self.chance.sample(backends, some))
            case "database crashed and restarted":
                if not server.backends():
                    return
                self._note(kind, seconds=seconds)
                server.crash()
                wait(self.chance.uniform(0.0, 1.5))
                server.start()
            case "database swallowed":
                self._note(kind, seconds=seconds)
                proxy.swallow_requests = self.chance.random() < 0.7
                proxy.swallow_answers = not proxy.swallow_requests or self.chance.random() < 0.5
                self._in(seconds, proxy.heal)
            case "connections cut":
                self._note(kind)
                proxy.cut_all()
            case _:
                self._note(kind, seconds=seconds)
                proxy.passes_last_words = self.chance.random() < 0.5
                proxy.cut_on = _says_commit
                self._in(seconds, proxy.heal)


def _says_commit(data: bytes) -> bool:
    return b"COMMIT\0" in data
