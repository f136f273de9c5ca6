"""`tocsin prune|backup|restore|version`: care for the store."""

from pathlib import Path

import click
from msgspec.structs import asdict

from app.cli.answers import as_json
from app.cli.lazy import command
from app.cli.moments import DURATION
from app.cli.output import print_json, print_line
from app.cli.place import Place, pass_place
from app.presentation.quantities import counted
from engine.control.actor import current_actor

_DAY = 86_400.0


@command("prune")
@click.option(
    "--older-than", type=DURATION, default=None, help="Default: each job's own retention, else 90d."
)
@click.option("--yes", is_flag=True, help="Agree to --older-than below 1d.")
@as_json
@pass_place
def prune(place: Place, older_than: float | None, yes: bool, json_output: bool) -> None:
    """Delete instances that ended long ago, with their errors; running ones stay."""
    if older_than is not None and older_than < _DAY and not yes:
        what = "all history of runs that ended" if older_than == 0 else "history of this very day"
        why = f"--older-than below 1d deletes {what}"
        raise click.UsageError(f"{why}; add --yes if that is meant.")
    system = place.system()
    days = None if older_than is None else older_than / _DAY
    done = system.upkeep.prune(current_actor(), older_than_days=days)
    if json_output:
        print_json(asdict(done))
    else:
        print_line(
            f"deleted {counted(done.instances, 'instance')}, {counted(done.verdicts, 'verdict')}, "
            f"{counted(done.requests, 'request')} and {counted(done.alerts, 'alert')}"
        )


@command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@pass_place
def backup(place: Place, file: Path, json_output: bool) -> None:
    """Copy the store to FILE while it is in use, and check the copy."""
    done = place.system().upkeep.backup(file, current_actor())
    if json_output:
        print_json(done.as_json())
    else:
        print_line(f"wrote {done.path}, {done.size:,} bytes, checked")


@command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@pass_place
def restore(place: Place, file: Path, json_output: bool) -> None:
    """Put the backup FILE in the place of the store, and keep what was there.

    No engine may be alive. The next start closes the instances that were open in the backup, and
    takes the time since as time when no engine was up.
    """
    from engine.control.restoring import restore as restore_store

    done = restore_store(place.settings(), file, current_actor())
    if json_output:
        print_json(done.as_json())
    else:
        was = "" if done.kept is None else f"; what it was is {done.kept}"
        print_line(f"restored {done.store}{was}")


@command("version")
@as_json
def version(json_output: bool = False) -> None:
    """Show the version of tocsin and of what it stands on."""
    from engine.control.versions import versions

    found = versions()
    if json_output:
        print_json(found)
    else:
        print_line(", ".join(f"{name} {number}" for name, number in found.items()))
