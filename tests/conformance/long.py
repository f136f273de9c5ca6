"""The long comparison: every clock change of every zone, every expression, every contract.

    python -m tests.conformance.long [--jobs 2] [--first-year 2000] [--last-year 2040]

It prints what was compared and every difference, and exits with 1 if there is one without a name.
"""

# ruff: noqa: T201 - it is a command that prints

import argparse
import sys
import time
from collections.abc import Sequence
from multiprocessing import Pool

from engine.clock import SECOND
from engine.domain.schedule.zones import zone as engine_zone
from tests.conformance.compare import Tally, compare_around
from tests.conformance.transitions import Transition, all_zones, distinct, transitions


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.long")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--first-year", type=int, default=2000)
    parser.add_argument("--last-year", type=int, default=2040)
    options = parser.parse_args(arguments)
    years = options.first_year, options.last_year
    began = time.monotonic()
    with Pool(options.jobs) as pool:
        names = all_zones()
        tables = pool.map(wrong_changes, [(name, *years) for name in names], chunksize=8)
        groups = distinct(names, *years)
        changes = [change for name in groups for change in transitions(name, *years)]
        total = Tally()
        for done, tally in enumerate(pool.imap_unordered(compare_fully, changes, chunksize=4), 1):
            total.add(tally)
            if done % 500 == 0:
                print(f"  {done} of {len(changes)} changes ...", file=sys.stderr, flush=True)
    total.differences += [line for lines in tables for line in lines]
    report(names, groups, total, years, time.monotonic() - began)
    return 1 if total.differences or total.cronsim_unnamed else 0


def compare_fully(change: Transition) -> Tally:
    return compare_around(change, every_contract=True)


def wrong_changes(asked: tuple[str, int, int]) -> list[str]:
    """Return the clock changes on which the engine's table and `zoneinfo` differ."""
    name, first_year, last_year = asked
    wanted = [
        (one.second, one.before, one.after) for one in transitions(name, first_year, last_year)
    ]
    table = engine_zone(name)
    seconds = [offset // SECOND for offset in table.offsets]
    found = [
        (table.starts[i] // SECOND, seconds[i - 1], seconds[i]) for i in range(1, len(table.starts))
    ]
    low, high = (wanted[0][0], wanted[-1][0]) if wanted else (0, 0)
    found = [one for one in found if low <= one[0] <= high]
    return [f"{name}: clock change {one}" for one in sorted(set(wanted) ^ set(found))]


def report(
    names: list[str],
    groups: dict[str, list[str]],
    total: Tally,
    years: tuple[int, int],
    seconds: float,
) -> None:
    everywhere = sum(len(transitions(name, *years)) for name in names)
    print(f"years               {years[0]} to {years[1]}")
    print(f"zones               {len(names):,}, with {len(groups):,} different histories")
    print(f"transitions         {everywhere:,}, {total.windows:,} of them different: each compared")
    print(f"expressions         {len(total.expressions):,}, under each contract for clock changes")
    print(f"instants compared   {total.instants:,} with a second implementation")
    print(f"differences         {len(total.differences):,}")
    print(f"instants compared   {total.cronsim_instants:,} with cronsim, as Debian's cron")
    named, unnamed = total.cronsim_named.total(), len(total.cronsim_unnamed)
    print(f"differences         {named:,} with a known name, {unnamed:,} without")
    for name, number in sorted(total.cronsim_named.items()):
        print(f"  {number:16,}  {name}")
    print(f"seconds             {seconds:,.0f}")
    for line in [*total.differences, *total.cronsim_unnamed][:100]:
        print(f"DIFFERENCE {line}")


if __name__ == "__main__":
    sys.exit(main())
