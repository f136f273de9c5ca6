"""A life of an engine in fast motion: everything that can happen, in random order, from a seed.

    python -m tests.chaos.simulation --seeds 1000 --steps 300

The engine, its store and the system API are real; time and the jobs' processes are scripted. After
each life every due instant must have its one verdict, by the ledger and by the tests' own account,
and what jobs did must be what the store tells.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from engine.clock import HOUR, MINUTE, SECOND
from engine.config import Settings
from engine.control.actor import Actor
from engine.definitions.applying import Loader, load, stored_jobs
from engine.domain.instance import Ending, Status
from engine.domain.request import RequestKind
from engine.domain.run import SupervisorLost
from engine.errors import TocsinError
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.checker.accounting import Accounting
from tests.checker.rows import load as read_store
from tests.support.accounting import ledger_problems, unaccounted
from tests.support.builders import cron, definition, every

OPS = Actor("ops", "simulation")
_LOADER = Loader("ops", "simulation")
SCHEDULES = (
    every(7),
    every(60),
    every(3600),
    cron("* * * * *"),
    cron("*/10 * * * *"),
    cron("5 * * * *"),
    cron("30 2 * * *", "Europe/Prague"),
    cron("15 1,2,3 * * *", "America/New_York"),
    cron("0 */6 * * 1-5"),
)
_ACCOUNT = {"lost", "doubled", "never-due", "miscounted", "beyond-cursor"}
_EXCUSES = {"false-excuse", "coalesced-nowhere"}  # judged by wall clocks, which must not be set
STARTS = ("2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z", "2026-03-07T12:00:00Z")


@dataclass(slots=True)
class Simulation:
    """One life, or many in a row on one store, drawn from a seed."""

    home: Path
    seed: int
    clock_steps: bool = True
    told: list[str] = field(default_factory=list)  # what happened, for reading a failure
    chance: random.Random = field(init=False)
    clock: ManualClock = field(init=False)
    world: ScriptedWorld = field(init=False)
    engine: ManualEngine = field(init=False)
    jobs: list[str] = field(default_factory=list)
    is_up: bool = False
    is_stepped: bool = False

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.clock = ManualClock.at(self.chance.choice(STARTS))
        self.world = ScriptedWorld(self.clock, ends_at_once=False)
        self._start()
        self.engine.system.groups.create("g", OPS)
        for _ in range(5):
            self._add()

    def live(self, steps: int) -> list[str]:
        """Let `steps` things happen and return what is wrong afterwards."""
        for _ in range(steps):
            if not self.is_up:
                self._start()
            action = self.chance.choices(*zip(*self._actions(), strict=True))[0]
            action()
        if not self.is_up:
            self._start()
        return self._settle()

    def _actions(self) -> list[tuple[Callable[[], None], float]]:
        actions: list[tuple[Callable[[], None], float]] = [
            (self._advance, 30),
            (self._end_runs, 25),
            (self._call, 6),
            (self._switch, 6),
            (self._regroup, 4),
            (self._reschedule, 3),
            (self._expire, 2),
            (self._activate, 3),
            (self._trigger, 3),
            (self._run_now, 4),
            (self._reset, 2),
            (self._pause, 3),
            (self._crash, 3),
            (self._lose_supervisor, 1),
            (self._restart, 2),
            (self._hand_over, 1),
            (self._add, 1),
            (self._load_again, 3),
            (self._retire, 1),
        ]
        if self.clock_steps:
            actions.append((self._step_clock, 1))
        return actions

    # -- what happens

    def _advance(self) -> None:
        seconds = self.chance.choice((1, 5, 30, 61, 600, 3700, 20_000))
        self._tell(f"advance {seconds}")
        self.engine.advance(seconds, step=seconds / 4 if seconds > 60 else None)

    def _end_runs(self) -> None:
        for number in self.world.running:
            if self.chance.random() < 0.7:
                ending = self.chance.choice(
                    (Ending.RETURNED, Ending.RETURNED, Ending.EXCEPTION, Ending.TIMEOUT)
                )
                self._tell(f"end {number} {ending}")
                self.world.end(number, ending)
        if self.chance.random() < 0.8:
            self.engine.tick()

    def _call(self) -> None:
        for number in self.world.running[:1]:
            kind = self.chance.choice(("save_state_data", "error", "set_trigger"))
            self._tell(f"call {number} {kind}")
            if kind == "save_state_data":
                self.world.call(number, kind, data={"n": number})
            elif kind == "error":
                severity = self.chance.choice(("WARNING", "MAJOR"))
                self.world.call(number, kind, severity=severity, error="E")
            else:
                self.world.call(number, kind, at=None, in_seconds=self.chance.randrange(1, 900))
        self.engine.tick()

    def _switch(self) -> None:
        enabled = self.chance.random() < 0.6
        self._operate(
            "enable" if enabled else "disable",
            lambda name: self.engine.system.jobs.set_enabled([name], enabled, OPS),
        )

    def _regroup(self) -> None:
        groups = self.engine.system.groups
        what = self.chance.choice(("add", "remove", "off", "on", "on"))
        if what in {"on", "off"}:
            self._tell(f"group {what}")
            groups.set_enabled(["g"], what == "on", OPS)
            self._maybe_tick()
        elif what == "add":
            self._operate("group add", lambda name: groups.add("g", [name], OPS))
        else:
            self._operate("group remove", lambda name: groups.remove("g", [name], OPS))

    def _reschedule(self) -> None:
        schedule = self.chance.choice(SCHEDULES)
        self._operate(
            f"schedule {schedule}",
            lambda name: self.engine.system.jobs.set_schedule(name, schedule, OPS),
        )

    def _expire(self) -> None:
        at = self.clock.now() + self.chance.choice((-HOUR, MINUTE, 3 * HOUR, 40 * HOUR))
        when = None if self.chance.random() < 0.5 else at
        self._operate(
            f"expire {when}", lambda name: self.engine.system.jobs.set_expiry(name, when, OPS)
        )

    def _activate(self) -> None:
        active = self.chance.random() < 0.6
        self._operate(
            f"active {active}",
            lambda name: self.engine.system.jobs.set_active([name], active, OPS),
        )

    def _trigger(self) -> None:
        at = self.clock.now() + self.chance.randrange(1, 1800) * SECOND
        self._operate("trigger", lambda name: self.engine.system.jobs.set_trigger(name, at, OPS))

    def _run_now(self) -> None:
        name, force = self.chance.choice(self.jobs), self.chance.random() < 0.2
        self._tell(f"run {name} force={force}")
        self.engine.ask(RequestKind.RUN, job=name, force=force)

    def _reset(self) -> None:
        self._operate("reset", lambda name: self.engine.system.jobs.reset([name], OPS))

    def _pause(self) -> None:
        kind = self.chance.choice((RequestKind.PAUSE, RequestKind.DRAIN, *[RequestKind.RESUME] * 3))
        self._tell(str(kind))
        self.engine.ask(kind)

    def _step_clock(self) -> None:
        seconds = self.chance.choice((-4, -600, -7200, -20_000, 3, 900, 7000, 20_000))
        self._tell(f"clock step {seconds}")
        self.is_stepped = True
        self.clock.step(seconds)
        self.engine.tick()

    def _add(self) -> None:
        name = f"j{len(self.jobs)}"
        self.jobs.append(name)
        self._load(name)

    def _load_again(self) -> None:
        """Another version of the same job: it may change in every respect."""
        self._load(self.chance.choice(self.jobs))

    def _load(self, name: str) -> None:
        made = definition(
            name,
            self.chance.choice(SCHEDULES),
            run_skipped=self.chance.random() < 0.6,
            single_instance=self.chance.random() < 0.4,
            active=self.chance.random() < 0.9,
            groups=("g",) if self.chance.random() < 0.3 else (),
            source=f"/jobs/{name}.yaml",
        )
        self._tell(
            f"load {name} {made.schedule} run_skipped={made.run_skipped} "
            f"single={made.single_instance} active={made.active} groups={made.groups}"
        )
        override = self.chance.random() < 0.2
        load(self.engine.database, [made], _LOADER, self.clock, override=override)
        self._maybe_tick()

    def _retire(self) -> None:
        name = self.chance.choice(self.jobs)
        self._tell(f"retire {name}")
        with self.engine.database.read() as tx:
            stored = {each.job.name: each.definition for each in stored_jobs(tx)}
        kept = [each for other, each in stored.items() if other != name]
        load(self.engine.database, kept, _LOADER, self.clock, prune=True)
        self._maybe_tick()

    # -- the engine comes and goes

    def _start(self) -> None:
        settings = self._settings()
        self._tell(f"start '{settings.instance_key}' max_parallel={settings.max_parallel}")
        self.engine = ManualEngine(self.home, clock=self.clock, world=self.world, settings=settings)
        self.is_up = True
        self.engine.open()

    def _settings(self) -> Settings:
        return replace(Settings(self.home, ""), max_parallel=self.chance.choice((0, 0, 3)))

    def _gone(self) -> None:
        self.engine.database.close()
        self.is_up = False
        if self.chance.random() < 0.5:
            pause = self.chance.choice((1, 300, 5000, 100_000))
            self._tell(f"down for {pause}")
            self.clock.advance(pause)

    def _crash(self) -> None:
        self._tell("SIGKILL")
        self.engine.kill()
        if self.chance.random() < 0.4:
            self._end_supervisors()
        self._gone()

    def _end_supervisors(self) -> None:
        self._tell("the supervisor dies too")
        for supervisor in self.world.supervisors.values():
            supervisor.is_alive = False
            supervisor.running.clear()
            supervisor.reports.clear()

    def _lose_supervisor(self) -> None:
        self._tell("the supervisor dies")
        for supervisor in self.world.supervisors.values():
            if supervisor.is_connected and supervisor.is_alive:
                supervisor.reports.append(SupervisorLost(tuple(supervisor.running)))
                supervisor.running.clear()
        self.engine.tick()

    def _restart(self) -> None:
        self._tell("stop")
        self.engine.close()
        self._gone()

    def _hand_over(self) -> None:
        self._tell("hand over")
        self.engine.hand_over()
        self._gone()

    # -- helpers

    def _operate(self, what: str, act: Callable[[str], object]) -> None:
        name = self.chance.choice(self.jobs)
        self._tell(f"{what} {name}")
        try:
            act(name)
        except TocsinError as error:
            self._tell(f"  refused: {error}")
        self._maybe_tick()

    def _maybe_tick(self) -> None:
        if self.chance.random() < 0.7:
            self.engine.tick()

    def _tell(self, what: str) -> None:
        self.told.append(f"{self.clock.now()} {what}")

    def _settle(self) -> list[str]:
        """Let everything end, and look."""
        engine = self.engine
        engine.ask(RequestKind.RESUME)
        self.world.ends_at_once = True
        for number in self.world.running:
            self.world.end(number)
        engine.tick()
        wrong = unaccounted(engine.database)
        engine.advance(7 * 3600, step=1800)
        wrong += unaccounted(engine.database) + ledger_problems(engine.system)
        assert engine.database.path is not None
        found = Accounting(read_store(engine.database.path)).check()
        told = _ACCOUNT if self.is_stepped else _ACCOUNT | _EXCUSES
        wrong += [str(each) for each in found if each.invariant in told]
        rows = engine.instances()
        wrong += [f"{row} still runs" for row in rows if row.jobstatus is Status.IN_PROGRESS]
        handed = [spec.job_instanceid for spec in self.world.submitted]
        wrong += [f"instance {n} was handed over twice" for n in handed if handed.count(n) > 1]
        known = {row.job_instanceid for row in rows}
        wrong += [f"instance {n} is not recorded" for n in handed if n not in known]
        free = {
            job.name for job in (view.job for view in engine.system.jobs.all()) if job.sessionid
        }
        wrong += [f"{name} is owned though nothing runs" for name in free]
        log = (self.home / "logs" / "tocsin.engine.log").read_text()
        if "a defect in the engine" in log:
            wrong.append("the engine's log tells of a defect")
        engine.kill()
        engine.database.close()
        return wrong


def simulate(
    folder: Path, template: Path, seed: int, steps: int, kind: type[Simulation] = Simulation
) -> tuple[list[str], list[str]]:
    """Live one life in a new home below `folder`; return what is wrong, and what happened."""
    home = folder / f"life-{seed}"
    home.mkdir(mode=0o700)
    shutil.copy(template, home / "tocsin.db")
    simulation = kind(home, seed)
    wrong = simulation.live(steps)
    if not wrong:
        shutil.rmtree(home)
    return wrong, simulation.told


def live_many(kind: type[Simulation], what: str) -> int:
    """Live many lives and print what was wrong with which; return the exit status."""
    from engine.persistence.database import Database

    parser = argparse.ArgumentParser(description=what.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--tell", action="store_true", help="print what happened in a bad life")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tocsin-lives-"))
    template = folder / "template.db"
    Database.open(template).close()
    bad = 0
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        wrong, told = simulate(folder, template, seed, arguments.steps, kind)
        if wrong:
            bad += 1
            print(f"seed {seed}: {len(wrong)} wrong; first: {wrong[0]}", flush=True)
            if arguments.tell:
                print("\n".join([*wrong[:20], *told]))
    print(f"{arguments.seeds} lives of {arguments.steps} steps, {bad} with violations")
    if not bad:
        shutil.rmtree(folder)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(live_many(Simulation, __doc__ or ""))
