"""The clock of several engines is set back: what comes by again is shared like anything else."""

from engine.clock import MINUTE
from engine.testing.scripted import ScriptedWorld
from tests.cluster.conftest import Joiner, both
from tests.support.builders import cron, definition, instant

NOON = instant("2026-03-01T12:00:00")


def test_an_instant_that_comes_by_again_while_a_peer_runs_the_job_is_passed_over(
    join: Joiner, world: ScriptedWorld
) -> None:
    world.ends_at_once = True
    first, second = join("a"), join("b")
    first.add(definition("one", cron("*/10 * * * *"), single_instance=True))
    second.tick()
    both(first, second, 30 * 60, 60)
    world.ends_at_once = False
    first.clock.step(-25 * 60)
    first.tick()
    second.tick()
    running = first.run("one")
    first.clock.advance_to(NOON + 10 * MINUTE)
    second.life.scheduler.turn(second.clock.now())
    assert second.life.context.agenda.next_wake() == NOON + 20 * MINUTE, "it has its answer"
    world.ends_at_once = True
    world.end(running)
    first.tick()
    both(first, second, 10 * 60, 60)
    assert [ran.stands_for for ran in first.instances("one")][-1] == NOON + 20 * MINUTE
