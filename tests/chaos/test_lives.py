"""A rescue is late only where an engine had the peace to make it earlier."""

import pytest

from tests.chaos.lives import Life, nobody_had_peace
from tests.chaos.measure import was_hurt_meanwhile
from tests.chaos.nemesis import Fault
from tests.chaos.peers import Start
from tests.checker.rows import History, Instance, Session
from tests.checker.violation import Violation

LATE = Violation("late-recovery", "job", "instance 1 of session 1: closed long after")
BEAT, CLOSED = 100_000_000, 120_000_000  # microseconds


def is_excused(*faults: Fault, started: int = 90, ended: int | None = None) -> bool:
    lost = Session(1, "lost", "RECOVERED", BEAT - 5, CLOSED, BEAT)
    run = Instance(1, 1, "", 1, "CRASH", "schedule", BEAT - 1, CLOSED, BEAT - 1, False, 1, "lost")
    end = None if ended is None else ended * 1_000_000
    peer = Life(2, "peer", 20, started * 1_000_000, end, "ACTIVE", "")
    return nobody_had_peace(LATE, History(sessions=[lost], instances=[run]), [peer], faults)


def fault(kind: str, at: float, seconds: float, key: str = "peer") -> Fault:
    return Fault(kind, round(at * 1e6), at, key, 20, seconds)


def test_a_peer_that_nobody_hurt_had_the_peace() -> None:
    assert not is_excused()
    assert not is_excused(fault("engine frozen beyond its lease", 101, 18.5, key="another"))
    assert not is_excused(fault("worker killed", 101, 18.5))


@pytest.mark.parametrize(
    "kind", ["engine frozen beyond its lease", "engine and supervisor frozen", "database swallowed"]
)
def test_a_peer_that_was_hurt_again_and_again_had_none(kind: str) -> None:
    often = [fault(kind, at, 1.5) for at in (101, 104, 107, 110, 113, 116)]
    assert is_excused(*often)
    assert not is_excused(*often[:3], *often[4:])


def test_a_peer_that_was_killed_had_none_afterwards() -> None:
    assert is_excused(fault("engine killed", 102.5, 0.0))
    assert not is_excused(fault("engine killed", 103.5, 0.0))


def test_a_peer_that_came_too_late_had_none() -> None:
    assert is_excused(started=118)
    assert not is_excused(started=116)


def test_a_start_was_hurt_by_what_was_done_to_its_engine_or_database_until_its_first_run() -> None:
    start = Start("peer", 20, 100.0)
    assert was_hurt_meanwhile(start, 2.0, [fault("database swallowed", 99, 1.5)])
    assert was_hurt_meanwhile(start, 2.0, [fault("engine frozen for a moment", 101, 0.2)])
    assert not was_hurt_meanwhile(start, 2.0, [fault("database swallowed", 95, 1.5)])
    assert not was_hurt_meanwhile(start, 2.0, [fault("database swallowed", 102.1, 1.5)])
    assert not was_hurt_meanwhile(start, 2.0, [fault("engine frozen for a moment", 101, 0, "b")])
