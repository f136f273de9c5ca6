"""Why a job ran, did not run, or will not run: every cause, in words."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import HOUR, MINUTE, SECOND, Instant
from engine.config import Settings
from engine.control import Actor, System
from engine.control.explanation import Explanation
from engine.domain.instance import Cause, Ending
from engine.domain.request import RequestKind
from engine.errors import NotFoundError
from engine.testing.clock import ManualClock
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.support.builders import cron, definition, every, instant

NINE = instant("2026-03-02T09:00:00")


@pytest.fixture
def opened(engine: ManualEngine) -> ManualEngine:
    """An engine that lives, whose runs end at once."""
    engine.world.ends_at_once = True
    return engine.open()


def why(system: System, name: str = "report", at: Instant | None = None) -> Explanation:
    """The explanation, which is also fit for `--json` and one line each."""
    found = system.why.explain(name, at)
    assert found.as_json()["verdict"] == found.verdict
    assert not any("\n" in line for line in found.lines)
    return found


def says(found: Explanation, *parts: str) -> None:
    """Each part stands in some line."""
    text = "\n".join(found.lines)
    for part in parts:
        assert part in text, text


def test_a_run_on_time(opened: ManualEngine, system: System) -> None:
    opened.add(definition("report", cron("*/10 * * * *")))
    opened.advance(600)
    found = why(system, at=NINE + 10 * MINUTE)
    assert found.verdict == "ran"
    assert found.instances == (1,)
    says(found, "every 10 minutes", "It ran: instance 1", "was COMPLETE", "on time")


def test_a_full_minute_stands_for_the_instant_within_it(
    opened: ManualEngine, system: System
) -> None:
    opened.advance(3.25)
    opened.add(definition("report", every(600)))
    opened.advance(600)
    assert why(system, at=NINE + 10 * MINUTE).verdict == "ran"
    assert why(system, at=NINE + 10 * MINUTE + 3 * SECOND).verdict == "ran"
    assert why(system, at=NINE + 10 * MINUTE + 4 * SECOND).verdict == "not due"


def test_a_failed_run_says_how_and_where_to_look(opened: ManualEngine, system: System) -> None:
    opened.world.ends_at_once = False
    opened.add(definition("report", every(600)))
    opened.advance(600)
    opened.world.end(1, Ending.EXIT_CODE, exit_code=3)
    opened.tick()
    found = why(system, at=NINE + 10 * MINUTE)
    assert found.verdict == "ran"
    says(found, "was ERROR", "tocsin instance show 1")


def test_a_disabled_job_names_who_and_since_when(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.add(definition("report", cron("*/10 * * * *")))
    system.jobs.set_enabled(["report"], False, actor)
    opened.advance(1200, step=60)
    held = why(system, at=NINE + 10 * MINUTE)
    assert held.verdict == "skipped"
    says(held, "the job was disabled by ops from 2026-03-02T09:00:00+00:00 until now")
    says(held, "tocsin job enable report")
    coming = why(system)
    assert coming.verdict == "will not run"
    says(coming, "is disabled by ops since", "It has never run")
    system.jobs.set_enabled(["report"], True, actor)
    opened.tick()
    skipped = why(system, at=NINE + 10 * MINUTE)
    assert skipped.verdict == "skipped"
    says(skipped, "job disabled", "by ops")
    late = why(system, at=NINE + 20 * MINUTE)
    assert late.verdict == "late"
    says(late, "a catch-up", "the job was disabled by ops")


def test_a_disabled_group_is_named(opened: ManualEngine, system: System, actor: Actor) -> None:
    opened.add(definition("report", cron("*/10 * * * *")))
    system.groups.create("night", actor)
    system.groups.add("night", ["report"], actor)
    system.groups.set_enabled(["night"], False, actor)
    opened.advance(600)
    found = why(system, at=NINE + 10 * MINUTE)
    says(found, "its group 'night' was disabled by ops", "tocsin group enable night")
    says(why(system), "group 'night' is disabled by ops", "tocsin group enable night")


def test_downtime_is_told_from_when_to_when(
    opened: ManualEngine, system: System, clock: ManualClock
) -> None:
    opened.add(definition("report", cron("*/10 * * * *")))
    opened.close()
    clock.advance(3600)
    down = why(system, at=NINE + 30 * MINUTE)
    assert down.verdict == "missed"
    says(down, "no engine was up: from 2026-03-02T09:00:00", "tocsin engine")
    says(why(system), "No engine is up since 2026-03-02T09:00:00")
    opened.open()
    coalesced = why(system, at=NINE + 30 * MINUTE)
    assert coalesced.verdict == "coalesced"
    says(coalesced, "into instance 1", "with 4 others", "no engine was up")
    assert why(system, at=NINE + HOUR).verdict == "late"


def test_without_run_skipped_that_is_the_reason(
    opened: ManualEngine, system: System, clock: ManualClock
) -> None:
    opened.add(definition("report", cron("*/10 * * * *"), run_skipped=False))
    opened.close()
    clock.advance(3600)
    opened.open()
    found = why(system, at=NINE + 30 * MINUTE)
    assert found.verdict == "missed"
    says(found, "no engine was up", "run_skipped is off", "run-skipped: true")


def test_an_overrun_names_the_run_that_was_going_on(opened: ManualEngine, system: System) -> None:
    opened.world.ends_at_once = False
    opened.add(definition("report", every(600)))
    opened.advance(600)
    opened.advance(1300, step=60)
    waiting = why(system, at=NINE + 20 * MINUTE)
    assert waiting.verdict == "pending"
    says(waiting, "it was running: instance 1")
    opened.world.end(1)
    opened.tick()
    found = why(system, at=NINE + 20 * MINUTE)
    assert found.verdict == "coalesced"
    says(found, "into instance 2", "it was running: instance 1")


def test_an_inactive_job_names_who_deactivated_it(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.add(definition("report", cron("*/10 * * * *")))
    opened.advance(60)
    system.jobs.set_active(["report"], False, actor)
    opened.advance(1800)
    found = why(system, at=NINE + 20 * MINUTE)
    assert found.verdict == "not due"
    says(
        found, "It was not active: ops deactivated it at 2026-03-02T09:01:00", "job activate report"
    )
    says(why(system), "ops deactivated it", "is not active")


def test_an_expired_job_says_so(opened: ManualEngine, system: System) -> None:
    opened.add(definition("report", cron("*/10 * * * *"), expiry_date=NINE + 15 * MINUTE))
    opened.advance(3600, step=60)
    found = why(system, at=NINE + 20 * MINUTE)
    assert found.verdict == "not due"
    says(found, "It had expired at 2026-03-02T09:15:00", "tocsin job expire report never")
    says(why(system), "expired at")


def test_an_instant_that_the_schedule_never_names(opened: ManualEngine, system: System) -> None:
    opened.add(definition("report", cron("0 * * * *")))
    opened.advance(5400)
    opened.run("report")
    found = why(system, at=NINE + 90 * MINUTE)
    assert found.verdict == "not due"
    says(found, "every hour", "does not name 2026-03-02T10:30:00+00:00")
    says(found, "Nearest before: 2026-03-02T10:00:00", "Nearest after: 2026-03-02T11:00:00")
    says(found, "Close to it instance 2", "(run now by tester)")


def test_a_job_before_its_time(opened: ManualEngine, system: System) -> None:
    opened.add(definition("report", cron("0 * * * *")))
    found = why(system, at=NINE - HOUR)
    says(found, "It was not scheduled yet: that began at 2026-03-02T09:00:00")


def test_a_job_that_no_engine_scheduled(engine: ManualEngine, system: System) -> None:
    engine.open()
    engine.close()
    from engine.persistence import jobs

    with engine.database.begin() as tx:
        jobs.insert(tx, definition("report"), engine.clock.now())
    says(why(system, at=NINE), "No engine has scheduled it yet", "tocsin engine")


def test_a_coming_instant(opened: ManualEngine, system: System) -> None:
    opened.add(definition("report", cron("0 * * * *")))
    coming = why(system)
    assert (coming.verdict, coming.instant) == ("will run", NINE + HOUR)
    says(coming, "in 1 h")
    assert why(system, at=NINE + 5 * HOUR).verdict == "will run"
    assert why(system, at=NINE + 5 * HOUR + MINUTE).verdict == "not due"


def test_the_clocks_go_forward(tmp_path: Path) -> None:
    clock = ManualClock.at("2026-03-28T20:00:00Z")
    with ManualEngine(tmp_path, clock=clock, world=ScriptedWorld(clock)) as engine:
        engine.add(definition("report", cron("30 2 * * *", "Europe/Prague")))
        system = engine.system
        says(why(system), "02:30 does not exist; runs at 03:00 +02:00")
        engine.advance(86_400, step=600)
        ran = why(system, at=instant("2026-03-29T01:00:00"))
        assert ran.verdict == "ran"
        says(ran, "02:30 does not exist", "2026-03-29T03:00:00+02:00")
        not_due = why(system, at=instant("2026-03-29T01:30:00"))
        assert not_due.verdict == "not due"
        says(not_due, "02:30 does not exist; runs at 03:00 +02:00")


def test_an_unknown_job_is_refused(opened: ManualEngine, system: System) -> None:
    with pytest.raises(NotFoundError):
        system.why.explain("reprot")


def test_a_changed_schedule_is_told_with_who_changed_it(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.add(definition("report", cron("0 * * * *")))
    opened.advance(5400, step=600)
    system.jobs.set_schedule("report", cron("30 * * * *"), actor)
    opened.tick()
    opened.advance(3600, step=600)
    says(why(system, at=NINE + HOUR), "That schedule was in force until", "when ops changed it")
    after = why(system, at=NINE + 2 * HOUR)
    assert after.verdict == "not due"
    says(after, "It is in force since", "when ops changed it", "before that", "(0 * * * *, UTC)")


def test_a_switch_that_took_the_catch_up_of_an_overrun_away_is_named(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.world.ends_at_once = False
    opened.add(definition("report", cron("*/10 * * * *")))
    opened.advance(600)
    opened.advance(1500, step=60)
    system.jobs.set_enabled(["report"], False, actor)
    opened.tick()
    opened.world.end(opened.world.running[0])
    opened.tick()
    found = why(system, at=NINE + 20 * MINUTE)
    assert found.verdict == "skipped"
    says(found, "with another", "Before it was free, the job was disabled by ops", "job enable")


def test_a_crash_names_the_run_that_made_up_for_it(opened: ManualEngine, system: System) -> None:
    opened.world.ends_at_once = False
    opened.add(definition("report", cron("0 * * * *")))
    opened.advance(3600)
    opened.kill()
    for supervisor in opened.world.supervisors.values():
        supervisor.is_alive = False
        supervisor.running.clear()
    opened.clock.advance(600)
    opened.open()
    found = why(system, at=NINE + HOUR)
    says(found, "was CRASH", "It was made up for: instance 2")
    assert found.instances == (1, 2)


def test_a_paused_engine_says_how_it_is_resumed(opened: ManualEngine, system: System) -> None:
    opened.add(definition("report", cron("0 * * * *")))
    opened.ask(RequestKind.PAUSE)
    opened.advance(5400, step=600)
    for at in (None, NINE + HOUR):
        says(why(system, at=at), "paused", "`tocsin engine resume`")


def test_what_holds_for_the_moment_is_no_reason_for_an_instant_that_is_far_away(
    engine: ManualEngine, system: System
) -> None:
    engine.open()
    engine.add(definition("report", cron("30 * * * *")))
    engine.run("report")
    engine.ask(RequestKind.DRAIN)
    engine.tick()
    near = why(system, at=NINE + 30 * MINUTE)
    assert near.verdict == "will not run"
    says(near, "the engine is draining and starts nothing new", "is running as instance 1")
    far = why(system, at=NINE + 21 * 24 * HOUR + 30 * MINUTE)
    assert far.verdict == "will run"
    says(far, "The engine is draining now, which says nothing of then: it runs if an engine is")
    assert not any("starts nothing new" in line or "--force" in line for line in far.lines)


def test_a_fixed_time_does_not_come_by_twice_after_the_clock_was_set_back(
    opened: ManualEngine, system: System
) -> None:
    opened.add(definition("report", cron("30 9 * * *")))
    opened.add(definition("wild", cron("*/10 * * * *")))
    opened.advance(2400, step=600)
    opened.clock.step(-1800)
    opened.tick()
    found = why(system)
    assert found.instant == NINE + 24 * HOUR + 30 * MINUTE
    says(found, "The clock was set back", "does not come by twice")
    assert why(system, "wild").instant == NINE + 20 * MINUTE
    opened.advance(3600, step=60)
    assert len(opened.instances("report")) == 1


def test_next_runs_leave_out_what_does_not_come_by_twice(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.add(definition("report", cron("30 9 * * *")))
    opened.add(definition("wild", cron("*/10 * * * *")))
    opened.advance(2400, step=600)
    opened.clock.step(-1800)
    opened.tick()
    tomorrow = NINE + 24 * HOUR + 30 * MINUTE
    assert system.jobs.next_runs("report", 2).due == (tomorrow, tomorrow + 24 * HOUR)
    assert system.jobs.get("report").next == tomorrow
    assert {view.name: view.next for view in system.jobs.all()}["report"] == tomorrow
    assert system.jobs.get("wild").next == NINE + 20 * MINUTE
    done = system.jobs.set_trigger("report", NINE + 45 * MINUTE, actor)
    assert "trigger" in done
    opened.advance(3600, step=60)
    assert [ran.due_at for ran in opened.instances("report")] == [NINE + 30 * MINUTE, None]
    assert opened.instances("report")[-1].cause is Cause.TRIGGER


def test_next_runs_come_by_again_after_the_clock_was_corrected(
    opened: ManualEngine, system: System
) -> None:
    opened.add(definition("report", cron("30 9 * * *")))
    opened.advance(5 * 3600, step=600)
    opened.clock.step(-5 * 3600)
    opened.tick()
    opened.clock.step(2)  # the clock is set once more, by a little
    opened.tick()
    again = NINE + 30 * MINUTE
    assert system.jobs.get("report").next == again
    assert why(system).instant == again
    opened.advance(3600, step=60)
    assert opened.instances("report")[-1].stands_for == again


def test_an_instant_that_the_clock_was_set_over_is_told_as_such(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.world.ends_at_once = False
    opened.add(definition("report", cron("0 * * * *")))
    opened.advance(3600)
    opened.clock.step(5 * 3600)
    opened.tick()
    system.jobs.set_active(["report"], False, actor)
    opened.tick()
    opened.world.end(1)
    opened.tick()
    found = why(system, at=NINE + 3 * HOUR)
    assert found.verdict == "missed"
    says(found, "never came by: the clock was set forward")


def test_an_instant_that_waits_for_a_slot_says_so(tmp_path: Path, clock: ManualClock) -> None:
    home = tmp_path / "small"
    settings = replace(Settings(home, ""), max_parallel=1)
    world = ScriptedWorld(clock, ends_at_once=False)
    with ManualEngine(home, clock=clock, world=world, settings=settings) as engine:
        engine.add(definition("busy", every(600)))
        engine.advance(600)
        engine.add(definition("report", cron("*/15 * * * *")))
        engine.advance(600)
        found = why(engine.system, at=NINE + 15 * MINUTE)
        assert found.verdict == "pending"
        says(
            found,
            "waits for another run to end: 1 may go on at once (max-parallel)",
            "instance list",
        )
        engine.world.end(1)
        engine.tick()
        assert why(engine.system, at=NINE + 15 * MINUTE).verdict == "ran"
