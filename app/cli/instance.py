"""`tocsin instance`: recorded executions; cancel or kill one."""

import click

from app.cli.answers import as_json, tell_outcomes
from app.cli.completing import job_names
from app.cli.instance_id import INSTANCE_ID
from app.cli.lazy import Group, Lazy, command
from app.cli.moments import DURATION, MOMENT, Moment
from app.cli.output import (
    print_fields,
    print_json,
    print_line,
    print_table,
    show_instant,
    show_seconds,
)
from app.cli.place import Place, pass_place
from app.sizes import size_words
from engine.control.actor import current_actor
from engine.control.instances import InstanceDetail, InstanceView
from engine.domain.instance import Status

_COMMANDS: Lazy = {
    "list": ("app.cli.instance:list_", "Instances, the newest first."),
    "show": ("app.cli.instance:show", "One instance, its info and its errors."),
    "cancel": ("app.cli.instance:cancel", "Ask running instances to stop."),
    "kill": ("app.cli.instance:kill", "End running instances at once."),
}
_HEADERS = ("INSTANCE", "JOB", "STATUS", "CAUSE", "STARTED", "TOOK", "DETAIL")
_ids = click.argument("ids", nargs=-1, required=True, type=INSTANCE_ID, metavar="ID...")


@click.group("instance", cls=Group, lazy=_COMMANDS)
def instance() -> None:
    """Recorded executions of jobs."""


@command("list")
@click.option("--job", metavar="J", shell_complete=job_names, help="Of this job only.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([str(each) for each in Status], case_sensitive=False),
    help="With this status only; may be given several times.",
)
@click.option("--since", type=MOMENT, metavar="T", help="Started at or after T.")
@click.option("--until", type=MOMENT, metavar="T", help="Started before T.")
@click.option("--text", help="That mention this text (job, detail, info, errors).")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=100,
    metavar="N",
    help="At most so many; default 100.",
)
@as_json
@pass_place
def list_(
    place: Place,
    job: str | None,
    statuses: tuple[str, ...],
    since: Moment | None,
    until: Moment | None,
    text: str | None,
    limit: int,
    json_output: bool,
) -> None:
    """List instances, the newest first. T: ISO 8601, a date, or 24h, 10m, 7d ago."""
    system = place.system()
    now = system.now()
    begin = None if since is None else since.at(now, -1)
    end = None if until is None else until.at(now, -1)
    if begin is not None and end is not None and begin >= end:
        raise click.UsageError(
            f"--since {show_instant(begin)} is not before --until {show_instant(end)}."
        )
    views = system.instances.query(
        job=job,
        statuses=[Status(each) for each in statuses],
        since=begin,
        until=end,
        text=text,
        limit=limit,
    )
    if json_output:
        print_json([view.as_json() for view in views])
        return
    print_table(_HEADERS, [_row(view) for view in views], prose=True)


@command("show")
@click.argument("job_instanceid", type=INSTANCE_ID, metavar="ID")
@as_json
@pass_place
def show(place: Place, job_instanceid: int, json_output: bool) -> None:
    """Show one instance: how it went, its info and its errors."""
    detail = place.system().instances.info(job_instanceid)
    if json_output:
        print_json(detail.as_json())
        return
    print_fields(_fields(detail))
    for error in detail.errors:
        business = " (business)" if error.business_error else ""
        print_line("")
        print_line(
            f"{show_instant(error.created)} {error.severity}{business} {error.error}"
            f"{': ' if error.description else ''}{error.description}"
        )
        for line in error.info.splitlines():
            print_line(f"    {line}")


@command("cancel")
@_ids
@click.option("--grace", type=DURATION, help="Time to stop by itself before it is killed.")
@as_json
@pass_place
def cancel(place: Place, ids: tuple[int, ...], grace: float | None, json_output: bool) -> None:
    """Ask running instances to stop; what does not is killed after its grace."""
    outcomes = place.system().instances.cancel(ids, current_actor(), grace=grace)
    tell_outcomes("", outcomes, json_output=json_output)


@command("kill")
@_ids
@as_json
@pass_place
def kill(place: Place, ids: tuple[int, ...], json_output: bool) -> None:
    """End running instances at once, with everything they started."""
    outcomes = place.system().instances.kill(ids, current_actor())
    tell_outcomes("", outcomes, json_output=json_output)


def _row(view: InstanceView) -> tuple[object, ...]:
    found = view.instance
    return (
        found.job_instanceid,
        view.name,
        str(found.jobstatus),
        f"{found.cause}{' (late)' if found.late else ''}",
        show_instant(found.started),
        show_seconds(view.seconds),
        _detail(view),
    )


def _detail(view: InstanceView) -> str:
    found = view.instance
    if found.jobstatus is Status.IN_PROGRESS and found.progress is not None:
        return f"{found.progress:.0%} {found.progress_text}".strip()
    ending = str(found.ending) if found.ending else ""
    if found.jobstatus is Status.COMPLETE:
        return found.detail
    return ": ".join(part for part in (ending, found.detail) if part)


def _fields(detail: InstanceDetail) -> dict[str, object]:
    view, found = detail.view, detail.view.instance
    exit_code = None if found.exit_code is None else f"exit code {found.exit_code}"
    signal = None if found.exit_signal is None else f"signal {found.exit_signal}"
    return {
        "instance": found.job_instanceid,
        "job": view.name,
        "status": str(found.jobstatus),
        "ending": found.ending and str(found.ending),
        "exit": signal or exit_code,
        "detail": found.detail or None,
        "cause": str(found.cause) + (f", by {found.who}" if found.who else ""),
        "due": None if found.due_at is None else show_instant(found.due_at),
        "late": "yes" if found.late else None,
        "stands for": None if found.stands_for is None else show_instant(found.stands_for),
        "started": show_instant(found.started),
        "completed": show_instant(found.completed),
        "took": show_seconds(view.seconds),
        "progress": None
        if found.progress is None
        else f"{found.progress:.0%} {found.progress_text}",
        "session": found.sessionid,
        "process": None if found.pid is None else f"{found.pid} on {found.host}",
        "used": None
        if found.cpu_seconds is None
        else f"{show_seconds(found.cpu_seconds)} of a processor",
        "memory": None if found.max_rss is None else f"{size_words(found.max_rss)} at most",
        "options": None if found.options is None else dict(found.options),
        "info": None if found.info is None else found.info.rstrip("\n"),
        "errors": len(detail.errors),
        "log": found.log_file or None,
    }
