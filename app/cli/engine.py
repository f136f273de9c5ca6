"""`tocsin engine`: run the engine in the foreground, or steer the one that runs."""

import click
from msgspec.structs import replace

from app.cli.answers import as_json
from app.cli.lazy import Group, Lazy, command
from app.cli.moments import DURATION
from app.cli.output import print_json, print_line
from app.cli.place import Place, pass_place
from engine.control.actor import current_actor

_COMMANDS: Lazy = {
    "pause": ("app.cli.engine:pause", "Claim nothing until resumed; runs go on."),
    "resume": ("app.cli.engine:resume", "Claim again."),
    "drain": ("app.cli.engine:drain", "Claim nothing more; stop when idle."),
    "stop": ("app.cli.engine:stop", "Stop; runs get their grace."),
}


class _EngineGroup(Group):
    """Takes several folders after one --jobs."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `--jobs A B` as `--jobs A --jobs B`."""
        spread: list[str] = []
        in_jobs = False
        for each in args:
            if each.startswith("-"):
                in_jobs = each == "--jobs"
            elif in_jobs and spread[-1] != "--jobs":
                spread.append("--jobs")
            spread.append(each)
        return super().parse_args(ctx, spread)


@click.group("engine", cls=_EngineGroup, lazy=_COMMANDS, invoke_without_command=True)
@click.option(
    "--jobs",
    "jobs",
    multiple=True,
    metavar="DIR ...",
    help="Definitions to load first; default: the home's jobs folder.",
)
@click.option("--watch", is_flag=True, help="Load again whenever a definition changes.")
@click.option("--lease", type=float, metavar="SECONDS", help="Default 10; at least 1.")
@click.option("--print-unit", is_flag=True, help="Print a systemd unit, and do nothing else.")
@click.pass_context
def engine(
    context: click.Context,
    /,
    jobs: tuple[str, ...],
    watch: bool,
    lease: float | None,
    print_unit: bool,
) -> int | None:
    """Run the engine in the foreground, without a screen, until SIGTERM or Ctrl-C.

    Signals: SIGTERM and SIGINT stop it (no new runs, the running ones get their grace; a second one
    ends them at once), SIGUSR1 hands the running jobs over to the next engine, SIGHUP loads the
    definitions again.
    """
    if context.invoked_subcommand is not None:
        return None
    if print_unit:
        from app.cli.unit import own_command, unit_text

        click.echo(unit_text(own_command()), nl=False)
        return 0
    from app.cli.serve import serve
    from engine.config import check_lease

    if "" in jobs:
        raise click.BadParameter("--jobs is empty: name a folder, or leave it out.")
    settings = context.ensure_object(Place).settings()
    if lease is not None:
        check_lease(lease)
        settings = replace(settings, lease_seconds=lease)
    return serve(settings, jobs, watch=watch)


@command("pause")
@as_json
@pass_place
def pause(place: Place, json_output: bool) -> None:
    """Have the engine claim nothing until it is resumed; runs go on."""
    system = place.system()
    message = system.engine.pause(current_actor(), engine_key=place.instance_key or "")
    _tell(message, json_output=json_output)


@command("resume")
@as_json
@pass_place
def resume(place: Place, json_output: bool) -> None:
    """Let a paused or draining engine claim again."""
    system = place.system()
    message = system.engine.resume(current_actor(), engine_key=place.instance_key or "")
    _tell(message, json_output=json_output)


@command("drain")
@as_json
@pass_place
def drain(place: Place, json_output: bool) -> None:
    """Have the engine claim nothing more, and stop when its last run has ended."""
    system = place.system()
    message = system.engine.drain(current_actor(), engine_key=place.instance_key or "")
    _tell(message, json_output=json_output)


@command("stop")
@click.option("--grace", type=DURATION, help="Time that running jobs get to end.")
@as_json
@pass_place
def stop(place: Place, grace: float | None, json_output: bool) -> None:
    """Stop the engine; its runs get their grace."""
    system = place.system()
    message = system.engine.stop(current_actor(), engine_key=place.instance_key or "", grace=grace)
    _tell(message, json_output=json_output)


def _tell(message: str, *, json_output: bool) -> None:
    if json_output:
        print_json([{"ok": True, "code": "", "message": message}])
    else:
        print_line(message)
