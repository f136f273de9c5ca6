"""`tocsin job schedule|expire|trigger|options`: change one job."""

import json
from typing import TYPE_CHECKING

import click
from msgspec import UNSET

from app.cli.answers import as_json, note_engine, tell_change
from app.cli.completing import job_names
from app.cli.lazy import command
from app.cli.moments import SECONDS, Moment, MomentParam
from app.cli.option_values import note_unknown_options, read_options
from app.cli.output import print_json, print_table
from app.cli.place import Place, pass_place
from app.presentation.instants import zone_named
from engine.clock import Instant
from engine.control.actor import current_actor

if TYPE_CHECKING:
    from engine.control import System


_NEVER = Moment("never")


class _WhenOrNever(MomentParam):
    """An instant, or `never`."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Moment:
        """Return the moment, or the one that means `never`."""
        return _NEVER if value == "never" else super().convert(value, param, ctx)


@command("schedule")
@click.argument("name", shell_complete=job_names)
@click.option("--cron", metavar='"M H D M W"', help="Five cron fields, or @hourly and the like.")
@click.option("--every", type=SECONDS, metavar="SECONDS", help="Every so many seconds; or 5m, 2h.")
@click.option("--timezone", metavar="ZONE", help="IANA name; default: the job's own.")
@as_json
@pass_place
def schedule(
    place: Place,
    name: str,
    cron: str | None,
    every: int | None,
    timezone: str | None,
    json_output: bool,
) -> None:
    """Give a job another schedule: --cron or --every, not both. A reload does not undo it."""
    from engine.domain.schedule import CronSchedule, RecurringSchedule
    from engine.domain.schedule.cron import parse_cron
    from engine.domain.schedule.recurring import check_recurring

    if (cron is None) == (every is None):
        raise click.UsageError(
            'A job has exactly one kind of schedule: give --cron "…" or --every SECONDS'
            f"{', not both' if cron is not None else ''}."
        )
    system = place.system()
    held = system.jobs.get(name).job.schedule
    zone = timezone or held.timezone
    if every is not None:
        wanted: CronSchedule | RecurringSchedule = check_recurring(every, zone)
    else:
        gap, overlap = (
            (held.dst_gap, held.dst_overlap)
            if isinstance(held, CronSchedule)
            else ("after", "first")
        )
        wanted = parse_cron(cron or "", zone, gap, overlap)
    message = system.jobs.set_schedule(name, wanted, current_actor())
    tell_change("job", name, message, json_output=json_output)
    note_engine(system)


@command("expire")
@click.argument("name", shell_complete=job_names)
@click.argument("when", type=_WhenOrNever(), metavar="(DATE|never)")
@as_json
@pass_place
def expire(place: Place, name: str, when: Moment, json_output: bool) -> None:
    """Set the instant from which a job's schedule runs it no more, or clear it with `never`.

    A date or time without a zone is read in the job's; a date is its first instant.
    """
    system = place.system()
    at = _in_zone_of(system, name, when)
    tell_change(
        "job", name, system.jobs.set_expiry(name, at, current_actor()), json_output=json_output
    )
    note_engine(system)


@command("trigger")
@click.argument("name", shell_complete=job_names)
@click.argument("when", type=_WhenOrNever(), metavar="(WHEN|never)")
@as_json
@pass_place
def trigger(place: Place, name: str, when: Moment, json_output: bool) -> None:
    """Run a job once at WHEN, between now and its next due instant; `never` takes that back.

    WHEN without a zone is read in the job's; `10m` is ten minutes from now.
    """
    system = place.system()
    at = _in_zone_of(system, name, when)
    tell_change(
        "job", name, system.jobs.set_trigger(name, at, current_actor()), json_output=json_output
    )
    note_engine(system)


@command("options")
@click.argument("name", shell_complete=job_names)
@click.option("--set", "assignments", multiple=True, metavar="K=V", help="Set an option.")
@click.option("--unset", multiple=True, metavar="K", help="Give one back to the definition.")
@as_json
@pass_place
def options(
    place: Place,
    name: str,
    assignments: tuple[str, ...],
    unset: tuple[str, ...],
    json_output: bool,
) -> None:
    """Show a job's options, or change them. V is JSON, or text where it is not."""
    system = place.system()
    changes = {**read_options(assignments, "--set"), **dict.fromkeys(unset, UNSET)}
    if changes:
        known = system.jobs.get(name).job.options
        note_unknown_options(name, [key for key in changes if key not in unset], known)
        message = system.jobs.set_options(name, changes, current_actor())
        tell_change("job", name, message, json_output=json_output)
        note_engine(system)
        return
    found = system.jobs.get(name).job.options
    if json_output:
        print_json(dict(found))
    else:
        rows = [(key, json.dumps(value, ensure_ascii=False)) for key, value in found.items()]
        print_table(("OPTION", "VALUE"), rows)


def _in_zone_of(system: "System", name: str, when: Moment) -> Instant | None:
    zone = zone_named(system.jobs.get(name).job.schedule.timezone)
    return None if when is _NEVER else when.at(system.now(), 1, zone)
