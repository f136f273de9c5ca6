"""Keys in the state pane of the console while a job saves a lot: how long each takes.

    python -m benchmarks.state_keys [--bytes 1000000] [--seconds 10]

The job has twenty saves and makes another one every four seconds; the pane reads them every two. A
key is a line down, with all that is drawn after it.
"""

import argparse
import asyncio
import json
import statistics
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
from typing import Any, TypeVar

from app.client.desk import Desk
from app.client.views import SavedState
from app.panes.state import StatePane
from app.testing.engine import ScriptedEngine
from app.testing.harness import ManualClock, Robot, open_console
from engine.clock import SECOND, Instant

T = TypeVar("T")

_NOON: Instant = 1_767_616_200 * SECOND
_BETWEEN_KEYS = 0.05
_READ_EVERY = 2.0


class ApartEngine(ScriptedEngine):
    """Answers in threads, as a real store's client does."""

    _pool = ThreadPoolExecutor(3)

    def ask(self, question: Callable[[Desk], T], *, is_order: bool = False) -> "Future[T]":
        """Answer away from the screen."""
        del is_order
        return self._pool.submit(question, self.desk)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    for form in ("tree", "yaml", "json"):
        took = sorted(asyncio.run(keys(form, some_data(asked.bytes), asked.seconds)))
        middle, most = statistics.median(took), took[-1]
        print(f"{form}: a key takes {middle * 1000:.1f} ms, the slowest {most * 1000:.1f} ms")


def some_data(octets: int) -> dict[str, Any]:
    """Return state data that take so much in the store."""
    data: dict[str, Any] = {}
    size = 0
    while size < octets:
        number = len(data)
        data[f"key{number}"] = {"url": f"https://example.org/{number}é", "n": [1, 2, number]}
        size += len(json.dumps(data[f"key{number}"]))
    return data


async def keys(form: str, data: dict[str, Any], seconds: float) -> list[float]:
    """Return how long each key took, in seconds."""
    clock = ManualClock(_NOON)
    engine = ApartEngine(clock)
    engine.add_job("large")
    saves = [SavedState(clock.now() - back * SECOND, dict(data), 7) for back in range(20, 0, -1)]
    engine.states["large"] = saves
    engine.begin("large")
    async with open_console(engine, clock) as robot:
        await robot.press("s")
        return await press(robot, form, data, seconds)


async def press(robot: Robot, form: str, data: dict[str, Any], seconds: float) -> list[float]:
    pane = robot.app.pane_named("state")
    assert isinstance(pane, StatePane)
    while pane.form != form:
        pane.cycle_form()
    took: list[float] = []
    saves = robot.engine.states["large"]
    began = read_at = perf_counter()
    reads = 0
    while perf_counter() - began < seconds:
        if perf_counter() - read_at >= _READ_EVERY:
            read_at = perf_counter()
            reads += 1
            if reads % 2:
                saves.append(SavedState(_NOON + reads, dict(data), 7))
            pane.reload()
        pressed = perf_counter()
        pane.move("down")
        pane.tick()
        robot.app.show_frame()
        took.append(perf_counter() - pressed)
        await asyncio.sleep(_BETWEEN_KEYS)
    return took


if __name__ == "__main__":
    main()
