"""Which engines are alive on a store, and what to do when none is.

On SQLite the lock file beside the database is the truth: it is held by a process or by nobody. On a
server an engine is taken as alive while its last heartbeat is younger than its lease, unless its
process is gone from this very host, or it said that it hands its runs over and ends.
"""

import threading

from msgspec import Struct

from engine.clock import SECOND
from engine.control.context import Context
from engine.domain.session import HANDED_OVER, Session
from engine.errors import EngineError
from engine.identity import Identity, is_gone, own_identity
from engine.persistence import engine_lock, sessions

_LOOKS, _LOOK_SECONDS = 16, 0.25  # twice the time between two beats of a lease of 10 seconds


class Living(Struct, frozen=True):
    """Answers who is alive."""

    context: Context

    def engines(self) -> list[Session]:
        """Return the sessions of the engines that are alive, ours (by instance key) first."""
        database = self.context.database
        holder = None
        if database.path is not None:
            holder = engine_lock.holder(database.path)
            if holder is None:
                return []
        now = self.context.clock.now()
        with self.context.read() as tx:
            active = sessions.active(tx)
        if holder is not None:
            alive = [each for each in active if each.pid == holder.get("pid")]
        else:
            here = own_identity()
            alive = [
                each
                for each in active
                if now - each.beat_at <= each.lease_seconds * SECOND
                and each.mode != HANDED_OVER
                and not is_gone(_process(each), here)
            ]
        own = self.context.settings.instance_key
        return sorted(alive, key=lambda each: (each.engine_key != own, each.sessionid))

    def is_held_by(self, session: Session) -> bool:
        """Whether the engine of `session` is seen to be alive without a query; False: ask."""
        path = self.context.database.path
        holder = None if path is None else engine_lock.holder(path)
        return holder is not None and holder.get("pid") == session.pid

    def is_alive(self) -> bool:
        """Whether any engine is alive on the store."""
        return bool(self.engines())

    def in_doubt(self) -> Session | None:
        """Return the engine under our key that may live for all that can be seen from here.

        Or that ended, and its runs may go on. A new one waits for a whole lease then. None: there
        is none, or a file's lock tells.
        """
        if self.context.database.path is not None:
            return None
        here, own = own_identity(), self.context.settings.instance_key
        with self.context.read() as tx:
            active = [each for each in sessions.active(tx) if each.engine_key == own]
        return next((each for each in active if is_gone(_process(each), here) is None), None)

    def require(self, what: str) -> None:
        """Refuse when no engine is alive.

        Raises:
            EngineError: none is; the text says how to start one.
        """
        if not self.is_alive() and not self._beats_on():
            raise EngineError(
                f"No engine is alive on {self.context.database.where}, {what}. "
                "Start one with `tocsin engine`, or open the console with `tocsin`."
            )

    def require_named(self, engine_key: str) -> None:
        """Refuse when the engine that an operator named is not alive.

        Raises:
            EngineError: it is not; the text names those that are.
        """
        alive = sorted(each.engine_key for each in self.engines())
        if engine_key not in alive:
            named = f"Alive: {', '.join(alive)}." if alive else "None is."
            raise EngineError(f"No engine '{engine_key}' is alive. {named}")

    def _beats_on(self) -> bool:
        """Whether an engine whose beats look old by our clock beats on: the clocks may differ."""
        before = self._beats()
        pause = threading.Event()  # never set: only its timeout is used
        for _ in range(_LOOKS if before else 0):
            pause.wait(_LOOK_SECONDS)
            if any(number > before.get(key, number) for key, number in self._beats().items()):
                return True
        return False

    def _beats(self) -> dict[int, int]:
        """Return the beat number of each session on a server; on SQLite the lock says it all."""
        if self.context.database.path is not None:
            return {}
        with self.context.read() as tx:
            return {each.sessionid: each.beat_seq for each in sessions.active(tx)}

    def describe(self) -> str:
        """Return `engine 'main' (pid 812 on host b)`, or `no engine`."""
        alive = self.engines()
        if not alive:
            return "no engine"
        first = alive[0]
        return f"engine '{first.engine_key}' (pid {first.pid} on {first.host})"


def _process(session: Session) -> Identity:
    return Identity(session.host, session.boot_id, session.pid, session.pid_started)
