"""Following the store by its changes always leads where a fresh look leads."""

import random

import pytest

from engine.clock import HOUR, MINUTE
from engine.control import Actor, System
from engine.control.job_view import JobView
from engine.control.watch import Portion, Watch
from engine.domain.instance import Status
from engine.domain.request import RequestKind
from engine.errors import TocsinError
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, every
from tests.support.stores import KINDS

pytestmark = pytest.mark.parametrize("kind", KINDS)


class Mirror:
    """What somebody who follows the store knows."""

    def __init__(self, system: System) -> None:
        self.watch = Watch(system.context)
        self.jobs: dict[int, JobView] = {}
        self.statuses: dict[int, Status] = {}
        self.groups: dict[str, bool] = {}
        for portion in self.watch.snapshot():
            self.take(portion)

    def follow(self) -> list[Portion]:
        """Take in what changed and return what was told."""
        portions = list(self.watch.changes())
        for portion in portions:
            self.take(portion)
        assert portions[-1].seq > 0
        return [portion for portion in portions if portion]

    def take(self, portion: Portion) -> None:
        for jobid in portion.gone_jobs:
            self.jobs.pop(jobid, None)
        for name in portion.gone_groups:
            self.groups.pop(name, None)
        self.jobs.update((view.job.jobid, view) for view in portion.jobs)
        self.groups.update((view.name, view.group.enabled) for view in portion.groups)
        self.statuses.update(
            (view.instance.job_instanceid, view.instance.jobstatus) for view in portion.instances
        )

    def standing(self) -> dict[str, tuple[object, ...]]:
        return {view.name: _what_is_shown(view) for view in self.jobs.values()}


def _what_is_shown(view: JobView) -> tuple[object, ...]:
    job = view.job
    return (
        job.enabled, job.active, job.groups, job.schedule, job.expiry_date, job.retired_at,
        job.trigger_at, view.next, view.run_refusal, view.schedule_refusal, view.running,
        view.last_status, view.last_started, view.last_instanceid, view.disabled_groups,
    )  # fmt: skip


def fresh(system: System) -> dict[str, tuple[object, ...]]:
    return {view.name: _what_is_shown(view) for view in system.jobs.all(include_retired=True)}


def test_a_snapshot_tells_everything_in_portions_the_first_of_them_small(
    engine: ManualEngine,
) -> None:
    with engine:
        for number in range(450):
            engine.add(definition(f"job-{number:03}", cron("0 * * * *")))
        portions = list(Watch(engine.system.context).snapshot())
        assert portions[0].total_jobs == 450
        assert len(portions[0].jobs) == 100
        names = [view.name for portion in portions for view in portion.jobs]
        assert names == [f"job-{number:03}" for number in range(450)]
        assert portions[-1].seq > 0


def test_an_engine_that_comes_during_a_snapshot_is_known_to_every_job_at_its_end(
    engine: ManualEngine,
) -> None:
    with engine:
        for number in range(250):
            engine.add(definition(f"job-{number:03}", cron("0 * * * *")))
        engine.close()
        watch = Watch(engine.system.context)
        snapshot = watch.snapshot()
        portions = [next(snapshot)]
        engine.open()
        engine.ask(RequestKind.PAUSE)
        engine.tick()
        portions += [*snapshot, *watch.changes()]
        told = {view.name: view for portion in portions for view in portion.jobs}
        assert len(told) == 250
        assert all("paused" in view.run_refusal for view in told.values())
        assert sum(len(portion.jobs) for portion in portions) <= 100 + 250


def test_a_fixed_time_that_a_clock_set_back_does_not_bring_again_is_next_for_no_job(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        for number in range(100):
            engine.add(definition(f"before-{number:02}", cron("0 3 * * *")))
        engine.add(definition("fixed", cron("10 9 * * *")))  # in no first portion
        engine.world.ends_at_once = True
        engine.advance_to(engine.clock.now() + 15 * MINUTE)
        mirror = Mirror(engine.system)
        engine.clock.step(-1800)
        engine.tick()
        engine.system.jobs.set_enabled(["fixed", "before-00"], False, actor)
        engine.system.jobs.set_enabled(["fixed", "before-00"], True, actor)
        mirror.follow()
        later = Mirror(engine.system)
        (fixed,) = [view for view in later.jobs.values() if view.name == "fixed"]
        assert fixed.next is not None
        assert fixed.next > engine.clock.now() + 24 * HOUR
        assert mirror.standing() == later.standing() == fresh(engine.system)


def test_nothing_is_told_when_nothing_changed(engine: ManualEngine) -> None:
    with engine:
        engine.add(definition("a"))
        mirror = Mirror(engine.system)
        assert not mirror.follow()
        assert not mirror.follow()


def test_a_run_is_told_when_it_begins_and_when_it_ends(engine: ManualEngine) -> None:
    with engine:
        engine.add(definition("a", every(60)))
        mirror = Mirror(engine.system)
        engine.clock.advance(60)
        engine.tick()
        mirror.follow()
        (number,) = mirror.statuses
        assert mirror.statuses[number] is Status.IN_PROGRESS
        assert mirror.standing() == fresh(engine.system)
        engine.world.end(number)
        engine.tick()
        mirror.follow()
        assert mirror.statuses[number] is Status.COMPLETE
        assert mirror.standing() == fresh(engine.system)


def test_a_group_that_is_disabled_touches_its_jobs_alone(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        engine.add(definition("a", groups=("billing",)))
        engine.add(definition("b"))
        mirror = Mirror(engine.system)
        engine.system.groups.set_enabled(["billing"], False, actor)
        (portion,) = mirror.follow()
        assert [view.name for view in portion.jobs] == ["a"]
        assert mirror.standing() == fresh(engine.system)


def test_jobs_and_groups_that_are_deleted_are_told_to_be_gone(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        engine.add(definition("a", groups=("billing",)))
        mirror = Mirror(engine.system)
        engine.system.groups.delete(["billing"], actor)
        engine.system.jobs.delete(["a"], actor)
        mirror.follow()
        assert mirror.jobs == {}
        assert "billing" not in mirror.groups


def test_an_engine_that_pauses_changes_what_every_job_may_do(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        engine.add(definition("a"))
        engine.add(definition("b"))
        mirror = Mirror(engine.system)
        engine.ask(RequestKind.PAUSE)
        engine.tick()
        mirror.follow()
        assert all("paused" in view.run_refusal for view in mirror.jobs.values())
        assert mirror.standing() == fresh(engine.system)


@pytest.mark.parametrize("seed", range(8))
def test_any_story_told_by_changes_is_the_story_of_a_fresh_look(
    seed: int, engine: ManualEngine, actor: Actor
) -> None:
    dice = random.Random(seed)
    with engine:
        system = engine.system
        for number in range(6):
            schedule = every(30) if number % 2 else cron("*/2 * * * *")
            engine.add(definition(f"job-{number}", schedule, groups=(f"group-{number % 2}",)))
        mirror = Mirror(system)
        for _ in range(40):
            try:
                _do_something(engine, actor, dice)
            except TocsinError:
                continue
            engine.tick()
            mirror.follow()
            mirror.take(Portion(jobs=mirror.watch.views_of(mirror.jobs)))  # time went on
            assert mirror.standing() == fresh(system)


def _do_something(engine: ManualEngine, actor: Actor, dice: random.Random) -> None:
    """Throw a switch, change a schedule or a group, let a run end, or let time pass."""
    system = engine.system
    name, group, on = f"job-{dice.randrange(6)}", f"group-{dice.randrange(2)}", dice.random() < 0.5
    match dice.randrange(8):
        case 0:
            system.jobs.set_enabled([name], on, actor)
        case 1:
            system.jobs.set_active([name], on, actor)
        case 2:
            system.groups.set_enabled([group], on, actor)
        case 3:
            system.jobs.set_schedule(name, every(dice.randint(5, 90)), actor)
        case 4:
            system.groups.add(group, [name], actor)
        case 5:
            system.groups.remove(group, [name], actor)
        case 6:
            for key in engine.world.running[-3:]:
                engine.world.end(key)
        case _:
            engine.clock.advance(dice.randint(1, 60))
