"""Whether this console hosts an engine: decided once, at its start, by who is alive then.

An engine that is stopped later leaves the console attached to none: nobody asked it to take over.
Only one that had died before, where nobody here could see it, is told from that by its lease.
A start that failed decides nothing: it is tried again until an engine is alive, here or elsewhere.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.store.model import EngineHealth
from engine.config import Settings
from engine.errors import EngineError, StoreError, TocsinError

if TYPE_CHECKING:
    from app.client.hosted import HostedEngine
    from engine.control.system import System
    from engine.domain.session import Session

_COMING = "an engine starts here"
_AGAIN_SECONDS = 10.0  # between two tries that the store, or another engine, let fail


class Hosting:
    """Knows the engine that is hosted here, or why none is.

    Args:
        settings: of the engine.
        woken: called in the engine's thread whenever something happened.
        may_host: False: a console that only looks.
        needs_one: whether the console opens only where an engine is alive.
    """

    def __init__(
        self,
        settings: Settings,
        woken: Callable[[], None],
        *,
        may_host: bool,
        needs_one: bool = False,
    ) -> None:
        self._settings = settings
        self.may_host = may_host
        self.needs_one = needs_one
        self._is_decided = not may_host
        self._woken = woken
        self._found: Session | None = None  # the engine that was taken as alive
        self._given_up: set[int] = set()  # sessions that were opened here and came to nothing
        self._is_left = False
        self._again_at = 0.0  # a start that failed is tried again, on the monotonic clock
        self.engine: HostedEngine | None = None
        self.why_none = ""  # why a start failed, until an engine is alive

    @property
    def is_alive(self) -> bool:
        """Whether an engine runs here."""
        return self.engine is not None and self.engine.is_alive

    def suffices(self, health: EngineHealth) -> bool:
        """Whether the console may open on what was read first."""
        return health.session is not None or not self.needs_one

    def require(self, system: "System") -> None:
        """Refuse a store where no engine is alive, if one is needed.

        Raises:
            EngineError: none is.
        """
        if self.needs_one:
            system.living.require("--attach needs one")

    def foretold(self, health: EngineHealth) -> EngineHealth:
        """Say beforehand, of a store where no engine is alive, that one starts here."""
        if self._is_decided or health.link != "none" or health.session is not None:
            return health
        return replace(health, coming=_COMING)

    def begin(
        self, system: "System", coming: Callable[[str, str], None], *, anew: bool = False
    ) -> bool:
        """Host an engine where none is alive; another may be quicker, then we attach.

        False: there was nothing to do. `coming` is told beforehand that an engine starts, and what
        it may have to wait for. What failed is tried again where everything is read `anew`, and
        after a while if the store or another engine was in the way.
        """
        if self._is_decided or self._is_left:
            return False
        if self.why_none and not anew and system.monotonic() < self._again_at:
            return False
        if alive := self._alive(system):
            self._found = alive[0]
            self._decide()
            return True
        from app.client.hosted import HostedEngine  # an attached console does without the engine
        from app.sources import load_home

        starts, waits = _what_comes(system)
        coming(starts, waits or self.why_none)
        try:
            self.engine = hosted = HostedEngine(self._settings, self._given_up)
            load_home(self._settings)
            if self._is_left:
                return True
            hosted.start(self._woken)
        except Exception as error:  # noqa: BLE001 - whatever it is: the console goes on without one
            self.engine = None
            self._note_failure(system, error)
        else:
            self._decide()
        return True

    def leave(self) -> None:
        """Start no engine any more: the console is left. Any thread."""
        self._is_left = True

    def _alive(self, system: "System") -> "list[Session]":
        """Return the engines that are alive; what did not come about here may look as one."""
        return [each for each in system.living.engines() if each.sessionid not in self._given_up]

    def _note_failure(self, system: "System", error: Exception) -> None:
        """Note why no engine started here, unless another one was quicker."""
        self.why_none = f"no engine could be started here: {_reason(error)}"
        may_pass = isinstance(error, StoreError | EngineError)
        self._again_at = system.monotonic() + _AGAIN_SECONDS if may_pass else math.inf
        if self._alive(system):
            self._decide()

    def _decide(self) -> None:
        self._is_decided, self.why_none = True, ""

    def reconsider(self, system: "System", now: EngineHealth) -> None:
        """Decide anew where the engine that was found had died out of sight, its lease to run.

        That is so where it never gave a sign until it was lost, and nobody can tell that it ended.
        One that came from elsewhere after a start had failed here is taken as any that was found.
        """
        found, shown = self._found, now.session
        if shown is not None and shown.sessionid in self._given_up:
            return
        if self.why_none and shown is not None:
            self._decide()
        if found is None:
            return
        if shown is None:
            self._is_decided = system.living.in_doubt() is None
            self._found = None
        elif (shown.sessionid, shown.beat_at) != (found.sessionid, found.beat_at):
            self._found = None


def _what_comes(system: "System") -> tuple[str, str]:
    """Say that an engine starts here, and for how long it may have to wait for another one."""
    doubted = system.living.in_doubt()
    if doubted is None:
        return _COMING, ""
    lease = f"{doubted.lease_seconds:g}s"
    return f"{_COMING} in {lease}", (
        f"engine '{doubted.engine_key}' (pid {doubted.pid} on {doubted.host}) may live: "
        f"if it gives no sign for its lease of {lease}, one starts here"
    )


def _reason(error: Exception) -> str:
    """Say what kept an engine from its start."""
    if isinstance(error, TocsinError):
        return error.message
    if isinstance(error, OSError):
        return str(error)
    return f"a fault of tocsin, {type(error).__name__}: {error}"
