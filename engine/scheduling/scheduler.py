"""One turn of the engine: gather, one transaction, act.

Whatever became due, ended or was asked since the last turn shares one transaction. Nothing is acted
on before it is durable, and nothing that came in is forgotten before it is: a transaction that
fails leaves the inbox as it was, and memory is read anew from the store.
"""

from collections.abc import Sequence
from itertools import islice

from engine.clock import Instant
from engine.domain.eligibility import RUNNING, STOPPING
from engine.persistence import sessions
from engine.persistence.transaction import Transaction
from engine.scheduling.acting import act
from engine.scheduling.agenda import Entry
from engine.scheduling.alerting import STOPPED_JOB, Alerting
from engine.scheduling.api_calls import ApiCalls
from engine.scheduling.catalogue import Catalogue
from engine.scheduling.claims import Claims
from engine.scheduling.context import Context, Effects
from engine.scheduling.finishes import Finished, Finishes
from engine.scheduling.many import without_collecting
from engine.scheduling.missed import Missed
from engine.scheduling.modes import Modes
from engine.scheduling.peers_first import PeersFirst
from engine.scheduling.programs import Programs
from engine.scheduling.promised import Promised
from engine.scheduling.reports import take
from engine.scheduling.requests_service import RequestsService
from engine.scheduling.started_runs import StartedRuns
from engine.scheduling.wanted import Claimed

MOST_ROWS = 256  # claims, and ends, of one transaction
MOST_RUNNING = 512  # runs at once where the settings name no number


class Scheduler:
    """Does the work of each turn; `loop` says when."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.catalogue = Catalogue(context)
        self.alerting = Alerting(context)
        self.modes = Modes(context)
        self.missed = Missed(context)
        self.programs = Programs(context)
        self.promised = Promised(context)
        self._claims = Claims(context, self.missed, self.programs)
        self._finishes = Finishes(context, self.alerting)
        self._calls = ApiCalls(context)
        self._started = StartedRuns(context)
        self._peers_first = PeersFirst(context)
        self._requests = RequestsService(context, self._claims, self.modes)
        self._seen = -1
        self._asked = True  # requests may wait
        self.is_dirty = False  # memory may be ahead of the store: a transaction did not end well
        self._address = ""  # of the supervisors, as the session's row has it

    def load(self, tx: Transaction, now: Instant) -> None:
        """Read the store into memory: at the start, and after a transaction failed."""
        context = self._context
        is_start = not context.agenda.entries
        context.inbox.due.clear()
        context.inbox.held_up.clear()
        self.is_dirty = False
        self.alerting.load(tx)
        with without_collecting():
            self.catalogue.load(tx, now)
            for run in context.running.values():
                if (entry := context.agenda.entries.get(run.job.jobid)) is not None:
                    entry.running += (run.job_instanceid,)
                    entry.overran = entry.overran or is_start
            self.missed.look_back(tx, context.agenda, now)
            context.agenda.plan_all(now)
        held_up = (e for e in context.agenda if not e.running and context.is_held_up(e))
        context.inbox.held_up += held_up
        self._asked = True
        self._tell_stopped(tx, Effects(), now)

    def turn(self, now: Instant) -> None:
        """Do everything that can be done now.

        Raises:
            StoreError: the store is out of reach; nothing is lost, and `load` comes before the next
            turn.
        """
        self._gather(now)
        if not self._has_work():
            self._look()
            if not self._asked:
                return
        effects = Effects()
        try:
            with self._context.database.begin(claims=True) as tx:
                self.is_dirty = True
                exits, finished, claimed = self._write(tx, effects, now)
                self._reach(now, effects)
        except BaseException as error:
            self._context.executor.drop_prepared()
            self.promised.remember(error, effects)
            raise
        self._settle(exits, finished, claimed, effects, now)
        self.is_dirty = False
        act(self._context, effects)

    def _reach(self, now: Instant, effects: Effects) -> None:
        """Where the turn ran ahead of the clock, use the time until it shows `now`."""
        ahead = self._context.ahead
        if ahead.left(now) > 0:
            self._context.executor.prepare(effects.submit)
            ahead.reach(now)

    def _gather(self, now: Instant) -> None:
        context = self._context
        for report in context.executor.poll():
            take(context, report)
        if self._may_claim():
            for entry in context.agenda.pop_due(now):
                if not entry.queued:  # one that waits for its transaction does so once
                    entry.queued = True
                    context.inbox.due.append(entry)
            self._peers_first.look(now)

    def _look(self) -> None:
        """See whether anybody else wrote what concerns this engine."""
        database = self._context.database
        if database.dialect == "sqlite":
            seen = database.seen_change()
            if seen == self._seen:
                return
            with database.read() as tx:
                news = self.catalogue.look(tx)
            self._seen = seen
        else:
            with database.glance() as tx:
                news = self.catalogue.look(tx)
        self._asked = self._asked or news.changed or news.asked

    def _has_work(self) -> bool:
        context, inbox = self._context, self._context.inbox
        if inbox.exits or inbox.calls or inbox.held_up or self._asked:
            return True
        if self._address != context.executor.address and not context.fenced:
            return True
        if inbox.due and self._may_claim() and self._room() > 0:
            return True
        return self._started.have_waited()

    def has_work_left(self) -> bool:
        """Whether another turn would find something to do at once."""
        inbox = self._context.inbox
        if inbox.exits or inbox.calls or inbox.held_up:
            return True
        return bool(inbox.due) and self._may_claim() and self._room() > 0

    def _may_claim(self) -> bool:
        return self._context.mode == RUNNING and not self._context.fenced

    def details_wait(self) -> float:
        """Return the seconds until what is known of started runs is written on its own."""
        return self._started.wait()

    def look_closely(self) -> None:
        """Look for requests in the next turn: somebody said there are."""
        self._asked = True

    def _room(self) -> int:
        most = self._context.settings.max_parallel or MOST_RUNNING
        return most - len(self._context.running)

    def _write(
        self, tx: Transaction, effects: Effects, now: Instant
    ) -> tuple[int, Finished, list[Claimed]]:
        """Write everything of this turn; return how many ends, and what memory has to follow."""
        context, inbox = self._context, self._context.inbox
        if inbox.exits or inbox.calls or inbox.started:
            sessions.share(tx, context.session.sessionid)
        self.record_address(tx, effects)
        news = self.catalogue.look(tx)
        touched = self.catalogue.refresh(tx, now, effects) if news.changed else []
        self.missed.look_back(tx, touched, now)
        self.catalogue.ask(effects)
        self._asked = self._asked or news.asked
        self._calls.carry_out(tx, list(inbox.calls), inbox.exits, effects, now)
        self._tell_stopped(tx, effects, now)
        exits = list(islice(inbox.exits, MOST_ROWS))
        finished = self._finishes.record(tx, exits, effects, now)
        ended = {exited.job_instanceid for exited in exits}
        self._started.record(tx, ended)
        claimed: list[Claimed] = []
        if self._asked:
            claimed += self._requests.answer(tx, effects, now)
        for entry in touched:
            if entry.obstacle is not None and not entry.running:
                inbox.held_up.append(entry)
        held_up = self._take_held_up()
        if held_up:
            told = self._claims.held_up(tx, held_up, now)
            claimed.append(self._claims.claim(tx, told, now, effects))
        begun = {run.job.jobid for each in claimed for _, run in each.runs}
        due = [] if effects.mode == STOPPING else self._take_due(begun)
        if due:
            for entry in due:
                self._tell_expiry(tx, entry, effects, now)
            wanted = self._claims.due(tx, due, now, effects)
            claimed.append(self._claims.claim(tx, wanted, now, effects))
        for entry in touched:
            context.agenda.plan(entry, now)
        drawn = tx.drawn
        if tx.dialect == "sqlite" and drawn is not None:
            effects.then.append(lambda: self.catalogue.follow(drawn))
        effects.then.append(lambda: self._replan(due, now))
        return len(exits), finished, claimed

    def _take_held_up(self) -> list[Entry]:
        """Take those that are still held up, each once."""
        context = self._context
        taken = {
            entry.job.jobid: entry
            for entry in context.inbox.held_up
            if not entry.running and entry.is_plannable and context.is_held_up(entry)
        }
        context.inbox.held_up.clear()
        return list(taken.values())

    def record_address(self, tx: Transaction, effects: Effects) -> None:
        """Record where the supervisors are, before they are given anything to run."""
        address = self._context.executor.address
        if address != self._address:
            sessions.set_supervisor(tx, self._context.session.sessionid, address)
            effects.then.append(lambda: setattr(self, "_address", address))

    def _take_due(self, begun: set[int]) -> list[Entry]:
        """Take due entries out of the queue, as many as there is room for.

        Jobs that run, or for which a run was claimed in this very turn (`begun`), are planned anew
        when that run ends.
        """
        context, inbox = self._context, self._context.inbox
        if not self._may_claim():
            return []
        room = min(self._room(), MOST_ROWS)
        taken: list[Entry] = []
        while inbox.due and len(taken) < room:
            entry = inbox.due.popleft()
            entry.queued = False
            jobid = entry.job.jobid
            if jobid in begun or not entry.is_schedulable:
                continue
            if context.agenda.entries.get(jobid) is entry:
                taken.append(entry)
        return taken

    def _tell_expiry(self, tx: Transaction, entry: Entry, effects: Effects, now: Instant) -> None:
        expiry = entry.job.expiry_date
        if expiry is not None and expiry <= now and not entry.expired:
            self.alerting.of_expiry(tx, entry.job, effects, now)
            entry.expired = True

    def _tell_stopped(self, tx: Transaction, effects: Effects, now: Instant) -> None:
        """Raise an alert for active jobs that cannot be scheduled as they are; clear it after."""
        for mended in self.catalogue.take_mended():
            self.alerting.clear(tx, STOPPED_JOB, mended.job.name, effects, now)
        for entry, why in self.catalogue.take_broken():
            self.alerting.raise_ongoing(tx, STOPPED_JOB, entry.job.name, why, effects, now)
            self._context.journal.write(
                f"job {entry.job.name}: cannot be scheduled: {why}", "ERROR"
            )

    def _settle(
        self,
        exits: int,
        finished: Finished,
        claimed: Sequence[Claimed],
        effects: Effects,
        now: Instant,
    ) -> None:
        """Let memory follow what is durable now."""
        inbox = self._context.inbox
        for _ in range(exits):
            inbox.exits.popleft()
        inbox.calls.clear()
        self._started.settle()
        self._asked = self._requests.has_put_off
        self._finishes.settle(finished, now)
        for each in claimed:
            self._claims.settle(each)
        for change in effects.then:
            change()

    def _replan(self, entries: Sequence[Entry], now: Instant) -> None:
        for entry in entries:
            if not entry.queued:
                self._context.agenda.plan(entry, now)
