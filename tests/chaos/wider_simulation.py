"""Lives in which the store changes under the schedule too: between lives, and by its upkeep.

    python -m tests.chaos.wider_simulation --seeds 1000 --steps 200

To what `simulation` does it adds: pruning, deleted jobs and groups, jobs that come back under a
name that was given before, every contract for clock changes, and whatever operators do while no
engine is up: all the switches, another clock, another engine's key, a backup that is restored.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from engine.config import Settings
from engine.control.restoring import restore
from engine.domain.schedule import CronSchedule
from engine.errors import TocsinError
from engine.testing.manual import ManualEngine
from tests.chaos.simulation import OPS, Simulation, live_many
from tests.support.builders import cron

T = TypeVar("T")
CONTRACTS = tuple(
    cron(expression, "Europe/Prague", dst_gap=gap, dst_overlap=overlap)
    for expression in ("30 2 * * *", "*/20 1-3 * * *", "0,30 0-4 * * *")
    for gap in ("after", "skip", "shift")
    for overlap in ("first", "last", "both")
)


@dataclass(slots=True)
class WiderSimulation(Simulation):
    """One life, or many in a row on one store, drawn from a seed."""

    named: int = 0
    gone: list[str] = field(default_factory=list)  # names of deleted jobs
    backup: Path | None = None

    def _actions(self) -> list[tuple[Callable[[], None], float]]:
        return [
            *Simulation._actions(self),
            (self._prune, 3),
            (self._delete, 1),
            (self._come_back, 1),
            (self._contract, 3),
            (self._group_away, 1),
            (self._back_up, 1),
        ]

    def _prune(self) -> None:
        days = self.chance.choice((0, 0.01, 0.5, 2))
        self._tell(f"prune {days}")
        self._forget(lambda: self.engine.system.upkeep.prune(OPS, older_than_days=days))
        self._maybe_tick()

    def _delete(self) -> None:
        if len(self.jobs) < 4:
            return
        name = self.chance.choice(self.jobs)
        self._tell(f"delete {name}")
        done = self._forget(lambda: self.engine.system.jobs.delete([name], OPS))
        if done[0].ok:
            self.jobs.remove(name)
            self.gone.append(name)
        self._maybe_tick()

    def _add(self) -> None:
        name = f"j{self.named}"
        self.named += 1
        self.jobs.append(name)
        self._load(name)

    def _come_back(self) -> None:
        if self.gone:
            name = self.gone.pop()
            self.jobs.append(name)
            self._load(name)

    def _contract(self) -> None:
        schedule: CronSchedule = self.chance.choice(CONTRACTS)
        self._operate(
            f"schedule {schedule}",
            lambda name: self.engine.system.jobs.set_schedule(name, schedule, OPS),
        )

    def _group_away(self) -> None:
        self._tell("the group goes, and comes back")
        groups = self.engine.system.groups
        groups.delete(["g"], OPS)
        self._maybe_tick()
        if "g" not in {each.name for each in groups.all()}:
            groups.create("g", OPS)
        self._maybe_tick()

    def _back_up(self) -> None:
        self._tell("backup")
        self.backup = self.home / f"backup-{len(self.told)}"
        self.engine.system.upkeep.backup(self.backup, OPS)

    # -- between two lives

    def _settings(self) -> Settings:
        """The next engine may come under another key: what each owes is its own."""
        key = "other" if self.chance.random() < 0.2 else "main"
        return replace(Simulation._settings(self), instance_key=key)

    def _gone(self) -> None:
        Simulation._gone(self)
        if self.chance.random() < 0.5:
            self._while_down()

    def _while_down(self) -> None:
        self._tell("-- while no engine is up")
        self.engine = ManualEngine(self.home, clock=self.clock, world=self.world)
        actions = (
            *(self._switch, self._regroup, self._reschedule, self._expire, self._activate),
            *(self._trigger, self._reset, self._add, self._load_again, self._retire),
            *(self._prune, self._delete, self._come_back, self._contract, self._pass),
        )
        for _ in range(self.chance.randrange(1, 6)):
            self.chance.choice(actions)()
        self.engine.database.close()
        if self.clock_steps and self.chance.random() < 0.1:
            self._set_clock()
        if self.backup is not None and self.chance.random() < 0.3:
            self._restore(self.backup)

    def _pass(self) -> None:
        self.clock.advance(self.chance.choice((60, 4000, 90_000)))

    def _set_clock(self) -> None:
        seconds = self.chance.choice((-4, -600, -7200, -20_000, 3, 900, 7000, 20_000))
        self._tell(f"clock step {seconds}")
        self.is_stepped = True
        self.clock.step(seconds)

    def _restore(self, backup: Path) -> None:
        self._tell("restore")
        self._end_supervisors()
        self.world.submitted.clear()
        restore(self.engine.settings, backup, OPS)
        self.is_stepped = True  # the jobs' excuses may be older than what is known of the engines
        self.engine = ManualEngine(self.home, clock=self.clock, world=self.world)
        self.jobs = [each.name for each in self.engine.system.jobs.all(include_retired=True)]
        self.engine.database.close()

    def _operate(self, what: str, act: Callable[[str], object]) -> None:
        Simulation._operate(self, what, act)
        self.clock.advance(0.001)  # two orders at one instant leave no trace of the first

    def _maybe_tick(self) -> None:
        if self.is_up:
            Simulation._maybe_tick(self)

    def _forget(self, act: Callable[[], T]) -> T:
        """Do what takes records away; what is away afterwards was recorded before."""
        before = {row.job_instanceid for row in self.engine.instances()}
        submitted = self.world.submitted
        for spec in submitted:
            if spec.job_instanceid not in before:
                raise TocsinError(f"instance {spec.job_instanceid} is not recorded")
        done = act()
        after = {row.job_instanceid for row in self.engine.instances()}
        submitted[:] = [spec for spec in submitted if spec.job_instanceid in after]
        return done


if __name__ == "__main__":
    sys.exit(live_many(WiderSimulation, __doc__ or ""))
