"""`tocsin state`: what a job keeps for its next run."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from app.cli.answers import as_json, tell_change, tell_outcomes
from app.cli.completing import job_names
from app.cli.lazy import Group, Lazy, command
from app.cli.output import note, print_fields, print_json, print_line, print_table, show_instant
from app.cli.place import Place, pass_place
from engine.control.actor import current_actor
from engine.control.plain import LARGEST, from_yaml
from engine.errors import StateDataError

_COMMANDS: Lazy = {
    "show": ("app.cli.state:show", "A job's state data."),
    "set": ("app.cli.state:set_", "Replace a job's state data."),
    "clear": ("app.cli.state:clear", "Delete jobs' state data."),
}


@click.group("state", cls=Group, lazy=_COMMANDS)
def state() -> None:
    """State data: what a job keeps for its next run; COMPLETE clears them."""


@command("show")
@click.argument("name", shell_complete=job_names)
@click.option("--history", is_flag=True, help="The last saves and clearings instead.")
@as_json
@pass_place
def show(place: Place, name: str, history: bool, json_output: bool) -> None:
    """Show a job's state data; with --json the data, or null."""
    system = place.system()
    if history:
        _show_history(system.state.history(name), json_output=json_output)
        return
    found = system.state.get(name)
    if json_output:
        print_json(None if found is None else dict(found.data or {}))
    elif found is None:
        note(f"job '{name}' has no state data")
    else:
        by = f"instance {found.job_instanceid}" if found.job_instanceid else "an operator"
        print_fields({"saved": f"{show_instant(found.saved_at)} by {by}"})
        for line in json.dumps(found.data, indent=2, ensure_ascii=False).split("\n"):
            print_line(line)


def _show_history(saves: list[Any], *, json_output: bool) -> None:
    from engine.clock import to_iso

    if json_output:
        print_json(
            [
                {
                    "saved": to_iso(each.saved_at),
                    "job_instanceid": each.job_instanceid,
                    "who": each.who or None,
                    "data": each.data,
                }
                for each in saves
            ]
        )
        return
    rows = [
        (
            show_instant(each.saved_at),
            each.job_instanceid,
            each.who,
            "cleared" if each.data is None else json.dumps(each.data, ensure_ascii=False),
        )
        for each in saves
    ]
    print_table(("SAVED", "INSTANCE", "WHO", "DATA"), rows)


@command("set")
@click.argument("name", shell_complete=job_names)
@click.argument("data", required=False)
@click.option("--file", "path", type=click.Path(path_type=Path), help="Read DATA from this file.")
@as_json
@pass_place
def set_(place: Place, name: str, data: str | None, path: Path | None, json_output: bool) -> None:
    """Replace a job's state data with DATA: a JSON or YAML mapping; `-` reads standard input."""
    if (data is None) == (path is None):
        raise click.UsageError(
            "Give DATA (a JSON or YAML mapping, or `-`) or --file PATH, one of them."
        )
    found = _mapping(_text(data, path))
    system = place.system()
    message = system.state.set(name, found, current_actor())
    tell_change("job", name, message, json_output=json_output)


@command("clear")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=job_names)
@as_json
@pass_place
def clear(place: Place, names: tuple[str, ...], json_output: bool) -> None:
    """Delete jobs' state data: their next runs start afresh."""
    outcomes = place.system().state.clear(names, current_actor())
    tell_outcomes("job", outcomes, json_output=json_output)


def _text(data: str | None, path: Path | None) -> str:
    if path is not None:
        try:
            with path.open(encoding="utf-8") as file:
                return file.read(LARGEST + 1)
        except OSError as error:
            raise StateDataError(f"{path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise StateDataError(f"{path}: is not UTF-8.") from None
    return sys.stdin.read(LARGEST + 1) if data == "-" else data or ""


def _mapping(text: str) -> dict[str, Any]:
    """Return the mapping that `text` describes.

    Raises:
        StateDataError: it is no mapping of plain values, or too large.
    """
    if len(text) > LARGEST:
        raise StateDataError(f"State data are at most {LARGEST:,} characters.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise StateDataError("State data are not UTF-8.") from None
    wrong = ""
    try:
        found = json.loads(text)
    except RecursionError:
        found = None
    except ValueError as error:
        found = from_yaml(text)
        wrong = f" As JSON: {error}." if text.lstrip().startswith(("{", "[")) else ""
    if not isinstance(found, dict):
        raise StateDataError(
            f'State data are a mapping of names to plain values, such as {{"cursor": 12}}.{wrong}'
        )
    return found
