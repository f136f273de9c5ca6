"""What stood at a moment of the past: runs, verdicts, switches, changes, sessions, alerts."""

import pytest

from engine.clock import HOUR, MINUTE, SECOND, Instant
from engine.control import Actor, System
from engine.domain.verdict import Reason
from engine.errors import UsageError
from engine.testing.manual import ManualEngine
from tests.support.builders import cron, definition, instant
from tests.support.stores import KINDS

pytestmark = pytest.mark.parametrize("kind", KINDS)

NINE: Instant = instant("2026-03-02T09:00:00")
TEN_PAST = NINE + 10 * MINUTE


@pytest.fixture
def opened(engine: ManualEngine) -> ManualEngine:
    """An engine that lives, whose runs go on until they are told to end."""
    return engine.open()


def test_what_ran_then_is_told_with_how_it_ended_since(
    opened: ManualEngine, system: System
) -> None:
    opened.add(definition("report", cron("10 * * * *")))
    opened.advance(600)
    opened.advance(120)
    number = system.instances.query()[0].instance.job_instanceid
    opened.world.end(number)
    opened.tick()
    opened.advance(HOUR // SECOND)
    then = system.moment(TEN_PAST + MINUTE)
    assert [(each.instance.job_instanceid, each.name) for each in then.running] == [
        (number, "report")
    ]
    assert system.moment(NINE + 5 * MINUTE).running == ()
    assert system.moment(TEN_PAST + 10 * MINUTE).running == (), "it had ended by then"
    assert [each.status for each in then.sessions] == ["ACTIVE"]


def test_what_was_due_within_a_minute_is_accounted_for_and_said_why_it_did_not_run(
    opened: ManualEngine, system: System, actor: Actor
) -> None:
    opened.world.ends_at_once = True
    opened.add(definition("report", cron("*/10 * * * *")))
    opened.add(definition("other", cron("*/10 * * * *")))
    opened.advance(60)
    system.jobs.set_enabled(["report"], False, actor)
    opened.advance(1200, step=60)
    then = system.moment(TEN_PAST + 30 * SECOND)
    total = then.account.total
    assert (total.due, total.ran, total.skipped, total.unexplained) == (2, 1, 1, 0)
    assert then.not_run == [("report", "skipped, job disabled")]
    assert then.as_json()["ledger"]["unexplained"] == 0
    assert [(name, each.reason, each.who) for name, each in then.holds] == [
        ("report", Reason.JOB_DISABLED, "ops")
    ]
    assert system.moment(NINE + 30 * SECOND).holds == (), "it was thrown later"
    assert "ops" in {each.event.who for each in then.changes}


def test_a_time_without_an_engine_has_no_session(opened: ManualEngine, system: System) -> None:
    opened.advance(60)
    opened.close()
    opened.clock.advance(HOUR // SECOND)
    assert system.moment(NINE + 30 * SECOND).sessions
    assert system.moment(NINE + 30 * MINUTE).sessions == ()


def test_the_future_is_refused(opened: ManualEngine, system: System) -> None:
    with pytest.raises(UsageError, match="still to come"):
        system.moment(opened.clock.now() + SECOND)
