"""`tocsin overview|doctor|status`: how the whole is."""

from typing import TYPE_CHECKING

import click

from app.cli.answers import as_json, note_engine
from app.cli.lazy import command
from app.cli.moment import print_moment
from app.cli.moments import MOMENT, Moment
from app.cli.out_of_reach import out_of_reach
from app.cli.output import (
    print_fields,
    print_json,
    print_line,
    print_table,
    show_instant,
    show_seconds,
)
from app.cli.place import Place, pass_place
from app.presentation.quantities import counted
from app.sanitize import safe
from engine.domain.instance import Status

if TYPE_CHECKING:
    from engine.control.overview import Overview

_EXIT_CODES = {"GREEN": 0, "YELLOW": 1, "RED": 2}  # as monitoring plug-ins have them
_UNKNOWN = 3
_DAY = Moment("24h", distance=24 * 3_600_000_000)


@command("overview")
@click.option("--since", type=MOMENT, metavar="T", default=_DAY, help="Default: 24h ago.")
@click.option("--at", type=MOMENT, metavar="T", help="Tell what stood at an instant instead.")
@as_json
@pass_place
def overview(place: Place, since: Moment, at: Moment | None, json_output: bool) -> None:
    """Show what the last hours came to, and what comes next.

    With --at: the engine that was up then, what ran, what was due within a minute of it and became
    of it, which switches kept jobs from running, alerts, and changes of the hour before.
    """
    system = place.system()
    if at is not None:
        print_moment(system.moment(at.at(system.now(), -1)), json_output=json_output)
        return
    begin = since.at(system.now(), -1)
    if begin > system.now():
        raise click.UsageError("--since lies in the future; the overview is of what has been.")
    found = system.overview(begin)
    if json_output:
        print_json(found.as_json())
        return
    _print_overview(found)
    note_engine(system, what="nothing runs until one starts")


def _print_overview(found: "Overview") -> None:
    views = found.jobs
    disabled = sum(not view.job.enabled for view in views)
    inactive = sum(not view.job.active for view in views)
    running = sum(len(view.running) for view in views)
    print_fields(
        {
            "health": f"{found.health}, {counted(found.alerts, 'alert')}",
            "engine": ", ".join(
                f"'{each.engine_key}' pid {each.pid} on {each.host}, {each.mode}, "
                f"up since {show_instant(each.started)}"
                for each in found.engines
            )
            or "none is alive",
            "jobs": f"{len(views)}, {running} running, {disabled} disabled, {inactive} inactive",
            "since": show_instant(found.since),
            "instances": ", ".join(f"{found.counts.get(status, 0)} {status}" for status in Status),
        }
    )
    if found.by_job:
        print_line("")
        rows = [
            (name, *(counts.get(status, 0) for status in Status), sum(counts.values()))
            for name, counts in sorted(found.by_job.items())
        ]
        print_table(("JOB", *(str(status) for status in Status), "TOTAL"), rows)
    if found.coming:
        print_line("")
        rows_next = [
            (view.name, show_instant(view.next), show_seconds(((view.next or 0) - found.now) / 1e6))
            for view in found.coming
        ]
        print_table(("NEXT", "DUE", "IN"), rows_next)


@command("status")
@click.option("--exit-code", is_flag=True, help="Exit with 0 GREEN, 1 YELLOW, 2 RED, 3 unknown.")
@as_json
@pass_place
def status(place: Place, exit_code: bool, json_output: bool) -> int:
    """Tell whether an engine is alive, and the health of the whole.

    Health: GREEN without alerts, YELLOW with fewer than ten, RED with ten or more, or when no
    engine is alive. Ongoing alerts count, transient ones of the last hour, and what keeps an
    engine from writing to the store.
    """
    from engine.errors import TocsinError

    try:
        found = place.system().engine.status(engine_key=place.instance_key or "")
    except TocsinError as error:
        if not exit_code:
            raise
        click.echo(error.message, err=True)
        return _UNKNOWN
    except OSError as error:
        if not exit_code:
            raise
        click.echo(safe(out_of_reach(error) or str(error)), err=True)
        return _UNKNOWN
    if json_output:
        print_json(found.as_json())
    else:
        engines = [
            f"engine '{each.engine_key}' (pid {each.pid} on {each.host}) is {each.mode}, up since "
            f"{show_instant(each.started)}"
            for each in found.engines
        ]
        print_line(f"{found.health}: {'; '.join(engines) or 'no engine is alive'}")
        print_line(
            f"{counted(found.jobs, 'job')}, {found.running} running, "
            f"{counted(found.alerts, 'alert')}, "
            f"store {found.where}"
        )
        for trouble in found.troubles:
            print_line(trouble)
    return _EXIT_CODES[found.health] if exit_code else 0


@command("doctor")
@as_json
@pass_place
def doctor(place: Place, json_output: bool) -> int:
    """Check the store, the ledger, the engine and the machine; exit with 1 if any is wrong."""
    from engine.control.doctor import examine

    findings = examine(place.settings())
    if json_output:
        print_json([each.as_json() for each in findings])
    else:
        print_table(
            ("CHECK", "RESULT", "WHAT WAS FOUND"),
            [(each.check, each.result, each.message) for each in findings],
            prose=True,
        )
    wrong = [each for each in findings if each.result == "wrong"]
    if wrong:
        click.echo(f"{wrong[0].check}: {wrong[0].message}", err=True)
    return 1 if wrong else 0
