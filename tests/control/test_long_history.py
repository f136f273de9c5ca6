"""A job with a long history is deleted a little at a time."""

import pytest

from engine.control import Actor, System
from engine.control.context import Context
from engine.control.long_history import forget_history
from engine.control.outcome import Outcome
from engine.testing.manual import ManualEngine
from tests.support.accounting import ledger_problems
from tests.support.builders import definition, every
from tests.support.stores import KINDS

pytestmark = pytest.mark.parametrize("kind", KINDS)


def context_of(engine: ManualEngine) -> Context:
    return Context(engine.settings, engine.database, engine.clock)


def test_most_runs_go_before_the_job_and_are_told_with_it(
    engine: ManualEngine, system: System, actor: Actor
) -> None:
    with engine:
        engine.world.ends_at_once = True
        engine.add(definition("chatty", every(1)))
        engine.advance(130, step=1)
        assert forget_history(context_of(engine), "chatty", actor) == 129
        assert system.jobs.get("chatty").job.retired_at is not None
        assert len(engine.instances("chatty")) == 1  # the last one is what the job tells of itself
        assert system.audit.query()[0].event.event == "JOB-RETIRED"


def test_a_job_with_a_long_history_is_deleted_with_all_of_it(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        engine.world.ends_at_once = True
        engine.add(definition("chatty", every(1)))
        engine.add(definition("other", every(60)))
        engine.advance(130, step=1)
        told = engine.system.jobs.delete(["chatty", "other", "nosuch"], actor)
        assert told[0] == Outcome("chatty", ok=True, message="deleted with 130 instances")
        assert told[1] == Outcome("other", ok=True, message="deleted with 2 instances")
        assert not told[2].ok
        engine.advance(5, step=1)
        assert engine.instances() == []
        assert ledger_problems(engine.system) == []


def test_a_job_that_runs_keeps_its_history_and_its_schedule(
    engine: ManualEngine, actor: Actor
) -> None:
    with engine:
        engine.world.ends_at_once = True
        engine.add(definition("chatty", every(1)))
        engine.advance(130, step=1)
        engine.world.ends_at_once = False
        engine.advance(1)
        (outcome,) = engine.system.jobs.delete(["chatty"], actor)
        assert "is running as instance" in outcome.message
        assert len(engine.instances("chatty")) == 131
        assert engine.system.jobs.get("chatty").job.retired_at is None
