"""Renew the lease: a thread and a connection of its own, so that nothing else can delay it.

Each beat counts the session's number up, and only then moves the supervisor's deadline, which
counts from before the beat was sent. Without an answer the old deadline stands: at that moment the
supervisor ends the runs, whatever becomes of the engine and the database. A session that is not
ACTIVE any more is dead for ever.

On SQLite the lease is the engine's lock on the store, which no peer can take while this process
lives: there a store that is busy or full hurts no run, and only a frozen engine lets the deadline
pass.
"""

import threading
from collections.abc import Callable

from engine.clock import Clock
from engine.errors import StoreError
from engine.persistence import sessions
from engine.persistence.database import Database

_BEATS_PER_LEASE = 5
_RETRY_SECONDS = 0.2  # after a beat that failed
_MARGIN = 0.1  # of the lease: the time that ending the runs may take


class Heartbeat:
    """Beats for one session, and knows until when the lease is ours."""

    def __init__(
        self,
        clock: Clock,
        database: Database,
        sessionid: int,
        lease_seconds: float,
        set_deadline: Callable[[float], None],
    ) -> None:
        self._clock = clock
        self._database = database.twin(patience_seconds=lease_seconds / 3)
        self._sessionid = sessionid
        self._lease = lease_seconds
        self._set_deadline = set_deadline
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.deadline = 0.0  # monotonic: until then the lease is ours
        self.is_dead = False  # the session was declared dead
        self.failure = ""  # why the last beat failed; "" when it did not

    def beat(self) -> bool:
        """Renew the lease once; False: it could not be renewed, or the session is dead."""
        sent = self._clock.monotonic()
        try:
            with self._database.begin() as tx:
                alive = sessions.beat(tx, self._sessionid, self._clock.now())
        except StoreError as error:
            self.failure = error.message
            if self._database.dialect == "sqlite":
                self.extend(sent)
            return False
        self.failure = ""
        if not alive:
            self.is_dead = True
            return False
        self.extend(sent)
        return True

    def extend(self, sent: float) -> None:
        """Take it that a renewal that was sent at `sent` (monotonic) is in the store."""
        self.deadline = sent + self._lease * (1 - _MARGIN)
        self._set_deadline(self.deadline)

    @property
    def holds(self) -> bool:
        """Whether the lease is ours at this moment for certain."""
        return not self.is_dead and self._clock.monotonic() < self.deadline

    def start(self) -> None:
        """Beat in a thread from now on."""
        self._thread = threading.Thread(target=self._run, name="tocsin-heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop beating; the lease runs out by itself."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._database.close()

    def _run(self) -> None:
        wait = self._lease / _BEATS_PER_LEASE
        while not self._stop.wait(wait):
            good = self.beat()
            if self.is_dead:
                return
            interval = self._lease / _BEATS_PER_LEASE
            wait = interval if good else min(_RETRY_SECONDS, interval)
