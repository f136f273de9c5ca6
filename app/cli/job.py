"""`tocsin job`: its commands, by name."""

import click

from app.cli.lazy import Group, Lazy

_COMMANDS: Lazy = {
    "list": ("app.cli.job_show:list_", "All jobs: schedule, next and last run, status."),
    "show": ("app.cli.job_show:show", "One job, with its code and its last instances."),
    "export": ("app.cli.job_show:export", "The job's definition, as a file that loads to it."),
    "next": ("app.cli.job_show:next_", "The next due instants."),
    "why": ("app.cli.job_show:why", "Why it ran, did not run, or will not run."),
    "run": ("app.cli.job_run:run", "Run it now."),
    "trigger": ("app.cli.job_change:trigger", "Run it once, earlier than it is due."),
    "schedule": ("app.cli.job_change:schedule", "Give it another schedule."),
    "expire": ("app.cli.job_change:expire", "Move or clear its expiry date."),
    "options": ("app.cli.job_change:options", "Show or change its options."),
    "activate": ("app.cli.job_switch:activate", "Let the schedule run jobs."),
    "deactivate": ("app.cli.job_switch:deactivate", "Take jobs off their schedule."),
    "enable": ("app.cli.job_switch:enable", "Let disabled jobs run again."),
    "disable": ("app.cli.job_switch:disable", "Let jobs run neither by schedule nor by hand."),
    "reset": ("app.cli.job_switch:reset", "Have the engine take jobs up anew."),
    "delete": ("app.cli.job_switch:delete", "Delete jobs with all their history."),
}


@click.group("job", cls=Group, lazy=_COMMANDS)
def job() -> None:
    """List, look at, run and change jobs."""
