"""`tocsin import crontab|systemd`: definitions of what people have, for review."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.answers import as_json
from app.cli.lazy import Group, Lazy, command
from app.cli.output import note, print_json
from app.cli.place import Place, pass_place
from engine.errors import DefinitionError

if TYPE_CHECKING:
    from engine.definitions.importers.proof import Proof
    from engine.definitions.importers.result import ImportResult

_COMMANDS: Lazy = {
    "crontab": ("app.cli.importing:crontab", "A crontab, or a folder of them."),
    "systemd": ("app.cli.importing:systemd", "The timers in a folder of units."),
}
_LARGEST = 1 << 20
_timezone = click.option("--timezone", metavar="ZONE", help="Default: the machine's.")
_output = click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Refuses to replace."
)


@click.group("import", cls=Group, lazy=_COMMANDS)
def import_() -> None:
    """Print definitions of a crontab or of systemd timers, for review; nothing is loaded.

    The due instants of the next two years are compared one by one with the source's own rule, and
    each difference is told with its reason, as is what could not be carried over.
    """


@command("crontab")
@click.argument("file", metavar="FILE|DIR|-")
@click.option("--system", "is_system", is_flag=True, help="The sixth field is the user.")
@click.option("--user", "is_user", is_flag=True, help="There is no field for the user.")
@_timezone
@_output
@as_json
@pass_place
def crontab(
    place: Place,
    file: str,
    is_system: bool,
    is_user: bool,
    timezone: str | None,
    output: Path | None,
    json_output: bool,
) -> None:
    """Print definitions of a crontab; `-` reads standard input, as in `crontab -l | …`.

    Of a folder such as /etc/cron.d every crontab is read.
    """
    from engine.definitions.importers.crontab import import_text, import_texts
    from engine.definitions.importers.crontab_file import form_of

    if is_system and is_user:
        raise click.UsageError("A crontab is --system or --user, not both.")
    zone = _zone(timezone) or place.settings().timezone
    form = form_of(str(Path(file).absolute())) if file != "-" else "user"
    if is_system or is_user:
        form = "system" if is_system else "user"
    if file != "-" and Path(file).is_dir():
        result = import_texts(_read_folder(Path(file)), form=form, timezone=zone)
    else:
        name = "crontab" if file == "-" else file
        result = import_text(_read(file), form=form, timezone=zone, source=name)
    _tell(result, output, json_output=json_output)


@command("systemd")
@click.argument("folder", metavar="DIR")
@_timezone
@_output
@as_json
@pass_place
def systemd(
    place: Place, folder: str, timezone: str | None, output: Path | None, json_output: bool
) -> None:
    """Print definitions of the timers in a folder of units, such as /etc/systemd/system."""
    from engine.clock import SystemClock
    from engine.definitions.importers.coinciding import note_coinciding
    from engine.definitions.importers.systemd import import_folder

    path = Path(folder)
    if path.is_file():
        raise DefinitionError([f"{folder}: is one file; give the folder, {path.parent}"])
    if not path.is_dir():
        raise DefinitionError([f"{folder}: there is no such folder"])
    try:
        result = import_folder(path, timezone=_zone(timezone) or place.settings().timezone)
    except OSError as error:
        raise DefinitionError([f"{folder}: cannot be read: {error.strerror}"]) from None
    note_coinciding(result, SystemClock().now())
    _tell(result, output, json_output=json_output)


def _zone(name: str | None) -> str:
    """Return the zone that was asked for, if there is one of that name; "" where none was."""
    from engine.zones import zone_fault

    if name is not None and (fault := zone_fault(name)):
        raise click.UsageError(f"--timezone: {fault}.")
    return name or ""


def _read_folder(folder: Path) -> dict[str, str]:
    """Return the crontabs in a folder by name, but for those that cron itself passes over."""
    from engine.definitions.importers.crontab_file import is_read_by_cron

    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise DefinitionError([f"{folder}: cannot be read: {error.strerror}"]) from None
    for path in paths:
        if not is_read_by_cron(path.name) and path.name != ".placeholder":
            note(f"{path} is left out, as cron does: its name has more than A-Z a-z 0-9 _ -")
    return {str(path): _read(str(path)) for path in paths if is_read_by_cron(path.name)}


def _read(file: str) -> str:
    try:
        if file == "-":
            data = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(file).open("rb") as opened:
                data = opened.read(_LARGEST + 1)
    except OSError as error:
        raise DefinitionError([f"{file}: cannot be read: {error.strerror}"]) from None
    if len(data) > _LARGEST:
        raise DefinitionError([f"{file}: is larger than {_LARGEST:,} bytes"])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DefinitionError([f"{file}: is not UTF-8 at byte {error.start}"]) from None


def _tell(result: "ImportResult", output: Path | None, *, json_output: bool) -> None:
    from app.presentation.quantities import counted
    from engine.clock import SystemClock
    from engine.definitions.importers.proof import prove
    from engine.definitions.importers.writing import as_yaml

    now = SystemClock().now()
    proofs = {
        job.definition.name: prove(job.rule, job.definition, now)
        for job in result.jobs
        if job.rule is not None
    }
    if json_output:
        print_json(_as_json(result, proofs))
    else:
        _write(as_yaml(result, proofs), output)
    differing = sum(not proof.is_equal for proof in proofs.values())
    compared = sum(proof.compared for proof in proofs.values())
    note(
        f"{counted(len(result.jobs), 'job')}, "
        f"{counted(len(result.not_carried), 'line')} not carried over"
        f"{', named at the top' if result.not_carried and not json_output else ''}; "
        f"{counted(compared, 'due instant')} compared, "
        f"{counted(differing, 'job')} {'differs' if differing == 1 else 'differ'}"
    )


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise DefinitionError([f"{output}: cannot be written: {error.strerror}"]) from None


def _as_json(result: "ImportResult", proofs: "dict[str, Proof]") -> dict[str, Any]:
    from engine.clock import to_iso
    from engine.definitions.exporting import export

    return {
        "jobs": [
            {
                "name": job.definition.name,
                "source": job.source,
                "line": job.line,
                "text": job.text,
                "definition": export(job.definition),
                "compared": proof.compared if (proof := proofs.get(job.definition.name)) else 0,
                "differing": proof.differing if proof else 0,
                "differences": [
                    {"at": to_iso(each.at), "in_source": each.in_source, "reason": each.reason}
                    for each in (proof.differences if proof else ())
                ],
            }
            for job in result.jobs
        ],
        "notes": [{"line": line, "text": text} for line, text in result.notes],
        "not_carried": [{"line": line, "text": text} for line, text in result.not_carried],
    }
