"""Figures of the console, through a real pseudo-terminal at 120x40.

    python -m benchmarks.console [--jobs 10000] [--only NAME]

The console runs as a process of its own on a pseudo-terminal that this one reads, counting bytes;
a key's latency is the time from writing it to the arrival of the cursor's sign.
"""

import argparse
import resource
from collections.abc import Callable

from benchmarks.console.loads import (
    measure_keys,
    measure_large,
    measure_load,
    measure_log,
    measure_slow,
)
from benchmarks.console.stage import CHILD, child
from benchmarks.console.stores import measure_memory, measure_quiet, measure_start

MEASURES: dict[str, Callable[[int], None]] = {
    "start": measure_start,
    "keys": measure_keys,
    "quiet": measure_quiet,
    "load": measure_load,
    "slow": measure_slow,
    "large": measure_large,
    "memory": measure_memory,
    "log": measure_log,
}


def main() -> None:
    """Measure all, or what is asked for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--jobs", type=int, default=10_000)
    arguments.add_argument("--only", choices=sorted(MEASURES))
    arguments.add_argument(CHILD, nargs=3, type=int)
    given = arguments.parse_args()
    if given.child:
        child(*given.child)
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, measure in MEASURES.items():
        if given.only in {None, name}:
            measure(given.jobs)


if __name__ == "__main__":
    main()
