"""Everything as it stood at a moment: jobs, groups, instances; what nobody kept is named."""

import pytest
from msgspec.structs import replace

from engine.clock import DAY, HOUR, MINUTE, SECOND, Instant
from engine.control import Actor, System
from engine.control.past import Past, PastJob
from engine.domain.instance import Status
from engine.domain.request import RequestKind
from engine.errors import UsageError
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, instant
from tests.support.stores import KINDS

pytestmark = pytest.mark.parametrize("kind", KINDS)

NINE: Instant = instant("2026-03-02T09:00:00")
TEN_PAST = NINE + 10 * MINUTE


@pytest.fixture
def opened(engine: ManualEngine) -> ManualEngine:
    """An engine that lives, whose runs end at once."""
    engine.world.ends_at_once = True
    return engine.open()


def of(past: Past, name: str) -> PastJob:
    return next(each for each in past.jobs if each.view.name == name)


def test_a_run_that_ended_later_ran_and_one_that_began_later_is_not_told(
    opened: ManualEngine, system: System
) -> None:
    opened.world.ends_at_once = False
    opened.add(definition("report", cron("10 * * * *")))
    opened.advance(600)
    opened.advance(120)
    number = system.instances.query()[0].instance.job_instanceid
    opened.world.end(number)
    opened.tick()
    opened.advance(2 * HOUR // SECOND)
    then = system.past(TEN_PAST + MINUTE)
    assert [each.instance.job_instanceid for each in then.instances] == [number]
    view = of(then, "report").view
    assert (view.running, view.last_status) == ((number,), None)
    assert view.next == TEN_PAST + HOUR
    later = system.past(TEN_PAST + 10 * MINUTE)
    view = of(later, "report").view
    assert (view.running, view.last_status) == ((), Status.COMPLETE)
    assert view.job.last_executed == TEN_PAST


def test_the_schedule_and_the_switches_are_those_of_then_with_who_threw_them(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.add(definition("report", cron("*/10 * * * *"), groups=("night",)))
    opened.advance(60)
    system.jobs.set_enabled(["report"], False, actor)
    system.groups.set_enabled(["night"], False, actor)
    opened.advance(600)
    system.jobs.set_enabled(["report"], True, actor)
    system.groups.set_enabled(["night"], True, actor)
    system.jobs.set_schedule("report", cron("0 3 * * *"), actor)
    opened.advance(600)
    then = system.past(NINE + 2 * MINUTE)
    view = of(then, "report").view
    assert (view.job.enabled, view.disabled_groups) == (False, ("night",))
    assert "disabled by ops since 2026-03-02T09:01:00Z" in view.schedule_refusal
    assert view.job.schedule == cron("*/10 * * * *")
    night = next(each.group for each in then.groups if each.name == "night")
    assert (night.enabled, night.disabled_by, night.disabled_at) == (False, "ops", NINE + MINUTE)
    assert of(then, "report").not_kept == frozenset()
    before = of(system.past(NINE + 30 * SECOND), "report").view
    assert (before.job.enabled, before.disabled_groups, before.next) == (True, (), TEN_PAST)
    after = of(system.past(NINE + 20 * MINUTE), "report").view
    assert (after.job.enabled, after.job.schedule) == (True, cron("0 3 * * *"))


def test_members_of_groups_and_expiry_are_those_of_then(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.add(definition("report", cron("*/10 * * * *"), groups=("night",)))
    opened.advance(60)
    system.groups.create("new", actor)
    system.groups.add("new", ["report"], actor)
    system.groups.remove("night", ["report"], actor)
    system.jobs.set_expiry("report", NINE + DAY, actor)
    opened.advance(60)
    then = system.past(NINE + 30 * SECOND)
    job = of(then, "report").view.job
    assert job.groups == ("DEFAULT", "night")
    assert job.expiry_date is None
    assert {each.name for each in then.groups} == {"DEFAULT", "night"}
    now = of(system.past(opened.clock.now()), "report").view.job
    assert (now.groups, now.expiry_date) == (("DEFAULT", "new"), NINE + DAY)


def test_jobs_that_came_later_are_not_told_and_those_deleted_since_are_named(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.add(definition("old", cron("*/10 * * * *"), groups=("night",)))
    opened.advance(60)
    opened.add(definition("young", cron("*/10 * * * *")))
    system.jobs.delete(["old"], actor)
    system.groups.delete(["night"], actor)
    opened.add(definition("old", cron("*/10 * * * *")))
    opened.advance(60)
    then = system.past(NINE + 30 * SECOND)
    assert ([each.view.name for each in then.jobs], list(then.deleted)) == ([], ["old"])


def test_what_a_load_changed_is_not_kept_and_not_told_as_it_is_now(
    opened: ManualEngine, system: System
) -> None:
    first = definition("report", cron("*/10 * * * *"), description="before", version="1.0")
    opened.add(first)
    opened.advance(60)
    opened.add(replace(first, description="after", version="2.0", groups=("night",)))
    opened.advance(60)
    then = of(system.past(NINE + 30 * SECOND), "report")
    assert then.not_kept == {"description", "groups"}
    assert then.view.job.version == "1.0"
    assert then.view.job.groups == ("DEFAULT",)


def test_a_last_run_that_was_pruned_is_not_kept(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.add(definition("report", cron("0 * * * *"), retention=2.0))
    opened.advance(5 * 86400, step=1800)
    system.upkeep.prune(actor)
    then = system.past(NINE + DAY)
    assert of(then, "report").view.last_status is None
    assert "last" in of(then, "report").not_kept
    assert (then.pruned, list(then.instances)) == (1, [])


def test_a_session_and_its_mode_are_those_of_then(opened: ManualEngine, system: System) -> None:
    opened.advance(60)
    opened.ask(RequestKind.PAUSE)
    opened.advance(60)
    opened.ask(RequestKind.RESUME)
    opened.advance(60)
    opened.close()
    opened.clock.advance(HOUR // SECOND)
    modes = [
        [each.mode for each in system.past(at).sessions]
        for at in (NINE + 30 * SECOND, NINE + 90 * SECOND, NINE + 150 * SECOND, NINE + HOUR)
    ]
    assert modes == [["running"], ["paused"], ["running"], []]


def test_the_future_is_refused(opened: ManualEngine, system: System) -> None:
    with pytest.raises(UsageError, match="still to come"):
        system.past(opened.clock.now() + SECOND)
