"""`tocsin job list|show|export|next|why`: look at jobs."""

from datetime import UTC
from typing import TYPE_CHECKING

import click

from app.cli.answers import as_json, note_engine
from app.cli.completing import job_names
from app.cli.lazy import command
from app.cli.moments import MOMENT, Moment
from app.cli.output import (
    note,
    print_fields,
    print_json,
    print_line,
    print_table,
    show_exactly,
    show_instant,
    show_seconds,
)
from app.cli.place import Place, pass_place
from app.presentation.instants import zone_named

if TYPE_CHECKING:
    from engine.control.job_view import JobDetail, JobView

_HEADERS = ("NAME", "SWITCH", "STATUS", "SCHEDULE", "NEXT", "LAST")


@command("list")
@click.argument("filters", nargs=-1, metavar="[FILTER]...")
@click.option("--retired", is_flag=True, help="Also those whose definition is gone.")
@as_json
@pass_place
def list_(place: Place, filters: tuple[str, ...], retired: bool, json_output: bool) -> None:
    """List jobs by name.

    FILTER: words that the name, description or tags contain, and field:value terms as in the
    console, such as `group:billing status:error`.
    """
    system = place.system()
    views = system.jobs.all(include_retired=retired)
    if filters:
        from app.cli.filtering import matching

        views = matching(views, " ".join(filters), system)
    if json_output:
        print_json([view.as_json() for view in views])
        return
    print_table(_HEADERS, [_row(view) for view in views])
    if not views and not filters:
        note("there are no jobs yet; `tocsin load PATH` loads definitions")
    note_engine(system, what="nothing runs until one starts")


@command("show")
@click.argument("name", shell_complete=job_names)
@as_json
@pass_place
def show(place: Place, name: str, json_output: bool) -> None:
    """Show one job: switches, schedule, options, code."""
    system = place.system()
    detail = system.jobs.info(name)
    if json_output:
        print_json(detail.as_json())
        return
    print_fields(_fields(detail))
    if detail.execution.code:
        print_line("")
        for line in detail.execution.code.rstrip("\n").split("\n"):
            print_line(f"    {line}")
    note_engine(system, what="nothing runs until one starts")


@command("export")
@click.argument("name", shell_complete=job_names)
@pass_place
def export(place: Place, name: str) -> None:
    """Print the job's definition: a file that loads to the same job."""
    click.echo(place.system().definitions.export(name), nl=False)


@command("next")
@click.argument("name", shell_complete=job_names)
@click.option(
    "-n",
    "--count",
    type=click.IntRange(1, 10_000),
    default=10,
    metavar="N",
    help="So many; default 10.",
)
@click.option("--from", "start", type=MOMENT, help="Count from here instead of from now.")
@as_json
@pass_place
def next_(place: Place, name: str, count: int, start: Moment | None, json_output: bool) -> None:
    """Print the next due instants, in UTC and in the job's zone.

    A --from without a zone is read in the job's.
    """
    system = place.system()
    after = None
    if start is not None:
        zone = zone_named(system.jobs.get(name).job.schedule.timezone)
        after = start.at(system.now(), 1, zone)
    found = system.jobs.next_runs(name, count, after)
    zone = zone_named(found.job.schedule.timezone)
    if json_output:
        from engine.clock import to_iso

        print_json([{"due": to_iso(due), "local": show_exactly(due, zone)} for due in found.due])
    else:
        rows = [(show_instant(due, UTC), show_instant(due, zone)) for due in found.due]
        print_table(("DUE", f"LOCAL ({found.job.schedule.timezone})"), rows)
        for change in found.clock_changes:
            note(f"{change.local}: {change.effect}")
    if found.is_estimate:
        note("no engine has scheduled this job yet: counted from now")
    if found.refusal:
        note(f"but as things stand the schedule does not run it: {found.refusal}")


@command("why")
@click.argument("name", shell_complete=job_names)
@click.argument("instant", type=MOMENT, required=False)
@as_json
@pass_place
def why(place: Place, name: str, instant: Moment | None, json_output: bool) -> None:
    """Tell why a job ran, did not run, or will not run.

    INSTANT without a zone is read in the job's; without INSTANT: why it does or does not run next.
    """
    system = place.system()
    at = None
    if instant is not None:
        zone = zone_named(system.jobs.get(name).job.schedule.timezone)
        at = instant.at(system.now(), -1, zone)
    explanation = system.why.explain(name, at)
    if json_output:
        print_json(explanation.as_json())
        return
    for line in explanation.lines:
        print_line(line)


def _row(view: "JobView") -> tuple[object, ...]:
    from engine.control.job_view import schedule_text

    job = view.job
    return (
        job.name,
        switch(view),
        "IN-PROGRESS" if view.running else view.last_status,
        schedule_text(job.schedule),
        show_instant(view.next),
        show_instant(view.last_started),
    )


def switch(view: "JobView") -> str:
    """Return in a word whether the schedule runs a job, and if not which switch stops it."""
    job = view.job
    if job.retired_at is not None:
        return "retired"
    if not job.enabled:
        return "disabled"
    if view.disabled_groups:
        return f"group {view.disabled_groups[0]} off"
    if view.is_expired:
        return "expired"
    if view.is_stopped:
        return "stopped"
    return "on" if job.active else "inactive"


def _fields(detail: "JobDetail") -> dict[str, object]:
    view, job, execution = detail.view, detail.view.job, detail.execution
    zone = zone_named(job.schedule.timezone)
    counts = ", ".join(f"{count} {status}" for status, count in detail.counts.items() if count)
    return {
        "name": job.name,
        "version": job.version,
        "description": job.description or None,
        "author": job.author or None,
        "switch": switch(view),
        "schedule": f"{detail.schedule_text} ({job.schedule.timezone})",
        "next": show_instant(view.next, zone),
        "trigger": None if job.trigger_at is None else show_instant(job.trigger_at, zone),
        "not scheduled": view.schedule_refusal or None,
        "run now": view.run_refusal or None,
        "running": ", ".join(f"instance {each}" for each in view.running) or None,
        "last": _last(view),
        "last 24 hours": counts or "no instance",
        "expires": "never" if job.expiry_date is None else show_instant(job.expiry_date, zone),
        "groups": ", ".join(job.groups),
        "tags": ", ".join(f"{tag}={value}" for tag, value in job.tags.items()) or None,
        "options": ", ".join(f"{name}={value!r}" for name, value in job.options.items()) or None,
        "run skipped": "yes" if job.run_skipped else "no",
        "single instance": "yes" if job.single_instance else "no",
        "state data": "yes" if detail.has_state else "none",
        "timeout": None if job.timeout is None else show_seconds(job.timeout),
        "isolation": job.isolation,
        "changed by hand": ", ".join(sorted(job.overridden)) or None,
        "source": f"{job.source}:{job.source_line}" if job.source else None,
        "code": f"{job.lang}, {execution.code_path or 'in the definition'}",
        "library": ", ".join(each.name for each in execution.library) or None,
    }


def _last(view: "JobView") -> str:
    if view.last_started is None:
        return "never ran"
    return (
        f"instance {view.last_instanceid} {view.last_status or ''} at "
        f"{show_instant(view.last_started)}, took {show_seconds(view.last_seconds)}"
    )
