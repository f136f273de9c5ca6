"""Watch the peers on a shared database, and rescue the sessions whose lease ran out.

A peer lives while its beat number moves. It is watched on this engine's own monotonic clock, for
the lease that its row names: no wall clock takes part, and a peer that was first seen a moment ago
is watched for a whole lease before anything is done.

Time in which this engine saw nothing proves little: the database may have been away for the peers
as well. After such a gap a peer has half of its lease to come back, for it may know ends of its
runs that nobody else can see.

Who rescues makes up for the runs that died. So an engine that claims nothing, as while it is paused
or draining, leaves that to a peer that works, where there is one. It may die in its turn, or be
stopped, before it has room for them: all that see a session go keep in mind what crashed, and the
first that can claims it.
"""

from collections.abc import Sequence
from contextlib import suppress
from math import inf

from msgspec import Struct

from engine.clock import Instant
from engine.domain.eligibility import RUNNING
from engine.domain.session import Session, SessionStatus
from engine.persistence import instances, sessions
from engine.persistence.failures import BusyError
from engine.scheduling.acting import act
from engine.scheduling.context import Context, Effects
from engine.scheduling.recovery import Found, Recovery
from engine.scheduling.scheduler import Scheduler

_LOOK_SECONDS = 0.4  # between two looks, at most
_LOOKS_PER_LEASE = 5  # of the shortest lease of a peer: its beats
_SILENT = 0.5  # of the lease, since the last beat was seen: two of them at least are missing
_GAP = 0.5  # of the lease, between two looks: peers may have been cut off as well
_TO_RETURN = 0.5  # of the lease, that a peer has after a gap


class _Seen(Struct):
    beat_seq: int
    at: float  # monotonic: it had moved by then for the last time
    excused: float = -inf  # monotonic: when it was given time to come back for the last time


class Rescuer:
    """Rescues lost peers."""

    def __init__(self, context: Context, scheduler: Scheduler) -> None:
        self._context = context
        self._scheduler = scheduler
        self._recovery = Recovery(context, scheduler.alerting)
        self._seen: dict[int, _Seen] = {}
        self._next = 0.0
        self._looked = context.clock.monotonic()

    def tick(self, now: Instant) -> None:
        """Look at the peers, and rescue one that is lost."""
        context = self._context
        moment = context.clock.monotonic()
        if moment < self._next:
            return
        self._next = moment + _LOOK_SECONDS
        with context.database.glance() as tx:
            there = {each.sessionid: each for each in sessions.unrecovered(tx)}
            peers = [each for each in there.values() if not self._is_own(each)]
            gone = self._seen.keys() - there.keys()
            crashed = instances.crashed_last(tx, [""]) if gone else []
        looked = context.clock.monotonic()  # a slow answer may tell of a beat since we asked
        of_gone = [each for each in crashed if each.sessionid not in there]
        self._scheduler.missed.note(of_gone, now)
        for each in gone:
            del self._seen[each]
        gap, self._looked = looked - self._looked, looked
        working = self._working(peers, looked)
        context.agenda.turns.see(context.key, working)
        is_left = context.mode != RUNNING and bool(working)
        for peer in peers:
            seen = self._seen.get(peer.sessionid)
            if seen is None or seen.beat_seq != peer.beat_seq:
                self._seen[peer.sessionid] = seen = _Seen(peer.beat_seq, looked)
            elif gap > peer.lease_seconds * _GAP:
                _excuse(seen, looked, peer.lease_seconds)
            if moment - seen.at >= peer.lease_seconds:
                if not is_left:
                    self._rescue(peer)
                continue
            soon = moment + peer.lease_seconds / _LOOKS_PER_LEASE
            self._next = min(self._next, soon, seen.at + peer.lease_seconds)

    def wait(self) -> float:
        """Return in how many seconds it wants to look: at the latest when a lease has ended."""
        return max(self._next - self._context.clock.monotonic(), 0.0)

    def _working(self, peers: Sequence[Session], moment: float) -> list[str]:
        """Return who else claims shared jobs: neither one that pauses nor one that is silent."""
        working = []
        for peer in peers:
            seen = self._seen.get(peer.sessionid)
            is_silent = (
                seen is not None
                and seen.beat_seq == peer.beat_seq
                and moment - seen.at > peer.lease_seconds * _SILENT
            )
            if peer.status is SessionStatus.ACTIVE and peer.mode == RUNNING and not is_silent:
                working.append(peer.engine_key)
        return working

    def _is_own(self, session: Session) -> bool:
        return session.sessionid == self._context.session.sessionid

    def _rescue(self, peer: Session) -> None:
        """Rescue it, unless others are at its rows at this moment: then at the next look."""
        with suppress(BusyError):
            self._rescue_now(peer)

    def _rescue_now(self, peer: Session) -> None:
        effects = Effects()
        with self._context.database.begin() as tx:
            current = sessions.hold(tx, peer.sessionid)  # a beat may be on its way
            if current.beat_seq != peer.beat_seq or current.status not in {
                SessionStatus.ACTIVE,
                SessionStatus.ABNORMAL,
            }:
                return
            found = self._left_by(peer)
            now = self._context.clock.now()  # the turn may have waited for the store meanwhile
            self._recovery.rescue(tx, peer, found, effects, now)
        self._next = 0.0  # and see that it is gone
        act(self._context, effects)

    def _left_by(self, peer: Session) -> Found:
        """Learn which ends are on disk, where the peer was on this host; its runs are over."""
        found = Found()
        if peer.host == self._context.session.host and peer.supervisor:
            exits = self._context.executor.exits_at(peer.supervisor)
            found.exits = {each.job_instanceid: each for each in exits}
        return found


def _excuse(seen: _Seen, looked: float, lease: float) -> None:
    """Give a silent peer time to come back, once a lease: gaps in a row do not keep it alive."""
    if looked - seen.excused >= lease:
        seen.excused = looked
        seen.at = max(seen.at, looked - lease * (1 - _TO_RETURN))
