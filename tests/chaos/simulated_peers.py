"""Three engines on one PostgreSQL in fast motion: killed, frozen, drained, in random order.

    python -m tests.chaos.simulated_peers --seeds 20 --steps 150

Engines, store and system API are real; time and processes are scripted, and scripted supervisors
end their runs at the deadline that the last heartbeat set, as the real ones do.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import URL

from engine.clock import SECOND, Instant
from engine.config import Settings
from engine.control.actor import Actor
from engine.definitions.applying import Loader, load
from engine.domain.instance import Ending, Status
from engine.domain.request import Request, RequestKind
from engine.errors import EngineError, StoreError
from engine.persistence.database import Database
from engine.persistence.failures import OutcomeUnknownError, SessionDeadError
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.chaos.interruptions import Interruptions, KilledError
from tests.support.accounting import ledger_problems, unaccounted
from tests.support.builders import cron, definition, every

OPS = Actor("ops", "simulation")
KEYS = ("a", "b", "c")
SCHEDULES = (every(5), every(20), every(60), cron("* * * * *"), cron("*/2 * * * *"))
PAUSE, DRAIN, RESUME = RequestKind.PAUSE, RequestKind.DRAIN, RequestKind.RESUME
LEASE = 10.0
STEP = 1.0  # seconds between two ticks of a living engine


@dataclass(slots=True)
class PeerSimulation:
    """One life of three engines."""

    folder: Path
    url: str
    seed: int
    told: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    up: dict[str, ManualEngine] = field(default_factory=dict)
    frozen: dict[str, ManualEngine] = field(default_factory=dict)
    gone: list[ManualEngine] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    is_settling: bool = False  # at the end nothing more is done to the engines
    forced: set[int] = field(default_factory=set)
    chance: random.Random = field(init=False)
    clock: ManualClock = field(init=False)
    world: ScriptedWorld = field(init=False)
    interruptions: Interruptions = field(init=False)
    pause: Instant = field(init=False)  # that engines leave each other at shared jobs

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.clock = ManualClock.at("2026-03-28T20:00:00Z")
        self.world = ScriptedWorld(self.clock, ends_at_once=False)
        self.interruptions = Interruptions(self.chance, self._come_between)
        self.pause = round(self.chance.choice((STEP / 50, STEP)) * SECOND)
        for key in KEYS:
            self._start(key)
        for number in range(6):
            self._load(f"j{number}")

    def live(self, steps: int) -> list[str]:
        """Let `steps` things happen and return what is wrong afterwards."""
        actions: list[tuple[Callable[[], None], float]] = [
            (self._advance, 40),
            (self._end_runs, 25),
            (self._kill, 3),
            (self._freeze, 3),
            (self._thaw, 4),
            (self._come_back, 8),
            (self._run_now, 3),
            (self._pause, 2),
            (self._switch, 3),
            (self._load_again, 1),
            (self._forget, 3),
        ]
        choices, weights = zip(*actions, strict=True)
        for _ in range(steps):
            self.chance.choices(choices, weights)[0]()
        return self._settle()

    # -- what happens

    def _advance(self, seconds: float | None = None) -> None:
        seconds = seconds or self.chance.choice((1, 3, 12, 30))
        self._tell(f"advance {seconds}")
        left = seconds
        while left > 0:
            self.clock.advance(min(STEP, left))
            left -= STEP
            self._enforce_deadlines()
            engines = list(self.up.items())
            self.chance.shuffle(engines)
            for key, engine in engines:
                if self.up.get(key) is engine:
                    self._tick_interrupted(key, engine)
            self._check_overlap()

    def _tick_interrupted(self, key: str, engine: ManualEngine) -> None:
        self.interruptions.is_on = not self.is_settling
        try:
            self._tick(key, engine)
        except KilledError:
            self._tell(f"SIGKILL {key} between two statements")
            engine.kill()
            self._leave(key)
        finally:
            self.interruptions.is_on = False
            for what in self.interruptions.told:
                self._tell(f"{key}: {what}")
            self.interruptions.told.clear()

    def _come_between(self, database: Database) -> None:
        """Let a peer do its work while another engine is in the middle of a transaction."""
        others = {key: one for key, one in self.up.items() if one.database is not database}
        if key := self._one_of(others):
            self._tick(key, others[key])

    def _tick(self, key: str, engine: ManualEngine) -> None:
        """Do what the engine's own loop does, also where the store fails."""
        engine.life.heartbeat.beat()  # in a thread of its own, which the store's failures spare
        try:
            engine.life.read_anew(self.clock.now())
            engine.tick()
        except SessionDeadError:
            engine.life.heartbeat.is_dead = True
        except OutcomeUnknownError as error:
            engine.life.doubt(error)
        except StoreError as error:
            self._tell(f"{key}: {error}")
            engine.life.is_stale = engine.life.is_stale or engine.life.scheduler.is_dirty
        if engine.life.heartbeat.is_dead:
            self._find_dead(key, engine)

    def _find_dead(self, key: str, engine: ManualEngine) -> None:
        """Let an engine end whose session is dead, as its own thread does."""
        self._tell(f"{key} finds itself dead")
        engine.life.abandon()
        self._leave(key)

    def _ask(self, key: str, kind: RequestKind, **payload: Any) -> Request | None:
        """Ask an engine for something; None: it is dead, and did not know."""
        engine = self.up[key]
        try:
            return engine.ask(kind, **payload)
        except SessionDeadError:
            self._find_dead(key, engine)
            return None

    def _end_runs(self) -> None:
        for number in self.world.running:
            if self.chance.random() < 0.6:
                self.world.end(number, self.chance.choice((Ending.RETURNED, Ending.EXCEPTION)))

    def _kill(self) -> None:
        if key := self._one_of(self.up):
            self._tell(f"SIGKILL {key}")
            self.up[key].kill()
            if self.chance.random() < 0.5:
                self._end_supervisors_of(self.up[key])
            self._leave(key)

    def _freeze(self) -> None:
        if key := self._one_of(self.up):
            self._tell(f"SIGSTOP {key}")
            self.frozen[key] = self.up.pop(key)

    def _thaw(self) -> None:
        if key := self._one_of(self.frozen):
            self._tell(f"SIGCONT {key}")
            self.up[key] = self.frozen.pop(key)
            if self.chance.random() < 0.5:  # the loop turns before the heartbeat does
                engine = self.up[key]
                engine.life.context.fenced = not engine.life.heartbeat.holds
                engine.life.scheduler.turn(self.clock.now())

    def _come_back(self) -> None:
        down = [key for key in KEYS if key not in self.up and key not in self.frozen]
        if down:
            self._start(self.chance.choice(down))

    def _forget(self) -> None:
        """Forget an engine that is down, or try to: it may not be rescued yet, or live after all.

        Another one tells at once whether everything is accounted for.
        """
        forgotten, key = self.chance.choice(KEYS), self._one_of(self.up)
        if key is None:
            return
        system = self.up[key].system
        try:
            done = system.sessions.forget(forgotten, OPS)
        except EngineError as error:
            self._tell(f"{forgotten} is not forgotten: {error}")
            return
        self._tell(f"{forgotten} is forgotten: {done}")
        engine = self.up.get(forgotten)  # one that was frozen for too long is, and does not know
        if engine is not None and engine.life.heartbeat.holds:
            self.wrong.append(f"{forgotten} was forgotten while it was alive")
        self.wrong += unaccounted(self.up[key].database) + ledger_problems(system)

    def _run_now(self) -> None:
        if key := self._one_of(self.up):
            name, force = self.chance.choice(self.names), self.chance.random() < 0.2
            self._tell(f"{key}: run {name} force={force}")
            answered = self._ask(key, RequestKind.RUN, job=name, force=force)
            if force and answered is not None and answered.ok and answered.answer:
                self.forced.add(answered.answer["job_instanceid"])

    def _pause(self) -> None:
        if key := self._one_of(self.up):
            kind = self.chance.choice((PAUSE, DRAIN, RESUME, RESUME, RESUME))
            self._tell(f"{key}: {kind}")
            self._ask(key, kind)

    def _switch(self) -> None:
        if key := self._one_of(self.up):
            name, enabled = self.chance.choice(self.names), self.chance.random() < 0.7
            self._tell(f"{key}: enabled={enabled} {name}")
            self.up[key].system.jobs.set_enabled([name], enabled, OPS)

    def _load_again(self) -> None:
        self._load(self.chance.choice(self.names))

    def _load(self, name: str) -> None:
        if name not in self.names:
            self.names.append(name)
        made = definition(
            name,
            self.chance.choice(SCHEDULES),
            run_skipped=self.chance.random() < 0.6,
            single_instance=self.chance.random() < 0.6,
        )
        self._tell(f"load {name} {made.schedule} single={made.single_instance}")
        if key := self._one_of(self.up):
            load(self.up[key].database, [made], Loader("ops", "simulation"), self.clock)

    # -- engines

    def _start(self, key: str) -> None:
        home = self.folder / key
        home.mkdir(exist_ok=True)
        settings = replace(Settings(home, self.url), instance_key=key, lease_seconds=LEASE)
        engine = ManualEngine(
            home, clock=self.clock, world=self.world, database_url=self.url, settings=settings
        )
        try:
            engine.open()
            engine.life.context.agenda.turns.pause = self.pause
        except EngineError as error:
            self._tell(f"{key} does not start: {error}")
            engine.database.close()
            return
        self.interruptions.watch(engine.database)
        self._tell(f"start {key}: session {engine.life.session.sessionid}")
        self.up[key] = engine

    def _leave(self, key: str) -> None:
        self.gone.append(self.up.pop(key))
        self.gone[-1].database.close()

    def _end_supervisors_of(self, engine: ManualEngine) -> None:
        for address in engine.life.context.executor.address.splitlines():
            supervisor = self.world.supervisors[address]
            supervisor.is_alive = False
            supervisor.running.clear()
            supervisor.reports.clear()

    def _enforce_deadlines(self) -> None:
        now = self.clock.monotonic()
        for supervisor in self.world.supervisors.values():
            if supervisor.deadline <= now:
                for number in list(supervisor.running):
                    self.world.end(number, Ending.LEASE_LOST)

    def _check_overlap(self) -> None:
        """No two runs of a single-instance job at once, but for those that were forced."""
        seen: dict[str, int] = {}
        for supervisor in self.world.supervisors.values():
            for number, spec in supervisor.running.items():
                if number in self.forced or not spec.job_info["single_instance"]:
                    continue
                other = seen.setdefault(spec.name, number)
                if other != number:
                    self.wrong.append(f"{spec.name}: {other} and {number} run at once")

    # -- the end

    def _settle(self) -> list[str]:
        self.is_settling = True
        for key in list(self.frozen):
            self.up[key] = self.frozen.pop(key)
        for number in self.world.running:
            self.world.end(number)
        self.world.ends_at_once = True
        self._advance(25)
        for key in KEYS:
            if key not in self.up:
                self._start(key)
        for engine in self.up.values():
            engine.ask(RequestKind.RESUME)
        self._advance(30)
        some = next(iter(self.up.values()))
        self.wrong += unaccounted(some.database) + ledger_problems(some.system)
        rows = some.instances()
        self.wrong += [f"{row} still runs" for row in rows if row.jobstatus is Status.IN_PROGRESS]
        handed = [spec.job_instanceid for spec in self.world.submitted]
        self.wrong += [f"{n} was handed over twice" for n in set(handed) if handed.count(n) > 1]
        for view in some.system.jobs.all():
            if view.job.sessionid is not None:
                self.wrong.append(f"{view.job.name} is owned though nothing runs")
        for engine in self.up.values():
            engine.kill()
            engine.database.close()
        return self.wrong

    def _one_of(self, engines: dict[str, ManualEngine]) -> str | None:
        return self.chance.choice(sorted(engines)) if engines else None

    def _tell(self, what: str) -> None:
        self.told.append(f"{self.clock.now()} {what}")


def simulate_peers(folder: Path, url: URL, seed: int, steps: int) -> tuple[list[str], list[str]]:
    """Live one life on the empty store at `url`; return what is wrong, and what happened."""
    text = url.render_as_string(hide_password=False)
    simulation = PeerSimulation(folder, text, seed)
    return simulation.live(steps), simulation.told


def main() -> None:
    """Live many lives and print what was wrong with which."""
    from tests.support.postgres import empty_store, fresh_database, postgres_server

    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--tell", action="store_true", help="print what happened in a bad life")
    arguments = parser.parse_args()
    bad = 0
    with postgres_server() as server, fresh_database(server) as url:
        Database.open(url).close()
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            with tempfile.TemporaryDirectory(prefix="tocsin-peers-") as folder:
                wrong, told = simulate_peers(Path(folder), url, seed, arguments.steps)
            empty_store(url)
            if wrong:
                bad += 1
                print(f"seed {seed}: {len(wrong)} wrong; first: {wrong[0]}")
                if arguments.tell:
                    print("\n".join([*wrong[:20], *told]))
    print(f"{arguments.seeds} lives of {arguments.steps} steps, {bad} with violations")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
