"""How commands tell what became of a change, and whether an engine is there to act on it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from app.cli.output import note, print_json
from app.cli.refused import ItemsFailedError
from app.sanitize import safe

if TYPE_CHECKING:
    from engine.control import System
    from engine.control.outcome import Outcome

as_json = click.option("--json", "json_output", is_flag=True, help="Print one JSON document.")


def tell_outcomes(
    noun: str,
    outcomes: "Sequence[Outcome]",
    *,
    json_output: bool = False,
    system: "System | None" = None,
) -> None:
    """Tell each item's outcome; refusals go to standard error, and then whether no engine is alive.

    Without a `noun` the messages name what they are about themselves.

    Raises:
        ItemsFailedError: an item was refused.
    """
    if json_output:
        print_json([each.as_json() for each in outcomes])
    for each in outcomes:
        if not each.ok:
            click.echo(safe(each.message), err=True)
        elif not json_output:
            click.echo(safe(f"{noun} '{each.name}': {each.message}" if noun else each.message))
    if system is not None and any(each.ok for each in outcomes):
        note_engine(system)
    if not all(each.ok for each in outcomes):
        raise ItemsFailedError


def tell_change(noun: str, name: str, message: str, *, json_output: bool = False) -> None:
    """Tell what one change did."""
    if json_output:
        plain: dict[str, Any] = {"name": name, "ok": True, "code": "", "message": message}
        print_json([plain])
    else:
        click.echo(safe(f"{noun} '{name}': {message}"))


def note_engine(system: "System", *, what: str = "the change takes effect when one starts") -> None:
    """Say on standard error when no engine is alive."""
    if not system.living.is_alive():
        note(f"no engine is alive; {what}")
