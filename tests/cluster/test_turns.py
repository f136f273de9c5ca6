"""Engines that take turns at a shared job: who comes later asks before it claims."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from engine.clock import MINUTE, SECOND
from engine.persistence.database import Database
from engine.testing.manual import ManualEngine
from engine.testing.scripted import ScriptedWorld
from tests.cluster.conftest import Joiner
from tests.support.builders import cron, definition, instant

NOON = instant("2026-03-01T12:00:00")
PAUSE = 0.02  # seconds that each leaves to the one before it


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Write down what an engine asks of its store."""
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(database._engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database._engine, "before_cursor_execute", note)


@pytest.fixture
def in_turn(join: Joiner, world: ScriptedWorld) -> tuple[ManualEngine, ManualEngine]:
    """Two engines that share a job of every minute: the one whose turn is first, and the other."""
    world.ends_at_once = True
    engines = [join("a"), join("b")]
    for each in engines:
        each.life.context.agenda.turns.pause = round(PAUSE * SECOND)
    engines[0].advance(1)
    engines[1].tick()  # now each sees the other one
    engines[0].add(definition("one", cron("* * * * *"), single_instance=True))
    engines[1].tick()
    first, second = sorted(engines, key=delay)
    assert (delay(first), delay(second)) == (0, round(PAUSE * SECOND))
    return first, second


def delay(engine: ManualEngine) -> int:
    """Return how long an engine leaves the job to others, in microseconds."""
    agenda = engine.life.context.agenda
    return agenda.turns.delay(agenda.by_name["one"].job.jobid)


def test_whose_turn_comes_later_learns_by_one_question_that_a_peer_was_there(
    in_turn: tuple[ManualEngine, ManualEngine],
) -> None:
    first, second = in_turn
    first.advance_to(NOON + MINUTE)
    assert [ran.due_at for ran in first.instances("one")] == [NOON + MINUTE]
    first.clock.advance(PAUSE)
    with statements(second.database) as asked:
        second.life.scheduler.turn(second.clock.now())
    of_cursors = [statement for statement in asked if "schedule_cursor" in statement]
    assert len(of_cursors) == 1
    assert not [statement for statement in asked if "FOR UPDATE" in statement]
    assert not [statement for statement in asked if statement.startswith("BEGIN")]
    assert second.life.context.agenda.next_wake() == NOON + 2 * MINUTE + delay(second)


def test_whose_turn_comes_later_claims_what_the_first_one_left(
    in_turn: tuple[ManualEngine, ManualEngine],
) -> None:
    first, second = in_turn
    second.advance_to(NOON + MINUTE)
    assert second.instances("one") == [], "it is the other one's turn"
    second.advance(PAUSE)
    (ran,) = second.instances("one")
    assert (ran.due_at, ran.sessionid) == (NOON + MINUTE, second.life.session.sessionid)
    first.tick()


def test_an_engine_turns_for_what_concerns_it_alone(
    in_turn: tuple[ManualEngine, ManualEngine],
) -> None:
    first, second = in_turn
    first.advance_to(NOON + MINUTE)
    assert first.instances("one")
    with statements(second.database) as asked:
        second.life.scheduler.turn(second.clock.now())
    assert len(asked) == 1, "a peer's run is none of its business"
    first.add(definition("two", cron("* * * * *")))
    second.life.scheduler.turn(second.clock.now())
    assert "two" in second.life.context.agenda.by_name
