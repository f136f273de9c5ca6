"""The root command: names every command; none is imported before it is called."""

import click

from app.cli.lazy import Group, Lazy

_COMMANDS: Lazy = {
    "console": ("app.cli.console:console", "Open the console (also what `tocsin` alone does)."),
    "engine": ("app.cli.engine:engine", "Run the engine in the foreground; pause, drain, stop it."),
    "load": ("app.cli.load:load", "Bring the store in line with definition files."),
    "new": ("app.cli.load:new", "Write a commented definition to start from."),
    "job": ("app.cli.job:job", "List, look at, run and change jobs."),
    "group": ("app.cli.group:group", "Groups of jobs and their switches."),
    "instance": ("app.cli.instance:instance", "Recorded executions; cancel or kill one."),
    "state": ("app.cli.state:state", "A job's state data."),
    "log": ("app.cli.log:log", "Show a job's log, or follow it."),
    "alert": ("app.cli.events:alert", "What an operator should know."),
    "session": ("app.cli.events:session", "Every life of every engine."),
    "audit": ("app.cli.events:audit", "Who changed what, when and from where."),
    "overview": ("app.cli.health:overview", "What the last hours came to, and what is next."),
    "ledger": ("app.cli.ledger:ledger", "The account of due instants against verdicts."),
    "forecast": ("app.cli.forecast:forecast", "What will run, and where it piles up."),
    "doctor": ("app.cli.health:doctor", "Check the store, the engine and the machine."),
    "status": ("app.cli.health:status", "Whether an engine is alive, and its health."),
    "import": ("app.cli.importing:import_", "Make definitions of a crontab or of systemd timers."),
    "prune": ("app.cli.upkeep:prune", "Delete old instances."),
    "backup": ("app.cli.upkeep:backup", "Copy the store to a file while it is in use."),
    "restore": ("app.cli.upkeep:restore", "Put a backup in the place of the store."),
    "version": ("app.cli.upkeep:version", "Show the version."),
}


@click.group(
    "tocsin",
    cls=Group,
    lazy=_COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--version", "wants_version", is_flag=True, help="Show the version and exit.")
@click.option("--attach", is_flag=True, help="Console: only attach to an engine that is alive.")
@click.option("--plain", is_flag=True, help="Console: append-only lines instead of a screen.")
@click.option("--read-only", is_flag=True, help="Console: look, and change nothing.")
@click.pass_context
def tocsin(context: click.Context, /, wants_version: bool, **of_console: bool) -> int:
    """A persistent job scheduler with a terminal console.

    Without a command it opens the console: attached to the engine that is alive on the store, or
    hosting one of its own.
    """
    if wants_version:
        from app.cli.upkeep import version

        context.invoke(version)
        context.exit()
    if context.invoked_subcommand is None:
        from app.cli.console import console

        status: int = context.invoke(console, **of_console)
        return status
    if context.invoked_subcommand == "console":
        context.default_map = {"console": {k: v for k, v in of_console.items() if v}}
    elif any(of_console.values()):
        given = next(name for name, is_given in of_console.items() if is_given).replace("_", "-")
        raise click.UsageError(
            f"--{given} is for the console, not for '{context.invoked_subcommand}'."
        )
    return 0
