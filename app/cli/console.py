"""`tocsin` and `tocsin console`: open the console. The only commands that load it."""

import click

from app.cli.lazy import command
from app.cli.place import Place, pass_place


@command("console")
@click.option("--attach", is_flag=True, help="Only attach to an engine that is alive; host none.")
@click.option("--plain", is_flag=True, help="Append-only lines instead of a screen.")
@click.option("--read-only", is_flag=True, help="Look, and change nothing.")
@pass_place
def console(
    place: Place, attach: bool = False, plain: bool = False, read_only: bool = False
) -> int:
    """Open the console: attached to the engine that is alive, or hosting one of its own."""
    from app.main import run

    return run(
        place.settings(),
        place.first_look,
        attach=attach,
        plain=plain,
        read_only=read_only,
    )
