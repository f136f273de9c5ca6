"""`tocsin job activate|deactivate|enable|disable|reset|delete`: switches of one or several jobs."""

from typing import TYPE_CHECKING

import click

from app.cli.answers import as_json, tell_outcomes
from app.cli.completing import job_names
from app.cli.lazy import command
from app.cli.place import Place, pass_place
from engine.control.actor import current_actor

if TYPE_CHECKING:
    from engine.control import System
    from engine.control.outcome import Outcome

_names = click.argument(
    "names", nargs=-1, required=True, metavar="NAME...", shell_complete=job_names
)


def _tell(system: "System", outcomes: "list[Outcome]", json_output: bool) -> None:
    tell_outcomes("job", outcomes, json_output=json_output, system=system)


@command("activate")
@_names
@as_json
@pass_place
def activate(place: Place, names: tuple[str, ...], json_output: bool) -> None:
    """Let the schedule run jobs. An expired job is refused."""
    system = place.system()
    _tell(system, system.jobs.set_active(names, True, current_actor()), json_output)


@command("deactivate")
@_names
@as_json
@pass_place
def deactivate(place: Place, names: tuple[str, ...], json_output: bool) -> None:
    """Take jobs off their schedule; `job run` stays possible."""
    system = place.system()
    _tell(system, system.jobs.set_active(names, False, current_actor()), json_output)


@command("enable")
@_names
@as_json
@pass_place
def enable(place: Place, names: tuple[str, ...], json_output: bool) -> None:
    """Let disabled jobs run again."""
    system = place.system()
    _tell(system, system.jobs.set_enabled(names, True, current_actor()), json_output)


@command("disable")
@_names
@as_json
@pass_place
def disable(place: Place, names: tuple[str, ...], json_output: bool) -> None:
    """Let jobs run neither by schedule nor by hand. A run that goes on is not asked to stop."""
    system = place.system()
    _tell(system, system.jobs.set_enabled(names, False, current_actor()), json_output)


@command("reset")
@_names
@as_json
@pass_place
def reset(place: Place, names: tuple[str, ...], json_output: bool) -> None:
    """Have the engine take jobs up anew, catching up a run that passed unaccounted."""
    system = place.system()
    _tell(system, system.jobs.reset(names, current_actor()), json_output)


@command("delete")
@_names
@as_json
@pass_place
def delete(place: Place, names: tuple[str, ...], json_output: bool) -> None:
    """Delete jobs with all their history and state data. A job that runs is refused."""
    system = place.system()
    outcomes = system.jobs.delete(names, current_actor())
    tell_outcomes("job", outcomes, json_output=json_output)
