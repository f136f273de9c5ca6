"""A time zone that is withdrawn from the machine's data stops its job, and tells of no other."""

import pytest
from sqlalchemy import text

from engine.clock import HOUR, MINUTE, Instant
from engine.control import Actor, System
from engine.control.doctor import examine
from engine.control.job_view import JobView
from engine.control.ledger import JobLedger
from engine.errors import JobError
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, instant
from tests.support.stores import KINDS

pytestmark = [
    pytest.mark.parametrize("kind", KINDS),
    pytest.mark.spoils_the_ledger("a zone that is gone lets nobody tell what was due"),
]

NINE: Instant = instant("2026-03-02T09:00:00")
NO_ZONE = "No time zone is named 'Mars/Olympus'."


def withdraw(engine: ManualEngine, name: str) -> None:
    """Let the job's zone be one that no machine knows, as it is stored."""
    zone = "SET timezone = 'Mars/Olympus'"
    with engine.database.begin() as tx:
        tx.execute(
            text(
                f"UPDATE schedule_revisions {zone} WHERE jobid = "
                "(SELECT jobid FROM jobs WHERE name = :name)"
            ),
            {"name": name},
        )
        tx.execute(text(f"UPDATE jobs {zone} WHERE name = :name"), {"name": name})


@pytest.fixture
def withdrawn(engine: ManualEngine) -> ManualEngine:
    """An engine that ran `good` and `bad` every ten minutes until ten, and `bad` lost its zone."""
    engine.world.ends_at_once = True
    engine.open()
    engine.add(definition("good", cron("*/10 * * * *")))
    engine.add(definition("bad", cron("*/10 * * * *")))
    engine.advance(3600, step=60)
    engine.close()
    withdraw(engine, "bad")
    return engine.open()


def by_name(system: System) -> dict[str, JobView]:
    return {each.name: each for each in system.jobs.all()}


def accounts(system: System) -> dict[str, JobLedger]:
    return {each.name: each for each in system.ledger.report().jobs}


def test_a_listing_shows_every_job_and_the_stopped_one_as_stopped(
    withdrawn: ManualEngine, system: System
) -> None:
    del withdrawn
    views = by_name(system)
    assert views["good"].next == NINE + 70 * MINUTE
    assert views["bad"].next is None
    assert views["bad"].is_stopped
    assert views["bad"].schedule_refusal.startswith(NO_ZONE)
    assert views["bad"].run_refusal == ""
    assert not views["good"].is_stopped
    assert system.jobs.info("bad").view == system.jobs.get("bad") == views["bad"]
    assert [each.name for each in system.overview(NINE).coming] == ["good"]
    runs = system.jobs.next_runs("bad")
    assert runs.due == ()
    assert runs.refusal.startswith(NO_ZONE)


def test_a_stopped_job_that_a_switch_holds_is_told_by_its_switch(
    withdrawn: ManualEngine, system: System, actor: Actor
) -> None:
    del withdrawn
    system.jobs.set_enabled(["bad"], False, actor)
    (obstacle,) = system.jobs.get("bad").obstacles
    assert obstacle.code == "JOB-DISABLED"


def test_a_forecast_counts_the_others_and_says_why_one_is_idle(
    withdrawn: ManualEngine, system: System
) -> None:
    del withdrawn
    report = system.forecast.window(until=NINE + 2 * HOUR)
    assert [(each.name, each.count) for each in report.jobs] == [("good", 6)]
    assert report.idle["bad"].startswith(NO_ZONE)


def test_a_ledger_accounts_for_the_others_and_says_what_is_unknown(
    withdrawn: ManualEngine, system: System
) -> None:
    withdrawn.advance(600, step=60)
    report = system.ledger.report()
    good, bad = accounts(system)["good"], accounts(system)["bad"]
    assert (good.due, good.ran, good.unexplained, good.unknown) == (7, 7, 0, 0)
    assert (bad.due, bad.unexplained, bad.never_due, bad.unknown) == (0, 0, 0, 1)
    ((name, problem),) = report.problems
    assert (name, problem.kind, problem.count) == ("bad", "unknown", 6)
    assert problem.detail.startswith(NO_ZONE)
    assert (problem.first, problem.last) == (NINE, NINE + 70 * MINUTE)
    assert report.unknown == "what was due of 'bad' is unknown for a time"
    assert report.as_json()["unknown"] == 1
    assert system.ledger.report(job="good").unknown == ""


def test_a_doctor_notes_what_is_unknown_and_finds_nothing_wrong(
    withdrawn: ManualEngine,
) -> None:
    found = examine(withdrawn.settings, withdrawn.clock)
    (ledger,) = [each for each in found if each.check == "ledger"]
    assert ledger.result == "notice"
    assert "what was due of 'bad' is unknown for a time" in ledger.message


def test_a_moment_and_the_past_show_every_job(withdrawn: ManualEngine, system: System) -> None:
    del withdrawn
    then = system.moment(NINE + 10 * MINUTE)
    assert (then.account.total.ran, then.account.total.unknown) == (1, 1)
    assert then.not_run == [("bad", "unknown what was due")]
    past = {each.view.name: each.view for each in system.past(NINE + 5 * MINUTE).jobs}
    assert past["good"].next == NINE + 10 * MINUTE
    assert past["bad"].next is None
    assert past["bad"].is_stopped


def test_why_says_that_nobody_can_tell_what_the_schedule_names(
    withdrawn: ManualEngine, system: System
) -> None:
    del withdrawn
    for at in (None, NINE + 3 * HOUR):
        told = system.why.explain("bad", at)
        assert told.verdict == "will not run"
        assert f"Which instants that names nobody can tell: {NO_ZONE}" in "\n".join(told.lines)
        assert "`tocsin job schedule bad` gives it one in another zone" in "\n".join(told.lines)
    assert system.why.explain("bad", NINE + 10 * MINUTE).verdict == "ran"
    unknown = system.why.explain("bad", NINE + 11 * MINUTE)
    assert unknown.verdict == "unknown"
    assert "does not name" not in "\n".join(unknown.lines)
    assert system.why.explain("good", NINE + 11 * MINUTE).verdict == "not due"


def test_a_stopped_job_runs_now_and_takes_no_trigger(
    withdrawn: ManualEngine, system: System, actor: Actor
) -> None:
    withdrawn.world.ends_at_once = False
    number = withdrawn.run("bad")
    withdrawn.world.call(number, "set_trigger", at=None, in_seconds=600)
    withdrawn.tick()
    assert withdrawn.world.replies()[number] == (True, False)
    withdrawn.world.end(number)
    withdrawn.tick()
    assert withdrawn.instances("bad")[-1].completed == withdrawn.clock.now()
    refusal = r"cannot be scheduled, so a trigger would start nothing: No time zone is named"
    with pytest.raises(JobError, match=refusal):
        system.jobs.set_trigger("bad", withdrawn.clock.now() + MINUTE, actor)


def test_another_schedule_lets_the_job_run_again_and_its_past_stays_unknown(
    withdrawn: ManualEngine, system: System, actor: Actor
) -> None:
    withdrawn.advance(600, step=60)
    system.jobs.set_schedule("bad", cron("*/10 * * * *", "Europe/Prague"), actor)
    withdrawn.advance(1800, step=60)
    mended = by_name(system)["bad"]
    assert mended.next == withdrawn.clock.now() + 10 * MINUTE
    assert not mended.is_stopped
    assert [each.due_at for each in withdrawn.instances("bad")][-3:] == [
        NINE + 80 * MINUTE, NINE + 90 * MINUTE, NINE + 100 * MINUTE,
    ]  # fmt: skip
    bad = accounts(system)["bad"]
    assert (bad.due, bad.ran, bad.unexplained, bad.never_due, bad.unknown) == (3, 3, 0, 0, 1)
    since = system.ledger.report(since=NINE + 70 * MINUTE)
    assert since.is_clean
    assert since.unknown == ""
    assert system.moment(NINE + 90 * MINUTE).not_run == []
    assert system.why.explain("bad").verdict == "will run"
    withdrawn.close()
    withdrawn.open()  # an engine that reads the same history anew
    withdrawn.advance(600, step=60)
    assert withdrawn.instances("bad")[-1].due_at == NINE + 110 * MINUTE
