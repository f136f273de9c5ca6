"""One life of an engine: open a session, recover what earlier ones left, work, close or hand over.

Knows no threads: `loop` turns it in the engine's thread, and `engine.testing` by hand.
"""

from contextlib import suppress

from msgspec.structs import replace

from engine.clock import Clock, Instant, to_iso
from engine.config import Settings
from engine.domain.eligibility import DRAINING, STOPPING
from engine.domain.session import HANDED_OVER, Session, SessionStatus
from engine.domain.verdict import Hold
from engine.errors import StoreError
from engine.events import Event, EventBus, EventKind
from engine.persistence import instances, sessions
from engine.persistence.database import Database
from engine.persistence.failures import OutcomeUnknownError, SessionDeadError
from engine.scheduling.acting import act
from engine.scheduling.ahead import Ahead
from engine.scheduling.clock_watch import SMALLEST_STEP, ClockWatch
from engine.scheduling.context import Context, Effects
from engine.scheduling.downtime import downtimes
from engine.scheduling.engine_log import EngineLog
from engine.scheduling.heartbeat import Heartbeat
from engine.scheduling.ports import Executor, Host
from engine.scheduling.predecessors import find_dead
from engine.scheduling.recovery import Found, Recovery
from engine.scheduling.scheduler import Scheduler
from engine.scheduling.taking_up import left_open, take_up

HAND_OVER_SECONDS = 120.0  # that the next engine has to adopt the runs


class Life:
    """An engine between `open` and `close` or `hand_over`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        database: Database,
        bus: EventBus,
        host: Host,
        *,
        beats: bool = True,
        given_up: set[int] | None = None,
        paused: Hold | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._database = database
        self._bus = bus
        self._host = host
        self._beats = beats  # by a thread; else whoever turns this life beats
        self._given_up: set[int] = set() if given_up is None else given_up  # see `open`
        self._paused = paused  # as the life before was, that a peer ended; None: it was not
        self.is_stale = False  # memory may differ from the store: `read_anew` comes first
        self.journal = EngineLog(host.log, clock)
        self.context: Context
        self.scheduler: Scheduler
        self.heartbeat: Heartbeat
        self.clock_watch: ClockWatch

    @property
    def session(self) -> Session:
        """The session of this life."""
        return self.context.session

    def open(self) -> None:
        """Open the session, adopt or close what dead ones left, and plan every job.

        Until all this is done the session counts as given up: where it fails, or nothing tells
        whether the row is there, the next life takes it for dead.

        Raises:
            EngineError: an engine with this instance key is alive, or no supervisor can be started.
            StoreError: the store cannot be used.
        """
        settings, clock = self._settings, self._clock
        sent, now = clock.monotonic(), clock.now()
        dead = find_dead(
            self._database, settings.instance_key, clock, self._host.identity, self._given_up
        )
        with self._database.begin() as tx:
            for each in dead:
                sessions.mark(tx, each.sessionid, SessionStatus.ABNORMAL, now)
            new = self._new_session()
            session = replace(new, sessionid=sessions.open_session(tx, new))  # as the store has it
            self._given_up.add(session.sessionid)
        executor = self._host.executor_for(f"{session.sessionid}-{session.pid}")
        self.heartbeat = Heartbeat(
            clock, self._database, session.sessionid, settings.lease_seconds, executor.set_deadline
        )
        self.heartbeat.extend(sent)
        if self._beats:  # from here on: reading a hundred thousand jobs takes longer than a lease
            self.heartbeat.start()
        try:
            self._set_up(executor, session, dead)
        except BaseException:
            self._give_up(executor, session.sessionid)
            raise
        self._given_up.discard(session.sessionid)

    def take_back(self) -> None:
        """Give up the session that `open` opened: what would have turned this life failed."""
        self._given_up.add(self.session.sessionid)
        self._give_up(self.context.executor, self.session.sessionid)

    def _give_up(self, executor: Executor, sessionid: int) -> None:
        self.heartbeat.stop()
        executor.close()
        with suppress(StoreError), self._database.begin() as tx:  # else its lease tells
            sessions.mark(tx, sessionid, SessionStatus.ABNORMAL, self._clock.now())

    def _set_up(self, executor: Executor, session: Session, dead: list[Session]) -> None:
        settings, clock = self._settings, self._clock
        self.context = Context(
            settings,
            clock,
            self._database,
            executor,
            self.journal,
            self._bus,
            session,
            Ahead(clock),
            str(settings.log_dir),
        )
        self.scheduler = Scheduler(self.context)
        self.journal.write(
            f"engine '{session.engine_key}' version {session.version} starts: session "
            f"{session.sessionid}, pid {session.pid} on {session.host}, "
            f"store {self._database.where}"
        )
        self.clock_watch = ClockWatch(self.context, self.scheduler.alerting)
        executor.start()
        found = {each.sessionid: self._left_by(executor, each) for each in dead}
        self._recover(dead, found)

    def _recover(self, dead: list[Session], found: dict[int, Found]) -> None:
        context, now = self.context, self._clock.now()
        effects = Effects()
        recovery = Recovery(context, self.scheduler.alerting)
        with self._database.begin() as tx:
            tx.hold_configuration()
            sessions.must_live(tx, context.session.sessionid)
            self.scheduler.record_address(tx, effects)
            self.scheduler.alerting.load(tx)
            for each in dead:
                for run in recovery.rescue(tx, each, found[each.sessionid], effects, now):
                    context.running[run.job_instanceid] = run
            last_sign = max((each.beat_at for each in dead), default=now)
            self.scheduler.modes.close(tx, last_sign)
            if self._paused is not None:
                self.scheduler.modes.stay_paused(tx, self._paused, effects, now)
            context.downtimes = downtimes(sessions.between(tx, 0, now), context.key, now)
            self.scheduler.load(tx, now)
            self.scheduler.missed.note(instances.crashed_last(tx, ["", context.key]), now)
        for change in effects.then:
            change()
        context.executor.keep_adopted()
        act(self.context, effects)
        self.clock_watch.resume(now)
        if last_sign - now > SMALLEST_STEP:  # the clock was set back between the two lives
            self.clock_watch.stepped(now - last_sign, now)
        count = sum(entry.obstacle is None for entry in context.agenda)
        self.journal.write(f"scheduling {count} jobs")
        context.bus.publish([Event(EventKind.ENGINE_STARTED, now, context.session, context.key)])

    def _left_by(self, executor: Executor, dead: Session) -> Found:
        """Learn what a dead session's supervisor and exit records tell, if it was on this host."""
        found = Found()
        if dead.host == self._host.identity.host and dead.supervisor:
            found.add(executor.adopt(dead.supervisor))
        return found

    def doubt(self, error: OutcomeUnknownError) -> None:
        """Know that nothing tells so far what became of a transaction."""
        self.scheduler.promised.doubt(error)
        self.is_stale = True

    def read_anew(self, now: Instant, *, ends: bool = False) -> None:
        """Where a transaction failed, learn first what became of it, then read the store.

        A lease that ran out meanwhile is renewed before that, unless this life `ends`: a run that
        is handed over without one is ended before it began.

        Raises:
            SessionDeadError: the session was declared dead meanwhile.
            StoreError: that is not known yet, or the store is out of reach.
        """
        self.scheduler.promised.settle()
        if self.is_stale:
            if not (ends or self.heartbeat.holds):
                if self.heartbeat.is_dead:
                    raise SessionDeadError(self.session.sessionid)
                raise StoreError("The lease of this engine ran out; it is being renewed.")
            self.reload(now)
        self.is_stale = False

    def reload(self, now: Instant) -> None:
        """Read the store anew after a failed transaction, and take up what it kept after all."""
        effects = Effects()
        with self._database.begin() as tx:
            tx.hold_configuration()
            sessions.must_live(tx, self.session.sessionid)
            take_up(tx, self.context, self.scheduler, effects)
            self.scheduler.load(tx, now)
        self.clock_watch.resume(now)
        act(self.context, effects)

    def begin_stop(self, grace: float | None = None) -> None:
        """Claim nothing more, and ask the runs to stop.

        Raises:
            SessionDeadError: another engine may have taken its place, and the switch is that one's.
        """
        effects = Effects()
        now = self._clock.now()
        with self._database.begin() as tx:
            sessions.must_live(tx, self.session.sessionid)
            self.scheduler.modes.begin_stop(tx, effects, now, grace)
        for change in effects.then:
            change()
        act(self.context, effects)

    def close(self) -> None:
        """End what still runs, record it, and close the session as COMPLETE."""
        context = self.context
        try:
            self.read_anew(self._clock.now(), ends=True)  # which may take longer than a lease
        finally:
            self.heartbeat.stop()
            context.executor.close()
        context.mode = STOPPING
        now = self._clock.now()
        self.scheduler.turn(now)
        while self.scheduler.has_work_left():
            self.scheduler.turn(now)
        with self._database.begin() as tx:
            is_over = not left_open(tx, self.session.sessionid)
            self.scheduler.modes.close(tx, now)
            if is_over:
                sessions.close(tx, context.session.sessionid, now)
        self._say_goodbye("stopped")

    def hand_over(self) -> None:
        """Leave the runs to the next engine: the session stays, so that it can adopt them."""
        context = self.context
        try:
            self.read_anew(self._clock.now(), ends=True)
        finally:
            self.heartbeat.stop()
        context.mode = STOPPING
        self.scheduler.turn(self._clock.now())
        sent = self._clock.monotonic()
        with self._database.begin() as tx:
            sessionid = context.session.sessionid
            left = left_open(tx, sessionid)
            sessions.set_mode(tx, sessionid, HANDED_OVER)
            if left:
                sessions.lengthen_lease(tx, sessionid, HAND_OVER_SECONDS)
            else:
                self.scheduler.modes.close(tx, self._clock.now())
                sessions.close(tx, sessionid, self._clock.now())
            sessions.beat(tx, sessionid, self._clock.now())
        context.executor.set_deadline(sent + HAND_OVER_SECONDS)
        context.executor.detach()
        self._say_goodbye(f"handed over with {left} runs going on")

    def abandon(self) -> None:
        """End whatever still runs after the session was declared dead; nothing more is recorded."""
        self.heartbeat.stop()
        self.context.executor.close()
        mode = self.context.mode
        itself = f", and itself: it was {mode}" if mode in {DRAINING, STOPPING} else ""
        self._say_goodbye(f"was declared dead by a peer, and ends its runs{itself}")

    def _say_goodbye(self, how: str) -> None:
        context, now = self.context, self._clock.now()
        self.journal.write(
            f"engine '{context.key}' {how}: session {context.session.sessionid}, {to_iso(now)}"
        )
        self.journal.close()
        context.agenda.clear()
        context.bus.publish([Event(EventKind.ENGINE_STOPPED, now, context.session, context.key)])

    def _new_session(self) -> Session:
        identity, now = self._host.identity, self._clock.now()
        return Session(
            sessionid=0,  # the store gives it one
            engine_key=self._settings.instance_key,
            host=identity.host,
            pid=identity.pid,
            boot_id=identity.boot_id,
            pid_started=identity.pid_started,
            version=self._host.version,
            status=SessionStatus.ACTIVE,
            started=now,
            ended=None,
            beat_seq=0,
            beat_at=now,
            lease_seconds=self._settings.lease_seconds,
        )
