"""What an engine left that is gone while its peers go on: it waits for its next start."""

from engine.testing.scripted import ScriptedWorld
from tests.cluster.conftest import Joiner
from tests.support.builders import definition, every

MANY = 110  # runs of a peer: more than anybody looks at


def test_what_passed_during_the_last_run_of_an_engine_that_is_gone_is_not_unexplained(
    join: Joiner, world: ScriptedWorld
) -> None:
    gone, stays = join("gone"), join("stays")
    gone.add(definition("each", every(5)))
    stays.tick()
    for _ in range(45):  # the runs of both begin after five seconds and go on
        gone.advance(1)
        stays.tick()
    assert len(world.running) == 2
    gone.kill()
    world.ends_at_once = True
    for number in world.running:
        world.end(number)
    stays.advance(60, step=1)
    assert stays.system.ledger.report().unexplained == 0
    stays.advance(5 * MANY, step=5)
    report = stays.system.ledger.report()
    assert report.unexplained == 0
    assert report.total.pending == 8
