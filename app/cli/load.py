"""`tocsin load` and `tocsin new`: definitions into the store, and one to start from."""

from typing import TYPE_CHECKING

import click

from app.cli.answers import as_json, note_engine
from app.cli.lazy import command
from app.cli.output import note, print_json, print_line
from app.cli.place import Place, pass_place
from engine.control.actor import current_actor

if TYPE_CHECKING:
    from engine.control.definitions import LoadReport, Reading


@command("load")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--check", is_flag=True, help="Only check; nothing is written.")
@click.option("--override", is_flag=True, help="Take back what operators changed.")
@click.option("--prune", is_flag=True, help="Retire jobs that are in none of these files.")
@as_json
@pass_place
def load(
    place: Place,
    paths: tuple[str, ...],
    check: bool,
    override: bool,
    prune: bool,
    json_output: bool,
) -> None:
    """Bring the store in line with definition files and folders, all or nothing.

    Every problem of every file is told, each with its place, and then nothing is written.
    """
    from engine.control.definitions import read_definitions

    reading = read_definitions(paths, place.settings().timezone)
    if not reading.definitions and not prune:  # which refuses it
        note(f"no definition was found in {', '.join(paths)} (of a folder: *.yaml, *.yml)")
    if check:
        _tell(_check(place, reading, override=override, prune=prune), json_output=json_output)
        return
    system = place.system(create=True)
    report = system.definitions.load(reading, current_actor(), override=override, prune=prune)
    _tell(report, json_output=json_output)
    note_engine(system, what="the jobs run when one starts")


def _check(place: Place, reading: "Reading", *, override: bool, prune: bool) -> "LoadReport":
    """Check what was read; against the store where there is one, else on its own."""
    from engine.control.definitions import check_without_store
    from engine.errors import StoreError

    try:
        system = place.system()
    except StoreError:
        return check_without_store(reading)
    return system.definitions.check(reading, override=override, prune=prune)


def _tell(report: "LoadReport", *, json_output: bool) -> None:
    plan = report.plan
    for warning in plan.warnings:
        note(warning)
    if json_output:
        print_json(report.as_json())
        return
    for item in plan.items:
        more = f" ({', '.join(item.changes)})" if item.changes else ""
        if item.overridden:
            more += f" [kept as operators set it: {', '.join(item.overridden)}]"
        if item.outcome != "unchanged":
            print_line(f"{item.outcome} {item.name}{more}")
    verb = "checked, nothing written" if report.checked_only else "loaded"
    print_line(
        f"{verb}: {len(plan.new)} new, {len(plan.changed)} changed, "
        f"{len(plan.unchanged)} unchanged, {len(plan.retired)} retired"
    )


@command("new")
@click.argument("name")
@click.option("-o", "--output", "path", metavar="FILE", help="Write it here; refuses to replace.")
@pass_place
def new(place: Place, name: str, path: str | None) -> None:
    """Print a commented definition to start from."""
    del place
    from engine.control.definitions import Definitions
    from engine.errors import DefinitionError

    text = Definitions.template(name)
    if path is None:
        click.echo(text, nl=False)
        return
    try:
        with open(path, "x", encoding="utf-8") as file:  # noqa: PTH123 - mode x
            file.write(text)
    except OSError as error:
        raise DefinitionError([f"{path}: cannot be written: {error.strerror}"]) from None
    print_line(f"wrote {path}; `tocsin load {path}` loads it")
