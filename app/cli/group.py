"""`tocsin group`: groups of jobs and their switches."""

import click

from app.cli.answers import as_json, tell_change, tell_outcomes
from app.cli.completing import group_names, job_names
from app.cli.lazy import Group, Lazy, command
from app.cli.output import print_fields, print_json, print_table, show_instant
from app.cli.place import Place, pass_place
from engine.control.actor import current_actor

_COMMANDS: Lazy = {
    "list": ("app.cli.group:list_", "All groups."),
    "show": ("app.cli.group:show", "One group and its jobs."),
    "create": ("app.cli.group:create", "Create an empty group."),
    "delete": ("app.cli.group:delete", "Delete groups; their jobs stay."),
    "enable": ("app.cli.group:enable", "Let the groups' jobs run again."),
    "disable": (
        "app.cli.group:disable",
        "Let the groups' jobs run neither by schedule nor by hand.",
    ),
    "add": ("app.cli.group:add", "Make jobs members."),
    "remove": ("app.cli.group:remove", "Take jobs out."),
}
_names = click.argument(
    "names", nargs=-1, required=True, metavar="NAME...", shell_complete=group_names
)
_jobs = click.argument("jobs", nargs=-1, required=True, metavar="JOB...", shell_complete=job_names)


@click.group("group", cls=Group, lazy=_COMMANDS)
def group() -> None:
    """Groups of jobs and their switches. DEFAULT holds every job and cannot be changed."""


@command("list")
@as_json
@pass_place
def list_(place: Place, json_output: bool) -> None:
    """List groups."""
    views = place.system().groups.all()
    if json_output:
        print_json([view.as_json() for view in views])
        return
    rows = [
        (
            view.name,
            "on" if view.group.enabled else "disabled",
            len(view.jobs),
            view.group.disabled_by,
            show_instant(view.group.disabled_at),
            view.group.description,
        )
        for view in views
    ]
    print_table(("NAME", "SWITCH", "JOBS", "BY", "SINCE", "DESCRIPTION"), rows)


@command("show")
@click.argument("name", shell_complete=group_names)
@as_json
@pass_place
def show(place: Place, name: str, json_output: bool) -> None:
    """Show one group and its jobs."""
    view = place.system().groups.get(name)
    if json_output:
        print_json(view.as_json())
        return
    group_ = view.group
    disabled = f"disabled by {group_.disabled_by} at {show_instant(group_.disabled_at)}"
    print_fields(
        {
            "name": view.name,
            "description": group_.description or None,
            "switch": "on" if group_.enabled else disabled,
            "jobs": "\n".join(view.jobs) or "none",
        }
    )


@command("create")
@click.argument("name")
@click.option("--description", default="", help="What the group is for.")
@as_json
@pass_place
def create(place: Place, name: str, description: str, json_output: bool) -> None:
    """Create an empty, enabled group."""
    system = place.system(create=True)
    message = system.groups.create(name, current_actor(), description=description)
    tell_change("group", name, message, json_output=json_output)


@command("delete")
@_names
@as_json
@pass_place
def delete(place: Place, names: tuple[str, ...], json_output: bool) -> None:
    """Delete groups; their jobs stay, and may run again if nothing else stops them."""
    outcomes = place.system().groups.delete(names, current_actor())
    tell_outcomes("group", outcomes, json_output=json_output)


@command("enable")
@_names
@as_json
@pass_place
def enable(place: Place, names: tuple[str, ...], json_output: bool) -> None:
    """Let the groups' jobs run again."""
    system = place.system()
    outcomes = system.groups.set_enabled(names, True, current_actor())
    tell_outcomes("group", outcomes, json_output=json_output, system=system)


@command("disable")
@_names
@as_json
@pass_place
def disable(place: Place, names: tuple[str, ...], json_output: bool) -> None:
    """Let the groups' jobs run neither by schedule nor by hand; running ones are asked to stop."""
    system = place.system()
    outcomes = system.groups.set_enabled(names, False, current_actor())
    tell_outcomes("group", outcomes, json_output=json_output, system=system)


@command("add")
@click.argument("name", metavar="GROUP", shell_complete=group_names)
@_jobs
@as_json
@pass_place
def add(place: Place, name: str, jobs: tuple[str, ...], json_output: bool) -> None:
    """Make jobs members of a group."""
    outcomes = place.system().groups.add(name, jobs, current_actor())
    tell_outcomes("job", outcomes, json_output=json_output)


@command("remove")
@click.argument("name", metavar="GROUP", shell_complete=group_names)
@_jobs
@as_json
@pass_place
def remove(place: Place, name: str, jobs: tuple[str, ...], json_output: bool) -> None:
    """Take jobs out of a group."""
    outcomes = place.system().groups.remove(name, jobs, current_actor())
    tell_outcomes("job", outcomes, json_output=json_output)
