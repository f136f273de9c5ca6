"""What a shell offers for the names of jobs and groups when Tab is pressed."""

import click

from app.cli.place import Place


def job_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the jobs whose names begin with what was typed and are not on the line yet."""
    return _names(ctx, param, incomplete, "jobs")


def group_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the groups whose names begin with what was typed and are not on the line yet."""
    return _names(ctx, param, incomplete, "groups")


def _names(ctx: click.Context, param: click.Parameter, incomplete: str, kind: str) -> list[str]:
    from engine.control import open_system
    from engine.errors import TocsinError

    typed = ctx.params.get(param.name or "") or ()
    try:
        system = open_system(ctx.ensure_object(Place).settings(), create=False)
    except TocsinError:  # no store here: nothing to offer, and nobody to tell
        return []
    try:
        found = system.groups.all() if kind == "groups" else system.jobs.all()
    except TocsinError:
        return []
    finally:
        system.close()
    names = (each.name for each in found)
    return sorted(name for name in names if name.startswith(incomplete) and name not in typed)
