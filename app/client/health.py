"""How the engine and the store are: who is alive, how old it is, what it counts."""

import time
from concurrent.futures import Executor, Future
from typing import Literal

from msgspec.structs import replace

from app.client.account import AccountApart, unexplained
from app.client.rows import session_row
from app.store.model import EngineHealth, SessionRow
from engine.clock import Instant
from engine.control.system import System
from engine.domain.session import Session
from engine.version import __version__

Link = Literal["hosted", "attached", "none", "mismatch"]

_WHOLE_SECONDS = 10.0  # between two whole looks while nothing changes
_LEDGER_SECONDS = 60.0  # between two accounts
_LEDGER_SHARE = 0.001  # of a processor, for the accounts of a large store
_LONGEST_LEDGER_SECONDS = 900.0
_DOUBT_SECONDS = 2.0  # an account that does not add up is counted again before it is told


class HealthReader:
    """Looks at one store; the account of due instants is kept in a thread of the pool."""

    def __init__(
        self, system: System, pool: Executor | None = None, apart: AccountApart | None = None
    ) -> None:
        self._system = system
        self._pool = pool
        self._apart = apart
        self.is_large = False  # the account is left to a process of its own
        self._last = EngineHealth()
        self._alive: Session | None = None  # as it stood at the change `_seen`
        self._seen: int | None = None
        self._whole_at = float("-inf")
        self._alive_at: Instant = 0
        self._counting: Future[int] | None = None
        self._counted_at = float("-inf")
        self._ledger_seconds = _LEDGER_SECONDS
        self._doubted = False  # whether the account under way checks one that did not add up
        self._is_counting = False  # an account is under way, or in doubt
        self.read_seconds = 0.0  # how long the last look for changes took

    @property
    def last(self) -> EngineHealth:
        """What was read last."""
        return self._last

    def stands(self, seen: int) -> bool:
        """Whether `read` would tell nothing new: the engine it told of lives on, all else is fresh.

        Without a query, as long as the last change to the store has the number `seen`.
        """
        alive = self._alive
        if alive is None or seen != self._seen or self._is_counting:
            return False
        if self._system.monotonic() - self._whole_at >= _WHOLE_SECONDS:
            return False
        if not self._system.living.is_held_by(alive):
            return False
        self._alive_at = self._system.now()
        return True

    def read(
        self, *, seen: int | None = None, is_hosted: bool = False, why_none: str = ""
    ) -> EngineHealth:
        """Return how things are now; `why_none` tells why no engine is hosted where none is alive.

        `seen` is the number of the last change to the store, if known: while it stays the same the
        session of an engine that lives on is not read again.

        Raises:
            StoreVersionError: no engine is alive, and another program has upgraded the store.
            StoreError: the store is out of reach.
        """
        system = self._system
        now = system.now()
        is_changed = seen is not None and seen != self._seen
        session = self._session(seen)
        if session is None:
            system.check_version()  # an engine that is alive tells its version itself
        self._alive_at = now if session is not None else self._alive_at or self._last_sign()
        link: Link = "none"
        problem = why_none if session is None else ""
        if session is not None:
            link = "hosted" if is_hosted else "attached"
            if session.version != __version__:
                link = "mismatch"
                problem = (
                    f"the engine is tocsin {session.version}, this console {__version__}: "
                    "look only until they are the same"
                )
        path = system.database.path
        alerts = self._alerts(is_changed=is_changed)
        self._last = EngineHealth(
            link=link,
            seen_at=now,
            alive_at=self._alive_at,
            session=session,
            store=system.database.where,
            store_bytes=path.stat().st_size if path is not None and path.exists() else None,
            read_seconds=self.read_seconds,
            alerts=alerts,
            unexplained=self._unexplained(),
            problem=problem,
        )
        return self._last

    def changed(self, before: EngineHealth) -> bool:
        """Whether anything but the times differs from `before`."""
        last = self._last
        session = before.session
        if session is not None and last.session is not None:
            session = replace(session, beat_at=last.session.beat_at)
        as_before = replace(
            before,
            seen_at=last.seen_at,
            alive_at=last.alive_at,
            read_seconds=last.read_seconds,
            store_bytes=last.store_bytes,
            session=session,
        )
        return as_before != last

    def _session(self, seen: int | None) -> SessionRow | None:
        living = self._system.living
        is_as_before = seen is not None and seen == self._seen
        if is_as_before and self._alive is not None and living.is_held_by(self._alive):
            return self._last.session
        alive = living.engines()
        self._alive = alive[0] if alive else None
        self._seen = seen
        return None if self._alive is None else session_row(self._alive)

    def _last_sign(self) -> Instant:
        """Return when an engine last showed a sign of life on this store; 0: never."""
        for view in self._system.sessions.all(limit=1):
            return view.session.ended or view.session.beat_at
        return 0

    def _alerts(self, *, is_changed: bool) -> int:
        """Count them where the store changed, and now and then: the header tells them at once."""
        now = self._system.monotonic()
        if not is_changed and now - self._whole_at < _WHOLE_SECONDS:
            return self._last.alerts
        self._whole_at = now
        return self._system.alerts.count()

    def _unexplained(self) -> int | None:
        """Return the last account of the last day, and have it counted anew now and then."""
        counting, known = self._counting, self._last.unexplained
        if self._pool is None or (counting is not None and not counting.done()):
            return known
        is_in_doubt = False
        if counting is not None and counting.exception() is None:
            found = counting.result()
            is_in_doubt = bool(found) and not self._doubted
            known = known if is_in_doubt else found
        self._is_counting = is_in_doubt
        now = self._system.monotonic()
        if now - self._counted_at >= (_DOUBT_SECONDS if is_in_doubt else self._ledger_seconds):
            self._counted_at = now
            self._doubted = is_in_doubt
            self._is_counting = True
            self._counting = self._pool.submit(self._account)
        return known

    def _account(self) -> int:
        """Count, and let what it took tell when to count again."""
        if self._apart is not None and self.is_large:
            found, spent = self._apart.count()
        else:
            started = time.thread_time()
            found = self._count()
            spent = time.thread_time() - started
        wanted = spent / _LEDGER_SHARE
        self._ledger_seconds = min(max(_LEDGER_SECONDS, wanted), _LONGEST_LEDGER_SECONDS)
        return found

    def _count(self) -> int:
        return unexplained(self._system)
