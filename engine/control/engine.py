"""The engine as operators steer it: who is alive, pause, resume, drain, stop."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from msgspec import Struct

from engine.clock import HOUR, SECOND, Instant
from engine.control.actor import Actor
from engine.control.asking import Asker
from engine.control.context import Context
from engine.control.job_view import iso
from engine.control.living import Living
from engine.control.overview import Health, health_of
from engine.disk import lack_of_room
from engine.domain.request import RequestKind
from engine.domain.session import Session
from engine.errors import EngineError
from engine.persistence import alerts, instances, jobs

Mode = Literal["running", "paused", "draining", "stopping"]


class EngineStatus(Struct, frozen=True):
    """How the engines of one store are."""

    where: str  # the store
    engines: tuple[Session, ...]  # alive
    jobs: int
    running: int  # instances in progress
    alerts: int  # ongoing, and transient of the last hour
    troubles: tuple[str, ...]  # what the engines cannot write into the store, in words
    health: Health

    @property
    def is_alive(self) -> bool:
        """Whether any engine is alive."""
        return bool(self.engines)

    @property
    def mode(self) -> str:
        """The mode of the first engine; `none` where none is alive."""
        return self.engines[0].mode if self.engines else "none"

    def as_json(self) -> dict[str, Any]:
        """Return the plain form that `--json` prints; the keys are a contract."""
        return {
            "health": self.health,
            "alive": self.is_alive,
            "mode": self.mode,
            "store": self.where,
            "jobs": self.jobs,
            "running": self.running,
            "alerts": self.alerts,
            "troubles": list(self.troubles),
            "engines": [
                {
                    "sessionid": each.sessionid,
                    "instance": each.engine_key,
                    "host": each.host,
                    "pid": each.pid,
                    "version": each.version,
                    "mode": each.mode,
                    "started": iso(each.started),
                    "beat": iso(each.beat_at),
                }
                for each in self.engines
            ],
        }


class EngineControl:
    """The service of living engines."""

    def __init__(self, context: Context, living: Living, asker: Asker) -> None:
        self._context = context
        self._living = living
        self._asker = asker

    def alive(self) -> list[Session]:
        """Return the sessions of the living engines, the one under our key first."""
        return self._living.engines()

    def describe(self) -> str:
        """Return `engine 'main' (pid 812 on host b)`, or `no engine`."""
        return self._living.describe()

    def status(self, *, engine_key: str = "") -> EngineStatus:
        """Return how the engines are, or one of them, and the health of the whole.

        Raises:
            EngineError: that one is not alive.
        """
        engines = tuple(self._living.engines())
        if engine_key:
            self._living.require_named(engine_key)
            engines = tuple(each for each in engines if each.engine_key == engine_key)
        now = self._context.clock.now()
        with self._context.read() as tx:
            running = instances.all_open(tx)
            shown = [
                each
                for each in alerts.current(tx)
                if each.kind == "ongoing" or now - each.updated <= HOUR
            ]
            count = jobs.count(tx)
        troubles = tuple(self._troubles(engines, now))
        return EngineStatus(
            where=self._context.database.where,
            engines=engines,
            jobs=count,
            running=len(running),
            alerts=len(shown),
            troubles=troubles,
            health=health_of(len(shown) + len(troubles), engine_alive=bool(engines)),
        )

    def _troubles(self, engines: Sequence[Session], now: Instant) -> Iterator[str]:
        """Yield what no alert tells, for the store did not take it."""
        for each in engines:
            age = (now - each.beat_at) / SECOND
            if age > each.lease_seconds:
                yield f"engine '{each.engine_key}' has written nothing to the store for {age:.0f} s"
        store = self._context.database.path
        if store is not None and (lack := lack_of_room(store.parent)):
            yield lack

    def pause(self, actor: Actor, *, engine_key: str = "") -> str:
        """Have the engine claim nothing until it is resumed; runs go on."""
        return self._ask(RequestKind.PAUSE, actor, engine_key)

    def resume(self, actor: Actor, *, engine_key: str = "") -> str:
        """Let a paused or draining engine claim again."""
        return self._ask(RequestKind.RESUME, actor, engine_key)

    def drain(self, actor: Actor, *, engine_key: str = "") -> str:
        """Have the engine claim nothing more, and stop when its last run has ended."""
        return self._ask(RequestKind.DRAIN, actor, engine_key)

    def stop(self, actor: Actor, *, engine_key: str = "", grace: float | None = None) -> str:
        """Stop the engine; its runs get `grace` seconds (None: the engine's own)."""
        return self._ask(RequestKind.STOP, actor, engine_key, grace=grace)

    def _ask(self, kind: RequestKind, actor: Actor, engine_key: str, **payload: Any) -> str:
        """Ask one engine and return its answer in words.

        Raises:
            EngineError: none is alive, several are and none of them is named, or it did not answer
                in time.
        """
        own = self._context.settings.instance_key
        key = engine_key or own
        if alive := [each.engine_key for each in self._living.engines()]:
            if engine_key:
                self._living.require_named(engine_key)
            if not engine_key and own not in alive and len(alive) > 1:
                raise EngineError(
                    f"Several engines are alive: {', '.join(sorted(alive))}. Name one of them with "
                    "--instance."
                )
            key = engine_key or alive[0]  # ours is the first
        return self._asker.ask(kind, payload, actor, engine_key=key).message
