"""The hour that was lived through, and the console on the store that kept it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.actions.all import all_actions
from app.options import ConsoleOptions
from app.testing.harness import Robot, SeenConsole
from engine.clock import MINUTE, SECOND
from engine.control import Actor
from engine.domain.instance import Status
from engine.testing.manual import ManualEngine
from tests.console.past.real_store import RealStore

ACTOR = Actor("ops", "eu1 pts/3")
START = 1_772_420_400_000_000  # 2026-03-02T03:00:00Z


def to(engine: ManualEngine, minute: int) -> None:
    """Let time pass until 03:`minute`; `quick` and `feed` end at once, `long` goes on.

    The engine is ticked when something is due, every five minutes, and soon after what was done
    to it; each tick in between would find nothing to do.
    """
    end = START + minute * MINUTE
    for instant in (engine.clock.now() + 10 * SECOND, *range(START, end, 5 * MINUTE), end):
        if instant <= engine.clock.now():
            continue
        engine.advance_to(instant)
        for each in engine.system.instances.query(statuses=(Status.IN_PROGRESS,)):
            if each.name != "long":
                engine.world.end(each.instance.job_instanceid)
        engine.tick()


def end(engine: ManualEngine, name: str) -> None:
    """Let the running instance of a job end."""
    for each in engine.system.instances.query(job=name, statuses=(Status.IN_PROGRESS,)):
        engine.world.end(each.instance.job_instanceid)
    engine.tick()


@asynccontextmanager
async def opened(
    client: RealStore, store: ManualEngine, options: ConsoleOptions
) -> AsyncIterator[Robot]:
    """Open the console on a real store."""
    app = SeenConsole(client, all_actions(), options, store.clock)
    app.ticks_by_itself = False
    async with app.run_test(size=(120, 40)) as pilot:
        robot = Robot(app, pilot, client, store.clock)  # type: ignore[arg-type] # not scripted
        await robot.settled()
        yield robot
        await robot.settled()
