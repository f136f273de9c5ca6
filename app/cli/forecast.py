"""`tocsin forecast`: what will run, how much of it at once, and where it piles up."""

from typing import TYPE_CHECKING

import click

from app.cli.answers import as_json
from app.cli.lazy import command
from app.cli.moments import DURATION
from app.cli.output import (
    note,
    print_fields,
    print_json,
    print_line,
    print_table,
    show_instant,
    show_seconds,
)
from app.cli.place import Place, pass_place
from app.presentation.quantities import counted
from engine.clock import SECOND

if TYPE_CHECKING:
    from engine.control.forecast import ForecastReport


@command("forecast")
@click.option("--window", type=DURATION, default="24h", show_default=True, help="How far ahead.")
@as_json
@pass_place
def forecast(place: Place, window: float, json_output: bool) -> None:
    """Show what will run if everything stays as it is, how much at once, and where it piles up.

    How long a job will take is the median of its last runs.
    """
    system = place.system()
    now = system.now()
    found = system.forecast.window(now, now + round(window * SECOND))
    if json_output:
        print_json(found.as_json())
    else:
        _print(found)


def _print(found: "ForecastReport") -> None:
    at = f" at {show_instant(found.most_at_once_at)}" if found.most_at_once_at else ""
    print_fields(
        {
            "window": f"{show_instant(found.since)} to {show_instant(found.until)}",
            "starts": f"{found.starts:,} of {counted(len(found.jobs), 'job')}",
            "at once": f"at most {found.most_at_once}{at}; the engine runs {found.slots}",
        }
    )
    if found.peaks:
        print_line("")
        rows = [(show_instant(each.at), each.starts, ", ".join(each.jobs)) for each in found.peaks]
        print_table(("BUSIEST MINUTE", "STARTS", "JOBS"), rows)
    if found.jobs:
        print_line("")
        print_table(
            ("JOB", "STARTS", "FIRST", "LAST", "TAKES"),
            [
                (
                    each.name,
                    each.count,
                    show_instant(each.first),
                    show_instant(each.last),
                    show_seconds(each.seconds),
                )
                for each in found.jobs
            ],
        )
    if found.idle:
        print_line("")
        print_table(("WILL NOT RUN", "WHY"), list(found.idle.items()), prose=True)
    if found.unknown:
        note(f"{counted(found.unknown, 'job')} never ran: how long a run takes is not known")
    for name, change in found.clock_changes:
        note(f"{name}: {change.local}: {change.effect}")
