"""With several engines a job changes hands between one account and one for each of them."""

from engine.clock import MINUTE, Instant
from engine.definitions.applying import Loader, load
from engine.testing.manual import ManualEngine
from tests.cluster.conftest import Joiner
from tests.support.builders import definition, every, instant

NOON = instant("2026-03-01T12:00:00")


def turn(engine: ManualEngine, single: bool) -> None:
    """Load the job's definition with another ownership."""
    job = definition("job", every(60), single_instance=single)
    load(engine.database, [job], Loader("tester", "test"), engine.clock, override=True)


def minutes(first: int, last: int) -> list[Instant]:
    """Return the due instants from one minute past noon to another."""
    return [NOON + number * MINUTE for number in range(first, last + 1)]


def test_each_instant_is_answered_once_by_whoever_it_was_due_for(join: Joiner) -> None:
    first, second = join("a"), join("b")
    first.world.ends_at_once = True
    first.add(definition("job", every(60), single_instance=False))
    second.tick()

    def pass_ten_minutes() -> None:
        for _ in range(20):
            first.clock.advance(30)
            first.tick()
            second.tick()

    pass_ten_minutes()
    for single in (True, False, True):
        turn(first, single)
        first.tick()
        second.tick()
        pass_ten_minutes()
    answered = sorted(each.due_at for each in first.instances("job") if each.due_at)
    of_all = sorted(minutes(1, 10) * 2 + minutes(11, 20) + minutes(21, 30) * 2 + minutes(31, 40))
    assert answered == of_all
    assert first.verdicts("job") == []
