"""Engines that share a job are paused: what passed while all of them were is skipped."""

from engine.clock import MINUTE
from engine.domain.eligibility import RUNNING
from engine.domain.request import Request, RequestKind
from engine.domain.verdict import Reason, Verdict
from engine.persistence import requests
from engine.scheduling.loop import Loop
from engine.testing.scripted import ScriptedWorld
from tests.cluster.conftest import Joiner, both
from tests.support.builders import cron, definition, instant

NOON = instant("2026-03-01T12:00:00")


def test_what_passed_while_all_were_paused_is_skipped_though_the_store_is_read_anew_then(
    join: Joiner, world: ScriptedWorld
) -> None:
    world.ends_at_once = True
    first, second = join("a"), join("b")
    schedule = cron("*/20 * * * *")
    first.add(definition("one", schedule, single_instance=True, run_skipped=False))
    both(first, second, 600, 5)
    first.ask(RequestKind.PAUSE)
    both(first, second, 900, 5)
    (ran,) = first.instances("one")
    assert (ran.due_at, ran.sessionid) == (NOON + 20 * MINUTE, second.life.session.sessionid)
    second.ask(RequestKind.PAUSE)
    both(first, second, 1200, 5)
    resume = Request("resume", RequestKind.RESUME, {}, "ops", "test", first.clock.now(), "a")
    with first.database.begin() as tx:
        requests.ask(tx, resume)
    loop = Loop(first.life)
    loop.turn()
    loop.close()
    assert first.life.context.mode == RUNNING
    first.life.reload(first.clock.now())
    first.tick()
    assert len(first.instances("one")) == 1
    (skipped,) = first.verdicts("one")
    assert (skipped.verdict, skipped.reason, skipped.count) == (Verdict.SKIPPED, Reason.PAUSED, 1)
