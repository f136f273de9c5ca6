"""What explains the instants that no cursor has reached yet.

While a switch holds a job nothing is written for it, and while no engine is up nobody writes: the
holds and the sessions tell why these instants did not run. Where an engine is up and nothing holds
the job, an instant may wait for a moment (the job is running, every slot is taken, the engine has
not turned yet); after a lease of waiting, and five seconds at least, it counts as unexplained. The
same holds for what passed just before an engine ended, and for all that one ended without coming
to: the next start accounts for it. What the clock was set over never came by at all.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from functools import partial

from msgspec import Struct

from engine.clock import SECOND, Instant
from engine.config import Settings
from engine.control.shared_holds import shared_holds
from engine.domain.account import Account, book_tail
from engine.domain.catch_up import Downtime, account as account_for
from engine.domain.downtime import gaps, last_sign
from engine.domain.eligibility import DRAINING, STOPPING
from engine.domain.instance import Instance
from engine.domain.job import Job
from engine.domain.schedule.dues import count_dues
from engine.domain.schedule.revision import Revision
from engine.domain.session import Session
from engine.domain.verdict import Hold, Reason, Stretch
from engine.persistence import audit, holds, instance_queries, instances, sessions
from engine.persistence.audit import AuditEvent
from engine.persistence.database import Database
from engine.persistence.transaction import Transaction

_LOOKED_AT = 100  # newest steps of a clock: an older one explains nothing that is open
_LEAST_PATIENCE = 5.0  # seconds: a lease tells who lives, and a busy machine turns more slowly
_MOST_RUNNING = 512  # runs at once in one engine where its settings name no number


class Tail(Struct, frozen=True):
    """The facts of one moment that explain what is unaccounted."""

    database: Database
    now: Instant
    alive: tuple[Session, ...]
    sessions: tuple[Session, ...]  # all that are known, oldest first
    holds: Mapping[int | None, Sequence[Hold]]
    running: Mapping[int, Sequence[Instance]]
    max_parallel: int
    steps: Sequence[AuditEvent] = ()  # of the engines' clocks, newest first
    pauses: Sequence[Hold] = ()  # of engines, while no other one could run what they share

    @classmethod
    def read(
        cls,
        tx: Transaction,
        database: Database,
        settings: Settings,
        now: Instant,
        alive: Sequence[Session],
    ) -> "Tail":
        """Read the holds, the sessions and what runs."""
        by_job: dict[int | None, list[Hold]] = defaultdict(list)
        for hold in holds.holds_between(tx, 0, now):
            by_job[hold.jobid].append(hold)
        running: dict[int, list[Instance]] = defaultdict(list)
        for each in instances.all_open(tx):
            running[each.jobid].append(each)
        lived = tuple(sessions.between(tx, 0, now))
        ids = {each.sessionid for each in alive}
        sign = partial(last_sign, now=now, is_alive=lambda each: each.sessionid in ids)
        of_engines = [hold for hold in by_job.get(None, ()) if hold.engine_key]
        return cls(
            database,
            now,
            tuple(alive),
            lived,
            by_job,
            running,
            settings.max_parallel or _MOST_RUNNING,
            audit.query(tx, event="CLOCK-STEP", object_type="session", limit=_LOOKED_AT),
            tuple(shared_holds(of_engines, lived, now, sign)) if of_engines else (),
        )

    def concerns(self, job: Job, owner: str) -> bool:
        """Whether the job is still run under this owner: one engine at a time, or each."""
        return (owner == "") == job.single_instance

    def book(
        self,
        account: Account,
        job: Job,
        owner: str,
        revisions: Sequence[Revision],
        after: Instant,
        until: Instant,
    ) -> None:
        """Book the instants of `after < due <= until`, which the owner's cursor has not reached."""
        if count_dues(revisions, after, until) is None:
            return
        result = account_for(
            job.jobid,
            owner,
            count=lambda since, end: count_dues(revisions, since, end),
            after=after,
            until=until,
            run_skipped=False,
            holds=self.holds_of(job.jobid, owner),
            downtimes=self.downtimes(owner),
        )
        for stretch in result.stretches:
            if stretch.reason is Reason.RUN_SKIPPED_OFF:
                self._book_waiting(account, revisions, stretch, owner, after)
            else:
                book_tail(account, [stretch])

    def holds_of(self, jobid: int, owner: str) -> list[Hold]:
        """Return what held a job: its own holds and those of the engine that runs it."""
        found = [*self.holds.get(jobid, ()), *self.holds.get(None, ())]
        if owner:
            return [hold for hold in found if hold.engine_key in {"", owner}]
        return [*(hold for hold in found if not hold.engine_key), *self.pauses]

    def of_owner(self, owner: str) -> list[Session]:
        """Return the sessions of the engines that run a job of this owner, oldest first."""
        return [each for each in self.sessions if owner in {"", each.engine_key}]

    def downtimes(self, owner: str) -> list[Downtime]:
        """Return when no engine was up that could have run a job of this owner, or no time was."""
        alive = {each.sessionid for each in self.alive}
        mine = self.of_owner(owner)
        jumps = self._jumps({str(each.sessionid) for each in mine})
        return [*jumps, *gaps(mine, self.now, lambda each: each.sessionid in alive)]

    def _jumps(self, sessionids: AbstractSet[str]) -> Iterator[Downtime]:
        """Yield the times over which the clock of one of these sessions was set forward."""
        for step in self.steps:
            size = int((step.after or {}).get("microseconds", 0))
            if size > 0 and step.object_name in sessionids:
                since = step.created - size
                yield Downtime(since, step.created, Reason.CLOCK_STEP, step.reason)

    def _book_waiting(
        self,
        account: Account,
        revisions: Sequence[Revision],
        stretch: Stretch,
        owner: str,
        cursor: Instant,
    ) -> None:
        """Book instants that passed while an engine was up and nothing held the job."""
        since = self._waits_since(account.jobid, owner, stretch.first_due, cursor)
        waiting = count_dues(revisions, max(since, stretch.first_due - 1), stretch.last_due)
        pending = 0 if waiting is None else waiting[2]
        account.due += stretch.count
        account.pending += pending
        if stretch.count > pending:
            lost = count_dues(revisions, stretch.first_due - 1, min(since, stretch.last_due))
            if lost is not None:
                account.note("unexplained", *lost, "not accounted")

    def _waits_since(self, jobid: int, owner: str, first: Instant, cursor: Instant) -> Instant:
        """Return the instant after which what is unaccounted may still be on its way."""
        mine = self.of_owner(owner)
        if not mine:
            return first - 1
        ids = {each.sessionid for each in self.alive}
        signs = [
            (last_sign(each, self.now, lambda one: one.sessionid in ids), each) for each in mine
        ]
        signs = [(self._claimed_until(each, sign), each) for sign, each in signs]
        end, session = max(signs, key=lambda each: (each[0], each[1].sessionid))
        if self._is_busy(jobid, {each.sessionid for each in mine}) or self._is_ending(mine):
            return first - 1
        if self._ran_at(jobid, owner, first, bool(ids & {each.sessionid for each in mine})):
            return first - 1
        if self._is_replaced(owner, ids, end):
            return first - 1
        if session.sessionid not in ids and cursor < session.started <= first:
            return first - 1  # it ended before it came to the job at all
        return end - round(max(session.lease_seconds, _LEAST_PATIENCE) * SECOND)

    def _is_replaced(self, owner: str, alive: AbstractSet[int], sign: Instant) -> bool:
        """Whether other engines lived on after all of this key: theirs are its runs, and its past.

        One may have taken over a run of a job for which instants passed meanwhile. Only the next
        start under this key, if there ever is one, accounts for them.
        """
        if owner == "" or any(each.sessionid in alive for each in self.of_owner(owner)):
            return False
        others = (each for each in self.sessions if each.engine_key != owner)
        return any(each.sessionid in alive or each.started >= sign for each in others)

    def _claimed_until(self, session: Session, sign: Instant) -> Instant:
        """Return until when an engine claimed: it may have been held at its last sign of life."""
        for hold in self.holds.get(None, ()):
            is_own = hold.engine_key == session.engine_key
            if is_own and hold.since <= sign and (hold.until is None or hold.until >= sign):
                sign = hold.since
        return sign

    def _is_busy(self, jobid: int, mine: AbstractSet[int]) -> bool:
        """Whether the job is running, or every slot is taken: then what is due waits for an end.

        A dead engine's runs count while they are open: its next start sees how they ended.
        """
        if any(each.sessionid in mine for each in self.running.get(jobid, ())):
            return True
        return self.are_slots_taken(mine)

    def are_slots_taken(self, mine: AbstractSet[int]) -> bool:
        """Whether the engines of these sessions run as many jobs at once as they may."""
        owners = [each.sessionid for some in self.running.values() for each in some]
        engines = mine & {each.sessionid for each in self.alive} or mine & set(owners)
        taken = sum(each in engines for each in owners)
        return bool(engines) and taken >= self.max_parallel * len(engines)

    def _is_ending(self, mine: Sequence[Session]) -> bool:
        """Whether every living engine only waits for its runs: the next start accounts for it."""
        ids = {each.sessionid for each in mine}
        modes = {each.mode for each in self.alive if each.sessionid in ids}
        return bool(modes) and modes <= {DRAINING, STOPPING}

    def _ran_at(self, jobid: int, owner: str, at: Instant, is_alive: bool) -> bool:
        """Whether the owner's newest run had begun by `at`, and ended after it.

        Not more than a lease ago where an engine lives that accounts for it; else the next start
        does, whenever that is.
        """
        with self.database.read() as tx:
            newest = instance_queries.last_of_job(tx, jobid, owner or None)
        if newest is None or newest.completed is None or newest.started > at:
            return False
        patience = max((each.lease_seconds for each in self.sessions), default=0.0)
        ends = newest.completed + round(patience * SECOND)
        return at <= newest.completed and (not is_alive or self.now <= ends)
